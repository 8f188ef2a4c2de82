//! What a scenario has planned for its world: which answers deviate, which steps are to come, and
//! which starts of the client are due.
//!
//! The script sees recorded events through a [`View`] and says what is to change; it changes
//! nothing itself. How a deviation changes an answer is in `deviate.rs`.

use std::collections::VecDeque;

use super::party_id::PartyId;
use crate::scenario::model::{
    CallbackMethod, FieldMatch, Message, Moment, Patch, Pattern, SecretName, Start,
};
use crate::scenario::model::{Template, Value};
use crate::transcript::View;

/// The plan of one world and how far it has come.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(super) deviations: Vec<ScriptedDeviation>,
    pub(super) steps: VecDeque<ScriptedStep>,
    /// Parties whose settings deviate, with the deviation's name.
    pub(super) setting_deviations: Vec<(String, Vec<PartyId>)>,
    /// How many recorded events have been looked at.
    pub(super) seen_events: usize,
}

/// A deviation and how far it has come.
#[derive(Debug)]
pub(crate) struct ScriptedDeviation {
    pub(super) name: String,
    /// Which answers deviate.
    pub(super) at: Vec<AnswerTarget>,
    /// Only answers to requests with these fields.
    pub(super) filter: Vec<FieldMatch>,
    /// Only once this has happened; `None`: from the beginning, or it has happened.
    pub(super) waits_for: Option<Pattern>,
    /// Only so many times.
    pub(super) times: Option<u32>,
    pub(super) applied: u32,
    pub(super) action: ScriptedAction,
}

/// Answers of one kind that one party gives.
#[derive(Debug)]
pub(crate) struct AnswerTarget {
    pub(super) party: PartyId,
    pub(super) message: Message,
    /// Only the document at this place.
    pub(super) place: Option<String>,
}

/// What a deviation does to an answer.
#[derive(Debug, Clone)]
pub(crate) enum ScriptedAction {
    Patch(Patch),
    /// The authorization endpoint sends the browser on to that of another server.
    RelayBrowser {
        to: PartyId,
        resource: Option<Template>,
    },
    /// One more authorization response reaches the client's redirect URI.
    ExtraCallback {
        moment: Moment,
        method: CallbackMethod,
        set: Vec<(String, Value)>,
        remove: Vec<String>,
        append: Vec<(String, Value)>,
    },
    /// Two pending authorization responses change places.
    CrossResponses {
        between: Vec<PartyId>,
    },
}

/// A step of the scenario.
#[derive(Debug)]
pub(crate) enum ScriptedStep {
    Start(Start),
    Change(ScriptedChange),
}

/// An honest change of the world.
#[derive(Debug)]
pub(crate) struct ScriptedChange {
    pub(super) after: Pattern,
    /// Party, setting, value.
    pub(super) set: Vec<(PartyId, String, Value)>,
    /// Secrets that expire or are revoked at the server that issued them.
    pub(super) void: Vec<(PartyId, SecretName)>,
}

/// An answer that is about to be given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerPoint {
    pub(super) party: PartyId,
    pub(super) message: Message,
    /// At which of several places it was asked for (`oauth`, `path`, ...), else empty.
    pub(super) place: &'static str,
    /// The event of the request; `None`: the request is not the client's own, and no deviation
    /// concerns its answer.
    pub(super) request: Option<usize>,
}

impl Script {
    /// Looks at the events recorded since the last call: arms deviations that waited for them, and
    /// returns the changes whose moment has come.
    pub(crate) fn advance(&mut self, view: View<'_>) -> Vec<ScriptedChange> {
        let mut changes = Vec::new();
        while self.seen_events < view.events.len() {
            self.arm_deviations(view, self.seen_events);
            changes.extend(self.take_change(view, self.seen_events));
            self.seen_events += 1;
        }
        changes
    }

    fn arm_deviations(&mut self, view: View<'_>, event: usize) {
        for deviation in &mut self.deviations {
            let waits_for = deviation.waits_for.as_ref();
            if waits_for.is_some_and(|pattern| view.fits(pattern, event)) {
                deviation.waits_for = None;
            }
        }
    }

    /// Takes the change that waits for this event, if it is the next step. Each change waits for an
    /// event of its own, or two equal ones in a row would happen at once.
    fn take_change(&mut self, view: View<'_>, event: usize) -> Option<ScriptedChange> {
        match self.steps.pop_front()? {
            ScriptedStep::Change(change) if view.fits(&change.after, event) => Some(change),
            other => {
                self.steps.push_front(other);
                None
            }
        }
    }

    /// Takes the next start of the client, if it is the next step.
    pub(crate) fn take_next_start(&mut self) -> Option<Start> {
        match self.steps.pop_front()? {
            ScriptedStep::Start(start) => Some(start),
            other => {
                self.steps.push_front(other);
                None
            }
        }
    }

    /// Names of the deviations of this party's settings.
    pub(crate) fn setting_deviations_of(&self, party: PartyId) -> Vec<String> {
        let concerned = self
            .setting_deviations
            .iter()
            .filter(|(_, parties)| parties.contains(&party));
        concerned.map(|(name, _)| name.clone()).collect()
    }

    /// Indices of the deviations that concern this answer, now.
    pub(super) fn find_deviations(&self, point: AnswerPoint, view: View<'_>) -> Vec<usize> {
        let Some(request) = point.request else {
            return Vec::new();
        };
        let concerns = |target: &AnswerTarget| {
            target.party == point.party
                && target.message == point.message
                && target
                    .place
                    .as_deref()
                    .is_none_or(|place| place == point.place)
        };
        let applies = |deviation: &ScriptedDeviation| {
            deviation.waits_for.is_none()
                && deviation
                    .times
                    .is_none_or(|times| deviation.applied < times)
                && deviation.at.iter().any(concerns)
                && view.all_match(&deviation.filter, request)
        };
        (0..self.deviations.len())
            .filter(|&index| applies(&self.deviations[index]))
            .collect()
    }

    /// Counts one more application of a deviation. Returns its name.
    pub(super) fn mark_applied(&mut self, index: usize) -> String {
        self.deviations[index].applied += 1;
        self.deviations[index].name.clone()
    }
}
