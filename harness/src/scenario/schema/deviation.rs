//! Deviations: which answer, and which of its members can be changed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::behaviour::Behaviour;
use super::super::deviation::KEYS;
use super::super::keys;
use super::super::message_members::HEADERS;
use super::super::model::RoleKind;
use super::super::model::{CallbackMethod, EventField, Message, Moment, Transport};
use super::super::patch::{JWT_CLAIMS, PATCH};
use super::schema_builder::{SchemaBuilder, object, one_or_more, properties, reference, words};
use super::text::{NAME, alternatives, name};

/// What a deviation that is written in one place has.
pub(super) fn whole() -> Value {
    let own: Vec<&str> = KEYS.iter().chain(&PATCH).copied().collect();
    let something: Value = PATCH
        .iter()
        .map(|key| json!({ "required": [key] }))
        .collect();
    json!({
        "required": ["at"],
        "if": { "required": ["do"] },
        "else": { "propertyNames": { "enum": own }, "anyOf": something },
    })
}

impl SchemaBuilder<'_> {
    pub(super) fn deviations(&self) -> Value {
        json!({ "type": "object", "propertyNames": name(),
            "additionalProperties": reference("deviation") })
    }

    pub(super) fn define_deviations(&self, definitions: &mut Map<String, Value>) {
        let values = json!({ "type": "object", "additionalProperties": reference("value") });
        let header = one_or_more(&reference("text"));
        let headers: Map<String, Value> = HEADERS
            .iter()
            .map(|name| ((*name).to_owned(), header.clone()))
            .collect();
        let keys = keys::DEVIATION
            .iter()
            .chain(&keys::PATCH)
            .chain([&keys::DO])
            .chain(&keys::PARAMETERS);
        let mut deviation = object(properties(keys, |key| match key {
            "at" => one_or_more(&self.target()),
            "where" => reference("fields"),
            "after" => reference("pattern"),
            "times" => json!({ "type": "integer", "minimum": 1 }),
            "trap" => json!({ "type": "boolean" }),
            "do" => words(Behaviour::ALL),
            "set" | "append" => values.clone(),
            // a JWT's claims
            "forge" => json!({ "type": "object", "additionalProperties": values.clone() }),
            "remove" => json!({ "type": "array", "items": { "type": "string" } }),
            "raw" => json!({ "type": "object", "additionalProperties": reference("text") }),
            "status" => json!({ "type": "integer", "minimum": 200, "maximum": 599 }),
            "headers" => object(Value::Object(headers.clone())),
            "transport" => words(Transport::ALL),
            "to" => name(),
            "moment" => words(Moment::ALL),
            "method" => words(CallbackMethod::ALL),
            "between" => json!({ "type": "array", "items": name(), "minItems": 2 }),
            _ => reference("text"),
        }));
        let mut rules = vec![settings_of_a_party()];
        rules.extend(Message::ALL.iter().map(|message| self.members_of(*message)));
        rules.extend(Behaviour::ALL.iter().map(|behaviour| does(*behaviour)));
        deviation["allOf"] = rules.into();
        definitions.insert("deviation".to_owned(), deviation);
    }

    /// `as`, `as.metadata`, `as.metadata.openid`
    fn target(&self) -> Value {
        let mut known = BTreeSet::new();
        for role in RoleKind::ALL {
            for message in role.messages() {
                let places = message.places();
                known.insert(if places.is_empty() {
                    message.to_string()
                } else {
                    format!("{message}(\\.({}))?", alternatives(places))
                });
            }
        }
        json!({ "type": "string", "pattern": format!("^{NAME}(\\.({}))?$", alternatives(known)) })
    }

    /// What patches and filters may name where this answer is one of those that deviate.
    fn members_of(&self, message: Message) -> Value {
        let members = message.members();
        let claims: Vec<&str> = members.iter().copied().chain(JWT_CLAIMS).collect();
        let fields: Vec<_> = EventField::all_of(message.request()).collect();
        json!({
            "if": names(&format!("\\.{message}(\\.|$)")),
            "then": { "properties": {
                "set": { "propertyNames": { "enum": members } },
                "raw": { "propertyNames": { "enum": members } },
                "forge": { "propertyNames": { "enum": members }, "additionalProperties": {
                    "propertyNames": { "enum": claims } } },
                "remove": { "items": { "enum": members } },
                "where": { "propertyNames": { "enum": fields } },
            } },
        })
    }
}

/// `at` names a party alone: `set` changes its settings, and nothing else is meant.
fn settings_of_a_party() -> Value {
    let allowed: Vec<&str> = KEYS
        .iter()
        .copied()
        .filter(|key| !["where", "times"].contains(key))
        .chain(["set"])
        .collect();
    json!({
        "if": names("^[^.]*$"),
        "then": { "propertyNames": { "enum": allowed }, "properties": {
            "set": reference("changed-settings") } },
    })
}

/// A behaviour has its own parameters and no patch.
fn does(behaviour: Behaviour) -> Value {
    let allowed: Vec<&str> = KEYS
        .iter()
        .chain(&["do"])
        .chain(behaviour.parameters())
        .copied()
        .collect();
    json!({
        "if": { "properties": { "do": { "const": behaviour } }, "required": ["do"] },
        "then": { "propertyNames": { "enum": allowed } },
    })
}

/// `at` is such a text, or a list with one.
fn names(pattern: &str) -> Value {
    let text = json!({ "type": "string", "pattern": pattern });
    json!({ "properties": { "at": { "anyOf": [text, { "type": "array", "contains": text }] } },
        "required": ["at"] })
}
