//! Challenges (RFC 6750 section 3, RFC 9728 section 5.1).

use super::super::draft::{Content, Draft};
use super::role::McpServerRole;
use crate::scenario::model::{ChallengeForm, Dpop, Message};

impl McpServerRole {
    /// Refuses a request. `error`: the error code of RFC 6750; `None`: there was no token.
    pub(super) fn challenge(
        &self,
        status: u16,
        error: Option<&str>,
        scope: Option<String>,
    ) -> Draft {
        let mut parameters = Vec::new();
        if let Some(error) = error {
            parameters.push(("error".to_owned(), error.to_owned()));
        }
        if let Some(scope) = scope.or_else(|| self.settings.challenge_scope.clone()) {
            parameters.push(("scope".to_owned(), scope));
        }
        if self.settings.challenge == ChallengeForm::NamesPrm
            && let Some(url) = &self.addresses.resource_metadata
        {
            parameters.push(("resource_metadata".to_owned(), url.clone()));
        }
        let is_bound = self.settings.dpop != Dpop::Off;
        if is_bound {
            let algorithms = self.settings.dpop_algorithms.iter();
            let algorithms = algorithms.map(|algorithm| algorithm.as_str());
            let algorithms = algorithms.collect::<Vec<_>>().join(" ");
            parameters.push(("algs".to_owned(), algorithms));
        }
        let content = Content::Challenge {
            scheme: if is_bound { "DPoP" } else { "Bearer" },
            parameters,
            shown: self.settings.challenge != ChallengeForm::NoHeader,
        };
        let note = match (status, error) {
            (403, _) => "the token's scope does not suffice",
            (_, None) => "no token",
            (_, Some(_)) => "this token is not accepted here",
        };
        Draft::new(status, content, note).with_message(Message::Challenge)
    }
}
