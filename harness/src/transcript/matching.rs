//! Does an event fit a pattern? The one place where scenario words meet recorded events.

use serde_json::Value as Json;

use super::{Event, Header, Secret};
use crate::scenario::model::{
    Charset, EventField, EventName, FieldKind, FieldMatch, Filter, Matcher, Nth, Part, Pattern,
    Placeholder, SecretName, Template, Value,
};

/// A transcript, finished or still growing, as patterns see it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub header: &'a Header,
    pub events: &'a [Event],
    pub secrets: &'a [Secret],
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

    fn matches(self, field: &FieldMatch, index: usize) -> bool {
        let have = value_of(&self.events[index], field);
        let resolver = Resolver {
            view: self,
            at: index,
            original: None,
        };
        let same = |want: &Value| {
            resolver
                .value(want)
                .is_some_and(|want| same(field.field.kind(), &have, &want))
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
            Matcher::Contains(want) => text(want).is_some_and(|want| string(&have).contains(&want)),
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

/// The field as it is compared: a scope is the set of its words.
fn value_of(event: &Event, field: &FieldMatch) -> Json {
    let value = match field.field {
        EventField::Run => Some(Json::from(event.run)),
        other => event.fields.get(other).cloned(),
    };
    let value = match &field.member {
        Some(member) => value.and_then(|value| value.get(member).cloned()),
        None => value,
    };
    match value {
        Some(Json::String(scope))
            if field.field.kind() == FieldKind::Scope && scope_list(&scope) =>
        {
            let words = scope.split(' ').filter(|word| !word.is_empty());
            words.map(Json::from).collect()
        }
        other => other.unwrap_or_default(),
    }
}

/// A malformed scope stays one string, so that a charset check still sees what is wrong with it.
fn scope_list(scope: &str) -> bool {
    scope.chars().all(|c| in_charset(Charset::ScopeList, c))
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

fn is_present(have: &Json) -> bool {
    match have {
        Json::Null => false,
        Json::String(s) => !s.is_empty(),
        Json::Array(a) => !a.is_empty(),
        _ => true,
    }
}

fn items(have: &Json) -> impl Iterator<Item = &Json> {
    match have {
        Json::Array(items) => items.iter(),
        Json::Null => [].iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// A field as one text: sets are joined as they were sent.
fn string(have: &Json) -> String {
    match have {
        Json::Null => String::new(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        one => plain(one),
    }
}

/// How much of two unguessable values may be alike by chance, in characters.
const ALIKE_BY_CHANCE: usize = 8;

/// Whether nothing shows that a value was not drawn at random: no part of it comes twice, and it
/// neither begins nor ends as an earlier, different one did. Of a million verifiers of 32 random
/// octets this takes none for a bad one, whatever alphabet they are written in.
fn looks_random(value: &str, earlier: impl IntoIterator<Item = String>) -> bool {
    let bytes = value.as_bytes();
    let mut parts = std::collections::BTreeSet::new();
    let repeats = bytes
        .windows(ALIKE_BY_CHANCE)
        .any(|part| !parts.insert(part));
    let ends = |text: &[u8]| {
        let length = text.len().min(ALIKE_BY_CHANCE);
        (
            text[..length].to_vec(),
            text[text.len() - length..].to_vec(),
        )
    };
    let (first, last) = ends(bytes);
    let mut alike = earlier
        .into_iter()
        .filter(|other| !other.is_empty() && other != value)
        .map(|other| ends(other.as_bytes()));
    bytes.len() >= ALIKE_BY_CHANCE
        && !repeats
        && !alike.any(|(other_first, other_last)| other_first == first || other_last == last)
}

fn in_charset(charset: Charset, c: char) -> bool {
    match charset {
        Charset::Unreserved => c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~'),
        Charset::Token68 => {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/' | '=')
        }
        Charset::ScopeList => c == ' ' || c.is_ascii_graphic() && c != '"' && c != '\\',
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
                    .map(|text| filters.iter().fold(text, |t, f| filtered(*f, &t))),
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
            Nth::Unsaid => of_that_name.next(),
            Nth::Number(n) => of_that_name.find(|s| s.number == n),
            Nth::Latest => of_that_name.rfind(|s| s.event < self.at),
        };
        found.map(|s| s.value.clone())
    }
}

fn filtered(filter: Filter, text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    match filter {
        Filter::Slash => format!("{text}/"),
        Filter::NoSlash => text.strip_suffix('/').unwrap_or(text).to_owned(),
        Filter::UpperHost => format!("{scheme}://{}{path}", authority.to_uppercase()),
        Filter::UpperScheme => format!("{}://{rest}", scheme.to_uppercase()),
        Filter::ZeroPort => match authority.rsplit_once(':') {
            Some((host, port)) => format!("{scheme}://{host}:0{port}{path}"),
            None => text.to_owned(),
        },
        Filter::PercentOne => match text.char_indices().next_back() {
            Some((last, c)) => format!("{}{}", &text[..last], percent_all(&c.to_string(), true)),
            None => String::new(),
        },
        Filter::PercentAll => percent_all(text, true),
        Filter::PercentAllLower => percent_all(text, false),
        Filter::JsonEscape => text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
        Filter::Nfd => decomposed(text),
        Filter::Flip => match text.char_indices().next_back() {
            Some((last, c)) => format!("{}{}", &text[..last], if c == 'A' { 'B' } else { 'A' }),
            None => "A".to_owned(),
        },
        Filter::AsHttp => format!("http://{rest}"),
        Filter::AnyAddress => match authority.rsplit_once(':') {
            Some((_, port)) => format!("{scheme}://0.0.0.0:{port}{path}"),
            None => text.to_owned(),
        },
    }
}

fn percent_all(text: &str, upper: bool) -> String {
    text.bytes()
        .map(|b| {
            if upper {
                format!("%{b:02X}")
            } else {
                format!("%{b:02x}")
            }
        })
        .collect()
}

/// Unicode normalisation form D of a URL, whose non-ASCII characters are percent-encoded.
fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    let encode = |c: char| {
        if c.is_ascii() {
            c.to_string()
        } else {
            percent_all(&c.to_string(), true)
        }
    };
    plain.nfd().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_respell_issuers() {
        let issuer = "http://localhost:8080/tenant";
        let spelled = |f| filtered(f, issuer);
        assert_eq!(spelled(Filter::Slash), "http://localhost:8080/tenant/");
        assert_eq!(spelled(Filter::UpperHost), "http://LOCALHOST:8080/tenant");
        assert_eq!(spelled(Filter::UpperScheme), "HTTP://localhost:8080/tenant");
        assert_eq!(spelled(Filter::ZeroPort), "http://localhost:08080/tenant");
        assert_eq!(
            spelled(Filter::PercentOne),
            "http://localhost:8080/tenan%74"
        );
        assert_eq!(filtered(Filter::PercentAllLower, "t/"), "%74%2f");
        assert_eq!(filtered(Filter::JsonEscape, "a/"), "\\u0061\\u002f");
        assert_eq!(filtered(Filter::Nfd, "/caf%C3%A9"), "/cafe%CC%81");
        assert_eq!(filtered(Filter::Flip, "xyA"), "xyB");
        assert_eq!(filtered(Filter::NoSlash, "x/"), "x");
        assert_eq!(spelled(Filter::AnyAddress), "http://0.0.0.0:8080/tenant");
    }

    #[test]
    fn what_is_not_random_shows() {
        let good = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let none = || Vec::<String>::new();
        assert!(looks_random(good, none()));
        assert!(looks_random(
            good,
            [
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
                good.to_owned(),
                String::new()
            ]
        ));
        assert!(
            looks_random(
                "7f3a09c1d2e84b5690ab3c7d18ef6052a1b9c3d4e5f60718293a4b5c6d7e8f90",
                none()
            ),
            "hexadecimal"
        );
        assert!(
            !looks_random("00000000000000000000000000001763790000123456", none()),
            "a clock"
        );
        assert!(
            !looks_random(&format!("{good}{good}"), none()),
            "the same twice"
        );
        assert!(
            !looks_random(good, ["dBjftJeZ-another-end".to_owned()])
                && !looks_random(good, ["another-begin-gFWFOEjXk".to_owned()])
        );
        assert!(!looks_random("", none()) && !looks_random("short", none()));
    }

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
