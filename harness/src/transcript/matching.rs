//! Does an event fit a pattern? The one place where scenario words meet recorded events.

use serde_json::Value as Json;

use super::event::Event;
use super::field_value::{in_charset, is_present, items, plain, sent_value, string, value_of};
use super::filters::apply_filter;
use super::header::Header;
use super::randomness::looks_random;
use super::secret::Secret;
use super::shared_values::SharedValues;
use crate::scenario::model::{
    EventField, EventName, FieldKind, FieldMatch, Matcher, Nth, Part, Pattern, Placeholder,
    SecretName, Template, Value,
};

/// A transcript, finished or still growing, as patterns see it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub header: &'a Header,
    pub events: &'a [Event],
    pub secrets: &'a [Secret],
    /// Values that were sent in other cases of the same suite run, where those are known.
    pub shared: Option<&'a SharedValues<'a>>,
}

impl<'a> View<'a> {
    /// Indices of the events from `start` on that fit the pattern.
    pub fn hits(self, pattern: &'a Pattern, start: usize) -> impl Iterator<Item = usize> + 'a {
        (start..self.events.len()).filter(move |&i| self.fits(pattern, i))
    }

    /// Whether the event at `index` fits the pattern.
    pub fn fits(self, pattern: &Pattern, index: usize) -> bool {
        let event = &self.events[index];
        match &pattern.event {
            EventName::Delivered(name) => event.delivered && event.deviations.contains(name),
            EventName::Kind { party, kind } => {
                (event.kind == *kind
                    || *kind == crate::scenario::model::EventKind::Request
                        && event.kind.is_request())
                    && party
                        .as_ref()
                        .is_none_or(|p| event.party.as_ref() == Some(p))
                    && self.all_match(&pattern.filter, index)
            }
        }
    }

    /// Whether the event at `index` has all these fields.
    pub fn all_match(self, fields: &[FieldMatch], index: usize) -> bool {
        fields.iter().all(|f| self.matches(f, index))
    }

    /// Another case in which an event of this kind had the same value as the event at `index`.
    pub(crate) fn other_case_with(self, field: &FieldMatch, index: usize) -> Option<&'a str> {
        let event = &self.events[index];
        let value = sent_value(event, field)?;
        self.shared?
            .other_case(&self.header.case, event.kind, field, &value)
    }

    /// Whether the value was sent in an earlier start of the client, or in another case.
    fn was_sent_elsewhere(self, field: &FieldMatch, index: usize) -> bool {
        let event = &self.events[index];
        let value = sent_value(event, field);
        let is_same = |other: &Event| {
            other.kind == event.kind
                && other.run < event.run
                && value.is_some()
                && sent_value(other, field) == value
        };
        self.events[..index].iter().any(is_same) || self.other_case_with(field, index).is_some()
    }

    fn matches(self, field: &FieldMatch, index: usize) -> bool {
        let event = &self.events[index];
        let have = value_of(event, field);
        let resolver = Resolver {
            view: self,
            at: index,
            original: None,
        };
        let was_found = |want: &str| was_found(event, field.field, want);
        let same = |want: &Value| {
            resolver.value(want).is_some_and(|want| {
                same(field.field.kind(), &have, &want) || was_found(&plain(&want))
            })
        };
        let text = |t: &Template| resolver.text(t);
        field.matchers.iter().all(|matcher| match matcher {
            Matcher::Equals(want) => same(want),
            Matcher::Not(want) => !same(want),
            Matcher::OneOf(wants) => wants.iter().any(same),
            Matcher::Present(wanted) => is_present(&have) == *wanted,
            Matcher::Sent(wanted) => have.is_null() != *wanted,
            Matcher::Includes(wants) => wants.iter().all(same),
            Matcher::SameSet(wants) => {
                let wants: Option<std::collections::BTreeSet<String>> = wants
                    .iter()
                    .map(|w| resolver.value(w).map(|v| plain(&v)))
                    .collect();
                let haves: std::collections::BTreeSet<String> = items(&have).map(plain).collect();
                wants.is_some_and(|wants| wants == haves)
            }
            Matcher::Contains(want) => {
                text(want).is_some_and(|want| string(&have).contains(&want) || was_found(&want))
            }
            Matcher::StartsWith(want) => {
                text(want).is_some_and(|want| string(&have).starts_with(&want))
            }
            Matcher::Fresh(wanted) => {
                let kind = self.events[index].kind;
                let fresh = self.events[..index]
                    .iter()
                    .filter(|e| e.kind == kind)
                    .all(|e| value_of(e, field) != have);
                fresh == *wanted
            }
            Matcher::Unshared(wanted) => self.was_sent_elsewhere(field, index) != *wanted,
            Matcher::LooksRandom(wanted) => {
                let kind = self.events[index].kind;
                let earlier = self.events[..index]
                    .iter()
                    .filter(|e| e.kind == kind)
                    .map(|e| string(&value_of(e, field)));
                looks_random(&string(&have), earlier) == *wanted
            }
            Matcher::Length(shortest, longest) => {
                (*shortest..=*longest).contains(&string(&have).chars().count())
            }
            Matcher::Charset(charset) => string(&have).chars().all(|c| in_charset(*charset, c)),
        })
    }
}

