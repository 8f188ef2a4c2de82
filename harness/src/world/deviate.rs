//! Applies declared deviations to answers. Only this file and `browser_deviations.rs` make a server
//! cheat.

use serde_json::{Map, Value as Json};

use super::draft::{Content, Draft, Parameter};
use super::keys::HOSTILE;
use super::script::{AnswerPoint, Script, ScriptedAction};
use crate::scenario::model::{Message, Patch, Value};
use crate::transcript::Resolver;

impl Script {
    /// The answer of a deviation that takes the place of the honest handling, if there is one.
    pub(crate) fn replace_answer(
        &mut self,
        point: AnswerPoint,
        resolver: Resolver<'_>,
    ) -> Option<Draft> {
        let replaces = |index: &usize| {
            let patch = self.patch(*index);
            patch.is_some_and(|patch| patch.status.is_some())
        };
        let found = self.find_deviations(point, resolver.view);
        let index = found.into_iter().find(replaces)?;
        let patch = self.patch(index)?;
        let content = match point.message {
            Message::Challenge => Content::Challenge {
                scheme: "Bearer",
                parameters: Vec::new(),
                shown: true,
            },
            _ if patch.set.is_empty() && patch.append.is_empty() => Content::Empty,
            _ => Content::Json(Map::new()),
        };
        let status = patch.status.unwrap_or(200);
        let blank = Draft::new(status, content, "a deviation gives this answer");
        let mut draft = apply_patch(patch, blank.with_message(point.message), resolver)?;
        draft.deviations.push(self.mark_applied(index));
        Some(draft)
    }

    /// Applies every other patch that concerns this answer.
    pub(crate) fn deviate(
        &mut self,
        point: AnswerPoint,
        mut draft: Draft,
        resolver: Resolver<'_>,
    ) -> Draft {
        if draft.message.is_none() {
            return draft;
        }
        for index in self.find_deviations(point, resolver.view) {
            let Some(patch) = self.patch(index).filter(|patch| patch.status.is_none()) else {
                continue;
            };
            let Some(mut deviating) = apply_patch(patch, draft.clone(), resolver) else {
                continue;
            };
            // an answer that stays as it was (an error that never had the member) carries no
            // deviation: it was not delivered
            if deviating.render() != draft.render() {
                deviating.deviations.push(self.mark_applied(index));
                draft = deviating;
            }
        }
        draft
    }

    fn patch(&self, index: usize) -> Option<&Patch> {
        match &self.deviations[index].action {
            ScriptedAction::Patch(patch) => Some(patch),
            _ => None,
        }
    }
}

/// The answer with the patch applied. `None`: what the patch would put into it does not exist
/// (yet), such as a `state` that the client did not send.
fn apply_patch(patch: &Patch, mut draft: Draft, base: Resolver<'_>) -> Option<Draft> {
    for (name, value) in &patch.set {
        let original = draft.member(name);
        let resolver = Resolver {
            original: original.as_deref(),
            ..base
        };
        set_member(&mut draft.content, name, resolver.value(value)?);
    }
    for name in &patch.remove {
        remove_member(&mut draft.content, name);
    }
    for (name, value) in &patch.append {
        append_member(&mut draft.content, name, base.value(value)?);
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
        set_member(&mut draft.content, name, Json::String(jwt));
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
    draft.transport = patch.transport.or(draft.transport);
    Some(draft)
}

/// Changes that make a forged authorization response out of the real one.
#[derive(Debug)]
pub(crate) struct Forgery<'a> {
    pub(crate) set: &'a [(String, Value)],
    pub(crate) remove: &'a [String],
    pub(crate) append: &'a [(String, Value)],
}

impl Forgery<'_> {
    /// The parameters of the forged authorization response.
    pub(crate) fn apply(&self, real: &[Parameter], base: Resolver<'_>) -> Vec<Parameter> {
        let mut content = Content::Redirect {
            to: String::new(),
            parameters: real.to_vec(),
        };
        for (name, value) in self.set {
            let original = real.iter().find(|p| &p.name == name);
            let resolver = Resolver {
                original: original.map(|p| p.value.as_str()),
                ..base
            };
            if let Some(value) = resolver.value(value) {
                set_member(&mut content, name, value);
            }
        }
        for name in self.remove {
            remove_member(&mut content, name);
        }
        for (name, value) in self.append {
            if let Some(value) = base.value(value) {
                append_member(&mut content, name, value);
            }
        }
        match content {
            Content::Redirect { parameters, .. } => parameters,
            _ => Vec::new(),
        }
    }
}

fn plain_text(value: Json) -> String {
    match value {
        Json::String(s) => s,
        other => other.to_string(),
    }
}

fn set_member(content: &mut Content, name: &str, value: Json) {
    match content {
        Content::Json(members) => {
            members.insert(name.to_owned(), value);
        }
        Content::Redirect { parameters, .. } => {
            let value = plain_text(value);
            match parameters.iter_mut().find(|p| p.name == name) {
                Some(parameter) => parameter.value = value,
                None => parameters.push(Parameter {
                    name: name.to_owned(),
                    value,
                    raw: false,
                }),
            }
        }
        Content::Challenge {
            parameters, shown, ..
        } => {
            *shown = true;
            let value = plain_text(value);
            match parameters.iter_mut().find(|(n, _)| n == name) {
                Some((_, old)) => *old = value,
                None => parameters.push((name.to_owned(), value)),
            }
        }
        _ => {}
    }
}

fn remove_member(content: &mut Content, name: &str) {
    match content {
        Content::Json(members) => {
            members.shift_remove(name);
        }
        Content::Redirect { parameters, .. } => parameters.retain(|p| p.name != name),
        Content::Challenge { parameters, .. } => parameters.retain(|(n, _)| n != name),
        _ => {}
    }
}

fn append_member(content: &mut Content, name: &str, value: Json) {
    match content {
        Content::Json(members) => {
            members.insert(name.to_owned(), value);
        }
        Content::Redirect { parameters, .. } => parameters.push(Parameter {
            name: name.to_owned(),
            value: plain_text(value),
            raw: false,
        }),
        Content::Challenge { parameters, .. } => {
            parameters.push((name.to_owned(), plain_text(value)))
        }
        _ => {}
    }
}
