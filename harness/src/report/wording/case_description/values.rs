//! Values of scenario files in words.

use crate::scenario::model::Value;

pub(super) fn pairs(words: &str, pairs: &[(String, Value)]) -> String {
    pairs
        .iter()
        .map(|(name, v)| format!("{words}{name} = {}", value(v)))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn names(words: &str, names: &[String]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!("{words}{}", list(names))
    }
}

pub(super) fn list(items: &[impl ToString]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(self::value).collect::<Vec<_>>().join(", ")
        ),
        Value::Table(members) => {
            format!(
                "{{{}}}",
                members
                    .iter()
                    .map(|(k, v)| format!("{k}: {}", self::value(v)))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
    }
}
