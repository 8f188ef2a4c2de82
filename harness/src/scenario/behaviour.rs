//! `do = ...`: misbehaviours that no patch can express.

use super::model::{Action, CallbackMethod, Capability, Message, Moment, Target};
use super::node::{Entry, Node};
use super::reader::{CaseReader, TextUse};
use super::values::ReadValues;
use crate::words::words;

words! {
    /// Misbehaviours that a patch cannot express.
    pub enum Behaviour {
        RelayBrowser = "relay-browser",
        ExtraCallback = "extra-callback",
        CrossResponses = "cross-responses",
    }
}

impl Behaviour {
    /// Its parameters, besides `at`.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::RelayBrowser => &["to", "resource"],
            Self::ExtraCallback => &["moment", "method", "set", "remove", "append"],
            Self::CrossResponses => &["between"],
        }
    }
}

impl CaseReader<'_> {
    /// Reads what a behaviour is to do.
    pub(super) fn behaviour(
        &mut self,
        behaviour: Behaviour,
        entry: &Entry,
        at: &[Target],
    ) -> Option<Action> {
        let node = &entry.value;
        if let Some(other) = at
            .iter()
            .find(|target| target.message != Some(Message::AuthorizationResponse))
        {
            let written = node
                .get("at")
                .map_or(entry.key_span.clone(), |at| at.value.span.clone());
            self.problem_with(
                &written,
                format!("`{behaviour}` only works on authorization responses"),
                format!("write `at = \"{}.authorization-response\"`", other.party),
            );
            return None;
        }
        match behaviour {
            Behaviour::RelayBrowser => self.relay_browser(entry),
            Behaviour::ExtraCallback => self.extra_callback(entry, at),
            Behaviour::CrossResponses => self.cross_responses(entry),
        }
    }

    fn relay_browser(&mut self, entry: &Entry) -> Option<Action> {
        let to = self.parameter(entry, "to")?;
        let name = self.text(&to.value)?;
        let role = self.party(name, &to.value.span)?;
        if !role.is_authorization_server() {
            let is = role.with_article();
            let message = format!("expected an authorization server, and {name} is {is}");
            self.problem(&to.value.span, message);
            return None;
        }
        let resource = match entry.value.get("resource") {
            Some(resource) => Some(self.template(&resource.value, TextUse::Patch)?),
            None => None,
        };
        Some(Action::RelayBrowser {
            to: name.to_owned(),
            resource,
        })
    }

    fn extra_callback(&mut self, entry: &Entry, at: &[Target]) -> Option<Action> {
        self.needs.insert(Capability::CallbackListener);
        let moment = self
            .parameter(entry, "moment")
            .and_then(|moment| self.word::<Moment>(&moment.value));
        let method = match entry.value.get("method") {
            Some(method) => self.word::<CallbackMethod>(&method.value),
            None => Some(CallbackMethod::Get),
        };
        let before = self.problems.len();
        let (set, remove, append) = self.members(&entry.value, at);
        if self.problems.len() > before {
            return None;
        }
        Some(Action::ExtraCallback {
            moment: moment?,
            method: method?,
            set,
            remove,
            append,
        })
    }

    fn cross_responses(&mut self, entry: &Entry) -> Option<Action> {
        self.needs.insert(Capability::UserAgent);
        let between = self.parameter(entry, "between")?;
        let items = self.list(&between.value);
        let parties: Vec<_> = items
            .iter()
            .filter_map(|item| self.named_party(item))
            .collect();
        if items.len() < 2 {
            self.problem_with(
                &between.value.span,
                "`between` needs two parties or more",
                "write `between = [\"as\", \"as2\"]`",
            );
            return None;
        }
        (parties.len() == items.len()).then_some(Action::CrossResponses { between: parties })
    }

    fn parameter<'n>(&mut self, entry: &'n Entry, key: &str) -> Option<&'n Entry> {
        let found = entry.value.get(key);
        if found.is_none() {
            let behaviour = entry
                .value
                .get("do")
                .and_then(|named| named.value.as_text())
                .unwrap_or_default();
            self.problem(
                &entry.key_span,
                format!("`{key}` is missing: `{behaviour}` needs it"),
            );
        }
        found
    }

    /// A text that is a party's name.
    pub(crate) fn named_party(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node)?;
        self.party(name, &node.span).map(|_| name.to_owned())
    }
}
