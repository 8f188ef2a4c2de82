//! The way in which the client obtains a token: with the user, or by an extension.

use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::authorization::authorize::authorize;
use crate::authorization::enterprise_sign_in::sign_in_by_enterprise;
use crate::authorization::own_sign_in::sign_in_as_itself;
use crate::authorization::workload_sign_in::sign_in_as_workload;
use crate::error::ClientError;
use crate::run_context::RunContext;
use crate::sign_in::SignIn;

/// Obtains a token in the configured way.
pub(super) async fn sign_in(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
) -> Result<GrantedAuthorization, ClientError> {
    match &run.config.sign_in {
        SignIn::User => authorize(run, request).await,
        SignIn::ClientCredentials => sign_in_as_itself(run, request).await,
        SignIn::Enterprise(identity) => sign_in_by_enterprise(run, identity, request).await,
        SignIn::Workload(workload) => sign_in_as_workload(run, workload, request).await,
    }
}
