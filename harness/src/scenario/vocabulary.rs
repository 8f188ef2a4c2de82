//! `vocabulary.toml`, read once: fields of events, words of fields, members of answers, secrets of
//! parties, official names.
//!
//! Lists that the Rust code branches on are enums of the model instead; a test holds the two
//! together.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::{Problem, ScenarioError, located};
use super::model::{EventKind, Message};
use super::node::{Entry, Node};
use super::settings::RoleKind;
use crate::words::UnknownWord;

/// The vocabulary of the scenario format, as far as it is data.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    fields: BTreeMap<EventKind, Vec<String>>,
    words: BTreeMap<String, Vec<String>>,
    parameters: Vec<String>,
    nested: BTreeMap<String, Vec<String>>,
    needs_placeholder: Vec<String>,
    from_the_world: Vec<String>,
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
    events: Vec<EventKind>,
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

/// Fields with members of their own, listed in the vocabulary (the members of `header` are free).
const NESTED: &[&str] = &["assertion", "dpop"];

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

    fn read(text: &str) -> Result<Self, Problem> {
        let root = Node::parse(text)?;
        let parameters = strings(at(&root, &["field", "oauth"])?)?;
        let roles = roles(&root)?;
        let mut secrets: Vec<String> = CLIENT_SECRETS.iter().map(|s| (*s).to_owned()).collect();
        secrets.extend(roles.values().flat_map(|role| role.secrets.iter().cloned()));
        secrets.sort();
        secrets.dedup();
        Ok(Self {
            fields: fields(&root, &parameters)?,
            words: by_name(at(&root, &["words"])?, strings)?,
            nested: NESTED
                .iter()
                .map(|f| Ok(((*f).to_owned(), strings(at(&root, &["field", f])?)?)))
                .collect::<Result<_, Problem>>()?,
            needs_placeholder: strings(at(&root, &["field", "needs_placeholder"])?)?,
            from_the_world: strings(at(&root, &["field", "from_the_world"])?)?,
            members: table(at(&root, &["member"])?)?
                .iter()
                .map(|e| Ok((key(e)?, strings(&e.value)?)))
                .collect::<Result<_, Problem>>()?,
            headers: strings(at(&root, &["deviation", "headers"])?)?,
            official: strings(at(&root, &["official", "names"])?)?,
            common_settings: settings(at(&root, &["common"])?)?,
            about: by_name(at(&root, &["about"])?, |group| by_name(group, string))?,
            parameters,
            roles,
            secrets,
        })
    }

    /// Fields of events of this kind.
    pub fn fields_of(&self, kind: EventKind) -> &[String] {
        self.fields.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Whether events of this kind have this field.
    pub fn has_field(&self, kind: EventKind, field: &str) -> bool {
        self.fields_of(kind).iter().any(|known| known == field)
    }

    /// The words that a field's value is one of; `None`: it can be anything.
    pub fn words_of(&self, field: &str) -> Option<&[String]> {
        self.words.get(field).map(Vec::as_slice)
    }

    /// Members of the fields `assertion` and `dpop`.
    pub fn members_of_field(&self, field: &str) -> Option<&[String]> {
        self.nested.get(field).map(Vec::as_slice)
    }

    /// Parameters of authorization and token requests that have a name in the vocabulary.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// Whether a value of this field is a secret or an address, and so is never written out.
    pub fn needs_placeholder(&self, field: &str) -> bool {
        self.needs_placeholder.iter().any(|known| known == field)
    }

    /// Whether a value of this field must occur in the world of the same file.
    pub fn from_the_world(&self, field: &str) -> bool {
        self.from_the_world.iter().any(|known| known == field)
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

    /// Events that happen at a party of this role; the others belong to the client.
    pub fn events_of(&self, role: RoleKind) -> &[EventKind] {
        self.roles.get(&role).map_or(&[], |words| &words.events)
    }
}

fn roles(root: &Node) -> Result<BTreeMap<RoleKind, RoleWords>, Problem> {
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
                .collect::<Result<_, Problem>>()?,
            None => BTreeMap::new(),
        };
        let words = RoleWords {
            messages: known_words(at(of, &["messages"])?)?,
            places,
            values: strings(at(of, &["values"])?)?,
            secrets: strings(at(of, &["secrets"])?)?,
            events: known_words(at(root, &["event_of", like])?)?,
            settings: settings(at(of, &["settings"])?)?,
        };
        roles.insert(key(entry)?, words);
    }
    Ok(roles)
}

