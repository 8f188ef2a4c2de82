//! Checks an authorization response before anything in it is used: first `state`, then `iss`, then
//! the other parameters.

use crate::authorization::authorization_response::AuthorizationResponse;
use crate::authorization::issuer_check;
use crate::authorization::pending_authorization::PendingAuthorization;
use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::run_context::RunContext;
use crate::text;

/// The parameters that a client with [`Defect::UNKNOWN_RESPONSE_PARAMETER_REFUSED`] accepts.
const KNOWN_PARAMETERS: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

/// The longest code that a client with [`Defect::CODE_LENGTH_LIMITED`] accepts.
const LONGEST_CODE: usize = 512;

/// Checks that a response belongs to the pending request and comes from its authorization server.
/// Returns the code.
pub(super) fn check_response<'a>(
    response: &'a AuthorizationResponse,
    pending: &PendingAuthorization,
    run: &RunContext,
) -> Result<&'a str, ClientError> {
    let defects = run.defects();
    check_state(response, pending, defects)?;
    if defects.has(Defect::UNKNOWN_RESPONSE_PARAMETER_REFUSED)
        && response
            .parameters
            .iter()
            .any(|(name, _)| !KNOWN_PARAMETERS.contains(&name.as_str()))
    {
        return Err(ClientError::ResponseForm);
    }
    check_habits(response, defects)?;
    let is_error = response.first("error").is_some();
    let skips_issuer_check = is_error && defects.has(Defect::ISS_NOT_CHECKED_ON_ERROR);
    if run.config.revision.validates_iss()
        && !defects.has(Defect::ISS_CHECKED_LATE)
        && !skips_issuer_check
    {
        issuer_check::check_issuer(response, pending, run)
            .inspect_err(|_| use_rejected_error(response, run))?;
    }
    let (code, error) = (response.only("code")?, response.only("error")?);
    if let Some(error) = error {
        if skips_issuer_check || defects.has(Defect::TERMINAL_ESCAPES_SHOWN) {
            run.platform.print_error(&format!(
                "error: {}",
                response.first("error_description").unwrap_or_default()
            ));
        }
        return Err(ClientError::AuthorizationRefused(text::printable(error)));
    }
    code.filter(|code| !code.is_empty())
        .ok_or(ClientError::ResponseForm)
}

/// What clients demand that know one authorization server only.
fn check_habits(response: &AuthorizationResponse, defects: &Defects) -> Result<(), ClientError> {
    let code_length = response.first("code").map_or(0, str::len);
    let mut values = response.parameters.iter().map(|(_, value)| value);
    let is_refused = defects.has(Defect::CODE_LENGTH_LIMITED) && code_length > LONGEST_CODE
        || defects.has(Defect::RESPONSE_ASCII_ONLY) && !values.all(|value| value.is_ascii());
    if is_refused {
        return Err(ClientError::ResponseForm);
    }
    Ok(())
}

/// Whether a response ends the wait for one. One with another state does not belong to the request:
/// anybody can have sent it.
pub(super) fn ends_wait(
    response: &AuthorizationResponse,
    pending: &PendingAuthorization,
    defects: &Defects,
) -> bool {
    defects.has(Defect::FORGED_RESPONSE_ENDS_LOGIN)
        || defects.has(Defect::ANY_REQUEST_ENDS_LOGIN)
        || defects.has(Defect::ERROR_BEFORE_STATE) && response.first("error").is_some()
        || check_state(response, pending, defects).is_ok()
}

fn check_state(
    response: &AuthorizationResponse,
    pending: &PendingAuthorization,
    defects: &Defects,
) -> Result<(), ClientError> {
    let relies_on_pkce =
        defects.has(Defect::STATE_SKIPPED_WITHOUT_PKCE_LIST) && !pending.server.announces_pkce;
    if defects.has(Defect::NO_STATE) || defects.has(Defect::STATE_UNCHECKED) || relies_on_pkce {
        return Ok(());
    }
    let expected = pending.state.as_deref().ok_or(ClientError::State)?;
    let half = |text: &str| text.chars().take(expected.len() / 2).collect::<String>();
    match response.all("state").collect::<Vec<_>>().as_slice() {
        [] if defects.has(Defect::STATE_OPTIONAL) => Ok(()),
        [state] if *state == expected => Ok(()),
        [state]
            if (defects.has(Defect::STATE_PREFIX_COMPARE)
                || defects.has(Defect::STATE_DATA_TRUSTED))
                && half(state) == half(expected) =>
        {
            Ok(())
        }
        _ => Err(ClientError::State),
    }
}

