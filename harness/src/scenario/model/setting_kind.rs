//! What settings can be: how each kind is read from a scenario file, and what an editor is told
//! about it.
//!
//! A row of the tables in `party.rs` names one of these kinds. A new kind is a type here.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Serialize;

use super::{Template, Value};
use crate::words::UnknownWord;

/// What a setting takes, for the JSON Schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingType {
    Boolean,
    Integer,
    /// A text, which may have placeholders.
    Text,
    /// A list of texts.
    Texts,
    /// The name of a party.
    Party,
    /// Names of parties.
    Parties,
    /// Empty, or a path that begins with a slash.
    UrlPath,
    /// One word of a list.
    Word(Vec<&'static str>),
    /// Words of a list.
    Words(Vec<&'static str>),
    /// Words of a list, or paths.
    WordsOrPaths(Vec<&'static str>),
    /// A table with just these texts.
    Record(Vec<&'static str>),
    /// Lists of texts by name.
    ListsByName,
}

/// Why a value is none that a setting can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidValue {
    /// Something else was expected.
    Expected(&'static str),
    /// A word that is not on the list.
    UnknownWord(UnknownWord),
}

/// A kind of setting.
pub trait SettingKind {
    /// What a setting of this kind holds.
    type Value;

    /// Reads a value of a scenario file.
    fn read(value: &Value) -> Result<Self::Value, InvalidValue>;

    /// What an editor is told.
    fn setting_type() -> SettingType;
}

/// A list of words that a setting takes its values from. The macro `words!` makes such enums.
pub trait SettingWord: FromStr<Err = UnknownWord> {
    /// Every word, as it is written.
    fn all_words() -> Vec<&'static str>;
}

/// A setting that need not be there.
pub struct Optional<K>(PhantomData<K>);

impl<K: SettingKind> SettingKind for Optional<K> {
    type Value = Option<K::Value>;

    fn read(value: &Value) -> Result<Self::Value, InvalidValue> {
        K::read(value).map(Some)
    }

    fn setting_type() -> SettingType {
        K::setting_type()
    }
}

pub struct Boolean;

impl SettingKind for Boolean {
    type Value = bool;

    fn read(value: &Value) -> Result<bool, InvalidValue> {
        match value {
            Value::Boolean(yes) => Ok(*yes),
            _ => Err(InvalidValue::Expected("true or false")),
        }
    }

    fn setting_type() -> SettingType {
        SettingType::Boolean
    }
}

pub struct Integer;

impl SettingKind for Integer {
    type Value = i64;

    fn read(value: &Value) -> Result<i64, InvalidValue> {
        match value {
            Value::Integer(number) => Ok(*number),
            _ => Err(InvalidValue::Expected("an integer")),
        }
    }

    fn setting_type() -> SettingType {
        SettingType::Integer
    }
}

/// A text that may have placeholders.
pub struct TemplateText;

impl SettingKind for TemplateText {
    type Value = Template;

    fn read(value: &Value) -> Result<Template, InvalidValue> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(InvalidValue::Expected("a text")),
        }
    }

    fn setting_type() -> SettingType {
        SettingType::Text
    }
}

/// A text without placeholders.
pub struct PlainText;

impl SettingKind for PlainText {
    type Value = String;

    fn read(value: &Value) -> Result<String, InvalidValue> {
        read_literal(value).ok_or(InvalidValue::Expected("a text without placeholders"))
    }

    fn setting_type() -> SettingType {
        SettingType::Text
    }
}

/// A list of texts without placeholders.
pub struct PlainTexts;

impl SettingKind for PlainTexts {
    type Value = Vec<String>;

    fn read(value: &Value) -> Result<Vec<String>, InvalidValue> {
        let expected = InvalidValue::Expected("a list of texts without placeholders");
        match value {
            Value::List(items) => items.iter().map(read_literal).collect::<Option<_>>(),
            _ => None,
        }
        .ok_or(expected)
    }

    fn setting_type() -> SettingType {
        SettingType::Texts
    }
}

pub struct UrlPath;

impl SettingKind for UrlPath {
    type Value = String;

    fn read(value: &Value) -> Result<String, InvalidValue> {
        let path = PlainText::read(value)?;
        if path.is_empty() || path.starts_with('/') {
            Ok(path)
        } else {
            Err(InvalidValue::Expected(
                "a path that is empty or begins with a slash",
            ))
        }
    }

    fn setting_type() -> SettingType {
        SettingType::UrlPath
    }
}

/// The name of a party. That there is such a party is checked by the reader of the case.
pub struct PartyName;

impl SettingKind for PartyName {
    type Value = String;

    fn read(value: &Value) -> Result<String, InvalidValue> {
        PlainText::read(value)
    }

    fn setting_type() -> SettingType {
        SettingType::Party
    }
}

/// Names of parties.
pub struct PartyNames;

impl SettingKind for PartyNames {
    type Value = Vec<String>;

    fn read(value: &Value) -> Result<Vec<String>, InvalidValue> {
        PlainTexts::read(value)
    }

    fn setting_type() -> SettingType {
        SettingType::Parties
    }
}

/// One word of a list.
pub struct Word<T>(PhantomData<T>);

impl<T: SettingWord> SettingKind for Word<T> {
    type Value = T;

    fn read(value: &Value) -> Result<T, InvalidValue> {
        let word = read_literal(value).ok_or(InvalidValue::Expected("a word"))?;
        word.parse().map_err(InvalidValue::UnknownWord)
    }

    fn setting_type() -> SettingType {
        SettingType::Word(T::all_words())
    }
}

/// Several words of a list.
pub struct Words<T>(PhantomData<T>);

impl<T: SettingWord> SettingKind for Words<T> {
    type Value = Vec<T>;

    fn read(value: &Value) -> Result<Vec<T>, InvalidValue> {
        match value {
            Value::List(items) => items.iter().map(Word::<T>::read).collect(),
            _ => Err(InvalidValue::Expected("a list of words")),
        }
    }

    fn setting_type() -> SettingType {
        SettingType::Words(T::all_words())
    }
}

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
pub struct Credentials;

impl SettingKind for Credentials {
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

    fn setting_type() -> SettingType {
        SettingType::ListsByName
    }
}

/// The text of a value without placeholders.
fn read_literal(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => text.literal().map(str::to_owned),
        _ => None,
    }
}
