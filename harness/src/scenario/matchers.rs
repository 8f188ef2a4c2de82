//! What a field must be: a plain value, or a table of matchers.

use super::keys::{self, words_of};
use super::model::{
    Charset, EventField, EventKind, FieldKind, FieldMember, Matcher, Placeholder, RoleKind,
    Template, Value,
};
use super::node::{Entry, Node, NodeKind};
use super::problem::Span;
use super::reader::{CaseReader, TextUse};
use super::suggest;
use super::template::split_secret;
use super::values::ReadValues;

pub(crate) const MATCHERS: [&str; 13] = words_of(&keys::MATCHERS);

/// The field or member that a matcher is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct MatchedField {
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

impl MatchedField {
    pub(super) const fn of_field(
        field: EventField,
        kind: Option<EventKind>,
        forbids: bool,
    ) -> Self {
        Self {
            name: field.as_str(),
            field_kind: field.kind(),
            needs_placeholder: field.needs_placeholder(),
            comes_from_world: field.comes_from_world(),
            kind,
            forbids,
        }
    }

    pub(super) const fn of_member(
        member: FieldMember,
        kind: Option<EventKind>,
        forbids: bool,
    ) -> Self {
        Self {
            name: member.name,
            field_kind: match member.words {
                Some(words) => FieldKind::Word(words),
                None => FieldKind::Text,
            },
            needs_placeholder: member.needs_placeholder,
            comes_from_world: false,
            kind,
            forbids,
        }
    }

    /// One HTTP header, which can hold anything.
    pub(super) const fn of_header(kind: Option<EventKind>, forbids: bool) -> Self {
        Self::of_member(
            FieldMember {
                name: "header",
                needs_placeholder: false,
                words: None,
            },
            kind,
            forbids,
        )
    }

    /// One parameter of a query, whose values come from the world.
    pub(super) const fn of_parameter(kind: Option<EventKind>, forbids: bool) -> Self {
        Self {
            name: "query",
            comes_from_world: true,
            ..Self::of_header(kind, forbids)
        }
    }

    /// The words that its values are taken from.
    fn known_words(self) -> Option<Vec<&'static str>> {
        self.field_kind.known_words()
    }
}

