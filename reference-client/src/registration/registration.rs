//! How the client gets its client ID: configured, remembered, a metadata document of its own, or
//! dynamic registration, in this order.

use crate::defect::{Defect, Defects};
use crate::discovery::server_metadata::ServerMetadata;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::reference_client_kind::ReferenceClientKind;
use crate::run_context::RunContext;
use crate::server_address::ServerAddress;
use crate::signing_key;
use crate::store::StoredRegistration;
use crate::text;
use crate::url_rules;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;

/// The client ID of this client where metadata documents are taken: the document's own address.
pub const CLIENT_METADATA_URL: &str = "https://reference-client.example/client-metadata.json";

const NAME: &str = "MCP reference client";
const WHAT: &str = "registration endpoint";

/// The client metadata document that is published at [`CLIENT_METADATA_URL`].
pub fn client_metadata_document() -> Value {
    document(ReferenceClientKind::default(), &Defects::none())
}

/// What the web server of a client with these defects answers at the document's address: status,
/// media type, body.
pub fn served_document(
    kind: ReferenceClientKind,
    defects: &Defects,
) -> (u16, &'static str, String) {
    match () {
        () if defects.has(Defect::CIMD_DOCUMENT_MISSING) => {
            (404, "text/plain", "not found".to_owned())
        }
        () if defects.has(Defect::CIMD_DOCUMENT_AS_PAGE) => (
            200,
            "text/html",
            format!("<pre>{}</pre>", document(kind, defects)),
        ),
        () => (200, "application/json", document(kind, defects).to_string()),
    }
}

/// Whether no honest server takes the published document.
fn is_unusable(defects: &Defects) -> bool {
    [
        Defect::CIMD_DOCUMENT_MISSING,
        Defect::CIMD_DOCUMENT_AS_PAGE,
        Defect::CIMD_DOCUMENT_NAMES_ANOTHER,
    ]
    .iter()
    .any(|defect| defects.has(*defect))
}

fn document(kind: ReferenceClientKind, defects: &Defects) -> Value {
    let mut document = json!({
        "client_id": client_metadata_url_for(defects),
        "client_name": NAME,
        "redirect_uris": redirect_uris(kind, None, defects),
        "grant_types": grant_types(defects),
        "response_types": ["code"],
        "token_endpoint_auth_method": document_method(kind).name(),
        "application_type": application_type(kind, defects),
    });
    if kind == ReferenceClientKind::Web {
        document["jwks"] = signing_key::key_set();
    }
    if defects.has(Defect::CIMD_DOCUMENT_NAMES_ANOTHER) {
        document["client_id"] = json!(format!("{CLIENT_METADATA_URL}/"));
    }
    if defects.has(Defect::CIMD_DOCUMENT_WITHOUT_NAME)
        && let Some(members) = document.as_object_mut()
    {
        members.remove("client_name");
    }
    if defects.has(Defect::CIMD_DOCUMENT_WITH_SECRET) {
        document["token_endpoint_auth_method"] = json!("client_secret_post");
        document["client_secret"] = json!("published");
    }
    document
}

/// The redirect URIs that a client of this kind registers; `listener`: where it listens at this
/// moment.
fn redirect_uris(
    kind: ReferenceClientKind,
    listener: Option<&str>,
    defects: &Defects,
) -> Vec<String> {
    let host = if defects.has(Defect::REDIRECT_LOCALHOST) {
        "localhost"
    } else {
        "127.0.0.1"
    };
    let mut uris = match (kind.redirect_uris(), listener) {
        (Some(own), _) => own
            .iter()
            .map(|uri| own_redirect_uri(uri, defects))
            .collect(),
        (None, Some(listener)) => vec![listener.to_owned()],
        // The port is chosen anew every time; loopback addresses are compared without it (RFC 8252
        // section 7.3).
        (None, None) => vec![format!("http://{host}/callback")],
    };
    if listener.is_some() && defects.has(Defect::DCR_LAN_REDIRECT_URI) {
        uris.push("http://192.168.1.5/callback".to_owned());
    }
    uris
}

