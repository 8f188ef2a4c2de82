//! Which events are meant: `"as.token-request"`, `{ event = ..., where = { FIELD = MATCHER } }`.

use super::matchers::MatchedField;
use super::model::{EventField, EventKind, EventName, FieldKind, FieldMatch, FieldMember, Pattern};
use super::node::{Entry, Node, NodeKind};
use super::reader::CaseReader;
use super::suggest;
use super::values::ReadValues;

/// What a pattern is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PatternUse {
    /// Events that match must not happen. A text that is searched for must hold a canary then, or
    /// the check could never fail.
    pub(crate) forbids: bool,
    /// It may be the delivery of a deviation, which the control run does not have.
    pub(crate) deviations: bool,
}

impl PatternUse {
    pub(crate) const DEMAND: Self = Self {
        forbids: false,
        deviations: true,
    };
    pub(crate) const FORBID: Self = Self {
        forbids: true,
        deviations: true,
    };
    pub(crate) const CONTROL_TOO: Self = Self {
        forbids: false,
        deviations: false,
    };
}

impl CaseReader<'_> {
    /// An event's name, or a table with `event`, `where` and the keys of the form that it stands
    /// in.
    pub(crate) fn pattern(
        &mut self,
        node: &Node,
        purpose: PatternUse,
        more_keys: &[&str],
    ) -> Option<Pattern> {
        let entries = match &node.kind {
            NodeKind::Text(_) => {
                return Some(Pattern {
                    event: self.event_name(node, purpose)?,
                    filter: Vec::new(),
                });
            }
            NodeKind::Table(entries) => entries,
            _ => {
                self.expected(node, "an event's name, or a table with `event`");
                return None;
            }
        };
        self.only_keys(
            entries,
            &[&["event", "where"], more_keys].concat(),
            "an event pattern",
        );
        let Some(event) = node.get("event") else {
            self.problem_with(
                &node.span,
                "`event` is missing",
                "write `{ event = \"token-request\", where = { ... } }`",
            );
            return None;
        };
        let event = self.event_name(&event.value, purpose)?;
        let filter = match node.get("where") {
            Some(filter) => self.fields(&filter.value, kind_of(&event), purpose.forbids)?,
            None => Vec::new(),
        };
        Some(Pattern { event, filter })
    }

    fn event_name(&mut self, node: &Node, purpose: PatternUse) -> Option<EventName> {
        let text = self.text(node)?;
        if let Some(deviation) = text.strip_prefix("deviation.") {
            if !purpose.deviations {
                self.problem_with(
                    &node.span,
                    "the control run has no deviations, so nothing in it can wait for one",
                    "name an event that also happens when all parties are honest",
                );
                return None;
            }
            if !self.deviations.iter().any(|known| known == deviation) {
                let remedy =
                    suggest::instead(deviation, self.deviations.iter().map(String::as_str));
                self.problem_with(
                    &node.span,
                    format!("no deviation named `{deviation}`"),
                    remedy,
                );
                return None;
            }
            return Some(EventName::Delivered(deviation.to_owned()));
        }
        let (party, word) = text
            .rsplit_once('.')
            .map_or((None, text), |(party, word)| (Some(party), word));
        let Ok(kind) = word.parse::<EventKind>() else {
            let remedy = suggest::instead(word, EventKind::ALL.iter().map(|kind| kind.as_str()));
            self.problem_with(&node.span, format!("unknown event `{word}`"), remedy);
            return None;
        };
        if let Some(party) = party {
            let role = self.party(party, &node.span)?;
            let events = role.events();
            if !events.contains(&kind) {
                let words: Vec<_> = events.iter().map(|kind| kind.as_str()).collect();
                self.problem_with(
                    &node.span,
                    format!("{} has no event `{kind}`", role.with_article()),
                    suggest::instead(word, words),
                );
                return None;
            }
        }
        Some(EventName::Kind {
            party: party.map(str::to_owned),
            kind,
        })
    }

    /// A table of fields. `kind` is `None` where the event is the delivery of a deviation.
    pub(crate) fn fields(
        &mut self,
        node: &Node,
        kind: Option<EventKind>,
        forbids: bool,
    ) -> Option<Vec<FieldMatch>> {
        let before = self.problems.len();
        let mut found = Vec::new();
        for entry in self.table(node) {
            self.field(entry, kind, forbids, &mut found);
        }
        (self.problems.len() == before).then_some(found)
    }

    fn field(
        &mut self,
        entry: &Entry,
        kind: Option<EventKind>,
        forbids: bool,
        found: &mut Vec<FieldMatch>,
    ) {
        let known: Vec<EventField> = match kind {
            Some(kind) => EventField::all_of(kind).collect(),
            None => vec![EventField::Run],
        };
        let Some(field) = known
            .iter()
            .copied()
            .find(|field| field.as_str() == entry.key)
        else {
            let event = kind.map_or("the delivery of a deviation", EventKind::as_str);
            let words = known.iter().map(|field| field.as_str());
            let remedy = suggest::instead(&entry.key, words);
            self.problem_with(
                &entry.key_span,
                format!("{event} has no field `{}`", entry.key),
                remedy,
            );
            return;
        };
        match field.kind() {
            FieldKind::Table(members) => {
                for entry in self.table(&entry.value) {
                    let Some(member) = self.member_of_field(field, members, entry) else {
                        continue;
                    };
                    let subject = MatchedField::of_member(member, kind, forbids);
                    let name = Some(member.name.to_owned());
                    self.field_match(field, name, &entry.value, subject, found);
                }
            }
            FieldKind::Headers => {
                for header in self.table(&entry.value) {
                    let subject = MatchedField::of_header(kind, forbids);
                    let name = Some(header.key.to_ascii_lowercase());
                    self.field_match(field, name, &header.value, subject, found);
                }
            }
            FieldKind::Parameters => {
                for parameter in self.table(&entry.value) {
                    if !self.parameter_is_sent(&parameter.key, &parameter.key_span) {
                        continue;
                    }
                    let subject = MatchedField::of_parameter(kind, forbids);
                    let name = Some(parameter.key.clone());
                    self.field_match(field, name, &parameter.value, subject, found);
                }
            }
            _ => {
                let subject = MatchedField::of_field(field, kind, forbids);
                self.field_match(field, None, &entry.value, subject, found);
            }
        }
    }

    /// The member of a field that an entry names.
    fn member_of_field(
        &mut self,
        field: EventField,
        members: &[FieldMember],
        entry: &Entry,
    ) -> Option<FieldMember> {
        let member = members.iter().find(|member| member.name == entry.key);
        if member.is_none() {
            let remedy = suggest::instead(&entry.key, members.iter().map(|member| member.name));
            self.problem_with(
                &entry.key_span,
                format!("no field `{field}.{}`", entry.key),
                remedy,
            );
        }
        member.copied()
    }

    /// Reads what a field or a member of it must be.
    fn field_match(
        &mut self,
        field: EventField,
        member: Option<String>,
        value: &Node,
        subject: MatchedField,
        found: &mut Vec<FieldMatch>,
    ) {
        let matchers = self.matchers(value, subject);
        found.extend(matchers.map(|matchers| FieldMatch {
            field,
            member,
            matchers,
        }));
    }
}

fn kind_of(event: &EventName) -> Option<EventKind> {
    match event {
        EventName::Kind { kind, .. } => Some(*kind),
        EventName::Delivered(_) => None,
    }
}