/// What defective clients do with an error response whose issuer is wrong.
fn use_rejected_error(response: &AuthorizationResponse, run: &RunContext) {
    let text = |name: &str| response.first(name).unwrap_or_default();
    if run.has(Defect::ISS_ERROR_SHOWN) && response.first("error").is_some() {
        run.platform.print_error(&format!(
            "{}: {} ({})",
            text("error"),
            text("error_description"),
            text("error_uri")
        ));
    }
    if run.has(Defect::ISS_ERROR_URI_OPENED)
        && let Some(uri) = response.first("error_uri")
    {
        // Nobody waits until this window is closed.
        if let Ok(window) = run.platform.open_url(uri) {
            tokio::spawn(window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ClientConfig;
    use crate::revision::ProtocolRevision;

    const ISSUER: &str = "http://localhost:1234/tenant";

    fn check(
        advertised: bool,
        revision: ProtocolRevision,
        query: &str,
        defect: Option<Defect>,
    ) -> Result<String, ClientError> {
        let mut config = ClientConfig::new(revision, "http://localhost:1/mcp");
        config.defects = defect.into_iter().collect();
        let run = crate::run_context::tests::run_for(config);
        let response = AuthorizationResponse::parse(query);
        check_response(
            &response,
            &PendingAuthorization::for_tests(ISSUER, advertised),
            &run,
        )
        .map(str::to_owned)
    }

    fn accepts(advertised: bool, query: &str) -> bool {
        check(
            advertised,
            ProtocolRevision::July2026,
            &format!("code=c&state=s{query}"),
            None,
        )
        .is_ok()
    }

    #[test]
    fn iss_is_checked_whether_advertised_or_not() {
        for advertised in [true, false] {
            assert!(accepts(
                advertised,
                "&iss=http%3A%2F%2Flocalhost%3A1234%2Ftenant"
            ));
            assert!(accepts(advertised, "&iss=http://localhost:1234/tenant"));
            assert!(!accepts(advertised, "&iss=http://localhost:9/tenant"));
            assert!(!accepts(advertised, "&iss="));
            assert!(!accepts(
                advertised,
                "&iss=http://localhost:1234/tenant&iss=http://localhost:9"
            ));
            assert!(!accepts(
                advertised,
                "&iss=http://localhost:1234/tenant&iss=http://localhost:1234/tenant"
            ));
        }
        assert!(!accepts(true, ""));
        assert!(accepts(false, ""));
    }

    #[test]
    fn nothing_is_normalised_and_each_defect_normalises_one_thing() {
        for (respelled, defect) in [
            (
                "http://localhost:1234/tenant/",
                Defect::ISS_NORMALISED_SLASH,
            ),
            (
                "http://LOCALHOST:1234/tenant",
                Defect::ISS_NORMALISED_HOST_CASE,
            ),
            (
                "http://localhost.:1234/tenant",
                Defect::ISS_NORMALISED_FINAL_DOT,
            ),
            (
                "HTTP://localhost:1234/tenant",
                Defect::ISS_NORMALISED_SCHEME_CASE,
            ),
            ("http://localhost:01234/tenant", Defect::ISS_NORMALISED_PORT),
            (
                "http://localhost:1234/%2574enant",
                Defect::ISS_NORMALISED_PERCENT,
            ),
        ] {
            let query = format!("code=c&state=s&iss={respelled}");
            assert!(
                check(true, ProtocolRevision::July2026, &query, None).is_err(),
                "{respelled}"
            );
            assert!(
                check(true, ProtocolRevision::July2026, &query, Some(defect)).is_ok(),
                "{respelled}"
            );
            assert!(
                check(
                    true,
                    ProtocolRevision::July2026,
                    &query,
                    Some(Defect::ISS_NORMALISED)
                )
                .is_ok(),
                "{respelled}"
            );
            assert!(
                check(
                    true,
                    ProtocolRevision::July2026,
                    "code=c&state=s&iss=http://localhost:9/tenant",
                    Some(defect)
                )
                .is_err()
            );
        }
    }

    #[test]
    fn an_error_from_another_issuer_is_an_issuer_mismatch() {
        let foreign = check(
            true,
            ProtocolRevision::July2026,
            "error=x&state=s&iss=http://evil",
            None,
        )
        .unwrap_err();
        assert!(matches!(foreign, ClientError::ResponseIssuer));
        let own = check(
            true,
            ProtocolRevision::July2026,
            "error=x%1b&state=s&iss=http://localhost:1234/tenant",
            None,
        )
        .unwrap_err();
        assert!(matches!(own, ClientError::AuthorizationRefused(code) if code == "x?"));
    }

    #[test]
    fn state_must_occur_exactly_once() {
        for query in [
            "code=c",
            "code=c&state=",
            "code=c&state=S",
            "code=c&state=s&state=s",
        ] {
            assert!(
                matches!(
                    check(false, ProtocolRevision::June2025, query, None),
                    Err(ClientError::State)
                ),
                "{query}"
            );
        }
        assert!(
            check(
                false,
                ProtocolRevision::June2025,
                "code=c&state=s&iss=whatever&foo=bar",
                None
            )
            .is_ok()
        );
        assert!(matches!(
            check(
                false,
                ProtocolRevision::June2025,
                "code=c&code=d&state=s",
                None
            ),
            Err(ClientError::ResponseForm)
        ));
        assert!(matches!(
            check(false, ProtocolRevision::June2025, "state=s", None),
            Err(ClientError::ResponseForm)
        ));
    }
}
