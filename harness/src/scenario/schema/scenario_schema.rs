//! The schemas as a whole, and the keys at the top of a scenario file.

use serde_json::{Map, Value, json};

use super::super::grammar::Grammar;
use super::super::keys;
use super::super::model::{Capability, FactMark, Revision, VariantMark};
use super::super::official::OFFICIAL_SCENARIOS;
use super::schema_builder::{SchemaBuilder, described, properties, reference, words};
use super::{deviation, expect, text};

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
        "if": { "anyOf": [{ "required": ["variant"] }, { "required": ["grammar"] }] },
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
            "grammar" => words(Grammar::ALL),
            "mark" => words(VariantMark::ALL),
            "rare" => json!({ "type": "boolean" }),
            "profile" => profile(),
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

/// A profile: facts about deployments.
fn profile() -> Value {
    let prose = json!({ "type": "string", "pattern": "\\S" });
    let fact = properties(&keys::PROFILE_FACT, |key| match key {
        "mark" => words(FactMark::ALL),
        _ => prose.clone(),
    });
    let fact = json!({
        "type": "object",
        "properties": fact,
        "required": ["says", "source"],
        "additionalProperties": false,
    });
    let keys = properties(&keys::PROFILE, |key| match key {
        "shaped_like" => json!({ "type": "array", "items": { "type": "string" } }),
        "facts" => json!({ "type": "array", "items": fact, "minItems": 1 }),
        "mark" => words(VariantMark::ALL),
        _ => prose.clone(),
    });
    json!({
        "type": "object",
        "properties": keys,
        "additionalProperties": false,
    })
}
