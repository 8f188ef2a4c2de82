//! One authorization: the request in the browser, the response at the listener, the code redeemed.

use crate::authorization::response::{self, AuthorizationResponse};
use crate::callback::{BrowserWindow, Callback, CallbackPage, CallbackRequest};
use crate::defect::{Defect, Defects};
use crate::discovery::server_metadata::{self, ServerMetadata};
use crate::error::ClientError;
use crate::random;
use crate::reference_client_kind::ReferenceClientKind;
use crate::registration::{self, RegisteredClient};
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::server_address::ServerAddress;
use crate::store::TokenSet;
use crate::token;
use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::{Url, form_urlencoded};

/// What is to be authorized, and where.
pub(crate) struct AuthorizationRequest<'a> {
    pub mcp: &'a ServerAddress,
    pub server: &'a ServerMetadata,
    /// Absent in 2025-03-26, which knows no resource indicators.
    pub resource: Option<&'a str>,
    pub scope: &'a Scope,
}

/// The outcome of an authorization.
pub(crate) struct GrantedAuthorization {
    pub tokens: TokenSet,
    pub client: RegisteredClient,
    pub resource: Option<String>,
}

/// The record of one authorization request, made before the browser leaves. Everything that the
/// response is compared with, and where its code goes, is in here; nothing is looked up later.
pub(crate) struct PendingAuthorization {
    pub server: ServerMetadata,
    pub client: RegisteredClient,
    pub state: Option<String>,
    pub verifier: Option<String>,
    pub redirect_uri: String,
    pub resource: Option<String>,
    pub scope: Scope,
}

/// Asks the user for authorization.
pub(crate) async fn authorize(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
) -> Result<GrantedAuthorization, ClientError> {
    let mut settings = AttemptSettings {
        defects: run.defects().clone(),
        resource: request.resource.map(str::to_owned),
        scope: request.scope.clone(),
    };
    let mut trace = AttemptTrace::default();
    let error = loop {
        match attempt(run, request, &settings, &mut trace).await {
            Err(ClientError::AuthorizationRefused(_)) if run.has(Defect::REFUSAL_ASKED_AGAIN) => {}
            Err(error) => break error,
            Ok(granted) => return Ok(granted),
        }
    };
    // A registration that the server has forgotten, or whose secret has run out, is replaced once.
    if let (ClientError::TokenRefused(code), Some(client)) = (&error, &trace.client)
        && code == "invalid_client"
        && client.registered_as.is_some()
    {
        if run.has(Defect::EXPIRED_SECRET_KEPT) {
            for _ in 0..2 {
                let _ = attempt(run, request, &settings, &mut AttemptTrace::default()).await;
            }
        } else {
            registration::forget(run, client)?;
        }
        return attempt(run, request, &settings, &mut trace).await;
    }
    if settings.after_failure(&error, &trace, run)? {
        return attempt(run, request, &settings, &mut trace).await;
    }
    Err(error)
}

/// What one attempt asks for.
struct AttemptSettings {
    defects: Defects,
    resource: Option<String>,
    scope: Scope,
}

impl AttemptSettings {
    /// Whether a defective client tries once more, and with what; a conforming one does not.
    fn after_failure(
        &mut self,
        error: &ClientError,
        trace: &AttemptTrace,
        run: &RunContext,
    ) -> Result<bool, ClientError> {
        if self.defects.any_refused() && error.is_refusal() {
            self.defects = self.defects.without_refused();
            return Ok(true);
        }
        if let ClientError::AuthorizationRefused(code) | ClientError::TokenRefused(code) = error
            && code == "invalid_target"
            && self.defects.has(Defect::RESOURCE_DROPPED_ON_ERROR)
        {
            self.resource = None;
            return Ok(true);
        }
        let temporary = matches!(
            trace.said.as_deref(),
            Some("temporarily_unavailable" | "server_error")
        );
        if self.defects.has(Defect::ISS_NOT_CHECKED_ON_ERROR) && temporary {
            return Ok(true);
        }
        if self.defects.has(Defect::ISS_ERROR_ACTED_ON)
            && matches!(error, ClientError::ResponseIssuer)
            && let Some(said) = &trace.said
        {
            match said.as_str() {
                "invalid_scope" => self.scope = Scope::default(),
                "invalid_client" => {
                    if let Some(client) = &trace.client {
                        registration::forget(run, client)?;
                    }
                }
                _ => {}
            }
            return Ok(true);
        }
        Ok(false)
    }
}

