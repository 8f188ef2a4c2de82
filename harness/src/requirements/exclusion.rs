//! Why no run can show whether a requirement is kept.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why no run can show whether a requirement is kept: a full sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Exclusion(String);

impl TryFrom<String> for Exclusion {
    type Error = NotAnExclusion;

    fn try_from(text: String) -> Result<Self, NotAnExclusion> {
        if text.ends_with('.') {
            Ok(Self(text))
        } else {
            Err(NotAnExclusion(text))
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An exclusion that is no full sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid value of `excluded`, `{0}`: expected a full sentence that ends with a full stop (what \
     a \
     machine must offer is written as `needs`)"
)]
pub struct NotAnExclusion(String);
