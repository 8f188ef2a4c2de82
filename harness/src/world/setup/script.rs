//! From a case to the script of its world: names of parties become handles.

use super::super::error::WorldError;
use super::super::parties::Parties;
use super::super::party_id::PartyId;
use super::super::script::{
    AnswerTarget, Script, ScriptedAction, ScriptedChange, ScriptedDeviation, ScriptedStep,
};
use super::setup_error::setup_error;
use crate::scenario::model::{Action, Case, Change, Deviation, Step, Target};

/// Makes the script of a case. Every party that it names must exist, and every setting that a step
/// changes must fit the party.
pub(super) fn set_up_script(case: &Case, parties: &Parties) -> Result<Script, WorldError> {
    let names = Names { case, parties };
    let mut script = Script::default();
    for deviation in &case.deviations {
        match names.action(&deviation.action)? {
            Some(action) => {
                let scripted = names.deviation(deviation, action)?;
                script.deviations.push(scripted);
            }
            None => {
                let concerned = deviation.at.iter().map(|target| names.find(&target.party));
                let concerned = concerned.collect::<Result<_, _>>()?;
                script
                    .setting_deviations
                    .push((deviation.name.clone(), concerned));
            }
        }
    }
    for step in &case.steps {
        script.steps.push_back(match step {
            Step::Start(start) => ScriptedStep::Start(start.clone()),
            Step::Change(change) => ScriptedStep::Change(names.change(change)?),
        });
    }
    Ok(script)
}

/// Resolves the names of parties.
struct Names<'a> {
    case: &'a Case,
    parties: &'a Parties,
}

impl Names<'_> {
    fn error(&self, problem: String) -> WorldError {
        setup_error(self.case, problem)
    }

    fn find(&self, name: &str) -> Result<PartyId, WorldError> {
        let found = self.parties.find(name);
        found.ok_or_else(|| self.error(format!("there is no party `{name}`")))
    }

    /// `None`: the deviation is one of settings, which have been applied already.
    fn action(&self, action: &Action) -> Result<Option<ScriptedAction>, WorldError> {
        Ok(Some(match action {
            Action::Settings(_) => return Ok(None),
            Action::Patch(patch) => ScriptedAction::Patch(patch.clone()),
            Action::RelayBrowser { to, resource } => ScriptedAction::RelayBrowser {
                to: self.find(to)?,
                resource: resource.clone(),
            },
            Action::ExtraCallback {
                moment,
                method,
                set,
                remove,
                append,
            } => ScriptedAction::ExtraCallback {
                moment: *moment,
                method: *method,
                set: set.clone(),
                remove: remove.clone(),
                append: append.clone(),
            },
            Action::CrossResponses { between } => {
                let between = between.iter().map(|name| self.find(name));
                ScriptedAction::CrossResponses {
                    between: between.collect::<Result<_, _>>()?,
                }
            }
        }))
    }

    fn deviation(
        &self,
        deviation: &Deviation,
        action: ScriptedAction,
    ) -> Result<ScriptedDeviation, WorldError> {
        let mut at = Vec::new();
        for target in &deviation.at {
            at.extend(self.target(target)?);
        }
        Ok(ScriptedDeviation {
            name: deviation.name.clone(),
            at,
            filter: deviation.filter.clone(),
            waits_for: deviation.after.clone(),
            times: deviation.times,
            applied: 0,
            action,
        })
    }

    fn target(&self, target: &Target) -> Result<Option<AnswerTarget>, WorldError> {
        let party = self.find(&target.party)?;
        Ok(target.message.map(|message| AnswerTarget {
            party,
            message,
            place: target.place.clone(),
        }))
    }

    fn change(&self, change: &Change) -> Result<ScriptedChange, WorldError> {
        let mut set = Vec::new();
        for (party, setting, value) in &change.set {
            let id = self.find(party)?;
            let mut trial = self.parties.all[id.0].declared.clone();
            if trial.apply(setting, value).is_err() {
                return Err(self.error(format!("a step cannot set {party}.{setting}")));
            }
            set.push((id, setting.clone(), value.clone()));
        }
        let void = change.expire.iter().chain(&change.revoke);
        let void = void.map(|name| Ok((self.find(&name.party)?, name.clone())));
        Ok(ScriptedChange {
            after: change.after.clone(),
            set,
            void: void.collect::<Result<_, WorldError>>()?,
        })
    }
}