/// An address of the application's own; only [`Defect::SCHEME_WITHOUT_DOMAIN`] changes it.
pub(crate) fn own_redirect_uri(uri: &str, defects: &Defects) -> String {
    if defects.has(Defect::SCHEME_WITHOUT_DOMAIN) {
        uri.replace("example.reference-client:", "reference-client:")
    } else {
        uri.to_owned()
    }
}

/// The method that the document declares: a key can be published, a secret cannot.
fn document_method(kind: ReferenceClientKind) -> AuthMethod {
    if kind == ReferenceClientKind::Web {
        AuthMethod::PrivateKeyJwt
    } else {
        AuthMethod::None
    }
}

fn application_type(kind: ReferenceClientKind, defects: &Defects) -> &'static str {
    let web = (kind == ReferenceClientKind::Web && !defects.has(Defect::WEB_REGISTERS_AS_NATIVE))
        || defects.has(Defect::DCR_TYPE_WEB);
    if web { "web" } else { "native" }
}

/// The client as one authorization server knows it.
#[derive(Clone)]
pub(crate) struct RegisteredClient {
    pub id: String,
    pub secret: Option<String>,
    pub auth_method: AuthMethod,
    /// The key under which the store keeps it, if it was registered dynamically.
    pub registered_as: Option<String>,
}

/// How the client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    None,
    Basic,
    Post,
    PrivateKeyJwt,
}

impl AuthMethod {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Basic, Self::Post, Self::PrivateKeyJwt]
            .into_iter()
            .find(|method| method.name() == name)
    }

    /// The first that the server takes. A server that lists nothing takes the first.
    fn choose(preferred: &[Self], server: &ServerMetadata) -> Result<Self, ClientError> {
        let listed = |method: &Self| {
            server
                .auth_methods
                .as_ref()
                .is_none_or(|methods| methods.iter().any(|name| name == method.name()))
        };
        preferred
            .iter()
            .copied()
            .find(listed)
            .ok_or(ClientError::AuthMethod)
    }
}

