//! Sends requests to the token endpoint.

use crate::defect::Defect;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::scope::Scope;
use crate::store::TokenSet;
use crate::text;
use crate::token::client_authentication::authenticate;
use crate::token::token_request::TokenRequest;
use crate::token::token_response::read_tokens;
use reqwest::Response;
use url::{Url, form_urlencoded};

/// What errors call the other party.
const WHAT: &str = "token endpoint";
/// How many redirects a client with [`Defect::TOKEN_REDIRECT_FOLLOWED`] follows.
const MOST_REDIRECTS: u32 = 3;
/// How often a client with [`Defect::TOKEN_REQUEST_REPEATED`] sends the same request.
const REPETITIONS: u32 = 8;

impl TokenRequest<'_> {
    /// Sends the request and reads the tokens from the response. `requested` is the scope that is
    /// granted if the response does not name one.
    pub(super) async fn obtain_tokens(&self, requested: &Scope) -> Result<TokenSet, ClientError> {
        let mut response = self.send(self.server.token_endpoint.clone()).await?;
        if self.defects.has(Defect::TOKEN_REDIRECT_FOLLOWED) {
            for _ in 0..MOST_REDIRECTS {
                let Some(target) = find_redirect_target(&response) else {
                    break;
                };
                response = self.send(target).await?;
            }
        }
        if self.defects.has(Defect::TOKEN_REQUEST_REPEATED) {
            return self.insist(response, requested).await;
        }
        self.read_response(response, requested).await
    }

    /// What a client with [`Defect::TOKEN_REQUEST_REPEATED`] does.
    async fn insist(&self, first: Response, requested: &Scope) -> Result<TokenSet, ClientError> {
        let mut outcome = self.read_response(first, requested).await;
        for _ in 0..REPETITIONS {
            if outcome.is_ok() {
                break;
            }
            let response = self.send(self.server.token_endpoint.clone()).await?;
            outcome = self.read_response(response, requested).await;
        }
        outcome
    }

    async fn read_response(
        &self,
        response: Response,
        requested: &Scope,
    ) -> Result<TokenSet, ClientError> {
        let status = response.status();
        let document = JsonDocument::read(response, WHAT).await;
        if !status.is_success() {
            let code = document
                .ok()
                .and_then(|document| document.text("error").map(text::printable));
            let reason = code.unwrap_or_else(|| format!("status {}", status.as_u16()));
            return Err(ClientError::TokenRefused(reason));
        }
        let document = document?;
        if self.defects.has(Defect::VERBOSE_SHOWS_SECRETS) {
            self.run.report_progress(&document.text);
        }
        read_tokens(&document, self.client, requested, self.defects)
    }

    /// Sends the request to a URL, which is the token endpoint unless a defect says otherwise.
    pub(super) async fn send(&self, endpoint: Url) -> Result<Response, ClientError> {
        let mut parameters = self.parameters.clone();
        let audience = if self.defects.has(Defect::ASSERTION_FOR_ENDPOINT) {
            endpoint.as_str()
        } else {
            &self.server.issuer
        };
        let mut url = endpoint.clone();
        if self.defects.has(Defect::TOKEN_PARAMETERS_IN_QUERY) {
            url.query_pairs_mut().extend_pairs(&parameters);
        }
        if self.defects.has(Defect::SECRET_IN_QUERY)
            && let Some(secret) = &self.client.secret
        {
            url.query_pairs_mut().append_pair("client_secret", secret);
        }
        let request = self.run.http.post(url);
        let request = authenticate(self, request, audience, &mut parameters)?;
        let request = request.header("Accept", "application/json");
        let request = if self.defects.has(Defect::TOKEN_REQUEST_JSON) {
            let members = parameters
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            request.json(&serde_json::Value::Object(members))
        } else {
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&parameters)
                .finish();
            request
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(body)
        };
        request
            .send()
            .await
            .map_err(|_| ClientError::Unreachable(WHAT))
    }
}

fn find_redirect_target(response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get("location")?.to_str().ok()?;
    response.url().join(location).ok()
}
