//! Texts of the format: names, placeholders, secrets, events.

use serde_json::{Map, Value, json};

use super::super::model::ADDRESSES;
use super::super::model::RoleKind;
use super::super::model::{EventKind, Filter};
use super::schema_builder::{SchemaBuilder, reference};

/// Names that a file gives to parties, deviations, variants and canaries.
pub(super) const NAME: &str = "[a-z][a-z0-9-]*";

const NUMBER: &str = "(#([0-9]*[1-9][0-9]*|latest))?";

pub(super) fn name() -> Value {
    json!({ "type": "string", "pattern": format!("^{NAME}$") })
}

/// A text that fits a pattern, or one with a placeholder in it.
pub(super) fn or_placeholder(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^({pattern})$|\\{{") })
}

/// The words as alternatives of a pattern.
pub(super) fn alternatives<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> String {
    words
        .into_iter()
        .map(|word| word.to_string())
        .collect::<Vec<_>>()
        .join("|")
}

impl SchemaBuilder<'_> {
    pub(super) fn define_texts(&self, definitions: &mut Map<String, Value>) {
        let braces = self.placeholder();
        definitions.insert(
            "text".to_owned(),
            json!({
                "description": "Placeholders: {party.issuer}, {as.refresh_token#2}, {canary.NAME}, \
                 {original}, {null}; {{ and }} are braces.",
                "type": "string",
                "pattern": format!("^([^{{}}]|\\{{\\{{|\\}}\\}}|{braces})*$"),
            }),
        );
        definitions.insert(
            "value".to_owned(),
            json!({ "anyOf": [
                reference("text"),
                { "type": ["integer", "boolean"] },
                { "type": "array", "items": reference("value") },
                { "type": "object", "additionalProperties": reference("value") },
            ] }),
        );
        let (at_party, alone) = Self::events();
        definitions.insert(
            "honest-event".to_owned(),
            json!({ "anyOf": [{ "type": "string", "enum": alone }, at_party] }),
        );
        let delivered = json!({ "type": "string", "pattern": format!("^deviation\\.{NAME}$") });
        definitions.insert(
            "event".to_owned(),
            json!({ "anyOf": [reference("honest-event"), delivered] }),
        );
    }

    /// What stands between two braces, with them.
    fn placeholder(&self) -> String {
        let secrets = RoleKind::ALL.iter().flat_map(|role| role.secrets());
        let secrets = alternatives(secrets.collect::<std::collections::BTreeSet<_>>());
        let what = format!(
            "original|null|canary\\.{NAME}|event\\.[a-z_]+|{NAME}\\.(({})|({secrets}){NUMBER})",
            alternatives(ADDRESSES)
        );
        format!("\\{{({what})(\\|({}))*\\}}", alternatives(Filter::ALL))
    }

    /// `code`, `as.code`, `as.client_secret#1`
    pub(super) fn secret(&self) -> String {
        format!(
            "({NAME}\\.)?({}){NUMBER}",
            alternatives(RoleKind::all_secrets())
        )
    }

    /// `as.access_token`, as `expire` and `revoke` name it.
    pub(super) fn issued_secret(&self) -> Value {
        let secrets = RoleKind::ALL.iter().flat_map(|role| role.secrets());
        json!({ "type": "string", "pattern": format!("^{NAME}\\.({}){NUMBER}$",
            alternatives(secrets)) })
    }

    /// Events at a party, as a pattern; and those that editors complete: alone, at `as` and at
    /// `mcp`.
    fn events() -> (Value, Vec<String>) {
        let at = |role: RoleKind| role.events();
        let any: std::collections::BTreeSet<EventKind> = RoleKind::ALL
            .iter()
            .flat_map(|role| at(*role).iter().copied())
            .collect();
        let at_party =
            json!({ "type": "string", "pattern": format!("^{NAME}\\.({})$", alternatives(any)) });
        let qualified = |party: &str, role| {
            at(role)
                .iter()
                .map(|kind| format!("{party}.{kind}"))
                .collect::<Vec<_>>()
        };
        let mut words: Vec<String> = EventKind::ALL.iter().map(ToString::to_string).collect();
        words.extend(qualified("as", RoleKind::AuthorizationServer));
        words.extend(qualified("mcp", RoleKind::McpServer));
        (at_party, words)
    }
}
