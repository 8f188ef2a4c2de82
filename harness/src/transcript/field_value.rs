//! The values of an event's fields, in the forms in which they are compared.

use serde_json::Value as Json;

use super::event::Event;
use crate::scenario::model::{Charset, EventField, FieldKind, FieldMatch};

/// The field as it is compared: a scope is the set of its words.
pub(super) fn value_of(event: &Event, field: &FieldMatch) -> Json {
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

/// The field as one text; `None` where it was not sent.
pub(super) fn sent_value(event: &Event, field: &FieldMatch) -> Option<String> {
    let value = value_of(event, field);
    is_present(&value).then(|| string(&value))
}

/// A malformed scope stays one string, so that a charset check still sees what is wrong with it.
fn scope_list(scope: &str) -> bool {
    scope.chars().all(|c| in_charset(Charset::ScopeList, c))
}

pub(super) fn is_present(have: &Json) -> bool {
    match have {
        Json::Null => false,
        Json::String(s) => !s.is_empty(),
        Json::Array(a) => !a.is_empty(),
        _ => true,
    }
}

pub(super) fn items(have: &Json) -> impl Iterator<Item = &Json> {
    match have {
        Json::Array(items) => items.iter(),
        Json::Null => [].iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// A field as one text: sets are joined as they were sent.
pub(super) fn string(have: &Json) -> String {
    match have {
        Json::Null => String::new(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        one => plain(one),
    }
}

pub(super) fn in_charset(charset: Charset, c: char) -> bool {
    match charset {
        Charset::Unreserved => c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~'),
        Charset::Token68 => {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/' | '=')
        }
        Charset::ScopeList => c == ' ' || c.is_ascii_graphic() && c != '"' && c != '\\',
    }
}
