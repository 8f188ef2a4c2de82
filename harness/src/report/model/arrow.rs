//! One arrow of a sequence diagram: a request, what came back, and what is special about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::report::model::printable_text::PrintableText;

/// One request and what came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrow {
    /// Who asked; empty where exchanges are left out.
    pub from: String,
    pub to: String,
    /// `POST {as.token_endpoint} code=⟨as.code#1⟩`, or `… 7 more`.
    pub label: PrintableText,
    /// Status of the answer; `None`: it was lost.
    pub status: Option<u16>,
    /// What the answer said, where it matters.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub answer: PrintableText,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// What is special about an exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The answer carried the deviation of this name.
    Deviation(String),
    /// It is what the check forbids.
    Violation,
    /// A hostile party used what it had caught.
    Attacker,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deviation(name) => write!(f, "⚑ {name}"),
            Self::Violation => f.write_str("✗"),
            Self::Attacker => f.write_str("☠"),
        }
    }
}

impl Arrow {
    /// Whether this stands for exchanges that are left out.
    pub fn is_elision(&self) -> bool {
        self.from.is_empty()
    }

    /// What stands for this many exchanges; `None` for no exchange.
    pub(crate) fn elision(left_out: usize) -> Option<Self> {
        (left_out > 0).then(|| Self {
            from: String::new(),
            to: String::new(),
            label: format!("… {left_out} more").into(),
            status: None,
            answer: PrintableText::default(),
            marks: Vec::new(),
        })
    }
}
