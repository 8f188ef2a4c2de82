//! Which events are meant: `"as.token-request"`, `{ event = ..., where = { FIELD = MATCHER } }`.

use super::keys::{self, words_of};
use super::model::{
    Charset, EventField, EventKind, EventName, FieldKind, FieldMatch, FieldMember, Matcher,
    Pattern, Placeholder, RoleKind, Template, Value,
};
use super::node::{Entry, Node, NodeKind};
use super::problem::Span;
use super::reader::{CaseReader, TextUse};
use super::suggest;
use super::template::split_secret;
use super::values::ReadValues;

/// What a pattern is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PatternUse {
    /// Events that it fits must not happen: a text to be looked for holds a canary, or the check is
    /// about nothing.
    pub(crate) forbids: bool,
    /// It may be about the delivery of a deviation; not so what the control twin needs as well.
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

/// The field or member that a matcher is about.
#[derive(Debug, Clone, Copy)]
struct Subject {
    /// Its word.
    name: &'static str,
    /// What its values are.
    field_kind: FieldKind,
    /// Whether its values are secrets or addresses.
    needs_placeholder: bool,
    /// Whether the scenario's world must have put its value there.
    comes_from_world: bool,
    /// The event; `None`: the delivery of a deviation.
    kind: Option<EventKind>,
    forbids: bool,
}

impl Subject {
    const fn of_field(field: EventField, kind: Option<EventKind>, forbids: bool) -> Self {
        Self {
            name: field.as_str(),
            field_kind: field.kind(),
            needs_placeholder: field.needs_placeholder(),
            comes_from_world: field.comes_from_world(),
            kind,
            forbids,
        }
    }

    const fn of_member(member: FieldMember, kind: Option<EventKind>, forbids: bool) -> Self {
        Self {
            name: member.name,
            field_kind: FieldKind::Text,
            needs_placeholder: member.needs_placeholder,
            comes_from_world: false,
            kind,
            forbids,
        }
    }

    /// One HTTP header, which can hold anything.
    const fn of_header(kind: Option<EventKind>, forbids: bool) -> Self {
        Self::of_member(
            FieldMember {
                name: "header",
                needs_placeholder: false,
            },
            kind,
            forbids,
        )
    }

    /// The words that its values are taken from.
    fn known_words(self) -> Option<Vec<&'static str>> {
        self.field_kind.known_words()
    }
}

