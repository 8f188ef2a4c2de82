//! Texts with placeholders: `"{as.issuer|slash}"`, `"{as.refresh_token#2}"`, `"{canary.text}"`;
//! `{{` and `}}` are literal braces.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::model::{ADDRESSES, Filter, Nth, Part, Placeholder, SecretName, Template};
use super::suggest;
use crate::words::UnknownWord;

#[cfg(test)]
mod tests;

/// What is wrong with a text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("unbalanced brace in `{0}`")]
    UnbalancedBrace(String),
    #[error("unknown filter `{}`", .0.word)]
    UnknownFilter(#[from] UnknownWord),
    #[error("no event has a field `{}`", .0.word)]
    UnknownEventField(UnknownWord),
    #[error("cannot resolve `{{{0}}}`")]
    UnknownPlaceholder(String),
    #[error("invalid number `#{0}` of a secret: expected `#1` or a later number, or `#latest`")]
    WrongNumber(String),
    #[error("`{{null}}` cannot have filters or other text around it")]
    NullNotAlone,
}

impl TemplateError {
    /// What to write instead.
    pub fn remedy(&self) -> String {
        match self {
            Self::UnbalancedBrace(_) => "write `{{` and `}}` for literal braces".to_owned(),
            Self::UnknownFilter(unknown) | Self::UnknownEventField(unknown) => {
                suggest::instead(&unknown.word, unknown.known.iter().copied())
            }
            Self::UnknownPlaceholder(_) => {
                "write `{party.value}`, `{party.secret#2}`, `{canary.NAME}`, `{original}` or \
                 `{null}`; `{{` and `}}` for literal braces"
                    .to_owned()
            }
            Self::WrongNumber(_) => "write `{as.refresh_token#2}` or \
             `{as.refresh_token#latest}`"
                .to_owned(),
            Self::NullNotAlone => "write `\"{null}\"`".to_owned(),
        }
    }
}

impl Template {
    /// A text as it is written in a scenario file.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let unbalanced = || TemplateError::UnbalancedBrace(text.to_owned());
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let end = rest.find(['{', '}']).ok_or_else(unbalanced)?;
            if brace == "}" || rest[end..].starts_with('{') {
                return Err(unbalanced());
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(placeholder(&rest[..end])?);
            rest = &rest[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        let template = Self(parts);
        if template.has_null() && !template.is_null() {
            return Err(TemplateError::NullNotAlone);
        }
        Ok(template)
    }

    /// A text that is meant as it stands, braces and all.
    pub fn from_literal(text: &str) -> Self {
        Self(if text.is_empty() {
            Vec::new()
        } else {
            vec![Part::Literal(text.to_owned())]
        })
    }

    /// The text, if it has no placeholders.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// `"{null}"`: JSON null.
    pub fn is_null(&self) -> bool {
        match self.0.as_slice() {
            [Part::Placeholder { what, filters }] => {
                *what == Placeholder::Null && filters.is_empty()
            }
            _ => false,
        }
    }

    /// What its placeholders stand for.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder { what, .. } => Some(what),
            Part::Literal(_) => None,
        })
    }

    fn has_null(&self) -> bool {
        self.placeholders().any(|what| *what == Placeholder::Null)
    }
}

/// What stands between two braces.
fn placeholder(body: &str) -> Result<Part, TemplateError> {
    let unknown = || TemplateError::UnknownPlaceholder(body.to_owned());
    let mut pieces = body.split('|');
    let name = pieces.next().unwrap_or_default();
    let filters = pieces
        .map(str::parse::<Filter>)
        .collect::<Result<Vec<_>, _>>()?;
    let what = match name {
        "original" => Placeholder::Original,
        "null" => Placeholder::Null,
        _ => {
            let (owner, value) = name.split_once('.').ok_or_else(unknown)?;
            if !is_name(owner) || value.is_empty() {
                return Err(unknown());
            }
            match owner {
                "canary" if is_name(value) => Placeholder::Canary(value.to_owned()),
                "canary" => return Err(unknown()),
                "event" => Placeholder::EventField(
                    value.parse().map_err(TemplateError::UnknownEventField)?,
                ),
                _ if ADDRESSES.contains(&value) => Placeholder::PartyValue {
                    party: owner.to_owned(),
                    value: value.to_owned(),
                },
                _ => Placeholder::Secret(name.parse()?),
            }
        }
    };
    Ok(Part::Placeholder { what, filters })
}

/// Names that scenario files give: lower case letters, digits, hyphens, a letter first.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Placeholder { what, filters } => {
                    write!(f, "{{{what}")?;
                    filters
                        .iter()
                        .try_for_each(|filter| write!(f, "|{filter}"))?;
                    f.write_str("}")?;
                }
            }
        }
        Ok(())
    }
}

/// A template is written as a scenario writes it.
impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A secret is written as a scenario names it.
impl Serialize for SecretName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartyValue { party, value } => write!(f, "{party}.{value}"),
            Self::Secret(name) => write!(f, "{name}"),
            Self::Canary(name) => write!(f, "canary.{name}"),
            Self::Original => f.write_str("original"),
            Self::Null => f.write_str("null"),
            Self::EventField(field) => write!(f, "event.{field}"),
        }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}{}", self.party, self.kind, self.nth)
    }
}

impl FromStr for SecretName {
    type Err = TemplateError;

    /// `as.refresh_token`, `as.refresh_token#2`, `as.refresh_token#latest`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (Some(party), kind, nth) = split_secret(text)? else {
            return Err(TemplateError::UnknownPlaceholder(text.to_owned()));
        };
        Ok(Self {
            party: party.to_owned(),
            kind: kind.to_owned(),
            nth,
        })
    }
}

/// Party (if any), kind and number of a secret as the fields `carries`, `foreign`, `secret` ...
/// name it.
pub fn split_secret(text: &str) -> Result<(Option<&str>, &str, Nth), TemplateError> {
    let (name, nth) = match text.split_once('#') {
        None => (text, Nth::Unnumbered),
        Some((name, "latest")) => (name, Nth::Latest),
        Some((name, digits)) => match digits.parse::<usize>() {
            Ok(number) if number > 0 && digits.chars().all(|c| c.is_ascii_digit()) => {
                (name, Nth::Number(number))
            }
            _ => return Err(TemplateError::WrongNumber(digits.to_owned())),
        },
    };
    Ok(match name.rsplit_once('.') {
        Some((party, kind)) => (Some(party), kind, nth),
        None => (None, name, nth),
    })
}

impl fmt::Display for Nth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnumbered => Ok(()),
            Self::Number(number) => write!(f, "#{number}"),
            Self::Latest => f.write_str("#latest"),
        }
    }
}
