//! The scenario format as a JSON Schema, for editors that complete and check while somebody writes.
//!
//! It is made from the loader's own tables, so that it cannot fall behind them.
//! What takes more than one place of the file to know (does this party exist? was the canary sent?)
//! only the loader says. Draft 7, which the TOML language servers understand.

mod deviation;
mod expect;
mod text;
mod world;

use serde_json::{Map, Value, json};

use super::keys::{self, FormatKey};
use super::model::{Capability, Revision};
use super::official::OFFICIAL_SCENARIOS;

/// What a schema is made from.
struct SchemaBuilder<'a> {
    /// Ids of the requirements, each with its statement.
    requirements: &'a [(&'a str, &'a str)],
}

/// The schema of scenario files.
pub fn scenario_schema(requirements: &[(&str, &str)]) -> Value {
    let maker = SchemaBuilder { requirements };
    let case = properties(&keys::CASE, |key| maker.top_level(key));
    let mut whole = case.clone();
    let variant = json!({ "type": "object", "properties": case, "additionalProperties": false });
    let variants =
        json!({ "type": "object", "propertyNames": text::name(), "additionalProperties": variant });
    whole["variant"] = described(keys::VARIANT.about, variants);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mcp-authspec scenario",
        "type": "object",
        "properties": whole,
        "additionalProperties": false,
        // with variants, a part can stand in the file's base and the rest of it in each variant
        "if": { "required": ["variant"] },
        "else": {
            "required": ["title", "why"],
            "anyOf": [{ "required": ["expect"] }, { "required": ["watch"] }],
            "properties": {
                "deviation": { "additionalProperties": deviation::whole() },
                "expect": { "additionalProperties": expect::whole() },
            },
        },
        "definitions": maker.definitions(),
    })
}

/// The schema of the monitors.
pub fn monitors_schema(requirements: &[(&str, &str)]) -> Value {
    let maker = SchemaBuilder { requirements };
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mcp-authspec monitors",
        "type": "object",
        "properties": { "expect": reference("expectations") },
        "required": ["expect"],
        "additionalProperties": false,
        "definitions": maker.definitions(),
    })
}

impl SchemaBuilder<'_> {
    fn top_level(&self, key: &str) -> Value {
        let prose = json!({ "type": "string", "pattern": "\\S" });
        match key {
            "official" => {
                let name = json!({ "type": "string", "enum": OFFICIAL_SCENARIOS });
                json!({ "anyOf": [name, { "type": "array", "items": name }] })
            }
            "from" | "until" => words(Revision::ALL),
            "needs" => json!({ "type": "array", "items": words(Capability::ALL) }),
            "goal" => reference("honest-pattern"),
            "watch" => json!({ "type": "array", "items": reference("requirement") }),
            "world" => self.world(),
            "deviation" => self.deviations(),
            "step" => json!({ "type": "array", "items": reference("step") }),
            "expect" => reference("expectations"),
            _ => prose,
        }
    }

    fn definitions(&self) -> Value {
        let ids: Vec<&str> = self.requirements.iter().map(|(id, _)| *id).collect();
        let mut definitions = Map::new();
        definitions.insert(
            "requirement".to_owned(),
            json!({ "type": "string", "enum": ids }),
        );
        self.define_texts(&mut definitions);
        self.define_world(&mut definitions);
        self.define_deviations(&mut definitions);
        self.define_expectations(&mut definitions);
        Value::Object(definitions)
    }
}

/// Properties named by keys of the format, each with its sentence.
fn properties<'k>(
    keys: impl IntoIterator<Item = &'k FormatKey>,
    schema: impl Fn(&str) -> Value,
) -> Value {
    let properties = keys
        .into_iter()
        .map(|key| (key.word.to_owned(), described(key.about, schema(key.word))));
    properties.collect::<Map<_, _>>().into()
}

/// In draft 7 nothing counts beside a reference, so the reference goes inside.
fn described(description: &str, schema: Value) -> Value {
    json!({ "description": description, "allOf": [schema] })
}

fn reference(definition: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{definition}") })
}

/// One of these words.
fn words<T: std::fmt::Display>(words: &[T]) -> Value {
    json!({ "type": "string", "enum": words.iter().map(ToString::to_string).collect::<Vec<_>>() })
}

/// One, or a list of them.
fn one_or_more(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "array", "items": schema, "minItems": 1 }] })
}

/// An object with just these properties.
fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
