//! What settings can be: how each kind is read from a scenario file, and what an editor is told
//! about it.
//!
//! A row of the tables in `party.rs` names one of these kinds, or one of `setting_structures.rs`. A
//! new kind is a type in either.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

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

    /// The value as a scenario file writes it.
    fn write(value: &Self::Value) -> String;

    /// What an editor is told.
    fn setting_type() -> SettingType;
}

/// A list of words that a setting takes its values from. The macro `words!` makes such enums.
pub trait SettingWord: FromStr<Err = UnknownWord> + Display {
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

    fn write(value: &Self::Value) -> String {
        value.as_ref().map_or_else(|| "unset".to_owned(), K::write)
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

    fn write(value: &bool) -> String {
        value.to_string()
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

    fn write(value: &i64) -> String {
        value.to_string()
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

    fn write(value: &Template) -> String {
        quote(value)
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

    fn write(value: &String) -> String {
        quote(value)
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

    fn write(value: &Vec<String>) -> String {
        write_list(value)
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

    fn write(value: &String) -> String {
        quote(value)
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

    fn write(value: &String) -> String {
        quote(value)
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

    fn write(value: &Vec<String>) -> String {
        write_list(value)
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

    fn write(value: &T) -> String {
        quote(value)
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

    fn write(value: &Vec<T>) -> String {
        write_list(value)
    }

    fn setting_type() -> SettingType {
        SettingType::Words(T::all_words())
    }
}

/// The text of a value without placeholders.
pub(super) fn read_literal(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => text.literal().map(str::to_owned),
        _ => None,
    }
}

/// A text in quotation marks.
pub(super) fn quote(text: &impl Display) -> String {
    format!("\"{text}\"")
}

/// A list of texts in quotation marks.
pub(super) fn write_list(texts: &[impl Display]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    format!("[{}]", quoted.join(", "))
}
