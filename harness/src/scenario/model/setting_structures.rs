//! Kinds of settings with a structure of their own.

use std::collections::BTreeMap;

use serde::Serialize;

use super::setting_kind::{InvalidValue, PlainTexts, SettingKind, SettingType, quote, write_list};
use super::{Template, Value};

/// A place of protected resource metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrmPlace {
    /// `/.well-known/oauth-protected-resource` + path of the MCP endpoint (RFC 9728 section 3.1).
    Path,
    /// `/.well-known/oauth-protected-resource`
    Root,
    /// A path that only the challenge names.
    Named(String),
}

/// Places of protected resource metadata.
pub struct PrmPlaces;

impl SettingKind for PrmPlaces {
    type Value = Vec<PrmPlace>;

    fn read(value: &Value) -> Result<Vec<PrmPlace>, InvalidValue> {
        let place = |text: String| match text.as_str() {
            "path" => Ok(PrmPlace::Path),
            "root" => Ok(PrmPlace::Root),
            path if path.starts_with('/') => Ok(PrmPlace::Named(text)),
            _ => Err(InvalidValue::Expected(
                "a list of `path`, `root` and paths that begin with a slash",
            )),
        };
        PlainTexts::read(value)?.into_iter().map(place).collect()
    }

    fn write(value: &Vec<PrmPlace>) -> String {
        let places = value.iter().map(|place| match place {
            PrmPlace::Path => "path",
            PrmPlace::Root => "root",
            PrmPlace::Named(path) => path,
        });
        write_list(&places.collect::<Vec<_>>())
    }

    fn setting_type() -> SettingType {
        SettingType::WordsOrPaths(vec!["path", "root"])
    }
}

/// Client ID and secret registered beforehand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientCredentials {
    pub id: Template,
    pub secret: Template,
}

/// The credentials of a client, `{ id = "...", secret = "..." }`.
pub struct IdAndSecret;

impl SettingKind for IdAndSecret {
    type Value = ClientCredentials;

    fn read(value: &Value) -> Result<ClientCredentials, InvalidValue> {
        let expected = InvalidValue::Expected("{ id = \"...\", secret = \"...\" }");
        let Value::Table(entries) = value else {
            return Err(expected);
        };
        let text = |name: &str| match entries.iter().find(|(key, _)| key == name) {
            Some((_, Value::Text(text))) => Some(text.clone()),
            _ => None,
        };
        match (entries.len(), text("id"), text("secret")) {
            (2, Some(id), Some(secret)) => Ok(ClientCredentials { id, secret }),
            _ => Err(expected),
        }
    }

    fn write(value: &ClientCredentials) -> String {
        format!(
            "{{ id = {}, secret = {} }}",
            quote(&value.id),
            quote(&value.secret)
        )
    }

    fn setting_type() -> SettingType {
        SettingType::Record(vec!["id", "secret"])
    }
}

/// Scopes by tool, `{ TOOL = ["scope", ...] }`.
pub struct ScopesByTool;

impl SettingKind for ScopesByTool {
    type Value = BTreeMap<String, Vec<String>>;

    fn read(value: &Value) -> Result<Self::Value, InvalidValue> {
        let Value::Table(entries) = value else {
            return Err(InvalidValue::Expected("{ TOOL = [\"scope\", ...] }"));
        };
        let lists = entries.iter();
        lists
            .map(|(tool, scopes)| Ok((tool.clone(), PlainTexts::read(scopes)?)))
            .collect()
    }

    fn write(value: &Self::Value) -> String {
        let lists = value.iter();
        let lists = lists.map(|(tool, scopes)| format!("{tool} = {}", write_list(scopes)));
        format!("{{ {} }}", lists.collect::<Vec<_>>().join(", "))
    }

    fn setting_type() -> SettingType {
        SettingType::ListsByName
    }
}
