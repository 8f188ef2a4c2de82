//! The client ID for a new authorization.

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::client_identity::ClientIdentity;
use crate::registration::dynamic_registration::register;
use crate::registration::known_client::{find_known_client, registration_key};
use crate::run_context::RunContext;
use crate::server_address::ServerAddress;
use url::Url;

/// Provides the client ID for a new authorization. Registers if there is no other way.
pub(crate) async fn obtain_client(
    run: &RunContext,
    server: &ServerMetadata,
    mcp: &ServerAddress,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<ClientIdentity, ClientError> {
    if defects.has(Defect::CLIENT_ID_MADE_UP) {
        return Ok(ClientIdentity::public("mcp-client".to_owned()));
    }
    let _one_at_a_time = run.registration_lock.lock().await;
    if let Some(client) = find_known_client(run, server, mcp, defects)? {
        return Ok(client);
    }
    let endpoint = choose_registration_endpoint(server, defects)?;
    let registration = match register(run, server, &endpoint, redirect_uri, defects).await {
        Err(ClientError::RegistrationRefused(_)) if defects.has(Defect::DCR_REFUSAL_IGNORED) => {
            return Ok(ClientIdentity::public("undefined".to_owned()));
        }
        Err(ClientError::RegistrationRefused(_)) if defects.has(Defect::DCR_REFUSAL_HIDDEN) => {
            return Err(ClientError::ReasonHidden);
        }
        outcome => outcome?,
    };
    let key = registration_key(server, mcp, defects);
    run.store
        .set_registration(&key, Some(registration.clone()))?;
    Ok(ClientIdentity::from_registration(registration, key))
}

fn choose_registration_endpoint(
    server: &ServerMetadata,
    defects: &Defects,
) -> Result<Url, ClientError> {
    match &server.registration_endpoint {
        Some(endpoint) if !defects.has(Defect::DCR_UNKNOWN) => Ok(endpoint.clone()),
        None if defects.has(Defect::GUESS_REGISTER) => Url::parse(&server.issuer)
            .and_then(|issuer| issuer.join("/register"))
            .map_err(|_| ClientError::NoClientId),
        _ => Err(ClientError::NoClientId),
    }
}
