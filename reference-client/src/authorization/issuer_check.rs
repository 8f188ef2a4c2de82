//! The check of the `iss` parameter in an authorization response.

use crate::authorization::authorization_response::AuthorizationResponse;
use crate::authorization::issuer_comparison::is_loosely_equal;
use crate::authorization::pending_authorization::PendingAuthorization;
use crate::defect::Defect;
use crate::error::ClientError;
use crate::run_context::RunContext;

/// Compares `iss` with the recorded issuer, as the table in revision 2026-07-28 says (RFC 9207
/// section 2.4, and the local policy that MCP adds).
pub(super) fn check_issuer(
    response: &AuthorizationResponse,
    pending: &PendingAuthorization,
    run: &RunContext,
) -> Result<(), ClientError> {
    let defects = run.defects();
    if defects.has(Defect::NO_ISS_CHECK) {
        return Ok(());
    }
    let mut expected = pending.server.issuer.clone();
    if defects.has(Defect::ISS_GLOBAL) {
        expected = run
            .defect_state()
            .current_issuer
            .clone()
            .unwrap_or(expected);
    }
    let advertised = pending.server.advertises_iss
        || (defects.has(Defect::ISS_SUPPORT_GLOBAL)
            && run.defect_state().any_server_advertised_iss);
    let received = match response.all("iss").collect::<Vec<_>>().as_slice() {
        [] => None,
        [only] => Some(*only),
        [first, ..] if defects.has(Defect::ISS_FIRST_VALUE) => Some(*first),
        [.., last] if defects.has(Defect::ISS_LAST_VALUE) => Some(*last),
        _ => return Err(ClientError::ResponseIssuer),
    };
    let acceptable = match (advertised, received) {
        (_, Some("")) if defects.has(Defect::ISS_EMPTY_ACCEPTED) => true,
        (_, Some(_)) if defects.has(Defect::ISS_ALWAYS_REJECTED) => false,
        (false, Some(_)) if defects.has(Defect::ISS_ONLY_IF_ADVERTISED) => true,
        (false, Some(_)) if defects.has(Defect::ISS_DISCARD_UNADVERTISED) => false,
        (_, Some(_)) if defects.has(Defect::ISS_UNDECODED) => {
            find_raw_issuer(&response.query) == Some(&form_encode(&expected))
        }
        (_, Some(received)) if defects.has(Defect::ISS_ANY_PENDING) => run
            .defect_state()
            .pending_issuers
            .iter()
            .any(|issuer| issuer == received),
        (_, Some(received)) => {
            received == expected || is_loosely_equal(received, &expected, defects)
        }
        (true, None) => defects.has(Defect::ISS_OPTIONAL),
        (false, None) => !defects.has(Defect::ISS_DEMANDED_ALWAYS),
    };
    if acceptable {
        Ok(())
    } else {
        Err(ClientError::ResponseIssuer)
    }
}

/// The value of `iss` before decoding.
fn find_raw_issuer(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|piece| piece.strip_prefix("iss="))
}

fn form_encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
