//! `[deviation.NAME]`: one misbehaviour, as a patch on answers, changed settings, or a named
//! behaviour.

use super::behaviour::Behaviour;
use super::keys::{self, words_of};
use super::model::{Action, Deviation, FieldMatch, Message, Target};
use super::node::{Entry, Node};
use super::patch::{PATCH, distinct};
use super::pattern::PatternUse;
use super::reader::CaseReader;
use super::suggest;
use super::template::is_name;
use super::values::ReadValues;

pub(crate) const KEYS: [&str; 5] = words_of(&keys::DEVIATION);

impl CaseReader<'_> {
    pub(crate) fn deviation(&mut self, entry: &Entry) -> Option<Deviation> {
        let node = &entry.value;
        if !is_name(&entry.key) {
            self.problem(
                &entry.key_span,
                format!(
                    "`{}`: the name of a deviation consists of lower case letters, digits and \
                     hyphens",
                    entry.key
                ),
            );
        }
        self.table(node);
        let behaviour = node
            .get("do")
            .and_then(|named| self.word::<Behaviour>(&named.value));
        self.check_deviation_keys(node, behaviour);

        let at = self.targets(entry)?;
        let filter = self.request_filter(node, &at)?;
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

    /// Refuses keys that a deviation with or without a behaviour cannot have.
    fn check_deviation_keys(&mut self, node: &Node, behaviour: Option<Behaviour>) {
        let more = behaviour.map_or(&PATCH[..], Behaviour::parameters);
        let keys: Vec<&str> = KEYS.iter().chain(&["do"]).chain(more).copied().collect();
        let of = behaviour.map_or("a deviation".to_owned(), |behaviour| {
            format!("a deviation that does `{behaviour}`")
        });
        self.only_keys(node.as_table().unwrap_or_default(), &keys, &of);
    }

    /// `where`: the fields of the request to which a deviating answer is given.
    fn request_filter(&mut self, node: &Node, at: &[Target]) -> Option<Vec<FieldMatch>> {
        let Some(field) = node.get("where") else {
            return Some(Vec::new());
        };
        let mut filter = Vec::new();
        let messages = at.iter().filter_map(|target| target.message);
        for request in distinct(messages.map(Message::request)) {
            filter = self.fields(&field.value, Some(request), false)?;
        }
        Some(filter)
    }

    // ------------------------------------------------------------ which answers

    fn targets(&mut self, entry: &Entry) -> Option<Vec<Target>> {
        const REMEDY: &str =
            "write `at = \"as.token-response\"`, or `at = \"as\"` to change settings";
        let Some(at) = entry.value.get("at") else {
            self.problem_with(
                &entry.key_span,
                "`at` is missing: it names the answer that deviates",
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
                "`at` is empty: it names the answer that deviates",
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
                "`at` names both a party and an answer",
                "write two deviations: one changes the settings of the party, the other the answer",
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
                format!("{} sends no answer `{word}`", role.with_article()),
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
                    format!("unknown place `{place}` of {message}"),
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
                    "`{}` changes an answer, but `at` names a party only",
                    key.key
                ),
                "write `at = \"PARTY.ANSWER\"`, or change settings with `set`",
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

    pub(super) fn changes_nothing<T>(&mut self, entry: &Entry) -> Option<T> {
        self.problem_with(
            &entry.key_span,
            format!("deviation `{}` changes nothing", entry.key),
            "write `set`, `remove`, `append`, `raw`, `forge`, `body`, `status`, `headers`, \
             `transport` or `do`",
        );
        None
    }
}
