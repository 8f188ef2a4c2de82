//! Asking the user for authorization, with a second attempt where one is allowed.

use crate::authorization::attempt::{AttemptSettings, AttemptTrace, attempt_authorization};
use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::defect::Defect;
use crate::error::ClientError;
use crate::registration;
use crate::run_context::RunContext;
use crate::scope::Scope;

/// How often a client with [`Defect::REGISTERS_FOR_EVER`] registers.
const DEFECTIVE_REGISTRATIONS: u32 = 5;

/// Asks the user for authorization.
pub(super) async fn authorize(
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
        match attempt_authorization(run, request, &settings, &mut trace).await {
            Err(ClientError::AuthorizationRefused(_)) if run.has(Defect::REFUSAL_ASKED_AGAIN) => {}
            Err(error) => break error,
            Ok(granted) => return Ok(granted),
        }
    };
    // A registration that the server has forgotten, or whose secret has expired, is replaced once.
    if let (ClientError::TokenRefused(code), Some(client)) = (&error, &trace.client)
        && code == "invalid_client"
        && client.store_key.is_some()
    {
        if run.has(Defect::REGISTERS_FOR_EVER) {
            for _ in 0..DEFECTIVE_REGISTRATIONS {
                registration::forget_registration(run, client)?;
                let mut trace = AttemptTrace::default();
                let _ = attempt_authorization(run, request, &settings, &mut trace).await;
            }
        } else if run.has(Defect::FORGOTTEN_REGISTRATION_KEPT) {
            return Err(error);
        } else if run.has(Defect::EXPIRED_SECRET_KEPT) {
            for _ in 0..2 {
                let mut trace = AttemptTrace::default();
                let _ = attempt_authorization(run, request, &settings, &mut trace).await;
            }
        } else {
            registration::forget_registration(run, client)?;
        }
        return attempt_authorization(run, request, &settings, &mut trace).await;
    }
    if prepare_defective_retry(&mut settings, &error, &trace, run)? {
        return attempt_authorization(run, request, &settings, &mut trace).await;
    }
    Err(error)
}

/// Whether a defective client makes another attempt after an error. Changes the settings for it. A
/// conforming client makes none.
fn prepare_defective_retry(
    settings: &mut AttemptSettings,
    error: &ClientError,
    trace: &AttemptTrace,
    run: &RunContext,
) -> Result<bool, ClientError> {
    if settings.defects.any_refused() && error.is_refusal() {
        settings.defects = settings.defects.without_refused();
        return Ok(true);
    }
    if let ClientError::AuthorizationRefused(code) | ClientError::TokenRefused(code) = error
        && code == "invalid_target"
        && settings.defects.has(Defect::RESOURCE_DROPPED_ON_ERROR)
    {
        settings.resource = None;
        return Ok(true);
    }
    let Some(error_code) = trace.error_code.as_deref() else {
        return Ok(false);
    };
    let is_temporary = matches!(error_code, "temporarily_unavailable" | "server_error");
    if is_temporary && settings.defects.has(Defect::ISS_NOT_CHECKED_ON_ERROR) {
        return Ok(true);
    }
    if settings.defects.has(Defect::ISS_ERROR_ACTED_ON)
        && matches!(error, ClientError::ResponseIssuer)
    {
        match (error_code, &trace.client) {
            ("invalid_scope", _) => settings.scope = Scope::default(),
            ("invalid_client", Some(client)) => registration::forget_registration(run, client)?,
            _ => {}
        }
        return Ok(true);
    }
    Ok(false)
}