/// What an attempt came to know before it failed.
#[derive(Default)]
struct AttemptTrace {
    client: Option<RegisteredClient>,
    /// The error code of the response, whoever sent it: only defective clients look at it.
    said: Option<String>,
}

async fn attempt(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    settings: &AttemptSettings,
    trace: &mut AttemptTrace,
) -> Result<GrantedAuthorization, ClientError> {
    let mut callback = match run.config.application.redirect_uris() {
        Some(own) => Callback::handed_over(registration::own_redirect_uri(
            own.first().copied().unwrap_or_default(),
            &settings.defects,
        )),
        None => {
            let remembered =
                registration::remembered_redirect_uri(run, request.server, request.mcp);
            Callback::bind(
                remembered.as_ref().and_then(registration::port_of),
                &settings.defects,
            )
            .await?
        }
    };
    let outcome = attempt_with(run, request, settings, trace, &mut callback).await;
    callback.close().await;
    outcome
}

async fn attempt_with(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    settings: &AttemptSettings,
    trace: &mut AttemptTrace,
    callback: &mut Callback,
) -> Result<GrantedAuthorization, ClientError> {
    let defects = &settings.defects;
    let client = registration::obtain(
        run,
        request.server,
        request.mcp,
        callback.redirect_uri(),
        defects,
    )
    .await?;
    trace.client = Some(client.clone());
    if defects.has(Defect::STOP_AFTER_REGISTRATION) {
        return Err(ClientError::Browser);
    }
    let mut pending =
        PendingAuthorization::record(run, request, settings, client, callback.redirect_uri())?;
    let url = pending.url(defects)?;
    run.tell("opening the browser");
    let (query, arrival) = if run.config.application == ReferenceClientKind::Headless
        || defects.has(Defect::FETCHES_AUTHORIZE_ITSELF)
    {
        (
            fetch_response(run, &url, &pending.redirect_uri).await?,
            None,
        )
    } else {
        let window = run
            .platform
            .open_url(&url)
            .map_err(|_| ClientError::Browser)?;
        let arrival = callback
            .wait(&mut BrowserWindow::new(window), run.config.patience)
            .await
            .ok_or(ClientError::NoResponse)?;
        (arrival.query.clone(), Some(arrival))
    };
    let response = AuthorizationResponse::parse(&query);
    trace.said = response.first("error").map(str::to_owned);
    let held_back = show_page(arrival, &response, defects).await;
    if defects.has(Defect::CALLBACK_URL_LOGGED) {
        run.platform.print_error(&format!("callback: {query}"));
    }
    if defects.has(Defect::ISS_REREAD_METADATA)
        && let Some(server) = server_metadata::reread(run, &pending.server).await
    {
        pending.server = server;
    }
    let code = match response::validate(&response, &pending, run) {
        Err(ClientError::AuthorizationRefused(_))
            if defects.has(Defect::ERROR_RESPONSE_REDEEMED) =>
        {
            ""
        }
        other => other?,
    };
    let mut tokens = token::redeem(run, &pending, code, defects).await;
    if tokens.is_err() && defects.has(Defect::CODE_REDEEMED_TWICE) {
        tokens = token::redeem(run, &pending, code, defects).await;
    }
    let tokens = tokens?;
    if let Some(arrival) = held_back {
        arrival
            .answer(CallbackPage::with_cookie(&tokens.access_token))
            .await;
    }
    if defects.has(Defect::ISS_CHECKED_LATE) && run.config.revision.validates_iss() {
        response::check_issuer(&response, &pending, run)?;
    }
    if defects.has(Defect::SECOND_CALLBACK_REDEEMED) {
        redeem_more(run, &pending, callback, defects).await;
    }
    if defects.has(Defect::VERIFIER_STORED) {
        run.store.forget_verifier(&request.server.issuer)?;
    }
    Ok(GrantedAuthorization {
        tokens,
        client: pending.client,
        resource: pending.resource,
    })
}

