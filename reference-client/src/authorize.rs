//! One authorization: the request in the browser, the response at the listener, the code redeemed.

use crate::address::ServerAddress;
use crate::callback::{Arrival, Browser, Callback, Page};
use crate::config::Kind;
use crate::defect::{Defect, Defects};
use crate::error::Error;
use crate::metadata::{self, AuthorizationServer};
use crate::random;
use crate::registration::{self, Client};
use crate::response::{self, Response};
use crate::run::Run;
use crate::scope::Scope;
use crate::store::Tokens;
use crate::token;
use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::{Url, form_urlencoded};

/// What is to be authorized, and where.
pub(crate) struct Request<'a> {
    pub mcp: &'a ServerAddress,
    pub server: &'a AuthorizationServer,
    /// Absent in 2025-03-26, which knows no resource indicators.
    pub resource: Option<&'a str>,
    pub scope: &'a Scope,
}

/// The outcome of an authorization.
pub(crate) struct Granted {
    pub tokens: Tokens,
    pub client: Client,
    pub resource: Option<String>,
}

/// The record of one authorization request, made before the browser leaves. Everything that the
/// response is compared with, and where its code goes, is in here; nothing is looked up later.
pub(crate) struct Pending {
    pub server: AuthorizationServer,
    pub client: Client,
    pub state: Option<String>,
    pub verifier: Option<String>,
    pub redirect_uri: String,
    pub resource: Option<String>,
    pub scope: Scope,
}

/// Asks the user for authorization.
pub(crate) async fn authorize(run: &Run, request: &Request<'_>) -> Result<Granted, Error> {
    let mut wish = Wish {
        defects: run.defects().clone(),
        resource: request.resource.map(str::to_owned),
        scope: request.scope.clone(),
    };
    let mut trace = Trace::default();
    let error = loop {
        match attempt(run, request, &wish, &mut trace).await {
            Err(Error::AuthorizationRefused(_)) if run.has(Defect::RefusalAskedAgain) => {}
            Err(error) => break error,
            Ok(granted) => return Ok(granted),
        }
    };
    // A registration that the server has forgotten, or whose secret has run out, is replaced once.
    if let (Error::TokenRefused(code), Some(client)) = (&error, &trace.client)
        && code == "invalid_client"
        && client.registered_as.is_some()
    {
        if run.has(Defect::ExpiredSecret) {
            for _ in 0..2 {
                let _ = attempt(run, request, &wish, &mut Trace::default()).await;
            }
        } else {
            registration::forget(run, client)?;
        }
        return attempt(run, request, &wish, &mut trace).await;
    }
    if wish.after_failure(&error, &trace, run)? {
        return attempt(run, request, &wish, &mut trace).await;
    }
    Err(error)
}

/// What one attempt asks for.
struct Wish {
    defects: Defects,
    resource: Option<String>,
    scope: Scope,
}

