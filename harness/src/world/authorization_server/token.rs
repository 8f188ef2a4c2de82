//! The token endpoint: it authenticates the client, lets a grant decide, and issues the tokens.

use serde_json::{Value as Json, json};

use super::super::client_view::AudienceKind;
use super::super::draft::{Content, Draft};
use super::super::http_request::ReceivedRequest;
use super::super::issued_grants::IssuedRefreshToken;
use super::super::tokens::bearer::{AccessTokenParts, TOKEN_LIFETIME, make_access_token};
use super::super::tokens::dpop_proof::DpopProof;
use super::authenticate::presents_credentials;
use super::client::{ClientKind, RegisteredClient};
use super::grants::grant_table::{Decision, find_grant};
use super::grants::granted::{Granted, RefreshPolicy};
use super::oauth_error::OAuthError;
use super::role::{
    AccessToken, AuthorizationContext, AuthorizationServerRole, RefreshToken, is_attacker,
};
use crate::scenario::model::{Dpop, Message, Refresh, TokenBody};

impl AuthorizationServerRole {
    /// The answer of the token endpoint.
    pub(super) fn answer_token(
        &mut self,
        request: &ReceivedRequest<'_>,
        context: &mut AuthorizationContext<'_>,
    ) -> Draft {
        let result = self.grant_tokens(request, context);
        let gives_nonce = match &result {
            Ok(_) => self.settings.dpop == Dpop::Nonce,
            Err((error, _)) => *error == "use_dpop_nonce",
        };
        let draft = match result {
            Ok(document) if self.answers_with_form(request) => form_of_tokens(&document),
            Ok(document) => Draft::json(200, document, "tokens issued"),
            Err(("invalid_client", description)) => {
                let body = json!({"error": "invalid_client", "error_description": description});
                Draft::json(401, body, description)
                    .with_header("WWW-Authenticate", "Basic realm=\"token endpoint\"")
            }
            Err((error, description)) => {
                let body = json!({"error": error, "error_description": description});
                Draft::json(400, body, description)
            }
        };
        let draft = if gives_nonce && !is_attacker(request.actor) {
            let (guard, random) = (&mut self.memory.dpop, &mut self.random);
            let nonce = guard.issue_nonce(&self.name, random, context.recorder);
            draft.with_header("DPoP-Nonce", nonce)
        } else {
            draft
        };
        draft.with_message(Message::TokenResponse)
    }

    /// Whether tokens are handed out in a form, as the request does not ask for JSON.
    fn answers_with_form(&self, request: &ReceivedRequest<'_>) -> bool {
        let accept = request.http.header("accept").unwrap_or_default();
        self.settings.token_body == TokenBody::FormUnlessAsked
            && !accept.to_ascii_lowercase().contains("json")
    }

    fn grant_tokens(
        &mut self,
        request: &ReceivedRequest<'_>,
        context: &mut AuthorizationContext<'_>,
    ) -> Result<Json, OAuthError> {
        if request.http.method != "POST" || !request.is_form() {
            return Err(("invalid_request", "a token request is a POST of a form"));
        }
        if request.parameters.forbidden_repetitions().next().is_some() {
            return Err(("invalid_request", "a parameter occurs twice"));
        }
        let grant_type = request.parameters.get("grant_type").unwrap_or_default();
        let grant =
            find_grant(grant_type).filter(|grant| self.settings.grants.contains(&grant.setting));
        let identified =
            grant.is_some_and(|grant| (grant.identifies_client)(self, &request.parameters));
        let client = if identified && !presents_credentials(request) {
            self.identify(&request.parameters)
        } else {
            self.authenticate(request, context.view)
        };
        let client = match client {
            Ok(client) => client,
            Err(_) if self.hostile => {
                let id = request.parameters.get("client_id").unwrap_or("anyone");
                RegisteredClient::with_id(id, ClientKind::Unknown)
            }
            Err(problem) => return Err(("invalid_client", problem)),
        };
        let grant = grant.ok_or(("unsupported_grant_type", "this grant is not offered"))?;
        context.proven_key = self.check_possession(request)?;
        match grant.decide {
            Decision::Tokens(decide) => {
                let granted = decide(self, &client, &request.parameters, context)?;
                self.issue_tokens(request, granted, context)
            }
            Decision::Response(decide) => decide(self, &client, &request.parameters, context),
        }
    }

    /// Checks the proof of a token request, if tokens are bound to keys here. Returns the
    /// thumbprint of the key.
    fn check_possession(
        &mut self,
        request: &ReceivedRequest<'_>,
    ) -> Result<Option<String>, OAuthError> {
        let setting = self.settings.dpop;
        if setting == Dpop::Off || self.hostile {
            return Ok(None);
        }
        let (url, algorithms) = (
            &self.addresses.token_endpoint,
            &self.settings.dpop_algorithms,
        );
        let guard = &mut self.memory.dpop;
        let proof = guard.check(request.http, url, None, setting, algorithms);
        let proof = proof.map_err(|problem| (problem.error(), problem.description()))?;
        for jwt in DpopProof::all_of(request.http) {
            guard.note(jwt);
        }
        Ok(Some(proof.thumbprint))
    }

