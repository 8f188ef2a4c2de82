//! What all parts of the schema are built from.

use serde_json::{Map, Value, json};

use super::super::keys::FormatKey;

/// Builds the parts of a schema.
pub(super) struct SchemaBuilder<'a> {
    /// Ids of the requirements, each with its statement.
    pub(super) requirements: &'a [(&'a str, &'a str)],
}

/// Properties named by keys of the format, each with its sentence.
pub(super) fn properties<'k>(
    keys: impl IntoIterator<Item = &'k FormatKey>,
    schema: impl Fn(&str) -> Value,
) -> Value {
    let properties = keys
        .into_iter()
        .map(|key| (key.word.to_owned(), described(key.about, schema(key.word))));
    properties.collect::<Map<_, _>>().into()
}

/// In draft 7 nothing counts beside a reference, so the reference goes inside.
pub(super) fn described(description: &str, schema: Value) -> Value {
    json!({ "description": description, "allOf": [schema] })
}

pub(super) fn reference(definition: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{definition}") })
}

/// One of these words.
pub(super) fn words<T: std::fmt::Display>(words: &[T]) -> Value {
    json!({ "type": "string", "enum": words.iter().map(ToString::to_string).collect::<Vec<_>>() })
}

/// One, or a list of them.
pub(super) fn one_or_more(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "array", "items": schema, "minItems": 1 }] })
}

/// An object with just these properties.
pub(super) fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
