//! Applies declared deviations to answers. This is the only place where a server cheats.

use serde_json::{Map, Value as Json};

use super::handle::NOT_THE_CLIENTS;
use super::http::{Content, Draft, Parameter};
use super::keys::HOSTILE;
use super::state::State;
use crate::scenario::model::{Action, Message, Patch, Target, Value};
use crate::transcript::Resolver;

impl State {
    /// An answer of a deviation's own, which takes the place of the honest handling.
    pub(crate) fn own_answer(
        &mut self,
        party: &str,
        message: Message,
        place: &'static str,
        request: usize,
    ) -> Option<Draft> {
        let index = self
            .matching(party, message, place, request)
            .into_iter()
            .find(|&i| self.patch(i).is_some_and(|p| p.status.is_some()))?;
        let patch = self.patch(index)?.clone();
        let content = match message {
            Message::Challenge => Content::Challenge {
                parameters: Vec::new(),
                shown: true,
            },
            _ if patch.set.is_empty() && patch.append.is_empty() => Content::Empty,
            _ => Content::Json(Map::new()),
        };
        let draft = Draft::new(
            patch.status.unwrap_or(200),
            content,
            "an answer of a deviation's own",
        )
        .of_kind(message, place);
        self.apply(index, &patch, draft)
    }

    /// Applies every other patch that concerns this answer.
    pub(crate) fn deviate(&mut self, party: &str, request: usize, mut draft: Draft) -> Draft {
        let Some(message) = draft.message else {
            return draft;
        };
        for index in self.matching(party, message, draft.place, request) {
            let Some(patch) = self.patch(index).cloned() else {
                continue;
            };
            if patch.status.is_some()
                || draft
                    .deviations
                    .contains(&self.deviations[index].deviation.name)
            {
                continue;
            }
            let Some(deviating) = self.apply(index, &patch, draft.clone()) else {
                continue;
            };
            // an answer that stays as it was (an error that never had the member) carries no
            // deviation: it was not delivered
            if deviating.render() == draft.render() {
                self.deviations[index].applied -= 1;
            } else {
                draft = deviating;
            }
        }
        draft
    }

    /// Indices of the deviations that concern this answer, now.
    pub(crate) fn matching(
        &self,
        party: &str,
        message: Message,
        place: &str,
        request: usize,
    ) -> Vec<usize> {
        if request == NOT_THE_CLIENTS {
            return Vec::new();
        }
        let concerns = |target: &Target| {
            target.party == party
                && target.message == Some(message)
                && target.place.as_deref().is_none_or(|wanted| wanted == place)
        };
        (0..self.deviations.len())
            .filter(|&i| {
                let state = &self.deviations[i];
                state.armed
                    && state
                        .deviation
                        .times
                        .is_none_or(|times| state.applied < times)
                    && state.deviation.at.iter().any(concerns)
                    && self.view().all_match(&state.deviation.filter, request)
            })
            .collect()
    }

    fn patch(&self, index: usize) -> Option<&Patch> {
        match &self.deviations[index].deviation.action {
            Action::Patch(patch) => Some(patch),
            _ => None,
        }
    }

    /// `None`: what it would put into the answer does not exist (yet), such as a `state` that the
    /// client did not send.
    fn apply(&mut self, index: usize, patch: &Patch, mut draft: Draft) -> Option<Draft> {
        {
            let base = self.resolver();
            for (name, value) in &patch.set {
                let original = draft.member(name);
                let value = Resolver {
                    original: original.as_deref(),
                    ..base
                }
                .value(value)?;
                set(&mut draft.content, name, value);
            }
            for name in &patch.remove {
                remove(&mut draft.content, name);
            }
            for (name, value) in &patch.append {
                append(&mut draft.content, name, base.value(value)?);
            }
            for (name, template) in &patch.raw {
                let value = base.text(template)?;
                if let Content::Redirect { parameters, .. } = &mut draft.content {
                    parameters.retain(|p| &p.name != name);
                    parameters.push(Parameter {
                        name: name.clone(),
                        value,
                        raw: true,
                    });
                }
            }
            for (name, claims) in &patch.forge {
                let jwt = HOSTILE.forge(&base.value(claims)?).ok()?;
                set(&mut draft.content, name, Json::String(jwt));
            }
            if let Some(body) = &patch.body {
                draft.content = Content::Raw {
                    content_type: "application/json",
                    body: base.text(body)?,
                };
            }
            for (name, lines) in &patch.headers {
                draft.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
                for line in lines {
                    draft.headers.push((name.clone(), base.text(line)?));
                }
            }
        }
        draft.transport = patch.transport.or(draft.transport);
        let state = &mut self.deviations[index];
        state.applied += 1;
        draft.deviations.push(state.deviation.name.clone());
        Some(draft)
    }

    /// The parameters of a forged authorization response: the real one's, changed.
    pub(crate) fn forged(&self, real: &[Parameter], forgery: &Forgery) -> Vec<Parameter> {
        let Forgery {
            set: sets,
            remove: removes,
            append: appends,
        } = forgery;
        let mut content = Content::Redirect {
            to: String::new(),
            parameters: real.to_vec(),
        };
        let base = self.resolver();
        for (name, value) in sets {
            let original = real
                .iter()
                .find(|p| &p.name == name)
                .map(|p| p.value.as_str());
            if let Some(value) = (Resolver { original, ..base }).value(value) {
                set(&mut content, name, value);
            }
        }
        removes.iter().for_each(|name| remove(&mut content, name));
        for (name, value) in appends {
            if let Some(value) = base.value(value) {
                append(&mut content, name, value);
            }
        }
        match content {
            Content::Redirect { parameters, .. } => parameters,
            _ => Vec::new(),
        }
    }
}

/// What makes a forged authorization response differ from the real one.
pub(crate) struct Forgery {
    pub(crate) set: Vec<(String, Value)>,
    pub(crate) remove: Vec<String>,
    pub(crate) append: Vec<(String, Value)>,
}

fn text(value: Json) -> String {
    match value {
        Json::String(s) => s,
        other => other.to_string(),
    }
}

fn set(content: &mut Content, name: &str, value: Json) {
    match content {
        Content::Json(members) => {
            members.insert(name.to_owned(), value);
        }
        Content::Redirect { parameters, .. } => {
            let value = text(value);
            match parameters.iter_mut().find(|p| p.name == name) {
                Some(parameter) => parameter.value = value,
                None => parameters.push(Parameter {
                    name: name.to_owned(),
                    value,
                    raw: false,
                }),
            }
        }
        Content::Challenge { parameters, shown } => {
            *shown = true;
            let value = text(value);
            match parameters.iter_mut().find(|(n, _)| n == name) {
                Some((_, old)) => *old = value,
                None => parameters.push((name.to_owned(), value)),
            }
        }
        _ => {}
    }
}

fn remove(content: &mut Content, name: &str) {
    match content {
        Content::Json(members) => {
            members.shift_remove(name);
        }
        Content::Redirect { parameters, .. } => parameters.retain(|p| p.name != name),
        Content::Challenge { parameters, .. } => parameters.retain(|(n, _)| n != name),
        _ => {}
    }
}

fn append(content: &mut Content, name: &str, value: Json) {
    match content {
        Content::Json(members) => {
            members.insert(name.to_owned(), value);
        }
        Content::Redirect { parameters, .. } => parameters.push(Parameter {
            name: name.to_owned(),
            value: text(value),
            raw: false,
        }),
        Content::Challenge { parameters, .. } => parameters.push((name.to_owned(), text(value))),
        _ => {}
    }
}
