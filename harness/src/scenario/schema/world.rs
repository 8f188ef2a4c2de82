//! Parties with their settings, and the steps that start the client or change settings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::keys;
use super::super::model::Flow;
use super::super::model::{RoleKind, SettingType};
use super::super::step;
use super::schema_builder::{SchemaBuilder, described, object, properties, reference, words};
use super::text::{NAME, name};

impl SchemaBuilder<'_> {
    pub(super) fn world(&self) -> Value {
        json!({
            "type": "object",
            "propertyNames": name(),
            "properties": {
                "as": { "if": { "required": ["is"] }, "then": reference("party"),
                    "else": reference(&role_name(RoleKind::AuthorizationServer)) },
                "mcp": { "if": { "required": ["is"] }, "then": reference("party"),
                    "else": reference(&role_name(RoleKind::McpServer)) },
            },
            "additionalProperties": reference("party"),
        })
    }

    pub(super) fn define_world(&self, definitions: &mut Map<String, Value>) {
        let settings = all_settings();
        for (name, setting) in &settings {
            let kinds: Vec<Value> = setting.takes.iter().map(takes).collect();
            let schema = match kinds.as_slice() {
                [one] => one.clone(),
                _ => json!({ "anyOf": kinds }),
            };
            definitions.insert(setting_name(name), schema);
        }
        for role in RoleKind::ALL {
            let of_role = role.settings();
            let of_role = of_role.iter().map(|s| (s.name, s.about.as_str()));
            definitions.insert(
                role_name(*role),
                object(with_is(setting_properties(of_role))),
            );
        }
        let by_role = RoleKind::ALL.iter().map(|role| {
            let is = json!({ "properties": { "is": { "const": role } }, "required": ["is"] });
            json!({ "if": is, "then": reference(&role_name(*role)) })
        });
        // a variant may say more about a party of the base, whose role it does not repeat
        let any = || {
            settings
                .iter()
                .map(|(name, setting)| (*name, setting.about.as_str()))
        };
        let mut party = object(with_is(setting_properties(any())));
        party["allOf"] = by_role.collect();
        definitions.insert("party".to_owned(), party);
        definitions.insert(
            "changed-settings".to_owned(),
            object(setting_properties(any())),
        );
        definitions.insert("step".to_owned(), self.step(&settings));
    }

    fn step(&self, settings: &BTreeMap<&str, SettingOfRoles>) -> Value {
        let changed: Map<String, Value> = settings
            .iter()
            .map(|(name, setting)| {
                let schema = described(&setting.about, reference(&setting_name(name)));
                (format!("^{NAME}\\.{name}$"), schema)
            })
            .collect();
        let keys = keys::START
            .iter()
            .chain(&keys::CHANGE)
            .chain([&keys::AFTER]);
        let mut step = object(properties(keys, |key| match key {
            "after" => reference("honest-pattern"),
            "connect" => json!({ "type": "array", "items": name(), "minItems": 1 }),
            "flow" => words(Flow::ALL),
            "url" => reference("text"),
            "call" => json!({ "type": "array", "items": { "type": "string" } }),
            "umask" => json!({ "type": "string", "pattern": "^[0-7]{3}$" }),
            "set" => {
                json!({ "type": "object", "patternProperties": changed,
                    "additionalProperties": false })
            }
            "expire" | "revoke" => json!({ "type": "array", "items": self.issued_secret() }),
            _ => json!({ "type": "boolean" }),
        }));
        let something: Value = step::CHANGE
            .iter()
            .map(|key| json!({ "required": [key] }))
            .collect();
        step["if"] = json!({ "required": ["connect"] });
        step["then"] = json!({ "propertyNames": { "enum": step::START } });
        let of_change: Vec<&str> = step::CHANGE.into_iter().chain(["after"]).collect();
        step["else"] = json!({
            "propertyNames": { "enum": of_change },
            "required": ["after"],
            "anyOf": something,
        });
        step
    }
}

/// A setting that several roles may have.
struct SettingOfRoles {
    about: String,
    /// What it takes, which can differ by role.
    takes: Vec<SettingType>,
}

/// The settings of all roles by name.
fn all_settings() -> BTreeMap<&'static str, SettingOfRoles> {
    let mut settings: BTreeMap<_, SettingOfRoles> = BTreeMap::new();
    for facts in RoleKind::ALL.iter().flat_map(|role| role.settings()) {
        let setting = settings.entry(facts.name).or_insert(SettingOfRoles {
            about: facts.about,
            takes: Vec::new(),
        });
        if !setting.takes.contains(&facts.takes) {
            setting.takes.push(facts.takes);
        }
    }
    settings
}

/// A property for each setting, with its sentence.
fn setting_properties<'s>(settings: impl Iterator<Item = (&'s str, &'s str)>) -> Value {
    let properties = settings.map(|(name, about)| {
        let schema = reference(&setting_name(name));
        (name.to_owned(), described(about, schema))
    });
    properties.collect::<Map<_, _>>().into()
}

/// The properties of a party with the one that says what it is.
fn with_is(mut settings: Value) -> Value {
    settings[keys::IS.word] = described(keys::IS.about, words(RoleKind::ALL));
    settings
}

fn setting_name(key: &str) -> String {
    format!("setting-{key}")
}

fn role_name(role: RoleKind) -> String {
    role.as_str().replace(' ', "-")
}

fn takes(kind: &SettingType) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    match kind {
        SettingType::Boolean => json!({ "type": "boolean" }),
        SettingType::Integer => json!({ "type": "integer" }),
        SettingType::Text => reference("text"),
        SettingType::Texts => texts,
        SettingType::Party => name(),
        SettingType::Parties => json!({ "type": "array", "items": name() }),
        SettingType::UrlPath => json!({ "type": "string", "pattern": "^(/.*)?$" }),
        SettingType::Word(known) => words(known),
        SettingType::Words(known) => json!({ "type": "array", "items": words(known) }),
        SettingType::WordsOrPaths(known) => {
            let path = json!({ "type": "string", "pattern": "^/" });
            json!({ "type": "array", "items": { "anyOf": [words(known), path] } })
        }
        SettingType::Record(members) => {
            let properties: Map<String, Value> = members
                .iter()
                .map(|member| ((*member).to_owned(), reference("text")))
                .collect();
            json!({ "type": "object", "properties": properties, "additionalProperties": false })
        }
        SettingType::ListsByName => json!({ "type": "object", "additionalProperties": texts }),
    }
}
