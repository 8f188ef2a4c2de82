//! Dynamic client registration (RFC 7591).

use serde_json::{Map, Value as Json, json};

use super::super::http::{Draft, HttpRequest};
use super::super::observe::{Fields, fields, redirect_kind};
use super::super::state::State;
use super::clients::{Client, ClientKind, keys_of, redirect_uris};
use crate::scenario::model::{ClientAuth, Message, Registration};
use crate::transcript::Actor;

impl State {
    /// Fields of a registration request beyond the common ones.
    pub(crate) fn registration_fields(request: &HttpRequest) -> Fields {
        let body = body_of(request);
        let mut out = fields([(
            "body_kind",
            json!(if body.is_some() {
                "json-object"
            } else {
                "other"
            }),
        )]);
        let Some(body) = body else { return out };
        let names = [
            "client_id",
            "client_name",
            "redirect_uris",
            "grant_types",
            "response_types",
            "scope",
            "token_endpoint_auth_method",
            "application_type",
            "jwks",
            "jwks_uri",
            "dpop_bound_access_tokens",
        ];
        out.extend(
            names
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone()))),
        );
        let kinds: Vec<&str> = redirect_uris(&body)
            .iter()
            .map(|uri| redirect_kind(uri))
            .collect();
        out.insert("redirect_kinds".to_owned(), json!(kinds));
        out
    }

    /// The answer of the registration endpoint.
    pub(crate) fn answer_registration(
        &mut self,
        party: &str,
        request: &HttpRequest,
        event: usize,
    ) -> Draft {
        if let Some(own) = self.own_answer(party, Message::RegistrationResponse, "", event) {
            return own;
        }
        let draft = match self.register(party, request) {
            Ok(document) => Draft::json(201, Json::Object(document), "registered"),
            Err((error, description)) => Draft::json(
                400,
                json!({"error": error, "error_description": description}),
                description,
            ),
        };
        self.deviate(
            party,
            event,
            draft.of_kind(Message::RegistrationResponse, ""),
        )
    }

    fn register(
        &mut self,
        party: &str,
        request: &HttpRequest,
    ) -> Result<Map<String, Json>, (&'static str, &'static str)> {
        let settings = self
            .authorization_server_settings(party)
            .ok_or(("server_error", "no such server"))?
            .clone();
        if !settings.registration.contains(&Registration::Dcr) {
            return Err(("access_denied", "this server registers nobody"));
        }
        if request.method != "POST" || request.content_type().as_deref() != Some("application/json")
        {
            return Err((
                "invalid_client_metadata",
                "a registration is a POST of JSON",
            ));
        }
        let body =
            body_of(request).ok_or(("invalid_client_metadata", "the body is no JSON object"))?;
        let uris = redirect_uris(&body);
        if uris.is_empty()
            || uris
                .iter()
                .any(|uri| matches!(redirect_kind(uri), "plain-http" | "malformed"))
        {
            return Err((
                "invalid_redirect_uri",
                "redirect URIs are https, loopback or private-use",
            ));
        }
        if body.contains_key("jwks") && body.contains_key("jwks_uri") {
            return Err((
                "invalid_client_metadata",
                "jwks and jwks_uri exclude each other",
            ));
        }
        let requested = body
            .get("token_endpoint_auth_method")
            .and_then(Json::as_str);
        let auth = match requested {
            // RFC 7591 section 2: the default
            None if settings
                .client_auth
                .contains(&ClientAuth::ClientSecretBasic) =>
            {
                ClientAuth::ClientSecretBasic
            }
            Some(word)
                if word
                    .parse()
                    .is_ok_and(|auth| settings.client_auth.contains(&auth)) =>
            {
                word.parse().map_err(|_| {
                    (
                        "invalid_client_metadata",
                        "unknown client authentication method",
                    )
                })?
            }
            // RFC 7591 section 3.2.1: the server may replace what it does not support
            _ => *settings.client_auth.first().ok_or((
                "invalid_client_metadata",
                "no client authentication method fits",
            ))?,
        };
        let id = format!("{party}-client-{}", self.random.hex());
        let secret = matches!(
            auth,
            ClientAuth::ClientSecretBasic | ClientAuth::ClientSecretPost
        )
        .then(|| format!("{party}-secret-{}", self.random.hex()));
        let mut document = body.clone();
        document.insert("client_id".to_owned(), json!(id));
        document.insert("client_id_issued_at".to_owned(), json!(super::token::now()));
        document.insert("token_endpoint_auth_method".to_owned(), json!(auth));
        if let Some(secret) = &secret {
            let expires = settings.client_secret_lifetime.map_or(0, |seconds| {
                super::token::now().saturating_add_signed(seconds)
            });
            document.insert("client_secret".to_owned(), json!(secret));
            document.insert("client_secret_expires_at".to_owned(), json!(expires));
        }
        if request.actor != Actor::Attacker {
            let audience = self.audience(party, None);
            self.issue(party, "client_id", &id, audience.clone());
            if let Some(secret) = &secret {
                self.issue(party, "client_secret", secret, audience);
            }
        }
        let keys = body
            .get("jwks")
            .and_then(keys_of)
            .filter(|_| auth == ClientAuth::PrivateKeyJwt);
        let client = Client {
            id: id.clone(),
            kind: ClientKind::Dcr,
            redirect_uris: Some(uris),
            secret,
            keys,
            auth: Some(auth.to_string()),
        };
        if let Some(server) = self.authorization_server_mut(party) {
            server.clients.insert(id, client);
        }
        Ok(document)
    }
}

fn body_of(request: &HttpRequest) -> Option<Map<String, Json>> {
    serde_json::from_str::<Json>(&request.body)
        .ok()
        .and_then(|body| match body {
            Json::Object(members) => Some(members),
            _ => None,
        })
}