    /// Makes the tokens and the response that hands them out.
    fn issue_tokens(
        &mut self,
        request: &ReceivedRequest<'_>,
        granted: Granted,
        context: &mut AuthorizationContext<'_>,
    ) -> Result<Json, OAuthError> {
        let bound_to = context.proven_key.clone();
        let access_token = self.make_access_token(&granted, bound_to.as_deref())?;
        let refresh_token = self.makes_refresh_token(&granted).then(|| {
            let unique = self.random.draw_hex();
            self.lengthen(format!("{}-refresh-{unique}", self.name))
        });
        if !is_attacker(request.actor) {
            self.register_as_secrets(&access_token, refresh_token.as_deref(), &granted, context);
        }
        let mut document = json!({
            "access_token": access_token,
            "token_type": if bound_to.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": TOKEN_LIFETIME,
        });
        if !granted.scope.is_empty() {
            document["scope"] = json!(granted.scope);
        }
        if let Some(token) = &refresh_token {
            document["refresh_token"] = json!(token);
        }
        if self.settings.refresh == Refresh::Revoking {
            self.end_access_tokens(granted.grant);
        }
        let access = AccessToken {
            audience: granted.audience.clone(),
            scope: granted.scope.clone(),
            grant: granted.grant,
            bound_to,
        };
        self.memory.access_tokens.insert(access_token, access);
        if let Some(token) = refresh_token {
            self.store_refresh_token(token, request, granted, context);
        }
        Ok(document)
    }

    /// Ends the access tokens of an authorization.
    fn end_access_tokens(&mut self, grant: usize) {
        let tokens = self.memory.access_tokens.iter();
        let of_grant = tokens.filter(|(_, token)| token.grant == grant);
        let values: Vec<String> = of_grant.map(|(value, _)| value.clone()).collect();
        self.memory.void.extend(values);
    }

    fn makes_refresh_token(&self, granted: &Granted) -> bool {
        match self.settings.refresh {
            Refresh::None => false,
            Refresh::Kept => matches!(granted.refresh, RefreshPolicy::First),
            Refresh::Rotating | Refresh::Revoking => {
                !matches!(granted.refresh, RefreshPolicy::Never)
            }
        }
    }

    /// Fills a code or a token up to the length that the settings demand.
    pub(super) fn lengthen(&self, mut text: String) -> String {
        let length = self.settings.token_length.unwrap_or_default();
        let missing = usize::try_from(length).unwrap_or_default();
        let missing = missing.saturating_sub(text.len());
        text.extend(std::iter::repeat_n('x', missing));
        text
    }

    fn make_access_token(
        &mut self,
        granted: &Granted,
        bound_to: Option<&str>,
    ) -> Result<String, OAuthError> {
        let parts = AccessTokenParts {
            party: &self.name,
            issuer: &self.addresses.issuer,
            key: self.key(),
            unique: {
                let unique = self.random.draw_hex();
                self.lengthen(unique)
            },
            client_id: &granted.client_id,
            audience: &granted.audience,
            scope: &granted.scope,
            bound_to,
        };
        make_access_token(self.settings.token_format, parts)
            .map_err(|_| ("server_error", "cannot sign"))
    }

    fn register_as_secrets(
        &self,
        access_token: &str,
        refresh_token: Option<&str>,
        granted: &Granted,
        context: &mut AuthorizationContext<'_>,
    ) {
        let resource = granted.requested_resource.as_deref();
        let audience = |kind| context.view.audience(self.id, resource, kind);
        let recorder = &mut *context.recorder;
        let may_see = audience(AudienceKind::All);
        recorder.issue_secret(&self.name, "access_token", access_token, may_see);
        if let Some(token) = refresh_token {
            // a refresh token is between the client and its authorization server alone
            let may_see = audience(AudienceKind::AuthorizationServers);
            recorder.issue_secret(&self.name, "refresh_token", token, may_see);
        }
    }

    fn store_refresh_token(
        &mut self,
        token: String,
        request: &ReceivedRequest<'_>,
        granted: Granted,
        context: &mut AuthorizationContext<'_>,
    ) {
        if let RefreshPolicy::Replace(used) = &granted.refresh
            && let Some(used) = self.memory.refresh_tokens.get_mut(used)
        {
            used.replaced = true;
        }
        let sent = request.parameters.filled("resource").map(str::to_owned);
        let issued = IssuedRefreshToken {
            client_id: granted.client_id.clone(),
            requested_resource: sent.or_else(|| granted.requested_resource.clone()),
        };
        context.issued.refresh_tokens.insert(token.clone(), issued);
        let is_public = self.find_client(&granted.client_id);
        let is_public = is_public.is_none_or(|c| c.secret.is_none() && c.keys.is_none());
        let bound_to = context.proven_key.clone().filter(|_| is_public);
        let record = RefreshToken {
            bound_to,
            client_id: granted.client_id,
            requested_resource: granted.requested_resource,
            audience: granted.audience,
            scope: granted.scope,
            replaced: false,
            grant: granted.grant,
        };
        self.memory.refresh_tokens.insert(token, record);
    }
}

/// The members of a token response as a form.
fn form_of_tokens(document: &Json) -> Draft {
    let members = document.as_object().into_iter().flatten();
    let pairs = members.map(|(name, value)| {
        let text = value.as_str().map(str::to_owned);
        (name, text.unwrap_or_else(|| value.to_string()))
    });
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let content = Content::Raw {
        content_type: "application/x-www-form-urlencoded",
        body: form.extend_pairs(pairs).finish(),
    };
    Draft::new(200, content, "tokens issued in a form")
}
