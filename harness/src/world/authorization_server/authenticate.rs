//! Client authentication at the token endpoint (RFC 6749 section 2.3).

use super::super::client_view::ClientView;
use super::super::http_request::{Parameters, ReceivedRequest, decode_form_value};
use super::client::{ClientKind, RegisteredClient};
use super::client_assertion::verify_assertion;
use super::role::AuthorizationServerRole;

/// What a client is told when it could not be authenticated.
pub(super) type AuthenticationProblem = &'static str;

/// ID and secret that a request brings.
struct PresentedCredentials {
    id: String,
    /// The ID as it was sent in HTTP Basic.
    raw_id: String,
    secret: Option<PresentedSecret>,
}

/// A secret, form-decoded and as it was sent: servers in the field accept both encodings. Which one
/// was sent is in the transcript.
struct PresentedSecret {
    decoded: String,
    raw: String,
}

impl AuthorizationServerRole {
    /// Authenticates the client of a token request.
    pub(super) fn authenticate(
        &self,
        request: &ReceivedRequest<'_>,
        view: &ClientView,
    ) -> Result<RegisteredClient, AuthenticationProblem> {
        let presented = read_credentials(request)?;
        let client = self
            .find_client(&presented.id)
            .or_else(|| self.find_client(&presented.raw_id))
            .ok_or("unknown client")?;
        let named = request.parameters.filled("client_id");
        if named.is_some_and(|other| other != client.id) {
            return Err("client_id differs from the authenticated client");
        }
        match (request.parameters.filled("client_assertion"), &client.keys) {
            (Some(_), None) => Err("no key is registered for this client's assertions"),
            (None, Some(_)) if client.secret.is_none() => {
                Err("this client has to authenticate with its key")
            }
            (Some(_), Some(_)) if presented.secret.is_some() => {
                Err("two client authentication methods in one request")
            }
            (Some(jwt), Some(keys)) => {
                let kind = request.parameters.get("client_assertion_type");
                let audiences = self.assertion_audiences(view);
                verify_assertion(jwt, kind, keys, &client.id, &audiences)?;
                Ok(client)
            }
            (None, _) => self.check_secret(client, presented.secret),
        }
    }

    /// The client of a request that needs no client authentication: the one that `client_id`
    /// names, or else one without an ID (RFC 7521 section 4.1).
    pub(super) fn identify(
        &self,
        parameters: &Parameters,
    ) -> Result<RegisteredClient, AuthenticationProblem> {
        match parameters.filled("client_id") {
            Some(id) => self.find_client(id).ok_or("unknown client"),
            None => Ok(RegisteredClient::with_id("", ClientKind::Unknown)),
        }
    }

    fn check_secret(
        &self,
        client: RegisteredClient,
        presented: Option<PresentedSecret>,
    ) -> Result<RegisteredClient, AuthenticationProblem> {
        let Some(expected) = &client.secret else {
            return Ok(client);
        };
        let presented = presented.ok_or("this client has to authenticate")?;
        let matches = *expected == presented.decoded || *expected == presented.raw;
        if matches && !self.memory.void.contains(expected) {
            Ok(client)
        } else {
            Err("wrong client secret")
        }
    }

    /// Whom a client may address its assertions to: this server's issuer, its token endpoint
    /// (position 32), and the issuer of an honest server whose metadata names endpoints here.
    fn assertion_audiences(&self, view: &ClientView) -> Vec<String> {
        let own = [&self.addresses.issuer, &self.addresses.token_endpoint];
        let mut audiences: Vec<String> = own.into_iter().cloned().collect();
        audiences.extend(view.issuers_in_front_of(self.id));
        audiences
    }
}

/// Whether a request tries to authenticate its client.
pub(super) fn presents_credentials(request: &ReceivedRequest<'_>) -> bool {
    request.http.authorization().is_some()
        || request.parameters.filled("client_secret").is_some()
        || request.parameters.filled("client_assertion").is_some()
}

fn read_credentials(
    request: &ReceivedRequest<'_>,
) -> Result<PresentedCredentials, AuthenticationProblem> {
    let posted = request.parameters.filled("client_secret");
    match request.http.basic_credentials() {
        Some(_) if posted.is_some() => Err("two client authentication methods in one request"),
        Some((raw_id, raw)) => Ok(PresentedCredentials {
            id: decode_form_value(&raw_id),
            raw_id,
            secret: Some(PresentedSecret {
                decoded: decode_form_value(&raw),
                raw,
            }),
        }),
        None => {
            let id = request
                .parameters
                .filled("client_id")
                .ok_or("no client_id")?;
            let as_sent = |secret: &str| PresentedSecret {
                decoded: secret.to_owned(),
                raw: secret.to_owned(),
            };
            Ok(PresentedCredentials {
                id: id.to_owned(),
                raw_id: String::new(),
                secret: posted.map(as_sent),
            })
        }
    }
}