impl PendingAuthorization {
    fn record(
        run: &RunContext,
        request: &AuthorizationRequest<'_>,
        settings: &AttemptSettings,
        client: RegisteredClient,
        redirect_uri: &str,
    ) -> Result<Self, ClientError> {
        let verifier = verifier(run, request.server, &settings.defects)?;
        let state = state(run, verifier.as_deref(), &settings.defects)?;
        let resource = settings
            .resource
            .as_deref()
            .and_then(|resource| named_resource(resource, run, request, &settings.defects));
        let mut defect_state = run.defect_state();
        defect_state.current_issuer = Some(request.server.issuer.clone());
        defect_state
            .pending_issuers
            .push(request.server.issuer.clone());
        drop(defect_state);
        let redirect_uri = match () {
            () if settings.defects.has(Defect::REDIRECT_URI_UNREGISTERED) => {
                redirect_uri.replace("/callback", "/unregistered")
            }
            () if settings.defects.has(Defect::REDIRECT_PLAIN_HTTP) => {
                redirect_uri.replace("127.0.0.1", "client.example")
            }
            () if settings.defects.has(Defect::REDIRECT_URI_FRAGMENT) => {
                format!("{redirect_uri}#app")
            }
            () => redirect_uri.to_owned(),
        };
        Ok(Self {
            server: request.server.clone(),
            client,
            state,
            verifier,
            redirect_uri,
            resource,
            scope: settings.scope.clone(),
        })
    }

    /// The authorization request. The endpoint's own query is kept, except for parameters that the
    /// client sets itself.
    fn url(&self, defects: &Defects) -> Result<String, ClientError> {
        let own = self.parameters(defects);
        let encoded = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&own)
            .finish();
        let endpoint = &self.server.authorization_endpoint;
        if defects.has(Defect::BROWSER_THROUGH_SHELL) {
            // and nothing between the server's text and the shell
            return Ok(format!(
                "{endpoint}{}{encoded}",
                if endpoint.contains('?') { '&' } else { '?' }
            ));
        }
        let Ok(mut url) = Url::parse(endpoint) else {
            // Only a client that looks at no endpoint gets here.
            return Ok(format!("{endpoint}?{encoded}"));
        };
        let is_own = |piece: &str| {
            form_urlencoded::parse(piece.as_bytes())
                .any(|(name, _)| own.iter().any(|(set, _)| *set == name))
        };
        let kept = url
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|piece| !piece.is_empty());
        let kept =
            kept.filter(|piece| defects.has(Defect::ENDPOINT_QUERY_DUPLICATED) || !is_own(piece));
        let kept = kept.filter(|_| !defects.has(Defect::ENDPOINT_QUERY_DROPPED));
        let query: Vec<&str> = kept.chain([encoded.as_str()]).collect();
        let query = query.join("&");
        url.set_query(Some(&query));
        Ok(url.into())
    }

    fn parameters(&self, defects: &Defects) -> Vec<(&'static str, String)> {
        let response_type = if defects.has(Defect::RESPONSE_TYPE_TOKEN) {
            "token"
        } else {
            "code"
        };
        let mut parameters = vec![
            ("response_type", response_type.to_owned()),
            ("client_id", self.client.id.clone()),
        ];
        if !defects.has(Defect::REDIRECT_URI_OMITTED) {
            parameters.push(("redirect_uri", self.redirect_uri.clone()));
        }
        parameters.extend(self.state.iter().map(|state| ("state", state.clone())));
        if defects.has(Defect::STATE_SENT_TWICE) {
            parameters.extend(self.state.iter().map(|state| ("state", state.clone())));
        }
        if let Some(verifier) = &self.verifier {
            let (challenge, method) = challenge(verifier, &self.server, defects);
            parameters.push(("code_challenge", challenge));
            if !defects.has(Defect::PKCE_METHOD_OMITTED) {
                parameters.push(("code_challenge_method", method.to_owned()));
            }
        }
        if defects.has(Defect::OFFLINE_ACCESS_ALWAYS) {
            parameters.push((
                "scope",
                self.scope
                    .union(&Scope::parse("offline_access"))
                    .to_parameter(defects),
            ));
        } else if !self.scope.is_empty() {
            parameters.push(("scope", self.scope.to_parameter(defects)));
        } else if defects.has(Defect::SCOPE_EMPTY_SENT) {
            parameters.push(("scope", String::new()));
        } else if defects.has(Defect::SCOPE_DEFAULT_OPENID) {
            parameters.push(("scope", "openid".to_owned()));
        }
        if !defects.has(Defect::NO_RESOURCE_IN_AUTHORIZATION_REQUEST) {
            parameters.extend(
                self.resource
                    .iter()
                    .map(|resource| ("resource", resource.clone())),
            );
        }
        parameters
    }
}

