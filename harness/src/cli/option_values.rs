//! Values of options that more than one command parses.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use reference_client::ReferenceClientKind;

use super::extension::Extension;
use crate::UnknownWord;
use crate::scenario::model::{Revision, VarietyChoice};
use crate::suite::CasePlan;

/// A positive number of seconds, as options take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seconds(pub(super) Duration);

/// A text that is not a positive number of seconds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of seconds greater than 0, such as {0}")]
pub(super) struct InvalidSeconds(Seconds);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_secs_f64())
    }
}

impl FromStr for Seconds {
    type Err = InvalidSeconds;

    fn from_str(text: &str) -> Result<Self, InvalidSeconds> {
        let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map(Self)
            .ok_or(InvalidSeconds(Self(crate::suite::DEFAULT_TIMEOUT)))
    }
}

/// Parses the kind of application that the bundled client is.
pub(super) fn bundled_kinds() -> impl TypedValueParser<Value = ReferenceClientKind> {
    let words = ReferenceClientKind::ALL.iter().map(|kind| kind.as_str());
    PossibleValuesParser::new(words).map(|word| {
        let mut kinds = ReferenceClientKind::ALL.iter().copied();
        kinds.find(|kind| kind.as_str() == word).unwrap_or_default()
    })
}

/// Parses the name of an extension.
pub(super) fn parse_extension(word: &str) -> Result<Extension, UnknownWord> {
    word.parse()
}

/// Parses which variants are meant.
pub(super) fn parse_variety(word: &str) -> Result<VarietyChoice, UnknownWord> {
    word.parse()
}

/// Parses the name of a plan.
pub(super) fn parse_plan(word: &str) -> Result<CasePlan, UnknownWord> {
    word.parse()
}

/// Parses a revision of MCP, or `draft` for the newest.
pub(super) fn parse_revision(word: &str) -> Result<Revision, UnknownWord> {
    if word == "draft" {
        Ok(Revision::LATEST)
    } else {
        word.parse()
    }
}
