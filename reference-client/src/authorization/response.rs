//! Judges an authorization response before anything in it is used: first `state`, then `iss`, then
//! the rest.

use crate::authorization::authorize::PendingAuthorization;
use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::run_context::RunContext;
use crate::text;
use url::Url;

/// All that [`Defect::UNKNOWN_RESPONSE_PARAMETER_REFUSED`] knows.
const KNOWN_PARAMETERS: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

/// The parameters of a response, decoded from their form encoding.
pub(crate) struct AuthorizationResponse {
    parameters: Vec<(String, String)>,
    query: String,
}

impl AuthorizationResponse {
    pub(crate) fn parse(query: &str) -> Self {
        Self {
            parameters: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            query: query.to_owned(),
        }
    }

    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.parameters
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The parameter, if it comes once.
    fn only(&self, name: &str) -> Result<Option<&str>, ClientError> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(ClientError::ResponseForm),
        }
    }
}

/// The code in a response that answers the pending request, from the issuer recorded with it.
pub(crate) fn validate<'a>(
    response: &'a AuthorizationResponse,
    pending: &PendingAuthorization,
    run: &RunContext,
) -> Result<&'a str, ClientError> {
    let defects = run.defects();
    check_state(response, pending.state.as_deref(), defects)?;
    if defects.has(Defect::UNKNOWN_RESPONSE_PARAMETER_REFUSED)
        && response
            .parameters
            .iter()
            .any(|(name, _)| !KNOWN_PARAMETERS.contains(&name.as_str()))
    {
        return Err(ClientError::ResponseForm);
    }
    let is_error = response.first("error").is_some();
    let believed = is_error && defects.has(Defect::ISS_NOT_CHECKED_ON_ERROR);
    if run.config.revision.validates_iss() && !defects.has(Defect::ISS_CHECKED_LATE) && !believed {
        check_issuer(response, pending, run)
            .inspect_err(|_| misuse_rejected_error(response, run))?;
    }
    let (code, error) = (response.only("code")?, response.only("error")?);
    if let Some(error) = error {
        if believed || defects.has(Defect::TERMINAL_ESCAPES_SHOWN) {
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

/// The table of 2026-07-28 (RFC 9207 section 2.4 and the local policy that MCP makes of it).
pub(crate) fn check_issuer(
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
            raw_issuer(&response.query) == Some(&form_encoded(&expected))
        }
        (_, Some(received)) if defects.has(Defect::ISS_ANY_PENDING) => run
            .defect_state()
            .pending_issuers
            .iter()
            .any(|issuer| issuer == received),
        (_, Some(received)) => received == expected || loosely_equal(received, &expected, defects),
        (true, None) => defects.has(Defect::ISS_OPTIONAL),
        (false, None) => !defects.has(Defect::ISS_DEMANDED_ALWAYS),
    };
    if acceptable {
        Ok(())
    } else {
        Err(ClientError::ResponseIssuer)
    }
}