/// A fresh verifier for this one request.
fn verifier(
    run: &RunContext,
    server: &ServerMetadata,
    defects: &Defects,
) -> Result<Option<String>, ClientError> {
    let fresh = random::unguessable()?;
    Ok(Some(match () {
        () if defects.has(Defect::NO_PKCE)
            || (server.assumed && defects.has(Defect::MARCH_DEFAULTS_WITHOUT_PKCE)) =>
        {
            return Ok(None);
        }
        () if defects.has(Defect::SHORT_VERIFIER) => fresh.chars().take(32).collect(),
        () if defects.has(Defect::LONG_VERIFIER) => fresh.repeat(5).chars().take(200).collect(),
        () if defects.has(Defect::VERIFIER_STANDARD_BASE64) => {
            format!("{}+/=", fresh.chars().take(44).collect::<String>())
        }
        () if defects.has(Defect::VERIFIER_FROM_CLOCK) => {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |duration| duration.as_nanos());
            format!("{now:0>43}")
        }
        () if defects.has(Defect::VERIFIER_MOSTLY_CONSTANT) => {
            format!("the-same-beginning-of-all-verifiers-{}", &fresh[..12])
        }
        () if defects.has(Defect::STATIC_VERIFIER) => {
            "a-verifier-that-is-the-same-for-every-request".to_owned()
        }
        () if defects.has(Defect::VERIFIER_STORED) => {
            let verifier = run.store.verifier(&server.issuer).unwrap_or(fresh);
            run.store.keep_verifier(&server.issuer, &verifier)?;
            verifier
        }
        () => fresh,
    }))
}

/// The challenge that belongs to a verifier, and its method.
fn challenge(verifier: &str, server: &ServerMetadata, defects: &Defects) -> (String, &'static str) {
    let hash = Sha256::digest(verifier.as_bytes());
    match () {
        () if defects.has(Defect::PLAIN_PKCE) || !server.s256 => (verifier.to_owned(), "plain"),
        () if defects.has(Defect::CHALLENGE_PADDED) => (URL_SAFE.encode(hash), "S256"),
        () => (URL_SAFE_NO_PAD.encode(hash), "S256"),
    }
}

fn state(
    run: &RunContext,
    verifier: Option<&str>,
    defects: &Defects,
) -> Result<Option<String>, ClientError> {
    let fresh = random::unguessable()?;
    Ok(match () {
        () if defects.has(Defect::NO_STATE) => None,
        () if defects.has(Defect::STATIC_STATE) => Some("the-same-state-every-time".to_owned()),
        () if defects.has(Defect::COUNTER_STATE) => {
            let mut defect_state = run.defect_state();
            defect_state.states_sent += 1;
            Some(defect_state.states_sent.to_string())
        }
        () if defects.has(Defect::STATE_DATA_TRUSTED) => Some(
            URL_SAFE_NO_PAD
                .encode(serde_json::json!({ "nonce": fresh, "to": "/inbox" }).to_string()),
        ),
        () if defects.has(Defect::STATE_REVEALS_VERIFIER) => {
            let json = serde_json::json!({ "verifier": verifier, "nonce": fresh }).to_string();
            Some(URL_SAFE_NO_PAD.encode(json))
        }
        () => Some(fresh),
    })
}

/// The value of `resource`: what the resource's own metadata calls itself.
fn named_resource(
    resource: &str,
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    defects: &Defects,
) -> Option<String> {
    let first = run
        .defect_state()
        .first_resource
        .get_or_insert_with(|| resource.to_owned())
        .clone();
    let baked_in = || {
        let endpoint = Url::parse(&request.server.authorization_endpoint).ok()?;
        endpoint
            .query_pairs()
            .find(|(name, _)| name == "resource")
            .map(|(_, value)| value.into_owned())
    };
    match () {
        () if defects.has(Defect::NO_RESOURCE) => None,
        () if defects.has(Defect::RESOURCE_ONLY_IF_ANNOUNCED)
            && request.server.protected_resources.is_none() =>
        {
            None
        }
        () if defects.has(Defect::RESOURCE_SLASH_ADDED) => {
            Some(format!("{}/", resource.trim_end_matches('/')))
        }
        () if defects.has(Defect::RESOURCE_IS_AUTHORIZATION_SERVER) => {
            Some(request.server.issuer.clone())
        }
        () if defects.has(Defect::RESOURCE_OF_FIRST_SERVER) => Some(first),
        () if defects.has(Defect::RESOURCE_HOST_ONLY) => Some(request.mcp.origin()),
        () if defects.has(Defect::RESOURCE_BARE_HOST) => {
            request.mcp.url.host_str().map(str::to_owned)
        }
        () if defects.has(Defect::RESOURCE_RESPELLED) => {
            Url::parse(resource).ok().map(String::from)
        }
        () if defects.has(Defect::RESOURCE_AS_CONFIGURED) => Some(request.mcp.configured.clone()),
        () if defects.has(Defect::RESOURCE_FROM_ENDPOINT) => {
            Some(baked_in().unwrap_or_else(|| resource.to_owned()))
        }
        () => Some(resource.to_owned()),
    }
}

