//! `do = ...`: misbehaviours that no patch can express.

use super::model::{Action, Capability, Message, Moment, Target};
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
    /// What it is told besides `at`.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::RelayBrowser => &["to", "resource"],
            Self::ExtraCallback => &["moment", "set", "remove", "append"],
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
            Behaviour::RelayBrowser => {
                let to = self.parameter(entry, "to")?;
                let name = self.text(&to.value)?;
                let role = self.party(name, &to.value.span)?;
                if !role.is_authorization_server() {
                    self.problem(
                        &to.value.span,
                        format!(
                            "expected an authorization server, and {name} is {}",
                            role.with_article()
                        ),
                    );
                    return None;
                }
                let resource = node
                    .get("resource")
                    .map(|resource| self.template(&resource.value, TextUse::Patch));
                Some(Action::RelayBrowser {
                    to: name.to_owned(),
                    resource: match resource {
                        Some(read) => Some(read?),
                        None => None,
                    },
                })
            }
            Behaviour::ExtraCallback => {
                self.needs.insert(Capability::CallbackListener);
                let moment = self
                    .parameter(entry, "moment")
                    .and_then(|moment| self.word::<Moment>(&moment.value));
                let before = self.problems.len();
                let (set, remove, append) = self.members(node, at);
                (self.problems.len() == before).then_some(Action::ExtraCallback {
                    moment: moment?,
                    set,
                    remove,
                    append,
                })
            }
            Behaviour::CrossResponses => {
                self.needs.insert(Capability::UserAgent);
                let between = self.parameter(entry, "between")?;
                let items = self.list(&between.value);
                let known: Vec<_> = items
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
                (known.len() == items.len()).then_some(Action::CrossResponses { between: known })
            }
        }
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
