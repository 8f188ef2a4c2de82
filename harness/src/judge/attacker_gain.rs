//! What an attacker obtained in a run.

use serde::{Deserialize, Serialize};

use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Event, Transcript};

/// One thing that an attacker obtained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttackerGain {
    pub what: GainKind,
    /// The party that obtained it; `None` if it is no party of the world.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attacker: Option<String>,
    /// The server at which the attacker used what it obtained.
    pub at: String,
}

/// What an attacker can obtain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GainKind {
    /// The attacker redeemed the victim's authorization code.
    CodeRedeemed,
    /// The attacker used the victim's access token.
    TokenReplayed,
    /// The attacker used the victim's refresh token.
    TokenRefreshed,
    /// The attacker authenticated as the client, with the client's credentials.
    ClientImpersonated,
    /// The victim's client redeemed the attacker's authorization code.
    CodeInjected,
    /// A word that this version does not know, in a transcript of another version.
    #[serde(untagged)]
    Unknown(String),
}

impl AttackerGain {
    /// Everything that attackers obtained in a run, in order.
    pub(super) fn all_in(transcript: &Transcript) -> Vec<Self> {
        transcript
            .events
            .iter()
            .filter(|event| event.kind == EventKind::AttackerGain)
            .map(Self::of_event)
            .collect()
    }

    fn of_event(event: &Event) -> Self {
        Self {
            what: GainKind::from_word(event.fields.text(EventField::What)),
            attacker: event.party.clone(),
            at: event.fields.text(EventField::From).to_owned(),
        }
    }
}

impl GainKind {
    /// The kind that the world recorded as this word.
    fn from_word(word: &str) -> Self {
        match word {
            "code-redeemed" => Self::CodeRedeemed,
            "token-replayed" => Self::TokenReplayed,
            "token-refreshed" => Self::TokenRefreshed,
            "client-impersonated" => Self::ClientImpersonated,
            "code-injected" => Self::CodeInjected,
            unknown => Self::Unknown(unknown.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GainKind;

    #[test]
    fn every_kind_is_read_from_the_word_that_it_is_written_as() {
        for kind in [
            GainKind::CodeRedeemed,
            GainKind::TokenReplayed,
            GainKind::TokenRefreshed,
            GainKind::ClientImpersonated,
            GainKind::CodeInjected,
            GainKind::Unknown("something-else".to_owned()),
        ] {
            let word = serde_json::to_value(&kind).unwrap();
            assert_eq!(GainKind::from_word(word.as_str().unwrap()), kind);
            assert_eq!(serde_json::from_value::<GainKind>(word).unwrap(), kind);
        }
    }
}
