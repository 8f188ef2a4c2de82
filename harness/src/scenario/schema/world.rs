//! Parties with their settings, and the steps that start the client or change settings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::model::Flow;
use super::super::settings::RoleKind;
use super::super::step;
use super::super::vocabulary::SettingType;
use super::text::{NAME, name};
use super::{SchemaBuilder, object, properties, reference, words};

impl SchemaBuilder<'_> {
    pub(super) fn world(&self) -> Value {
        json!({
            "type": "object",
            "propertyNames": name(),
            "properties": {
                "as": { "if": { "required": ["is"] }, "then": reference("party"), "else": reference(&role_name(RoleKind::AuthorizationServer)) },
                "mcp": { "if": { "required": ["is"] }, "then": reference("party"), "else": reference(&role_name(RoleKind::McpServer)) },
            },
            "additionalProperties": reference("party"),
        })
    }

    pub(super) fn define_world(&self, definitions: &mut Map<String, Value>) {
        let settings = self.all_settings();
        let of_role = |role: RoleKind| {
            let keys = self.settings_of(role);
            let mut properties =
                properties(self, "setting", keys.iter().map(|(key, _)| *key), |key| {
                    reference(&setting_name(key))
                });
            if let Some(properties) = properties.as_object_mut() {
                properties.insert(
                    "is".to_owned(),
                    self.about("setting", "is", words(RoleKind::ALL)),
                );
            }
            object(properties)
        };
        for (key, kinds) in &settings {
            let kinds: Vec<Value> = kinds.iter().map(|kind| takes(kind)).collect();
            let schema = if let [one] = kinds.as_slice() {
                one.clone()
            } else {
                json!({ "anyOf": kinds })
            };
            definitions.insert(setting_name(key), schema);
        }
        for role in RoleKind::ALL {
            definitions.insert(role_name(*role), of_role(*role));
        }
        let by_role = RoleKind::ALL.iter().map(|role| {
            let is = json!({ "properties": { "is": { "const": role } }, "required": ["is"] });
            json!({ "if": is, "then": reference(&role_name(*role)) })
        });
        // a variant may say more about a party of the base, whose role it does not repeat
        let mut any = properties(self, "setting", settings.keys().copied(), |key| {
            reference(&setting_name(key))
        });
        if let Some(any) = any.as_object_mut() {
            any.insert(
                "is".to_owned(),
                self.about("setting", "is", words(RoleKind::ALL)),
            );
        }
        let mut party = object(any);
        party["allOf"] = by_role.collect();
        definitions.insert("party".to_owned(), party);
        definitions.insert(
            "changed-settings".to_owned(),
            object(properties(
                self,
                "setting",
                settings.keys().copied(),
                |key| reference(&setting_name(key)),
            )),
        );
        definitions.insert("step".to_owned(), self.step(&settings));
    }

    fn step(&self, settings: &BTreeMap<&str, Vec<&SettingType>>) -> Value {
        let changed: Map<String, Value> = settings
            .keys()
            .map(|key| {
                (
                    format!("^{NAME}\\.{key}$"),
                    self.about("setting", key, reference(&setting_name(key))),
                )
            })
            .collect();
        let keys = step::START
            .iter()
            .chain(&step::CHANGE)
            .copied()
            .chain(["after"]);
        let mut step = object(properties(self, "step", keys, |key| match key {
            "after" => reference("honest-pattern"),
            "connect" => json!({ "type": "array", "items": name(), "minItems": 1 }),
            "flow" => words(Flow::ALL),
            "url" => reference("text"),
            "call" => json!({ "type": "array", "items": { "type": "string" } }),
            "umask" => json!({ "type": "string", "pattern": "^[0-7]{3}$" }),
            "set" => {
                json!({ "type": "object", "patternProperties": changed, "additionalProperties": false })
            }
            "expire" | "revoke" => json!({ "type": "array", "items": self.issued_secret() }),
            _ => json!({ "type": "boolean" }),
        }));
        let only =
            |keys: &[&str]| json!({ "enum": keys.iter().chain(&["after"]).collect::<Vec<_>>() });
        let something: Value = step::CHANGE
            .iter()
            .map(|key| json!({ "required": [key] }))
            .collect();
        step["if"] = json!({ "required": ["connect"] });
        step["then"] = json!({ "propertyNames": only(&step::START) });
        step["else"] = json!({ "propertyNames": only(&step::CHANGE), "required": ["after"], "anyOf": something });
        step
    }

    fn settings_of(&self, role: RoleKind) -> Vec<(&str, &SettingType)> {
        let all = self
            .vocabulary
            .common_settings()
            .iter()
            .chain(self.vocabulary.settings_of(role));
        all.map(|(key, kind)| (key.as_str(), kind)).collect()
    }

    /// Every setting with what it takes, which can differ by role.
    fn all_settings(&self) -> BTreeMap<&str, Vec<&SettingType>> {
        let mut settings: BTreeMap<&str, Vec<&SettingType>> = BTreeMap::new();
        for (key, kind) in RoleKind::ALL
            .iter()
            .flat_map(|role| self.settings_of(*role))
        {
            let known = settings.entry(key).or_default();
            if !known.contains(&kind) {
                known.push(kind);
            }
        }
        settings
    }
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
                .map(|member| (member.clone(), reference("text")))
                .collect();
            json!({ "type": "object", "properties": properties, "additionalProperties": false })
        }
        SettingType::ListsByName => json!({ "type": "object", "additionalProperties": texts }),
    }
}