fn settings(node: &Node) -> Result<Vec<(String, SettingType)>, Problem> {
    table(node)?
        .iter()
        .map(|entry| Ok((entry.key.clone(), setting_type(&entry.value)?)))
        .collect()
}

/// `"bool"`, `"strings:a,b"`, or the list of words that a setting is one of.
fn setting_type(node: &Node) -> Result<SettingType, Problem> {
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
            return Err(Problem {
                span: node.span.clone(),
                message: format!("no setting is a `{name}`"),
                remedy: None,
            });
        }
    })
}

/// Fields by event, with the groups `request` and `oauth` spelled out, and `run`, which every event
/// has.
fn fields(root: &Node, parameters: &[String]) -> Result<BTreeMap<EventKind, Vec<String>>, Problem> {
    let requests = strings(at(root, &["event", "request"])?)?;
    let mut fields = BTreeMap::new();
    for entry in table(at(root, &["event"])?)? {
        if entry.key == "deviation" {
            continue; // `deviation.NAME` is not a kind of event but one for each deviation.
        }
        let mut names = vec!["run".to_owned()];
        for name in strings(&entry.value)? {
            match name.as_str() {
                "request" => names.extend_from_slice(&requests),
                "oauth" => names.extend_from_slice(parameters),
                _ => names.push(name),
            }
        }
        fields.insert(key(entry)?, names);
    }
    Ok(fields)
}

fn at<'n>(node: &'n Node, path: &[&str]) -> Result<&'n Node, Problem> {
    path.iter().try_fold(node, |node, key| {
        let missing = || Problem {
            span: node.span.clone(),
            message: format!("`{}` is missing", path.join(".")),
            remedy: None,
        };
        node.get(key).map(|entry| &entry.value).ok_or_else(missing)
    })
}

fn table(node: &Node) -> Result<&[Entry], Problem> {
    node.as_table().ok_or_else(|| expected(node, "a table"))
}

fn string(node: &Node) -> Result<String, Problem> {
    node.as_text()
        .map(str::to_owned)
        .ok_or_else(|| expected(node, "a text"))
}

fn strings(node: &Node) -> Result<Vec<String>, Problem> {
    let items = node.as_list().ok_or_else(|| expected(node, "a list"))?;
    items.iter().map(string).collect()
}

fn by_name<T>(
    node: &Node,
    read: impl Fn(&Node) -> Result<T, Problem>,
) -> Result<BTreeMap<String, T>, Problem> {
    table(node)?
        .iter()
        .map(|entry| Ok((entry.key.clone(), read(&entry.value)?)))
        .collect()
}

/// A list of words that the Rust code knows too.
fn known_words<T: FromStr<Err = UnknownWord>>(node: &Node) -> Result<Vec<T>, Problem> {
    strings(node)?
        .iter()
        .map(|word| word.parse().map_err(|unknown| unheard_of(node, &unknown)))
        .collect()
}

/// A key that the Rust code knows too.
fn key<T: FromStr<Err = UnknownWord>>(entry: &Entry) -> Result<T, Problem> {
    entry.key.parse().map_err(|unknown| Problem {
        span: entry.key_span.clone(),
        ..unheard_of(&entry.value, &unknown)
    })
}

fn unheard_of(node: &Node, unknown: &UnknownWord) -> Problem {
    Problem {
        span: node.span.clone(),
        message: format!("the code knows no `{}`", unknown.word),
        remedy: Some("a new word of the vocabulary needs Rust behind it: add it to harness/src/scenario/model.rs".to_owned()),
    }
}

fn expected(node: &Node, what: &str) -> Problem {
    Problem {
        span: node.span.clone(),
        message: format!("{what} expected, this is {}", node.name_of_kind()),
        remedy: None,
    }
}
