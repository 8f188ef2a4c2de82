//! One attempt of an authorization: open the browser, receive the response, redeem the code.

use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::authorization::authorization_response::AuthorizationResponse;
use crate::authorization::authorization_url::build_authorization_url;
use crate::authorization::pending_authorization::PendingAuthorization;
use crate::authorization::resource_parameter::choose_resource;
use crate::authorization::{issuer_check, pkce, response_check, state_parameter};
use crate::callback::{BrowserWindow, Callback, CallbackPage, CallbackRequest};
use crate::defect::{Defect, Defects};
use crate::discovery;
use crate::error::ClientError;
use crate::reference_client_kind::ReferenceClientKind;
use crate::registration::{self, ClientIdentity};
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::store::TokenSet;
use crate::token;
use std::time::{Duration, Instant};
use url::Url;

/// How many redirects a client follows that loads the authorization URL itself.
const MOST_REDIRECTS: usize = 5;

/// What one attempt asks for.
pub(super) struct AttemptSettings {
    pub defects: Defects,
    pub resource: Option<String>,
    pub scope: Scope,
}

/// What an attempt has found out, even if it failed.
#[derive(Default)]
pub(super) struct AttemptTrace {
    pub client: Option<ClientIdentity>,
    /// The error code of the response, whoever sent it. Only defective clients read it.
    pub error_code: Option<String>,
}

/// Makes one attempt. The callback listener is closed when it ends.
pub(super) async fn attempt_authorization(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    settings: &AttemptSettings,
    trace: &mut AttemptTrace,
) -> Result<GrantedAuthorization, ClientError> {
    let mut callback = open_callback(run, request, &settings.defects).await?;
    let outcome = authorize_at_callback(run, request, settings, trace, &mut callback).await;
    callback.close().await;
    outcome
}

async fn open_callback(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    defects: &Defects,
) -> Result<Callback, ClientError> {
    if let Some(own) = run.config.application.redirect_uris() {
        let redirect_uri = own.first().copied().unwrap_or_default();
        return Ok(Callback::handed_over(registration::own_redirect_uri(
            redirect_uri,
            defects,
        )));
    }
    if let Some(port) = run.config.callback_port {
        return Callback::bind_exactly(port, defects).await;
    }
    let port = registration::remembered_port(run, request.server, request.mcp);
    Callback::bind(port, defects).await
}

