//! `[deviation.NAME]`: one misbehaviour, as a patch on answers, changed settings, or a named
//! behaviour.

use super::keys::{self, words_of};
use super::message_members::HEADERS;
use super::model::{
    Action, Capability, Deviation, Message, Moment, Patch, Target, Template, Transport, Value,
};
use super::node::{Entry, Node};
use super::pattern::PatternUse;
use super::problem::Span;
use super::reader::{CaseReader, TextUse};
use super::suggest;
use super::template::is_name;
use super::values::ReadValues;
use crate::words::words;

pub(crate) const KEYS: [&str; 5] = words_of(&keys::DEVIATION);
pub(crate) const PATCH: [&str; 9] = words_of(&keys::PATCH);

/// Claims that any JWT may have (RFC 7519, section 4.1); the others are members of the document
/// that it vouches for.
pub(crate) const JWT_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

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
    pub(crate) fn deviation(&mut self, entry: &Entry) -> Option<Deviation> {
        let node = &entry.value;
        if !is_name(&entry.key) {
            self.problem(
                &entry.key_span,
                format!(
                    "`{}`: a deviation's name is lower case letters, digits and hyphens",
                    entry.key
                ),
            );
        }
        self.table(node);
        let behaviour = node
            .get("do")
            .and_then(|named| self.word::<Behaviour>(&named.value));
        let keys: Vec<&str> = match behaviour {
            Some(behaviour) => KEYS
                .iter()
                .chain(&["do"])
                .chain(behaviour.parameters())
                .copied()
                .collect(),
            None => KEYS.iter().chain(&["do"]).chain(&PATCH).copied().collect(),
        };
        let of = behaviour.map_or("a deviation".to_owned(), |behaviour| {
            format!("a deviation that does `{behaviour}`")
        });
        self.only_keys(node.as_table().unwrap_or_default(), &keys, &of);

        let at = self.targets(entry)?;
        let mut filter = Vec::new();
        if let Some(field) = node.get("where") {
            for request in distinct(
                at.iter()
                    .filter_map(|target| target.message)
                    .map(Message::request),
            ) {
                filter = self.fields(&field.value, Some(request), false)?;
            }
        }
        let after = node
            .get("after")
            .and_then(|after| self.pattern(&after.value, PatternUse::DEMAND, &[]));
        let times = node
            .get("times")
            .and_then(|times| self.number(&times.value, 1, i64::from(u32::MAX)));
        let trap = node
            .get("trap")
            .and_then(|trap| self.boolean(&trap.value))
            .unwrap_or(false);
        let action = match (behaviour, at.iter().all(|target| target.message.is_none())) {
            _ if node.get("do").is_some() && behaviour.is_none() => return None,
            (Some(behaviour), _) => self.behaviour(behaviour, entry, &at)?,
            (None, true) => self.changed_settings(entry, &at)?,
            (None, false) => Action::Patch(self.patch(entry, &at)?),
        };
        Some(Deviation {
            name: entry.key.clone(),
            at,
            filter,
            after,
            times,
            trap,
            action,
        })
    }

    // ------------------------------------------------------------ which answers

    fn targets(&mut self, entry: &Entry) -> Option<Vec<Target>> {
        const REMEDY: &str =
            "write `at = \"as.token-response\"`, or `at = \"as\"` to change settings";
        let Some(at) = entry.value.get("at") else {
            self.problem_with(
                &entry.key_span,
                "`at` is missing: which answer deviates?",
                REMEDY,
            );
            return None;
        };
        let items = at
            .value
            .as_list()
            .unwrap_or(std::slice::from_ref(&at.value));
        if items.is_empty() {
            self.problem_with(
                &at.value.span,
                "`at` is empty: which answer deviates?",
                REMEDY,
            );
        }
        let targets: Vec<_> = items.iter().map(|item| self.target(item)).collect();
        let targets = targets.into_iter().collect::<Option<Vec<_>>>()?;
        if targets.iter().any(|t| t.message.is_none())
            && targets.iter().any(|t| t.message.is_some())
        {
            self.problem_with(
                &at.value.span,
                "a changed setting and a changed answer are two deviations",
                "write two `[deviation.NAME]`",
            );
            return None;
        }
        (!targets.is_empty()).then_some(targets)
    }

    fn target(&mut self, node: &Node) -> Option<Target> {
        let mut words = self.text(node)?.splitn(3, '.');
        let party = words.next().unwrap_or_default();
        let role = self.party(party, &node.span)?;
        let Some(word) = words.next() else {
            return Some(Target {
                party: party.to_owned(),
                message: None,
                place: None,
            });
        };
        let messages = role.messages();
        let Some(message) = messages
            .iter()
            .copied()
            .find(|message| message.as_str() == word)
        else {
            let remedy = suggest::instead(word, messages.iter().map(|message| message.as_str()));
            self.problem_with(
                &node.span,
                format!("{} sends no `{word}`", role.with_article()),
                remedy,
            );
            return None;
        };
        let place = words.next();
        if let Some(place) = place {
            let places = message.places();
            if !places.contains(&place) {
                let remedy = suggest::instead(place, places.iter().copied());
                self.problem_with(
                    &node.span,
                    format!("{message} has no place `{place}`"),
                    remedy,
                );
                return None;
            }
        }
        Some(Target {
            party: party.to_owned(),
            message: Some(message),
            place: place.map(str::to_owned),
        })
    }

    // ------------------------------------------------------------ what happens to them

    fn changed_settings(&mut self, entry: &Entry, at: &[Target]) -> Option<Action> {
        for key in entry.value.as_table()?.iter().filter(|key| {
            ["where", "times"].contains(&key.key.as_str()) || PATCH[1..].contains(&key.key.as_str())
        }) {
            self.problem_with(
                &key.key_span,
                format!(
                    "`{}` belongs to an answer, and `at` names a party alone",
                    key.key
                ),
                "write `at = \"party.answer\"`, or change settings with `set`",
            );
        }
        let Some(set) = entry.value.get("set") else {
            return self.changes_nothing(entry);
        };
        let mut settings = Vec::new();
        for setting in self.table(&set.value) {
            for target in at {
                let Some(mut party) = self.world.get(&target.party).cloned() else {
                    continue;
                };
                let value = self.setting(&mut party, &setting.key, setting)?;
                settings.push((setting.key.clone(), value));
            }
        }
        settings.dedup();
        if settings.is_empty() {
            self.changes_nothing(entry)
        } else {
            Some(Action::Settings(settings))
        }
    }

    fn patch(&mut self, entry: &Entry, at: &[Target]) -> Option<Patch> {
        let node = &entry.value;
        if !PATCH.iter().any(|key| node.get(key).is_some()) {
            return self.changes_nothing(entry);
        }
        let before = self.problems.len();
        let (set, remove, append) = self.members(node, at);
        let mut forge = Vec::new();
        for member in self.table_at(node, "forge") {
            self.member(at, &member.key, &member.key_span, "forge");
            match member.value.as_table() {
                Some(claims) => {
                    for claim in claims
                        .iter()
                        .filter(|claim| !JWT_CLAIMS.contains(&claim.key.as_str()))
                    {
                        self.member(at, &claim.key, &claim.key_span, "forge");
                    }
                }
                None => self.problem_with(
                    &member.value.span,
                    "a forged JWT has claims",
                    "write `forge.signed_metadata = { iss = \"{mcp.resource}\" }`",
                ),
            }
            forge.extend(
                self.value(&member.value, TextUse::Patch)
                    .map(|value| (member.key.clone(), value)),
            );
        }
        let mut raw = Vec::new();
        for member in self.table_at(node, "raw") {
            self.member(at, &member.key, &member.key_span, "raw");
            raw.extend(
                self.template(&member.value, TextUse::Patch)
                    .map(|text| (member.key.clone(), text)),
            );
        }
        let headers: Vec<_> = self
            .table_at(node, "headers")
            .iter()
            .filter_map(|header| self.header(header))
            .collect();
        let patch = Patch {
            set,
            remove,
            append,
            raw,
            forge,
            body: node
                .get("body")
                .and_then(|body| self.template(&body.value, TextUse::Patch)),
            status: node
                .get("status")
                .and_then(|status| self.number(&status.value, 200, 599)),
            headers,
            transport: node
                .get("transport")
                .and_then(|transport| self.word::<Transport>(&transport.value)),
        };
        if let Some(whole) = node.get("body").or(node.get("transport"))
            && let Some(part) = ["set", "remove", "append", "raw", "forge"]
                .iter()
                .find_map(|key| node.get(key))
        {
            self.problem_with(
                &part.key_span,
                format!("`{}` excludes `{}`", whole.key, part.key),
                "a raw body or a broken transport leaves no members to change",
            );
        }
        let Patch {
            set,
            remove,
            append,
            raw,
            forge,
            body,
            status,
            headers,
            transport,
        } = &patch;
        let members = set.is_empty()
            && remove.is_empty()
            && append.is_empty()
            && raw.is_empty()
            && forge.is_empty();
        let nothing = members
            && body.is_none()
            && status.is_none()
            && headers.is_empty()
            && transport.is_none();
        if self.problems.len() > before {
            None
        } else if nothing {
            self.changes_nothing(entry)
        } else {
            Some(patch)
        }
    }

    fn behaviour(&mut self, behaviour: Behaviour, entry: &Entry, at: &[Target]) -> Option<Action> {
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
                format!("`{behaviour}` is something that authorization responses do"),
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
                            "{name} is {} and has no authorization endpoint",
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
                        "responses change places between two parties",
                        "write `between = [\"as\", \"as2\"]`",
                    );
                    return None;
                }
                (known.len() == items.len()).then_some(Action::CrossResponses { between: known })
            }
        }
    }

    // ------------------------------------------------------------ parts

    /// `set`, `remove` and `append`.
    #[allow(clippy::type_complexity)]
    fn members(
        &mut self,
        node: &Node,
        at: &[Target],
    ) -> (Vec<(String, Value)>, Vec<String>, Vec<(String, Value)>) {
        let mut set = Vec::new();
        for member in self.table_at(node, "set") {
            self.member(at, &member.key, &member.key_span, "set");
            set.extend(
                self.value(&member.value, TextUse::Patch)
                    .map(|value| (member.key.clone(), value)),
            );
        }
        let mut remove = Vec::new();
        for member in node
            .get("remove")
            .map_or(&[][..], |members| self.list(&members.value))
        {
            if let Some(name) = self.text(member) {
                self.member(at, name, &member.span, "remove");
                remove.push(name.to_owned());
            }
        }
        let mut append = Vec::new();
        for member in self.table_at(node, "append") {
            append.extend(
                self.value(&member.value, TextUse::Patch)
                    .map(|value| (member.key.clone(), value)),
            );
        }
        (set, remove, append)
    }

    /// Refuses what none of the answers has as a member.
    fn member(&mut self, at: &[Target], name: &str, span: &Span, operation: &str) {
        for message in distinct(at.iter().filter_map(|target| target.message)) {
            let members = message.members();
            if !members.contains(&name) {
                let remedy = suggest::instead(name, members.iter().copied());
                self.problem_with(
                    span,
                    format!("{operation}: {message} has no member `{name}`"),
                    format!(
                        "{remedy} (a member that no honest answer has is put there with `append`)"
                    ),
                );
            }
        }
    }

    fn header(&mut self, entry: &Entry) -> Option<(String, Vec<Template>)> {
        if !HEADERS.contains(&entry.key.as_str()) {
            let remedy = suggest::instead(&entry.key, HEADERS.iter().copied());
            self.problem_with(
                &entry.key_span,
                format!("unknown header `{}`", entry.key),
                remedy,
            );
        }
        let lines = entry
            .value
            .as_list()
            .unwrap_or(std::slice::from_ref(&entry.value));
        let lines: Vec<_> = lines
            .iter()
            .map(|line| self.template(line, TextUse::Patch))
            .collect();
        Some((entry.key.clone(), lines.into_iter().collect::<Option<_>>()?))
    }

    fn table_at<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Entry] {
        node.get(key).map_or(&[], |entry| self.table(&entry.value))
    }

    fn parameter<'n>(&mut self, entry: &'n Entry, key: &str) -> Option<&'n Entry> {
        let found = entry.value.get(key);
        if found.is_none() {
            let behaviour = entry
                .value
                .get("do")
                .and_then(|named| named.value.as_text())
                .unwrap_or_default();
            self.problem(&entry.key_span, format!("`{behaviour}` needs `{key}`"));
        }
        found
    }

    /// A text that is a party's name.
    pub(crate) fn named_party(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node)?;
        self.party(name, &node.span).map(|_| name.to_owned())
    }

    fn changes_nothing<T>(&mut self, entry: &Entry) -> Option<T> {
        self.problem_with(
            &entry.key_span,
            format!("deviation `{}` changes nothing", entry.key),
            "write `set`, `remove`, `append`, `raw`, `forge`, `body`, `status`, `headers`, `transport` or `do`",
        );
        None
    }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> std::collections::BTreeSet<T> {
    items.collect()
}