pub(crate) const MATCHERS: [&str; 12] = words_of(&keys::MATCHERS);

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
                self.expected(node, "an event's name, or a table with `event`,");
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
                "no event",
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
                    "the control twin has no deviations, so nothing in it can wait for one",
                    "name an event that honest parties make happen too",
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
                    format!("at {} there is no `{kind}`", role.with_article()),
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
                    let subject = Subject::of_member(member, kind, forbids);
                    let name = Some(member.name.to_owned());
                    self.field_match(field, name, &entry.value, subject, found);
                }
            }
            FieldKind::Headers => {
                for header in self.table(&entry.value) {
                    let subject = Subject::of_header(kind, forbids);
                    let name = Some(header.key.to_ascii_lowercase());
                    self.field_match(field, name, &header.value, subject, found);
                }
            }
            _ => {
                let subject = Subject::of_field(field, kind, forbids);
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
        subject: Subject,
        found: &mut Vec<FieldMatch>,
    ) {
        let matchers = self.matchers(value, subject);
        found.extend(matchers.map(|matchers| FieldMatch {
            field,
            member,
            matchers,
        }));
    }

    /// A plain value, or a table of matchers.
    fn matchers(&mut self, node: &Node, subject: Subject) -> Option<Vec<Matcher>> {
        let NodeKind::Table(entries) = &node.kind else {
            let value = self.plain(node, subject)?;
            if let (FieldKind::SearchedText, true, Value::Text(text)) =
                (subject.field_kind, subject.forbids, &value)
            {
                self.needs_canary(&node.span, text)?;
            }
            return Some(vec![Matcher::Equals(value)]);
        };
        if entries.is_empty() {
            self.problem_with(
                &node.span,
                "says nothing about the field",
                format!("write a value, or {}", suggest::list(&MATCHERS)),
            );
        }
        self.only_keys(entries, &MATCHERS, "what a field must be");
        let known: Vec<_> = entries
            .iter()
            .filter(|entry| MATCHERS.contains(&entry.key.as_str()))
            .collect();
        let matchers: Vec<_> = known
            .into_iter()
            .map(|entry| self.matcher(entry, subject))
            .collect();
        matchers.into_iter().collect()
    }

    fn matcher(&mut self, entry: &Entry, subject: Subject) -> Option<Matcher> {
        let node = &entry.value;
        Some(match entry.key.as_str() {
            "not" => Matcher::Not(self.plain(node, subject)?),
            "one_of" => Matcher::OneOf(self.plain_list(node, subject)?),
            "includes" => Matcher::Includes(self.plain_list(node, subject)?),
            "same_set" => Matcher::SameSet(self.plain_list(node, subject)?),
            "present" => Matcher::Present(self.boolean(node)?),
            "sent" => Matcher::Sent(self.boolean(node)?),
            "fresh" => Matcher::Fresh(self.boolean(node)?),
            "looks_random" => Matcher::LooksRandom(self.boolean(node)?),
            "charset" => Matcher::Charset(self.word::<Charset>(node)?),
            "contains" => {
                let text = self.template(node, TextUse::Field(subject.kind))?;
                if subject.forbids && !self.monitors {
                    self.needs_canary(&node.span, &text)?;
                }
                Matcher::Contains(text)
            }
            "starts_with" => match self.plain(node, subject)? {
                Value::Text(text) => Matcher::StartsWith(text),
                _ => {
                    self.expected(node, "a text");
                    return None;
                }
            },
            _ => {
                let [least, most] = self.list(node) else {
                    self.problem_with(
                        &node.span,
                        "shortest and longest length expected",
                        "write `length = [43, 128]`",
                    );
                    return None;
                };
                let range = (
                    self.number::<usize>(least, 0, i64::from(u32::MAX))?,
                    self.number::<usize>(most, 0, i64::from(u32::MAX))?,
                );
                if range.0 > range.1 {
                    self.problem(&node.span, "the shortest length comes first");
                }
                Matcher::Length(range.0, range.1)
            }
        })
    }

    fn plain_list(&mut self, node: &Node, subject: Subject) -> Option<Vec<Value>> {
        if node.as_list().is_none() {
            self.expected(node, "a list");
            return None;
        }
        let values: Vec<_> = self
            .list(node)
            .iter()
            .map(|item| self.plain(item, subject))
            .collect();
        values.into_iter().collect()
    }

    /// A value that the field can have.
    fn plain(&mut self, node: &Node, subject: Subject) -> Option<Value> {
        let field = subject.name;
        match (&node.kind, subject.known_words()) {
            (NodeKind::Table(_), _) => {
                self.expected(node, "a plain value");
                None
            }
            (NodeKind::List(_), None) => self.plain_list(node, subject).map(Value::List),
            (kind, words) => {
                let value = self.value(node, TextUse::Field(subject.kind))?;
                let literal = if let Value::Text(text) = &value {
                    text.literal().map(str::to_owned)
                } else {
                    None
                };
                if let Some(words) = words
                    && !literal
                        .as_ref()
                        .is_some_and(|literal| words.contains(&literal.as_str()))
                {
                    let shown = if let NodeKind::Text(text) = kind {
                        text
                    } else {
                        node.name_of_kind()
                    };
                    let remedy = suggest::instead(shown, words.iter().copied());
                    self.problem_with(&node.span, format!("`{field}` is never `{shown}`"), remedy);
                    return None;
                }
                let fits =
                    literal.is_none_or(|literal| self.literal_fits(subject, &literal, &node.span));
                fits.then_some(value)
            }
        }
    }

    /// Whether a text that is written out can be meant: no secret, and something that this world
    /// knows.
    fn literal_fits(&mut self, subject: Subject, literal: &str, span: &Span) -> bool {
        let field = subject.name;
        if subject.needs_placeholder && !literal.starts_with("https://") {
            self.problem_with(
                span,
                format!("`{literal}`: a value of `{field}` is given by placeholder"),
                "it differs in every run: write `{as.issuer}`, `{mcp.resource}`, `{as.refresh_token#1}`, `{canary.NAME}` ...",
            );
            return false;
        }
        if subject.comes_from_world && literal != "test-tool" && !self.is_said(literal) {
            self.problem_with(
                span,
                format!(
                    "`{literal}` is nowhere in this scenario's world, so no `{field}` can be it"
                ),
                "put it into `[world]`, a deviation or a step, or write it as it is there",
            );
            return false;
        }
        subject.field_kind != FieldKind::Secrets || self.is_secret(literal, span)
    }

    fn is_said(&self, literal: &str) -> bool {
        self.said.iter().any(|said| said.contains(literal))
            || literal == "use_dpop_nonce" && self.said.iter().any(|said| said == "nonce")
    }

    /// Whether a text names a secret: `as.code`, `code`, `as.client_secret#1`.
    fn is_secret(&mut self, text: &str, span: &Span) -> bool {
        let (party, kind) = match split_secret(text) {
            Ok((party, kind, _)) => (party, kind),
            Err(error) => {
                self.template_problem(span, &error);
                return false;
            }
        };
        let secrets = RoleKind::all_secrets();
        let known = secrets.contains(&kind);
        if !known {
            let remedy = suggest::instead(kind, secrets.iter().copied());
            self.problem_with(span, format!("unknown secret `{kind}`"), remedy);
        }
        party.is_none_or(|party| self.party(party, span).is_some()) && known
    }

    fn needs_canary(&mut self, span: &Span, text: &Template) -> Option<()> {
        if text
            .placeholders()
            .any(|what| matches!(what, Placeholder::Canary(_)))
        {
            return Some(());
        }
        self.problem_with(
            span,
            format!("`{text}` is forbidden to show up, but whether anybody sent it is unknown"),
            "send `{canary.NAME}` in a deviation and look for that",
        );
        None
    }
}

fn kind_of(event: &EventName) -> Option<EventKind> {
    match event {
        EventName::Kind { kind, .. } => Some(*kind),
        EventName::Delivered(_) => None,
    }
}