fn check_state(
    response: &AuthorizationResponse,
    expected: Option<&str>,
    defects: &Defects,
) -> Result<(), ClientError> {
    if defects.has(Defect::NO_STATE) || defects.has(Defect::STATE_UNCHECKED) {
        return Ok(());
    }
    let expected = expected.ok_or(ClientError::State)?;
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

/// The comparisons of clients that normalise first.
fn loosely_equal(received: &str, expected: &str, defects: &Defects) -> bool {
    let all = defects.has(Defect::ISS_NORMALISED);
    let mut pair = [received.to_owned(), expected.to_owned()];
    for text in &mut pair {
        if all || defects.has(Defect::ISS_NORMALISED_PERCENT) {
            *text = percent_decoded(text);
        }
        if all || defects.has(Defect::ISS_NORMALISED_PORT) {
            *text = with_plain_port(text);
        }
        if all || defects.has(Defect::ISS_NORMALISED_SLASH) {
            *text = text.trim_end_matches('/').to_owned();
        }
        let host_start = text.find("://").map_or(0, |position| position + 3);
        let host_end = text
            .get(host_start..)
            .and_then(|rest| rest.find('/'))
            .map_or(text.len(), |position| host_start + position);
        let (scheme_too, host_too) = (
            all || defects.has(Defect::ISS_NORMALISED_SCHEME_CASE),
            all || defects.has(Defect::ISS_NORMALISED_HOST_CASE),
        );
        *text = text
            .char_indices()
            .map(|(position, c)| {
                let folds = (position < host_start && scheme_too)
                    || ((host_start..host_end).contains(&position) && host_too);
                if folds { c.to_ascii_lowercase() } else { c }
            })
            .collect();
    }
    let [received, expected] = pair;
    received == expected
}

fn percent_decoded(text: &str) -> String {
    let protected = text
        .replace('&', "%26")
        .replace('+', "%2B")
        .replace('=', "%3D");
    url::form_urlencoded::parse(protected.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

fn with_plain_port(text: &str) -> String {
    let Ok(url) = Url::parse(text) else {
        return text.to_owned();
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match (authority.rsplit_once(':'), url.port_or_known_default()) {
        (Some((host, _)), Some(port)) => format!("{scheme}://{host}:{port}{path}"),
        _ => text.to_owned(),
    }
}

fn raw_issuer(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|piece| piece.strip_prefix("iss="))
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What defective clients do with the texts of a response that is not from the recorded issuer.
fn misuse_rejected_error(response: &AuthorizationResponse, run: &RunContext) {
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
        // The window lives on by itself.
        if let Ok(window) = run.platform.open_url(uri) {
            tokio::spawn(window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::authorize::tests::pending;
    use crate::config::ClientConfig;
    use crate::revision::ProtocolRevision;

    const ISSUER: &str = "http://localhost:1234/tenant";

    fn judge(
        advertised: bool,
        revision: ProtocolRevision,
        query: &str,
        defect: Option<Defect>,
    ) -> Result<String, ClientError> {
        let mut config = ClientConfig::new(revision, "http://localhost:1/mcp");
        config.defects = defect.into_iter().collect();
        let run = crate::run_context::tests::run_for(config);
        let response = AuthorizationResponse::parse(query);
        validate(&response, &pending(ISSUER, advertised), &run).map(str::to_owned)
    }

    fn accepts(advertised: bool, query: &str) -> bool {
        judge(
            advertised,
            ProtocolRevision::July2026,
            &format!("code=c&state=s{query}"),
            None,
        )
        .is_ok()
    }

    #[test]
    fn the_four_rows() {
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
    fn no_normalisation_and_each_defect_does_its_own() {
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
                judge(true, ProtocolRevision::July2026, &query, None).is_err(),
                "{respelled}"
            );
            assert!(
                judge(true, ProtocolRevision::July2026, &query, Some(defect)).is_ok(),
                "{respelled}"
            );
            assert!(
                judge(
                    true,
                    ProtocolRevision::July2026,
                    &query,
                    Some(Defect::ISS_NORMALISED)
                )
                .is_ok(),
                "{respelled}"
            );
            assert!(
                judge(
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
    fn an_error_of_another_issuer_is_not_an_error_of_this_one() {
        let foreign = judge(
            true,
            ProtocolRevision::July2026,
            "error=x&state=s&iss=http://evil",
            None,
        )
        .unwrap_err();
        assert!(matches!(foreign, ClientError::ResponseIssuer));
        let own = judge(
            true,
            ProtocolRevision::July2026,
            "error=x%1b&state=s&iss=http://localhost:1234/tenant",
            None,
        )
        .unwrap_err();
        assert!(matches!(own, ClientError::AuthorizationRefused(code) if code == "x?"));
    }

    #[test]
    fn state_comes_first_and_exactly_once() {
        for query in [
            "code=c",
            "code=c&state=",
            "code=c&state=S",
            "code=c&state=s&state=s",
        ] {
            assert!(
                matches!(
                    judge(false, ProtocolRevision::June2025, query, None),
                    Err(ClientError::State)
                ),
                "{query}"
            );
        }
        assert!(
            judge(
                false,
                ProtocolRevision::June2025,
                "code=c&state=s&iss=whatever&foo=bar",
                None
            )
            .is_ok()
        );
        assert!(matches!(
            judge(
                false,
                ProtocolRevision::June2025,
                "code=c&code=d&state=s",
                None
            ),
            Err(ClientError::ResponseForm)
        ));
        assert!(matches!(
            judge(false, ProtocolRevision::June2025, "state=s", None),
            Err(ClientError::ResponseForm)
        ));
    }
}
