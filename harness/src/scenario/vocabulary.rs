//! `vocabulary.toml`, read once: members of answers, secrets of parties, official names.
//!
//! Lists that the Rust code branches on are enums of the model instead; a test holds the two
//! together.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::{ScenarioError, located};
use super::model::Message;
use super::node::{Entry, Node};
use super::problem::ScenarioProblem;
use super::settings::RoleKind;
use crate::words::UnknownWord;

/// The vocabulary of the scenario format, as far as it is data.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    members: BTreeMap<Message, Vec<String>>,
    headers: Vec<String>,
    roles: BTreeMap<RoleKind, RoleWords>,
    secrets: Vec<String>,
    official: Vec<String>,
    common_settings: Vec<(String, SettingType)>,
    about: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a setting takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingType {
    Boolean,
    Integer,
    Text,
    Texts,
    /// The name of a party.
    Party,
    Parties,
    UrlPath,
    /// One word of a list.
    Word(Vec<String>),
    /// Words of a list.
    Words(Vec<String>),
    /// Words of a list, or paths.
    WordsOrPaths(Vec<String>),
    /// A table with just these texts.
    Record(Vec<String>),
    /// Lists of texts by name.
    ListsByName,
}

/// What parties of one role send, have and issue.
#[derive(Debug, Clone, Default)]
struct RoleWords {
    messages: Vec<Message>,
    places: BTreeMap<Message, Vec<String>>,
    values: Vec<String>,
    secrets: Vec<String>,
    settings: Vec<(String, SettingType)>,
}

/// Secrets that the client makes up itself.
const CLIENT_SECRETS: &[&str] = &[
    "code_verifier",
    "state",
    "client_assertion",
    "private_key",
    "nonce",
];

impl Vocabulary {
    /// Reads `vocabulary.toml`.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        Self::read(text).map_err(|problem| {
            let message = problem.message.clone();
            located("vocabulary.toml", text, vec![problem])
                .pop()
                .unwrap_or(ScenarioError {
                    file: "vocabulary.toml".to_owned(),
                    line: 1,
                    column: 1,
                    message,
                    remedy: None,
                })
        })
    }

    fn read(text: &str) -> Result<Self, ScenarioProblem> {
        let root = Node::parse(text)?;
        let roles = roles(&root)?;
        let mut secrets: Vec<String> = CLIENT_SECRETS.iter().map(|s| (*s).to_owned()).collect();
        secrets.extend(roles.values().flat_map(|role| role.secrets.iter().cloned()));
        secrets.sort();
        secrets.dedup();
        Ok(Self {
            members: table(at(&root, &["member"])?)?
                .iter()
                .map(|e| Ok((key(e)?, strings(&e.value)?)))
                .collect::<Result<_, ScenarioProblem>>()?,
            headers: strings(at(&root, &["deviation", "headers"])?)?,
            official: strings(at(&root, &["official", "names"])?)?,
            common_settings: settings(at(&root, &["common"])?)?,
            about: by_name(at(&root, &["about"])?, |group| by_name(group, string))?,
            roles,
            secrets,
        })
    }

    /// Members of an answer that patches may name.
    pub fn members_of(&self, message: Message) -> &[String] {
        self.members.get(&message).map_or(&[], Vec::as_slice)
    }

    /// Headers that patches may name.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Names of the official suite's scenarios.
    pub fn official(&self) -> &[String] {
        &self.official
    }

    /// Kinds of secrets, of all parties and of the client.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// Answers of a role that can deviate.
    pub fn messages_of(&self, role: RoleKind) -> &[Message] {
        self.roles.get(&role).map_or(&[], |words| &words.messages)
    }

    /// Places where a role serves a document.
    pub fn places_of(&self, role: RoleKind, message: Message) -> &[String] {
        self.roles
            .get(&role)
            .and_then(|words| words.places.get(&message))
            .map_or(&[], Vec::as_slice)
    }

    /// Addresses of a party of this role.
    pub fn values_of(&self, role: RoleKind) -> &[String] {
        self.roles.get(&role).map_or(&[], |words| &words.values)
    }

    /// Secrets that a party of this role issues.
    pub fn secrets_of(&self, role: RoleKind) -> &[String] {
        self.roles.get(&role).map_or(&[], |words| &words.secrets)
    }

    /// Settings of every party.
    pub fn common_settings(&self) -> &[(String, SettingType)] {
        &self.common_settings
    }

    /// Settings of a role, besides those of every party.
    pub fn settings_of(&self, role: RoleKind) -> &[(String, SettingType)] {
        self.roles.get(&role).map_or(&[], |words| &words.settings)
    }

    /// One sentence about a word: `about("setting", "up")`.
    pub fn about(&self, group: &str, word: &str) -> Option<&str> {
        self.about.get(group)?.get(word).map(String::as_str)
    }

    /// Groups of words with a sentence for each.
    pub fn about_all(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.about
            .iter()
            .map(|(group, words)| (group.as_str(), words.keys().map(String::as_str).collect()))
    }
}

