//! The secrets of a run.

use serde::{Deserialize, Serialize};

/// A secret: something that only its rightful audience may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secret {
    /// `as.code`
    pub name: String,
    /// Its place among the secrets of that name, from 1.
    pub number: usize,
    /// The secret itself.
    pub value: String,
    /// Index of the event that handed it out (or first showed it).
    pub event: usize,
    /// The parties that take part in the flow in which the client got it, as far as the client can
    /// know.
    pub audience: Vec<String>,
}

impl Secret {
    /// The name with its number: `as.code#1`.
    pub fn tag(&self) -> String {
        format!("{}#{}", self.name, self.number)
    }
}
