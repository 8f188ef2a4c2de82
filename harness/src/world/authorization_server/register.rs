//! Dynamic client registration (RFC 7591).

use serde_json::{Map, Value as Json, json};

use super::super::client_view::AudienceKind;
use super::super::clock::unix_seconds;
use super::super::draft::Draft;
use super::super::http_request::{HttpRequest, ReceivedRequest};
use super::super::redirect_uri::redirect_uri_kind;
use super::client::{ClientKind, RegisteredClient, read_key_set, read_redirect_uris};
use super::oauth_error::OAuthError;
use super::role::{AuthorizationContext, AuthorizationServerRole, is_attacker};
use crate::scenario::model::{ClientAuth, Message, Registration};

impl AuthorizationServerRole {
    /// The answer of the registration endpoint.
    pub(super) fn answer_registration(
        &mut self,
        request: &ReceivedRequest<'_>,
        context: &mut AuthorizationContext<'_>,
    ) -> Draft {
        let draft = match self.register(request, context) {
            Ok(document) => Draft::json(201, Json::Object(document), "registered"),
            Err((error, description)) => {
                let body = json!({"error": error, "error_description": description});
                Draft::json(400, body, description)
            }
        };
        draft.with_message(Message::RegistrationResponse)
    }

    fn register(
        &mut self,
        request: &ReceivedRequest<'_>,
        context: &mut AuthorizationContext<'_>,
    ) -> Result<Map<String, Json>, OAuthError> {
        let body = self.check_registration(request.http)?;
        let auth_method = self.choose_auth_method(&body)?;
        let id = format!("{}-client-{}", self.name, self.random.draw_hex());
        let has_secret = matches!(
            auth_method,
            ClientAuth::ClientSecretBasic | ClientAuth::ClientSecretPost
        );
        let secret = has_secret.then(|| format!("{}-secret-{}", self.name, self.random.draw_hex()));
        let mut document = body.clone();
        document.insert("client_id".to_owned(), json!(id));
        document.insert("client_id_issued_at".to_owned(), json!(unix_seconds()));
        document.insert("token_endpoint_auth_method".to_owned(), json!(auth_method));
        if let Some(secret) = &secret {
            let lifetime = self.settings.client_secret_lifetime;
            let expires =
                lifetime.map_or(0, |seconds| unix_seconds().saturating_add_signed(seconds));
            document.insert("client_secret".to_owned(), json!(secret));
            document.insert("client_secret_expires_at".to_owned(), json!(expires));
        }
        if !is_attacker(request.actor) {
            let audience = context.view.audience(self.id, None, AudienceKind::All);
            let recorder = &mut *context.recorder;
            recorder.issue_secret(&self.name, "client_id", &id, audience.clone());
            if let Some(secret) = &secret {
                recorder.issue_secret(&self.name, "client_secret", secret, audience);
            }
        }
        let keys = body.get("jwks").and_then(read_key_set);
        let client = RegisteredClient {
            id: id.clone(),
            kind: ClientKind::Dcr,
            redirect_uris: Some(read_redirect_uris(&body)),
            secret,
            keys: keys.filter(|_| auth_method == ClientAuth::PrivateKeyJwt),
            auth_method: Some(auth_method.to_string()),
        };
        self.memory.clients.insert(id, client);
        Ok(document)
    }

    /// Checks a registration request. Returns its body.
    fn check_registration(&self, request: &HttpRequest) -> Result<Map<String, Json>, OAuthError> {
        if !self.settings.registration.contains(&Registration::Dcr) {
            return Err(("access_denied", "this server registers nobody"));
        }
        if request.method != "POST" || request.content_type().as_deref() != Some("application/json")
        {
            return Err((
                "invalid_client_metadata",
                "a registration is a POST of JSON",
            ));
        }
        let body = read_registration(request)
            .ok_or(("invalid_client_metadata", "the body is not a JSON object"))?;
        let uris = read_redirect_uris(&body);
        let is_refused =
            |uri: &String| matches!(redirect_uri_kind(uri), "plain-http" | "malformed");
        if uris.is_empty() || uris.iter().any(is_refused) {
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
        Ok(body)
    }

    /// The method with which a client is to authenticate: the requested one or, if that is not
    /// supported, another (RFC 7591 section 3.2.1). Without a request it is Basic (section 2).
    fn choose_auth_method(&self, body: &Map<String, Json>) -> Result<ClientAuth, OAuthError> {
        let supported = &self.settings.client_auth;
        let requested = body.get("token_endpoint_auth_method");
        let requested = match requested.and_then(Json::as_str) {
            None => Some(ClientAuth::ClientSecretBasic),
            Some(word) => word.parse().ok(),
        };
        requested
            .filter(|method| supported.contains(method))
            .or(supported.first().copied())
            .ok_or((
                "invalid_client_metadata",
                "no client authentication method fits",
            ))
    }
}

/// The body of a registration request, if it is a JSON object.
pub(crate) fn read_registration(request: &HttpRequest) -> Option<Map<String, Json>> {
    serde_json::from_str(&request.body).ok()
}