/// Whether a text was found when the whole was captured, of which the event has only an excerpt.
fn was_found(event: &Event, field: EventField, text: &str) -> bool {
    let mut found = event.fields.texts(EventField::Found);
    field == EventField::Contains && found.any(|found| found == text)
}

fn same(kind: FieldKind, have: &Json, want: &Json) -> bool {
    match have {
        Json::Array(items) if !want.is_array() => {
            let want = plain(want);
            items.iter().map(plain).any(|item| {
                let name = item.split('#').next().unwrap_or_default();
                item == want || name == want || name.rsplit('.').next() == Some(want.as_str())
            })
        }
        // what a surface shows is looked through, not compared
        Json::String(shown) if kind == FieldKind::SearchedText => shown.contains(&plain(want)),
        _ => have == want,
    }
}

/// Puts addresses, secrets and canaries in the place of placeholders.
#[derive(Debug, Clone, Copy)]
pub struct Resolver<'a> {
    pub view: View<'a>,
    /// Secrets issued from this event on are not known yet (for `#latest`); also the event that
    /// `{event.field}` reads.
    pub at: usize,
    /// What the honest answer has in this place.
    pub original: Option<&'a str>,
}

impl Resolver<'_> {
    /// The template's text; `None` if it names a secret that was never issued.
    pub fn text(&self, template: &Template) -> Option<String> {
        template
            .0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(text.clone()),
                Part::Placeholder { what, filters } => self
                    .placeholder(what)
                    .map(|text| filters.iter().fold(text, |t, f| apply_filter(*f, &t))),
            })
            .collect()
    }

    /// The value as JSON; `None` if it names a secret that was never issued.
    pub fn value(&self, value: &Value) -> Option<Json> {
        Some(match value {
            Value::Text(Template(parts))
                if matches!(
                    parts.as_slice(),
                    [Part::Placeholder {
                        what: Placeholder::Null,
                        ..
                    }]
                ) =>
            {
                Json::Null
            }
            Value::Text(template) => Json::String(self.text(template)?),
            Value::Integer(i) => Json::from(*i),
            Value::Boolean(b) => Json::Bool(*b),
            Value::List(list) => {
                Json::Array(list.iter().map(|v| self.value(v)).collect::<Option<_>>()?)
            }
            Value::Table(table) => Json::Object(
                table
                    .iter()
                    .map(|(k, v)| Some((k.clone(), self.value(v)?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }

    fn placeholder(&self, what: &Placeholder) -> Option<String> {
        let header = self.view.header;
        match what {
            Placeholder::PartyValue { party, value } => {
                header.addresses.get(&format!("{party}.{value}")).cloned()
            }
            Placeholder::Secret(name) => self.secret(name),
            Placeholder::Canary(name) => Some(header.canary(name)),
            Placeholder::Original => self.original.map(str::to_owned),
            Placeholder::Null => Some("null".to_owned()),
            Placeholder::EventField(field) => self
                .view
                .events
                .get(self.at)
                .map(|e| string(e.fields.get(*field).unwrap_or(&Json::Null))),
        }
    }

    fn secret(&self, wanted: &SecretName) -> Option<String> {
        let name = format!("{}.{}", wanted.party, wanted.kind);
        let mut of_that_name = self.view.secrets.iter().filter(|s| s.name == name);
        let found = match wanted.nth {
            Nth::Unnumbered => of_that_name.next(),
            Nth::Number(n) => of_that_name.find(|s| s.number == n),
            Nth::Latest => of_that_name.rfind(|s| s.event < self.at),
        };
        found.map(|s| s.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_matches_by_full_tag_by_name_and_by_kind() {
        let have = serde_json::json!(["as.code#1"]);
        for want in ["as.code#1", "as.code", "code"] {
            assert!(
                same(FieldKind::Secrets, &have, &Json::String(want.into())),
                "{want}"
            );
        }
        assert!(!same(
            FieldKind::Secrets,
            &have,
            &Json::String("as2.code".into())
        ));
    }
}