impl Wish {
    /// Whether a defective client tries once more, and with what; a conforming one does not.
    fn after_failure(&mut self, error: &Error, trace: &Trace, run: &Run) -> Result<bool, Error> {
        if self.defects.any_refused() && error.is_refusal() {
            self.defects = self.defects.without_refused();
            return Ok(true);
        }
        if let Error::AuthorizationRefused(code) | Error::TokenRefused(code) = error
            && code == "invalid_target"
            && self.defects.has(Defect::ResourceDropped)
        {
            self.resource = None;
            return Ok(true);
        }
        let temporary = matches!(
            trace.said.as_deref(),
            Some("temporarily_unavailable" | "server_error")
        );
        if self.defects.has(Defect::IssNotCheckedOnError) && temporary {
            return Ok(true);
        }
        if self.defects.has(Defect::IssErrorActedOn)
            && matches!(error, Error::ResponseIssuer)
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
struct Trace {
    client: Option<Client>,
    /// The error code of the response, whoever sent it: only defective clients look at it.
    said: Option<String>,
}

async fn attempt(
    run: &Run,
    request: &Request<'_>,
    wish: &Wish,
    trace: &mut Trace,
) -> Result<Granted, Error> {
    let mut callback = match run.config.kind.redirect_uris() {
        Some(own) => Callback::handed_over(registration::own_redirect_uri(
            own.first().copied().unwrap_or_default(),
            &wish.defects,
        )),
        None => {
            let remembered =
                registration::remembered_redirect_uri(run, request.server, request.mcp);
            Callback::bind(
                remembered.as_ref().and_then(registration::port_of),
                &wish.defects,
            )
            .await?
        }
    };
    let outcome = attempt_with(run, request, wish, trace, &mut callback).await;
    callback.close().await;
    outcome
}

async fn attempt_with(
    run: &Run,
    request: &Request<'_>,
    wish: &Wish,
    trace: &mut Trace,
    callback: &mut Callback,
) -> Result<Granted, Error> {
    let defects = &wish.defects;
    let client = registration::obtain(
        run,
        request.server,
        request.mcp,
        callback.redirect_uri(),
        defects,
    )
    .await?;
    trace.client = Some(client.clone());
    if defects.has(Defect::StopAfterRegistration) {
        return Err(Error::Browser);
    }
    let mut pending = Pending::record(run, request, wish, client, callback.redirect_uri())?;
    let url = pending.url(defects)?;
    run.tell("opening the browser");
    let (query, arrival) =
        if run.config.kind == Kind::Headless || defects.has(Defect::FetchesAuthorize) {
            (
                fetch_response(run, &url, &pending.redirect_uri).await?,
                None,
            )
        } else {
            let window = run.platform.open_url(&url).map_err(|_| Error::Browser)?;
            let arrival = callback
                .wait(&mut Browser::new(window), run.config.patience)
                .await
                .ok_or(Error::NoResponse)?;
            (arrival.query.clone(), Some(arrival))
        };
    let response = Response::parse(&query);
    trace.said = response.first("error").map(str::to_owned);
    let held_back = show_page(arrival, &response, defects).await;
    if defects.has(Defect::CallbackLogged) {
        run.platform.print_error(&format!("callback: {query}"));
    }
    if defects.has(Defect::IssRereadMetadata)
        && let Some(server) = metadata::reread(run, &pending.server).await
    {
        pending.server = server;
    }
    let code = match response::validate(&response, &pending, run) {
        Err(Error::AuthorizationRefused(_)) if defects.has(Defect::ErrorResponseRedeemed) => "",
        other => other?,
    };
    let mut tokens = token::redeem(run, &pending, code, defects).await;
    if tokens.is_err() && defects.has(Defect::CodeTwice) {
        tokens = token::redeem(run, &pending, code, defects).await;
    }
    let tokens = tokens?;
    if let Some(arrival) = held_back {
        arrival
            .answer(Page::with_cookie(&tokens.access_token))
            .await;
    }
    if defects.has(Defect::IssCheckedLate) && run.config.revision.validates_iss() {
        response::check_issuer(&response, &pending, run)?;
    }
    if defects.has(Defect::SecondCallbackRedeemed) {
        redeem_more(run, &pending, callback, defects).await;
    }
    if defects.has(Defect::VerifierStored) {
        run.store.forget_verifier(&request.server.issuer)?;
    }
    Ok(Granted {
        tokens,
        client: pending.client,
        resource: pending.resource,
    })
}

impl Pending {
    fn record(
        run: &Run,
        request: &Request<'_>,
        wish: &Wish,
        client: Client,
        redirect_uri: &str,
    ) -> Result<Self, Error> {
        let verifier = verifier(run, request.server, &wish.defects)?;
        let state = state(run, verifier.as_deref(), &wish.defects)?;
        let resource = wish
            .resource
            .as_deref()
            .and_then(|resource| named_resource(resource, run, request, &wish.defects));
        let mut blunders = run.blunders();
        blunders.current_issuer = Some(request.server.issuer.clone());
        blunders.pending_issuers.push(request.server.issuer.clone());
        drop(blunders);
        let redirect_uri = match () {
            () if wish.defects.has(Defect::RedirectUnregistered) => {
                redirect_uri.replace("/callback", "/unregistered")
            }
            () if wish.defects.has(Defect::RedirectPlainHttp) => {
                redirect_uri.replace("127.0.0.1", "client.example")
            }
            () if wish.defects.has(Defect::RedirectFragment) => format!("{redirect_uri}#app"),
            () => redirect_uri.to_owned(),
        };
        Ok(Self {
            server: request.server.clone(),
            client,
            state,
            verifier,
            redirect_uri,
            resource,
            scope: wish.scope.clone(),
        })
    }

    /// The authorization request. The endpoint's own query is kept, except for parameters that the
    /// client sets itself.
    fn url(&self, defects: &Defects) -> Result<String, Error> {
        let own = self.parameters(defects);
        let encoded = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&own)
            .finish();
        let endpoint = &self.server.authorization_endpoint;
        if defects.has(Defect::BrowserShell) {
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
            kept.filter(|piece| defects.has(Defect::EndpointQueryDuplicated) || !is_own(piece));
        let kept = kept.filter(|_| !defects.has(Defect::EndpointQueryDropped));
        let query: Vec<&str> = kept.chain([encoded.as_str()]).collect();
        let query = query.join("&");
        url.set_query(Some(&query));
        Ok(url.into())
    }

    fn parameters(&self, defects: &Defects) -> Vec<(&'static str, String)> {
        let response_type = if defects.has(Defect::ResponseTypeToken) {
            "token"
        } else {
            "code"
        };
        let mut parameters = vec![
            ("response_type", response_type.to_owned()),
            ("client_id", self.client.id.clone()),
        ];
        if !defects.has(Defect::RedirectUriOmitted) {
            parameters.push(("redirect_uri", self.redirect_uri.clone()));
        }
        parameters.extend(self.state.iter().map(|state| ("state", state.clone())));
        if defects.has(Defect::StateTwice) {
            parameters.extend(self.state.iter().map(|state| ("state", state.clone())));
        }
        if let Some(verifier) = &self.verifier {
            let (challenge, method) = challenge(verifier, &self.server, defects);
            parameters.push(("code_challenge", challenge));
            if !defects.has(Defect::PkceMethodOmitted) {
                parameters.push(("code_challenge_method", method.to_owned()));
            }
        }
        if defects.has(Defect::OfflineAlways) {
            parameters.push((
                "scope",
                self.scope
                    .union(&Scope::parse("offline_access"))
                    .to_parameter(defects),
            ));
        } else if !self.scope.is_empty() {
            parameters.push(("scope", self.scope.to_parameter(defects)));
        } else if defects.has(Defect::ScopeEmpty) {
            parameters.push(("scope", String::new()));
        } else if defects.has(Defect::ScopeDefault) {
            parameters.push(("scope", "openid".to_owned()));
        }
        if !defects.has(Defect::NoResourceInAuthorization) {
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
    run: &Run,
    server: &AuthorizationServer,
    defects: &Defects,
) -> Result<Option<String>, Error> {
    let fresh = random::unguessable()?;
    Ok(Some(match () {
        () if defects.has(Defect::NoPkce)
            || (server.assumed && defects.has(Defect::MarchDefaultsNoPkce)) =>
        {
            return Ok(None);
        }
        () if defects.has(Defect::ShortVerifier) => fresh.chars().take(32).collect(),
        () if defects.has(Defect::LongVerifier) => fresh.repeat(5).chars().take(200).collect(),
        () if defects.has(Defect::VerifierBase64) => {
            format!("{}+/=", fresh.chars().take(44).collect::<String>())
        }
        () if defects.has(Defect::VerifierFromClock) => {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |duration| duration.as_nanos());
            format!("{now:0>43}")
        }
        () if defects.has(Defect::VerifierMostlyConstant) => {
            format!("the-same-beginning-of-all-verifiers-{}", &fresh[..12])
        }
        () if defects.has(Defect::StaticVerifier) => {
            "a-verifier-that-is-the-same-for-every-request".to_owned()
        }
        () if defects.has(Defect::VerifierStored) => {
            let verifier = run.store.verifier(&server.issuer).unwrap_or(fresh);
            run.store.keep_verifier(&server.issuer, &verifier)?;
            verifier
        }
        () => fresh,
    }))
}

/// The challenge that belongs to a verifier, and its method.
fn challenge(
    verifier: &str,
    server: &AuthorizationServer,
    defects: &Defects,
) -> (String, &'static str) {
    let hash = Sha256::digest(verifier.as_bytes());
    match () {
        () if defects.has(Defect::PlainPkce) || !server.s256 => (verifier.to_owned(), "plain"),
        () if defects.has(Defect::ChallengePadded) => (URL_SAFE.encode(hash), "S256"),
        () => (URL_SAFE_NO_PAD.encode(hash), "S256"),
    }
}

fn state(run: &Run, verifier: Option<&str>, defects: &Defects) -> Result<Option<String>, Error> {
    let fresh = random::unguessable()?;
    Ok(match () {
        () if defects.has(Defect::NoState) => None,
        () if defects.has(Defect::StaticState) => Some("the-same-state-every-time".to_owned()),
        () if defects.has(Defect::CounterState) => {
            let mut blunders = run.blunders();
            blunders.states_sent += 1;
            Some(blunders.states_sent.to_string())
        }
        () if defects.has(Defect::StateDataTrusted) => Some(
            URL_SAFE_NO_PAD
                .encode(serde_json::json!({ "nonce": fresh, "to": "/inbox" }).to_string()),
        ),
        () if defects.has(Defect::StateRevealsVerifier) => {
            let json = serde_json::json!({ "verifier": verifier, "nonce": fresh }).to_string();
            Some(URL_SAFE_NO_PAD.encode(json))
        }
        () => Some(fresh),
    })
}

/// The value of `resource`: what the resource's own metadata calls itself.
fn named_resource(
    resource: &str,
    run: &Run,
    request: &Request<'_>,
    defects: &Defects,
) -> Option<String> {
    let first = run
        .blunders()
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
        () if defects.has(Defect::NoResource) => None,
        () if defects.has(Defect::ResourceOnlyIfAnnounced)
            && request.server.protected_resources.is_none() =>
        {
            None
        }
        () if defects.has(Defect::ResourceSlashAdded) => {
            Some(format!("{}/", resource.trim_end_matches('/')))
        }
        () if defects.has(Defect::ResourceIsServer) => Some(request.server.issuer.clone()),
        () if defects.has(Defect::ResourceOfFirst) => Some(first),
        () if defects.has(Defect::ResourceHostOnly) => Some(request.mcp.origin()),
        () if defects.has(Defect::ResourceBareHost) => {
            request.mcp.url.host_str().map(str::to_owned)
        }
        () if defects.has(Defect::ResourceRespelled) => Url::parse(resource).ok().map(String::from),
        () if defects.has(Defect::ResourceAsConfigured) => Some(request.mcp.configured.clone()),
        () if defects.has(Defect::ResourceFromEndpoint) => {
            Some(baked_in().unwrap_or_else(|| resource.to_owned()))
        }
        () => Some(resource.to_owned()),
    }
}

/// Lets the browser go at once, with a page that tells nothing. Only a defective client holds an
/// arrival back.
async fn show_page(
    arrival: Option<Arrival>,
    response: &Response,
    defects: &Defects,
) -> Option<Arrival> {
    let arrival = arrival?;
    if defects.has(Defect::TokenInCookie) {
        return Some(arrival);
    }
    let page = match response.first("error_description") {
        Some(text) if defects.has(Defect::PageEchoes) => Page::echoing(&format!(
            "{text} {} {}",
            response.first("error").unwrap_or_default(),
            response.first("error_uri").unwrap_or_default()
        )),
        _ => Page::done(),
    };
    arrival.answer(page).await;
    None
}

/// Plays the browser: [`Defect::FetchesAuthorize`].
async fn fetch_response(run: &Run, url: &str, redirect_uri: &str) -> Result<String, Error> {
    let mut next = Url::parse(url).map_err(|_| Error::Browser)?;
    for _ in 0..5 {
        let answer = run
            .http
            .get(next.clone())
            .send()
            .await
            .map_err(|_| Error::NoResponse)?;
        let location = answer
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .ok_or(Error::NoResponse)?;
        next = next.join(location).map_err(|_| Error::NoResponse)?;
        if next.as_str().starts_with(redirect_uri) {
            return Ok(next.query().unwrap_or_default().to_owned());
        }
    }
    Err(Error::NoResponse)
}

/// Takes whatever else arrives for a genuine response: [`Defect::SecondCallbackRedeemed`].
async fn redeem_more(run: &Run, pending: &Pending, callback: &mut Callback, defects: &Defects) {
    while let Some(arrival) = callback
        .wait(&mut Browser::unseen(), Duration::from_millis(200))
        .await
    {
        let response = Response::parse(&arrival.query);
        arrival.answer(Page::done()).await;
        if let Some(code) = response.first("code") {
            let _ = token::redeem(run, pending, code, defects).await;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::registration::AuthMethod;

    pub(crate) fn pending(issuer: &str, advertises_iss: bool) -> Pending {
        Pending {
            server: AuthorizationServer::for_tests(issuer, advertises_iss),
            client: Client {
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
