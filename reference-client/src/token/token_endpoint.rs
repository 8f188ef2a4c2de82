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

/// How often a client that repeats refused requests does so, so that a run ends.
const MOST_REPETITIONS: u32 = 12;

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
        for _ in 0..MOST_REPETITIONS {
            if !self.repeats_after(&response) {
                break;
            }
            response = self.send(self.server.token_endpoint.clone()).await?;
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
        let proof_algorithm = self.proof_algorithm()?;
        let mut status = response.status();
        let has_nonce = self.note_nonce(&response);
        let mut document = JsonDocument::read(response, WHAT).await;
        if has_nonce
            && wants_nonce(&document)
            && !self.defects.has(Defect::DPOP_SERVER_NONCE_IGNORED)
        {
            let response = self.send(self.server.token_endpoint.clone()).await?;
            status = response.status();
            self.note_nonce(&response);
            document = JsonDocument::read(response, WHAT).await;
        }
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
        let tokens = read_tokens(&document, self, requested, proof_algorithm)?;
        self.run.dpop.note_tokens(&tokens);
        Ok(tokens)
    }

    /// Remembers the nonce of a response. Returns whether there is one.
    fn note_nonce(&self, response: &Response) -> bool {
        let is_error = !response.status().is_success();
        if !is_error && self.defects.has(Defect::DPOP_NONCE_OF_ERRORS_ONLY) {
            return false;
        }
        let (dpop, url) = (&self.run.dpop, &self.server.token_endpoint);
        dpop.note_nonce(url, response.headers(), self.defects)
    }

    /// Whether a defective client sends the request again after this response.
    fn repeats_after(&self, response: &Response) -> bool {
        let status = response.status();
        let media_type = response.headers().get("content-type");
        let is_json = media_type.is_some_and(|value| value.as_bytes().ends_with(b"json"));
        let is_busy = status.is_server_error() || status.as_u16() == 429;
        !status.is_success()
            && (self.defects.has(Defect::TOKEN_REFUSAL_REPEATED)
                || self.defects.has(Defect::TOKEN_OUTAGE_REPEATED) && is_busy
                || self.defects.has(Defect::TOKEN_REFUSAL_MISREAD) && !is_json)
    }

    /// Sends the request to a URL, which is the token endpoint unless a defect says otherwise.
    pub(super) async fn send(&self, endpoint: Url) -> Result<Response, ClientError> {
        if !self.defects.has(Defect::INTERNAL_ENDPOINTS_REQUESTED) {
            self.run.guard.check(&endpoint).await?;
        }
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
        if self.defects.has(Defect::ENTERPRISE_JAG_IN_QUERY) {
            let assertion = parameters.iter().filter(|(name, _)| *name == "assertion");
            url.query_pairs_mut().extend_pairs(assertion);
        }
        if self.defects.has(Defect::SECRET_IN_QUERY)
            && let Some(secret) = &self.client.secret
        {
            url.query_pairs_mut().append_pair("client_secret", secret);
        }
        let request = self.run.http.post(url);
        let request = authenticate(self, request, audience, &mut parameters)?;
        let mut request = request.header("Accept", "application/json");
        if let Some(algorithm) = self.proof_algorithm()? {
            let (dpop, store) = (&self.run.dpop, &self.run.store);
            let proof = dpop.prove(store, algorithm, "POST", &endpoint, None, self.defects)?;
            request = request.header("DPoP", proof);
        }
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

/// Whether the server has refused a request because its proof lacks the server's nonce.
fn wants_nonce(document: &Result<JsonDocument, ClientError>) -> bool {
    let document = document.as_ref().ok();
    document.and_then(|document| document.text("error")) == Some("use_dpop_nonce")
}

fn find_redirect_target(response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get("location")?.to_str().ok()?;
    response.url().join(location).ok()
}