async fn authorize_at_callback(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    settings: &AttemptSettings,
    trace: &mut AttemptTrace,
    callback: &mut Callback,
) -> Result<GrantedAuthorization, ClientError> {
    let defects = &settings.defects;
    let redirect_uri = callback.redirect_uri();
    let client =
        registration::obtain_client(run, request.server, request.mcp, redirect_uri, defects)
            .await?;
    trace.client = Some(client.clone());
    if defects.has(Defect::STOP_AFTER_REGISTRATION) {
        return Err(ClientError::Browser);
    }
    let mut pending = record_request(run, request, settings, client, redirect_uri)?;
    let (response, callback_request) = await_response(run, &pending, callback, defects).await?;
    trace.error_code = response.first("error").map(str::to_owned);
    let unanswered = show_page(callback_request, &response, defects).await;
    if defects.has(Defect::CALLBACK_URL_LOGGED) {
        run.platform
            .print_error(&format!("callback: {}", response.query));
    }
    if defects.has(Defect::ISS_REREAD_METADATA)
        && let Some(server) = discovery::reread_server_metadata(run, &pending.server).await
    {
        pending.server = server;
    }
    let tokens = redeem_response(run, &pending, &response, defects).await?;
    if let Some(callback_request) = unanswered {
        let page = CallbackPage::with_token_cookie(&tokens.access_token);
        callback_request.answer(page).await;
    }
    if defects.has(Defect::ISS_CHECKED_LATE) && run.config.revision.validates_iss() {
        issuer_check::check_issuer(&response, &pending, run)?;
    }
    if defects.has(Defect::SECOND_CALLBACK_REDEEMED) {
        redeem_further_responses(run, &pending, callback, defects).await;
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

/// Chooses the parameters of the authorization request and records them.
fn record_request(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    settings: &AttemptSettings,
    client: ClientIdentity,
    redirect_uri: &str,
) -> Result<PendingAuthorization, ClientError> {
    let defects = &settings.defects;
    let verifier = pkce::create_verifier(run, request.server, defects)?;
    let state = state_parameter::create_state(run, verifier.as_deref(), defects)?;
    let resource = settings
        .resource
        .as_deref()
        .and_then(|resource| choose_resource(resource, run, request, defects));
    run.defect_state().record_issuer(&request.server.issuer);
    let redirect_uri = match () {
        () if defects.has(Defect::REDIRECT_URI_UNREGISTERED) => {
            redirect_uri.replace("/callback", "/unregistered")
        }
        () if defects.has(Defect::REDIRECT_PLAIN_HTTP) => {
            redirect_uri.replace("127.0.0.1", "client.example")
        }
        () if defects.has(Defect::REDIRECT_URI_FRAGMENT) => format!("{redirect_uri}#app"),
        () => redirect_uri.to_owned(),
    };
    Ok(PendingAuthorization {
        server: request.server.clone(),
        client,
        state,
        verifier,
        redirect_uri,
        resource,
        scope: settings.scope.clone(),
    })
}

/// Opens the authorization URL and waits for the response. Returns it with the request of the
/// browser that waits for a page.
async fn await_response(
    run: &RunContext,
    pending: &PendingAuthorization,
    callback: &mut Callback,
    defects: &Defects,
) -> Result<(AuthorizationResponse, Option<CallbackRequest>), ClientError> {
    let url = build_authorization_url(pending, defects);
    run.report_progress("opening the browser");
    if run.config.application == ReferenceClientKind::Headless
        || defects.has(Defect::FETCHES_AUTHORIZE_ITSELF)
    {
        let query = load_response(run, &url, &pending.redirect_uri).await?;
        return Ok((parse_response(run, &query), None));
    }
    let window = run
        .platform
        .open_url(&url)
        .map_err(|_| ClientError::Browser)?;
    receive_response(run, pending, callback, BrowserWindow::new(window), defects).await
}

/// Waits for the response that belongs to the request. Anybody can make the browser load the
/// redirect URI, so a response with another state is answered and does not end the wait.
async fn receive_response(
    run: &RunContext,
    pending: &PendingAuthorization,
    callback: &mut Callback,
    mut window: BrowserWindow,
    defects: &Defects,
) -> Result<(AuthorizationResponse, Option<CallbackRequest>), ClientError> {
    let deadline = Instant::now() + run.config.patience;
    let mut outcome = ClientError::NoResponse;
    loop {
        let patience = deadline.saturating_duration_since(Instant::now());
        let Some(callback_request) = callback.wait(&mut window, patience).await else {
            return Err(outcome);
        };
        let response = parse_response(run, &callback_request.query);
        if response_check::ends_wait(&response, pending, defects) {
            return Ok((response, Some(callback_request)));
        }
        outcome = ClientError::State;
        if let Some(callback_request) = show_page(Some(callback_request), &response, defects).await
        {
            callback_request.answer(CallbackPage::done()).await;
        }
    }
}

/// Reads a response. A defective client prints it.
fn parse_response(run: &RunContext, query: &str) -> AuthorizationResponse {
    let response = AuthorizationResponse::parse(query);
    if run.has(Defect::RESPONSE_PRINTED) {
        run.platform.print_error(&response.show_all_but_code());
    }
    response
}

/// Loads the authorization URL as a browser would, and returns the query of the redirect to the
/// redirect URI.
async fn load_response(
    run: &RunContext,
    url: &str,
    redirect_uri: &str,
) -> Result<String, ClientError> {
    let mut next = Url::parse(url).map_err(|_| ClientError::Browser)?;
    for _ in 0..MOST_REDIRECTS {
        let response = run
            .http
            .get(next.clone())
            .send()
            .await
            .map_err(|_| ClientError::NoResponse)?;
        let location = response
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

/// Shows a page that reveals nothing, so that the browser does not wait for the token request.
/// Returns the request unanswered if a defective client answers it later.
async fn show_page(
    callback_request: Option<CallbackRequest>,
    response: &AuthorizationResponse,
    defects: &Defects,
) -> Option<CallbackRequest> {
    let callback_request = callback_request?;
    if defects.has(Defect::TOKEN_IN_COOKIE) {
        return Some(callback_request);
    }
    let shown = match (response.first("error_description"), response.first("error")) {
        _ if defects.has(Defect::CALLBACK_PAGE_LISTS_PARAMETERS) => {
            Some(response.show_all_but_code())
        }
        (Some(text), error) if defects.has(Defect::CALLBACK_PAGE_ECHOES) => Some(format!(
            "{text} {} {}",
            error.unwrap_or_default(),
            response.first("error_uri").unwrap_or_default()
        )),
        (_, Some(error)) if defects.has(Defect::CALLBACK_PAGE_SHOWS_ERROR_CODE) => {
            Some(error.to_owned())
        }
        _ => None,
    };
    let page = shown.map_or_else(CallbackPage::done, |text| CallbackPage::echoing(&text));
    callback_request.answer(page).await;
    None
}

/// Checks the response and redeems its code.
async fn redeem_response(
    run: &RunContext,
    pending: &PendingAuthorization,
    response: &AuthorizationResponse,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let code = match response_check::check_response(response, pending, run) {
        Err(ClientError::AuthorizationRefused(_))
            if defects.has(Defect::ERROR_RESPONSE_REDEEMED) =>
        {
            ""
        }
        outcome => outcome?,
    };
    if defects.has(Defect::FORMER_CODE_TRIED)
        && let Some(former) = run.store.replace_last_code(code)?
    {
        let _ = token::redeem_code(run, pending, &former, defects).await;
    }
    let tokens = token::redeem_code(run, pending, code, defects).await;
    if tokens.is_err() && defects.has(Defect::CODE_REDEEMED_TWICE) {
        return token::redeem_code(run, pending, code, defects).await;
    }
    tokens
}

/// Redeems the codes of all responses that still arrive: [`Defect::SECOND_CALLBACK_REDEEMED`].
async fn redeem_further_responses(
    run: &RunContext,
    pending: &PendingAuthorization,
    callback: &mut Callback,
    defects: &Defects,
) {
    const WAIT: Duration = Duration::from_millis(200);
    while let Some(callback_request) = callback.wait(&mut BrowserWindow::unobserved(), WAIT).await {
        let response = AuthorizationResponse::parse(&callback_request.query);
        callback_request.answer(CallbackPage::done()).await;
        if let Some(code) = response.first("code") {
            let _ = token::redeem_code(run, pending, code, defects).await;
        }
    }
}