impl CaseReader<'_> {
    /// A plain value, or a table of matchers.
    pub(super) fn matchers(&mut self, node: &Node, subject: MatchedField) -> Option<Vec<Matcher>> {
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
                "no matcher: the field could be anything",
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

    fn matcher(&mut self, entry: &Entry, subject: MatchedField) -> Option<Matcher> {
        let node = &entry.value;
        Some(match entry.key.as_str() {
            "not" => Matcher::Not(self.plain(node, subject)?),
            "one_of" => Matcher::OneOf(self.plain_list(node, subject)?),
            "includes" => Matcher::Includes(self.plain_list(node, subject)?),
            "same_set" => Matcher::SameSet(self.plain_list(node, subject)?),
            "present" => Matcher::Present(self.boolean(node)?),
            "sent" => Matcher::Sent(self.boolean(node)?),
            "fresh" => Matcher::Fresh(self.boolean(node)?),
            "unshared" => self.unshared(entry)?,
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
            _ => self.length(node)?,
        })
    }

    /// `unshared = true`, which compares cases with each other and is therefore for monitors.
    fn unshared(&mut self, entry: &Entry) -> Option<Matcher> {
        let wanted = self.boolean(&entry.value)?;
        if !self.monitors {
            self.problem_with(
                &entry.value.span,
                "`unshared` compares all cases of a run, but this is the expectation of one case",
                "write `fresh = true`, which compares the starts of one case, or write a monitor",
            );
            return None;
        }
        Some(Matcher::Unshared(wanted))
    }

    /// `length = [SHORTEST, LONGEST]`
    fn length(&mut self, node: &Node) -> Option<Matcher> {
        let [shortest, longest] = self.list(node) else {
            self.problem_with(
                &node.span,
                "invalid length: expected the shortest and the longest length",
                "write `length = [43, 128]`",
            );
            return None;
        };
        let shortest = self.number::<usize>(shortest, 0, i64::from(u32::MAX))?;
        let longest = self.number::<usize>(longest, 0, i64::from(u32::MAX))?;
        if shortest > longest {
            self.problem_with(
                &node.span,
                "invalid length: the shortest length is greater than the longest",
                format!("write `length = [{longest}, {shortest}]`"),
            );
        }
        Some(Matcher::Length(shortest, longest))
    }

    fn plain_list(&mut self, node: &Node, subject: MatchedField) -> Option<Vec<Value>> {
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
    fn plain(&mut self, node: &Node, subject: MatchedField) -> Option<Value> {
        let field = subject.name;
        match (&node.kind, subject.known_words()) {
            (NodeKind::Table(_), _) => {
                self.expected(node, "a plain value");
                None
            }
            (NodeKind::List(_), None) => self.plain_list(node, subject).map(Value::List),
            (kind, words) => {
                let value = self.value(node, TextUse::Field(subject.kind))?;
                let literal = match &value {
                    Value::Text(text) => text.literal().map(str::to_owned),
                    _ => None,
                };
                if let Some(words) = words
                    && !literal
                        .as_deref()
                        .is_some_and(|literal| words.contains(&literal))
                {
                    let written = match kind {
                        NodeKind::Text(text) => text,
                        _ => node.name_of_kind(),
                    };
                    let remedy = suggest::instead(written, words.iter().copied());
                    let message = format!("unknown value `{written}` for the field `{field}`");
                    self.problem_with(&node.span, message, remedy);
                    return None;
                }
                let fits =
                    literal.is_none_or(|literal| self.literal_fits(subject, &literal, &node.span));
                fits.then_some(value)
            }
        }
    }

    /// Whether a text without placeholders makes sense: it is no secret, and this world has sent
    /// it.
    fn literal_fits(&mut self, subject: MatchedField, literal: &str, span: &Span) -> bool {
        let field = subject.name;
        if subject.needs_placeholder && !literal.starts_with("https://") {
            self.problem_with(
                span,
                format!("`{literal}` is written out, but values of `{field}` differ in every run"),
                "write a placeholder, such as `{as.issuer}`, `{mcp.resource}`, \
                 `{as.refresh_token#1}` or \
                 `{canary.NAME}`",
            );
            return false;
        }
        if subject.comes_from_world && literal != "test-tool" && !self.is_sent(literal) {
            self.problem_with(
                span,
                format!(
                    "nothing in this scenario sends `{literal}`, so `{field}` never has that value"
                ),
                "put it into `[world]`, a deviation or a step, or spell it as it is there",
            );
            return false;
        }
        subject.field_kind != FieldKind::Secrets || self.is_secret(literal, span)
    }

    /// Whether a parameter of this name can be in a request: it is one of OAuth's, or the world has
    /// it.
    pub(super) fn parameter_is_sent(&mut self, name: &str, span: &Span) -> bool {
        let is_known = name
            .parse::<EventField>()
            .is_ok_and(EventField::is_oauth_parameter);
        if !is_known && !self.is_sent(name) {
            self.problem_with(
                span,
                format!("nothing in this scenario sends a parameter `{name}`"),
                "put it into `[world]` or a deviation, or spell it as it is there",
            );
            return false;
        }
        true
    }

    fn is_sent(&self, literal: &str) -> bool {
        self.sent_words.iter().any(|sent| sent.contains(literal))
            || literal == "use_dpop_nonce" && self.sent_words.iter().any(|sent| sent == "nonce")
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
            format!("`{text}` must not occur, but nothing in this scenario sends it"),
            "send `{canary.NAME}` in a deviation, and search for that",
        );
        None
    }
}