fn roles(root: &Node) -> Result<BTreeMap<RoleKind, RoleWords>, ScenarioProblem> {
    let mut roles = BTreeMap::new();
    let entries = table(at(root, &["role"])?)?;
    for entry in entries {
        let like = entry
            .value
            .get("like")
            .and_then(|like| like.value.as_text())
            .unwrap_or(&entry.key);
        let of = at(root, &["role", like])?;
        let places = match of.get("places") {
            Some(places) => table(&places.value)?
                .iter()
                .map(|e| Ok((key(e)?, strings(&e.value)?)))
                .collect::<Result<_, ScenarioProblem>>()?,
            None => BTreeMap::new(),
        };
        let words = RoleWords {
            messages: known_words(at(of, &["messages"])?)?,
            places,
            values: strings(at(of, &["values"])?)?,
            secrets: strings(at(of, &["secrets"])?)?,
            settings: settings(at(of, &["settings"])?)?,
        };
        roles.insert(key(entry)?, words);
    }
    Ok(roles)
}

fn settings(node: &Node) -> Result<Vec<(String, SettingType)>, ScenarioProblem> {
    table(node)?
        .iter()
        .map(|entry| Ok((entry.key.clone(), setting_type(&entry.value)?)))
        .collect()
}

/// `"bool"`, `"strings:a,b"`, or the list of words that a setting is one of.
fn setting_type(node: &Node) -> Result<SettingType, ScenarioProblem> {
    let Some(name) = node.as_text() else {
        return Ok(SettingType::Word(strings(node)?));
    };
    let split = |words: &str| words.split(',').map(str::to_owned).collect();
    Ok(match name.split_once(':') {
        Some(("strings", words)) => SettingType::Words(split(words)),
        Some(("strings-or-paths", words)) => SettingType::WordsOrPaths(split(words)),
        Some(("table", members)) => SettingType::Record(split(members)),
        None if name == "bool" => SettingType::Boolean,
        None if name == "int" => SettingType::Integer,
        None if name == "string" => SettingType::Text,
        None if name == "strings" => SettingType::Texts,
        None if name == "party" => SettingType::Party,
        None if name == "parties" => SettingType::Parties,
        None if name == "url-path" => SettingType::UrlPath,
        None if name == "table" => SettingType::ListsByName,
        _ => {
            return Err(ScenarioProblem {
                span: node.span.clone(),
                message: format!("no setting is a `{name}`"),
                remedy: None,
            });
        }
    })
}

fn at<'n>(node: &'n Node, path: &[&str]) -> Result<&'n Node, ScenarioProblem> {
    path.iter().try_fold(node, |node, key| {
        let missing = || ScenarioProblem {
            span: node.span.clone(),
            message: format!("`{}` is missing", path.join(".")),
            remedy: None,
        };
        node.get(key).map(|entry| &entry.value).ok_or_else(missing)
    })
}

fn table(node: &Node) -> Result<&[Entry], ScenarioProblem> {
    node.as_table().ok_or_else(|| expected(node, "a table"))
}

fn string(node: &Node) -> Result<String, ScenarioProblem> {
    node.as_text()
        .map(str::to_owned)
        .ok_or_else(|| expected(node, "a text"))
}

fn strings(node: &Node) -> Result<Vec<String>, ScenarioProblem> {
    let items = node.as_list().ok_or_else(|| expected(node, "a list"))?;
    items.iter().map(string).collect()
}

fn by_name<T>(
    node: &Node,
    read: impl Fn(&Node) -> Result<T, ScenarioProblem>,
) -> Result<BTreeMap<String, T>, ScenarioProblem> {
    table(node)?
        .iter()
        .map(|entry| Ok((entry.key.clone(), read(&entry.value)?)))
        .collect()
}

/// A list of words that the Rust code knows too.
fn known_words<T: FromStr<Err = UnknownWord>>(node: &Node) -> Result<Vec<T>, ScenarioProblem> {
    strings(node)?
        .iter()
        .map(|word| word.parse().map_err(|unknown| unheard_of(node, &unknown)))
        .collect()
}

/// A key that the Rust code knows too.
fn key<T: FromStr<Err = UnknownWord>>(entry: &Entry) -> Result<T, ScenarioProblem> {
    entry.key.parse().map_err(|unknown| ScenarioProblem {
        span: entry.key_span.clone(),
        ..unheard_of(&entry.value, &unknown)
    })
}

fn unheard_of(node: &Node, unknown: &UnknownWord) -> ScenarioProblem {
    ScenarioProblem {
        span: node.span.clone(),
        message: format!("the code knows no `{}`", unknown.word),
        remedy: Some("a new word of the vocabulary needs Rust behind it: add it to harness/src/scenario/model.rs".to_owned()),
    }
}

fn expected(node: &Node, what: &str) -> ScenarioProblem {
    ScenarioProblem {
        span: node.span.clone(),
        message: format!("{what} expected, this is {}", node.name_of_kind()),
        remedy: None,
    }
}
