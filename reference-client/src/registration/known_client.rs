//! The client IDs that the client has without sending a request: configured ones, remembered
//! registrations, and the URL of its metadata document.

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::auth_method::AuthMethod;
use crate::registration::client_identity::ClientIdentity;
use crate::registration::metadata_document::{
    client_metadata_url_for, document_auth_method, is_unusable,
};
use crate::run_context::RunContext;
use crate::server_address::ServerAddress;
use crate::sign_in::SignIn;
use crate::url_rules;
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;

/// The client ID that the client already has for an authorization server, if any.
pub(crate) fn find_known_client(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
    defects: &Defects,
) -> Result<Option<ClientIdentity>, ClientError> {
    let registers_first =
        defects.has(Defect::DCR_BEFORE_PRE_REGISTRATION) && server.registration_endpoint.is_some();
    if !registers_first && let Some(client) = find_configured_client(run, server, defects)? {
        return Ok(Some(client));
    }
    if let Some(client) = find_stored_client(run, server, mcp, defects) {
        return Ok(Some(client));
    }
    if !uses_metadata_document(run, server, defects) {
        return Ok(None);
    }
    let url = run.config.client_metadata_url.as_deref();
    Ok(Some(ClientIdentity {
        auth_method: document_auth_method(run.config.application),
        ..ClientIdentity::public(url.unwrap_or(client_metadata_url_for(defects)).to_owned())
    }))
}

/// Whether the client uses its metadata document at this server. The document helps only if the
/// server supports the authentication method that it declares.
fn uses_metadata_document(run: &RunContext, server: &ServerMetadata, defects: &Defects) -> bool {
    let method = document_auth_method(run.config.application);
    let is_supported = server.supports_client_documents
        && AuthMethod::choose(&[method], server).is_ok()
        && run.config.revision.is_november_or_later()
        && !defects.has(Defect::CIMD_UNKNOWN);
    // An honest server has refused the document in the first attempt.
    let has_failed = is_unusable(run.defects()) && !is_unusable(defects);
    let prefers_registration = has_failed
        || defects.has(Defect::DCR_BEFORE_CIMD)
        || (defects.has(Defect::CIMD_ONCE)
            && run.defect_state().uses_document_elsewhere(&server.issuer));
    (is_supported || defects.has(Defect::CIMD_UNADVERTISED))
        && !(prefers_registration && server.registration_endpoint.is_some())
}

/// The configured client. Its credentials are sent only to the authorization server that issued
/// them, or else to the first one that they were used with.
fn find_configured_client(
    run: &RunContext,
    server: &ServerMetadata,
    defects: &Defects,
) -> Result<Option<ClientIdentity>, ClientError> {
    let Some(credentials) = &run.config.credentials else {
        return Ok(None);
    };
    if defects.has(Defect::PRE_REGISTRATION_UNKNOWN) {
        return Ok(None);
    }
    let issuer = credentials.issuer.clone();
    match issuer.or_else(|| run.store.issuer_of(&credentials.client_id)) {
        Some(issuer)
            if issuer != server.issuer && !defects.has(Defect::PRE_REGISTRATION_SENT_ANYWHERE) =>
        {
            return Err(ClientError::ForeignCredentials);
        }
        Some(_) => {}
        None => run
            .store
            .bind_credentials(&credentials.client_id, &server.issuer)?,
    }
    let auth_method = match (&credentials.private_key_pem, &credentials.client_secret) {
        (Some(_), _) => AuthMethod::choose(&[AuthMethod::PrivateKeyJwt], server)?,
        // The client credentials extension prefers the secret in the request's body.
        (None, Some(_))
            if run.config.sign_in == SignIn::ClientCredentials
                && !defects.has(Defect::CLIENT_CREDENTIALS_SECRET_BY_BASIC) =>
        {
            AuthMethod::choose(&[AuthMethod::Post, AuthMethod::Basic], server)?
        }
        (None, Some(_)) => AuthMethod::choose(&[AuthMethod::Basic, AuthMethod::Post], server)?,
        (None, None) => AuthMethod::None,
    };
    Ok(Some(ClientIdentity {
        id: credentials.client_id.clone(),
        secret: credentials.client_secret.clone(),
        auth_method,
        store_key: None,
    }))
}

/// The client of a remembered registration whose secret has not expired.
fn find_stored_client(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
    defects: &Defects,
) -> Option<ClientIdentity> {
    let key = registration_key(server, mcp, defects);
    let registration = match run.store.registration(&key) {
        None if defects.has(Defect::ONE_REGISTRATION) => run.store.any_registration()?,
        registration => registration?,
    };
    let is_expired = registration.secret_expires_at != 0
        && registration.secret_expires_at <= seconds_since_1970();
    if is_expired && !defects.has(Defect::EXPIRED_SECRET_KEPT) {
        return None;
    }
    Some(ClientIdentity::from_registration(registration, key))
}

/// The key under which the store keeps the registration at a server.
pub(super) fn registration_key(
    server: &ServerMetadata,
    mcp: &ServerAddress,
    defects: &Defects,
) -> String {
    if defects.has(Defect::REGISTRATION_KEYED_BY_SERVER) {
        mcp.canonical.clone()
    } else {
        server.issuer.clone()
    }
}

/// Forgets a registration that the server no longer knows.
pub(crate) fn forget_registration(
    run: &RunContext,
    client: &ClientIdentity,
) -> Result<(), ClientError> {
    match &client.store_key {
        Some(key) => run.store.set_registration(key, None),
        None => Ok(()),
    }
}

/// The port in the loopback redirect URI of a remembered registration. The client listens there
/// again if the port is free.
pub(crate) fn remembered_port(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
) -> Option<u16> {
    let key = registration_key(server, mcp, run.defects());
    let registration = run.store.registration(&key)?;
    let redirect_uri = Url::parse(&registration.redirect_uri).ok()?;
    redirect_uri
        .port()
        .filter(|_| url_rules::is_loopback(&redirect_uri))
}

fn seconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |duration| duration.as_secs())
}