/// Lets the browser go at once, with a page that tells nothing. Only a defective client holds an
/// arrival back.
async fn show_page(
    arrival: Option<CallbackRequest>,
    response: &AuthorizationResponse,
    defects: &Defects,
) -> Option<CallbackRequest> {
    let arrival = arrival?;
    if defects.has(Defect::TOKEN_IN_COOKIE) {
        return Some(arrival);
    }
    let page = match response.first("error_description") {
        Some(text) if defects.has(Defect::CALLBACK_PAGE_ECHOES) => CallbackPage::echoing(&format!(
            "{text} {} {}",
            response.first("error").unwrap_or_default(),
            response.first("error_uri").unwrap_or_default()
        )),
        _ => CallbackPage::done(),
    };
    arrival.answer(page).await;
    None
}

/// Plays the browser: [`Defect::FETCHES_AUTHORIZE_ITSELF`].
async fn fetch_response(
    run: &RunContext,
    url: &str,
    redirect_uri: &str,
) -> Result<String, ClientError> {
    let mut next = Url::parse(url).map_err(|_| ClientError::Browser)?;
    for _ in 0..5 {
        let answer = run
            .http
            .get(next.clone())
            .send()
            .await
            .map_err(|_| ClientError::NoResponse)?;
        let location = answer
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .ok_or(ClientError::NoResponse)?;
        next = next.join(location).map_err(|_| ClientError::NoResponse)?;
        if next.as_str().starts_with(redirect_uri) {
            return Ok(next.query().unwrap_or_default().to_owned());
        }
    }
    Err(ClientError::NoResponse)
}

/// Takes whatever else arrives for a genuine response: [`Defect::SECOND_CALLBACK_REDEEMED`].
async fn redeem_more(
    run: &RunContext,
    pending: &PendingAuthorization,
    callback: &mut Callback,
    defects: &Defects,
) {
    while let Some(arrival) = callback
        .wait(&mut BrowserWindow::unseen(), Duration::from_millis(200))
        .await
    {
        let response = AuthorizationResponse::parse(&arrival.query);
        arrival.answer(CallbackPage::done()).await;
        if let Some(code) = response.first("code") {
            let _ = token::redeem(run, pending, code, defects).await;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::registration::AuthMethod;

    pub(crate) fn pending(issuer: &str, advertises_iss: bool) -> PendingAuthorization {
        PendingAuthorization {
            server: ServerMetadata::for_tests(issuer, advertises_iss),
            client: RegisteredClient {
                id: "c".into(),
                secret: None,
                auth_method: AuthMethod::None,
                registered_as: None,
            },
            state: Some("s".into()),
            verifier: Some("v".into()),
            redirect_uri: "http://127.0.0.1:1/callback".into(),
            resource: Some("http://localhost:1/mcp".into()),
            scope: Scope::parse("a b"),
        }
    }

    #[test]
    fn the_endpoints_query_is_kept_but_nothing_comes_twice() {
        let mut pending = pending("http://localhost:1", true);
        pending.server.authorization_endpoint =
            "http://localhost:1/a?tenant=t%311&%72esource=x&resource=y&flag".into();
        let url = pending.url(&Defects::none()).unwrap();
        assert!(
            url.starts_with(
                "http://localhost:1/a?tenant=t%311&flag&response_type=code&client_id=c&"
            ),
            "{url}"
        );
        let names: Vec<String> = Url::parse(&url)
            .unwrap()
            .query_pairs()
            .map(|(name, _)| name.into_owned())
            .collect();
        assert_eq!(names.iter().filter(|name| *name == "resource").count(), 1);
        assert!(
            url.contains("resource=http%3A%2F%2Flocalhost%3A1%2Fmcp") && url.contains("scope=a+b")
        );
    }

    #[test]
    fn the_challenge_of_the_standard() {
        // RFC 7636 appendix B
        let (challenge, method) = challenge(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            &pending("http://localhost:1", true).server,
            &Defects::none(),
        );
        assert_eq!(
            (challenge.as_str(), method),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256")
        );
    }
}