/// The client ID for a new authorization at this server; registers if there is no other way.
pub(crate) async fn obtain(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<RegisteredClient, ClientError> {
    if defects.has(Defect::CLIENT_ID_MADE_UP) {
        return Ok(public("mcp-client".to_owned()));
    }
    let _one_at_a_time = run.registering.lock().await;
    if let Some(client) = known(run, server, mcp, defects)? {
        return Ok(client);
    }
    let endpoint = match &server.registration_endpoint {
        Some(endpoint) if !defects.has(Defect::DCR_UNKNOWN) => endpoint.clone(),
        None if defects.has(Defect::GUESS_REGISTER) => Url::parse(&server.issuer)
            .and_then(|issuer| issuer.join("/register"))
            .map_err(|_| ClientError::NoClientId)?,
        _ => return Err(ClientError::NoClientId),
    };
    let registration = match register(run, server, &endpoint, redirect_uri, defects).await {
        Err(ClientError::RegistrationRefused(_)) if defects.has(Defect::DCR_REFUSAL_IGNORED) => {
            return Ok(public("undefined".to_owned()));
        }
        Err(ClientError::RegistrationRefused(_)) if defects.has(Defect::DCR_REFUSAL_HIDDEN) => {
            return Err(ClientError::ReasonHidden);
        }
        outcome => outcome?,
    };
    let key = store_key(server, mcp, defects);
    run.store
        .set_registration(&key, Some(registration.clone()))?;
    Ok(remembered(registration, key))
}

/// The client ID that the client already has for this server, if any. Talks to nobody.
pub(crate) fn known(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
    defects: &Defects,
) -> Result<Option<RegisteredClient>, ClientError> {
    let documents = takes_documents(run, server, defects);
    if !(defects.has(Defect::DCR_BEFORE_PRE_REGISTRATION) && server.registration_endpoint.is_some())
        && let Some(client) = configured(run, server, defects)?
    {
        return Ok(Some(client));
    }
    let stored = stored(run, server, mcp, defects);
    if stored.is_some() {
        return Ok(stored);
    }
    let given_up = is_unusable(run.defects()) && !is_unusable(defects);
    let rather_registers = given_up
        || defects.has(Defect::DCR_BEFORE_CIMD)
        || (defects.has(Defect::CIMD_ONCE) && run.uses_document_elsewhere(&server.issuer));
    if documents && !(rather_registers && server.registration_endpoint.is_some()) {
        let client = public(client_metadata_url_for(defects).to_owned());
        return Ok(Some(RegisteredClient {
            auth_method: document_method(run.config.application),
            ..client
        }));
    }
    Ok(None)
}

/// The redirect URI of a remembered registration: its port is used again if it is free.
pub(crate) fn remembered_redirect_uri(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
) -> Option<Url> {
    let registration = run
        .store
        .registration(&store_key(server, mcp, run.defects()))?;
    Url::parse(&registration.redirect_uri).ok()
}

/// Forgets a registration that the server no longer knows.
pub(crate) fn forget(run: &RunContext, client: &RegisteredClient) -> Result<(), ClientError> {
    match &client.registered_as {
        Some(key) => run.store.set_registration(key, None),
        None => Ok(()),
    }
}

/// Configured credentials go to the authorization server that issued them, or else to the first one
/// that they were used with.
fn configured(
    run: &RunContext,
    server: &ServerMetadata,
    defects: &Defects,
) -> Result<Option<RegisteredClient>, ClientError> {
    let Some(credentials) = run
        .config
        .credentials
        .as_ref()
        .filter(|_| !defects.has(Defect::PRE_REGISTRATION_UNKNOWN))
    else {
        return Ok(None);
    };
    match credentials
        .issuer
        .clone()
        .or_else(|| run.store.issuer_of(&credentials.client_id))
    {
        Some(issuer)
            if issuer != server.issuer && !defects.has(Defect::PRE_REGISTRATION_SENT_ANYWHERE) =>
        {
            return Err(ClientError::ForeignCredentials);
        }
        Some(_) => {}
        None => run.store.bind(&credentials.client_id, &server.issuer)?,
    }
    let auth_method = match (&credentials.private_key_pem, &credentials.client_secret) {
        (Some(_), _) => AuthMethod::choose(&[AuthMethod::PrivateKeyJwt], server)?,
        // the extension wants the secret in the request's content
        (None, Some(_))
            if run.config.acts_for_itself
                && !defects.has(Defect::CLIENT_CREDENTIALS_SECRET_BY_BASIC) =>
        {
            AuthMethod::choose(&[AuthMethod::Post, AuthMethod::Basic], server)?
        }
        (None, Some(_)) => AuthMethod::choose(&[AuthMethod::Basic, AuthMethod::Post], server)?,
        (None, None) => AuthMethod::None,
    };
    Ok(Some(RegisteredClient {
        id: credentials.client_id.clone(),
        secret: credentials.client_secret.clone(),
        auth_method,
        registered_as: None,
    }))
}

fn stored(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
    defects: &Defects,
) -> Option<RegisteredClient> {
    let key = store_key(server, mcp, defects);
    let registration = match run.store.registration(&key) {
        None if defects.has(Defect::ONE_REGISTRATION) => run.store.any_registration()?,
        registration => registration?,
    };
    let expired = registration.secret_expires_at != 0
        && registration.secret_expires_at <= seconds_since_1970();
    if expired && !defects.has(Defect::EXPIRED_SECRET_KEPT) {
        return None;
    }
    Some(remembered(registration, key))
}

fn store_key(server: &ServerMetadata, mcp: &ServerAddress, defects: &Defects) -> String {
    if defects.has(Defect::REGISTRATION_KEYED_BY_SERVER) {
        mcp.canonical.clone()
    } else {
        server.issuer.clone()
    }
}

/// The document is of use only where the method that it declares is taken.
fn takes_documents(run: &RunContext, server: &ServerMetadata, defects: &Defects) -> bool {
    let advertised = server.takes_client_documents
        && AuthMethod::choose(&[document_method(run.config.application)], server).is_ok();
    let knows = run.config.revision.is_november_or_later() && !defects.has(Defect::CIMD_UNKNOWN);
    (advertised && knows) || defects.has(Defect::CIMD_UNADVERTISED)
}

/// Where a client with these defects believes its document to be published.
pub fn client_metadata_url_for(defects: &Defects) -> &'static str {
    match () {
        () if defects.has(Defect::CIMD_HTTP_URL) => {
            "http://reference-client.example/client-metadata.json"
        }
        () if defects.has(Defect::CIMD_NO_PATH) => "https://reference-client.example",
        () if defects.has(Defect::CIMD_DOT_SEGMENT) => {
            "https://reference-client.example/app/../client-metadata.json"
        }
        () if defects.has(Defect::CIMD_FRAGMENT) => {
            "https://reference-client.example/client-metadata.json#v1"
        }
        () if defects.has(Defect::CIMD_USER_INFORMATION) => {
            "https://someone@reference-client.example/client-metadata.json"
        }
        () if defects.has(Defect::CIMD_QUERY) => {
            "https://reference-client.example/client-metadata.json?install=1"
        }
        () => CLIENT_METADATA_URL,
    }
}

fn grant_types(defects: &Defects) -> &'static [&'static str] {
    if defects.has(Defect::NO_REFRESH_GRANT_IN_METADATA) {
        &["authorization_code"]
    } else {
        &["authorization_code", "refresh_token"]
    }
}

fn public(id: String) -> RegisteredClient {
    RegisteredClient {
        id,
        secret: None,
        auth_method: AuthMethod::None,
        registered_as: None,
    }
}

fn remembered(registration: StoredRegistration, key: String) -> RegisteredClient {
    let auth_method = AuthMethod::from_name(&registration.auth_method).unwrap_or(AuthMethod::None);
    RegisteredClient {
        id: registration.client_id,
        secret: registration.client_secret,
        auth_method,
        registered_as: Some(key),
    }
}

async fn register(
    run: &RunContext,
    server: &ServerMetadata,
    endpoint: &Url,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<StoredRegistration, ClientError> {
    const SECRETS: &[AuthMethod] = &[AuthMethod::Basic, AuthMethod::Post];
    let preferred = match run.config.application {
        ReferenceClientKind::Web if defects.has(Defect::SECRET_BEFORE_KEY) => {
            [SECRETS, &[AuthMethod::PrivateKeyJwt, AuthMethod::None]].concat()
        }
        ReferenceClientKind::Web => {
            [&[AuthMethod::PrivateKeyJwt], SECRETS, &[AuthMethod::None]].concat()
        }
        ReferenceClientKind::Terminal
        | ReferenceClientKind::App
        | ReferenceClientKind::Headless
            if defects.has(Defect::DCR_CONFIDENTIAL) =>
        {
            SECRETS.to_vec()
        }
        ReferenceClientKind::Terminal
        | ReferenceClientKind::App
        | ReferenceClientKind::Headless => [&[AuthMethod::None], SECRETS].concat(),
    };
    let method = AuthMethod::choose(&preferred, server)?;
    let mut outcome = register_once(run, endpoint, method, redirect_uri, defects).await;
    while defects.has(Defect::DCR_RETRIES_FOR_EVER)
        && matches!(outcome, Err(ClientError::RegistrationRefused(_)))
    {
        outcome = register_once(run, endpoint, method, redirect_uri, defects).await;
    }
    outcome
}

async fn register_once(
    run: &RunContext,
    endpoint: &Url,
    method: AuthMethod,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<StoredRegistration, ClientError> {
    let body = registration_request(run.config.application, method, redirect_uri, defects);
    let request = run
        .http
        .post(endpoint.clone())
        .header("Accept", "application/json");
    let request = if defects.has(Defect::DCR_FORM_ENCODED) {
        request.form(&flat(&body))
    } else {
        request.json(&body)
    };
    let response = request
        .send()
        .await
        .map_err(|_| ClientError::Unreachable(WHAT))?;
    let status = response.status().as_u16();
    let answer = JsonDocument::read(response, WHAT).await;
    if !matches!(status, 200 | 201) {
        let code = answer
            .ok()
            .and_then(|document| document.text("error").map(text::printable));
        return Err(ClientError::RegistrationRefused(
            code.unwrap_or_else(|| format!("status {status}")),
        ));
    }
    let answer = answer?;
    let client_id = answer
        .text("client_id")
        .filter(|id| !id.is_empty())
        .ok_or(ClientError::Malformed(WHAT))?
        .to_owned();
    let client_secret = answer.text("client_secret").map(str::to_owned);
    let auth_method = match (answer.text("token_endpoint_auth_method"), &client_secret) {
        _ if defects.has(Defect::DCR_RESPONSE_METHOD_IGNORED) => method,
        (Some(name), _) => AuthMethod::from_name(name).ok_or(ClientError::AuthMethod)?,
        (None, Some(_)) if method == AuthMethod::None => AuthMethod::Basic,
        (None, _) => method,
    };
    if matches!(auth_method, AuthMethod::Basic | AuthMethod::Post) && client_secret.is_none() {
        return Err(ClientError::Malformed(WHAT));
    }
    let secret_expires_at = answer
        .members
        .get("client_secret_expires_at")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let auth_method = auth_method.name().to_owned();
    Ok(StoredRegistration {
        client_id,
        client_secret,
        auth_method,
        secret_expires_at,
        redirect_uri: redirect_uri.to_owned(),
    })
}

fn registration_request(
    kind: ReferenceClientKind,
    method: AuthMethod,
    redirect_uri: &str,
    defects: &Defects,
) -> Value {
    let mut body = json!({
        "client_name": NAME,
        "redirect_uris": redirect_uris(kind, Some(redirect_uri), defects),
        "grant_types": grant_types(defects),
        "response_types": ["code"],
        "token_endpoint_auth_method": method.name(),
        "application_type": application_type(kind, defects),
    });
    if method == AuthMethod::PrivateKeyJwt {
        body["jwks"] = signing_key::key_set();
    }
    if let Some(members) = body.as_object_mut() {
        if defects.has(Defect::DCR_NO_REDIRECT_URIS) {
            members.remove("redirect_uris");
        }
        if defects.has(Defect::DCR_NO_APPLICATION_TYPE) {
            members.remove("application_type");
        }
        if defects.has(Defect::DCR_OWN_CLIENT_ID) {
            members.insert("client_id".to_owned(), json!("my-mcp-client"));
        }
        if defects.has(Defect::DCR_JWKS_TWICE) {
            members.insert("jwks".to_owned(), json!({ "keys": [] }));
            members.insert(
                "jwks_uri".to_owned(),
                json!("https://reference-client.example/jwks.json"),
            );
        }
    }
    body
}

/// A registration that serves only to see whether there is an endpoint:
/// [`Defect::MARCH_DEFAULTS_FIRST`].
pub(crate) fn request_for_probe() -> Value {
    registration_request(
        ReferenceClientKind::default(),
        AuthMethod::None,
        "http://127.0.0.1:1/callback",
        &Defects::none(),
    )
}

/// The request as [`Defect::DCR_FORM_ENCODED`] sends it.
fn flat(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    body.as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn seconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |duration| duration.as_secs())
}

/// The port of a loopback redirect URI.
pub(crate) fn port_of(redirect_uri: &Url) -> Option<u16> {
    redirect_uri
        .port()
        .filter(|_| url_rules::is_loopback(redirect_uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_its_own_address() {
        let document = client_metadata_document();
        assert_eq!(document["client_id"], CLIENT_METADATA_URL);
        assert_eq!(
            document["redirect_uris"],
            json!(["http://127.0.0.1/callback"])
        );
        assert!(document.get("client_secret").is_none());
    }

    #[test]
    fn the_request_says_what_it_is() {
        let body = registration_request(
            ReferenceClientKind::default(),
            AuthMethod::None,
            "http://127.0.0.1:1/callback",
            &Defects::none(),
        );
        assert_eq!(
            body["redirect_uris"],
            json!(["http://127.0.0.1:1/callback"])
        );
        assert_eq!(body["application_type"], "native");
        assert!(body.get("client_id").is_none());
    }
}
