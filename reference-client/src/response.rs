//! Judges an authorization response before anything in it is used: first `state`, then `iss`, then
//! the rest.

use crate::authorize::Pending;
use crate::defect::{Defect, Defects};
use crate::error::Error;
use crate::run::Run;
use crate::text;
use url::Url;

/// All that [`Defect::ResponseStrict`] knows.
const KNOWN_PARAMETERS: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

/// The parameters of a response, decoded from their form encoding.
pub(crate) struct Response {
    parameters: Vec<(String, String)>,
    query: String,
}

impl Response {
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
    fn only(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Error::ResponseForm),
        }
    }
}

/// The code in a response that answers the pending request, from the issuer recorded with it.
pub(crate) fn validate<'a>(
    response: &'a Response,
    pending: &Pending,
    run: &Run,
) -> Result<&'a str, Error> {
    let defects = run.defects();
    check_state(response, pending.state.as_deref(), defects)?;
    if defects.has(Defect::ResponseStrict)
        && response
            .parameters
            .iter()
            .any(|(name, _)| !KNOWN_PARAMETERS.contains(&name.as_str()))
    {
        return Err(Error::ResponseForm);
    }
    let is_error = response.first("error").is_some();
    let believed = is_error && defects.has(Defect::IssNotCheckedOnError);
    if run.config.revision.validates_iss() && !defects.has(Defect::IssCheckedLate) && !believed {
        check_issuer(response, pending, run)
            .inspect_err(|_| misuse_rejected_error(response, run))?;
    }
    let (code, error) = (response.only("code")?, response.only("error")?);
    if let Some(error) = error {
        if believed || defects.has(Defect::TerminalEscapes) {
            run.platform.print_error(&format!(
                "error: {}",
                response.first("error_description").unwrap_or_default()
            ));
        }
        return Err(Error::AuthorizationRefused(text::safe(error)));
    }
    code.filter(|code| !code.is_empty())
        .ok_or(Error::ResponseForm)
}

/// The table of 2026-07-28 (RFC 9207 section 2.4 and the local policy that MCP makes of it).
pub(crate) fn check_issuer(response: &Response, pending: &Pending, run: &Run) -> Result<(), Error> {
    let defects = run.defects();
    if defects.has(Defect::NoIssCheck) {
        return Ok(());
    }
    let mut expected = pending.server.issuer.clone();
    if defects.has(Defect::IssGlobal) {
        expected = run.blunders().current_issuer.clone().unwrap_or(expected);
    }
    let advertised = pending.server.advertises_iss
        || (defects.has(Defect::IssSupportGlobal) && run.blunders().any_server_advertised_iss);
    let received = match response.all("iss").collect::<Vec<_>>().as_slice() {
        [] => None,
        [only] => Some(*only),
        [first, ..] if defects.has(Defect::IssFirstValue) => Some(*first),
        [.., last] if defects.has(Defect::IssLastValue) => Some(*last),
        _ => return Err(Error::ResponseIssuer),
    };
    let acceptable = match (advertised, received) {
        (_, Some("")) if defects.has(Defect::IssEmptyAccepted) => true,
        (_, Some(_)) if defects.has(Defect::IssAlwaysRejected) => false,
        (false, Some(_)) if defects.has(Defect::IssOnlyIfAdvertised) => true,
        (false, Some(_)) if defects.has(Defect::IssDiscardUnadvertised) => false,
        (_, Some(_)) if defects.has(Defect::IssUndecoded) => {
            raw_issuer(&response.query) == Some(&form_encoded(&expected))
        }
        (_, Some(received)) if defects.has(Defect::IssAnyPending) => run
            .blunders()
            .pending_issuers
            .iter()
            .any(|issuer| issuer == received),
        (_, Some(received)) => received == expected || loosely_equal(received, &expected, defects),
        (true, None) => defects.has(Defect::IssOptional),
        (false, None) => !defects.has(Defect::IssDemandedAlways),
    };
    if acceptable {
        Ok(())
    } else {
        Err(Error::ResponseIssuer)
    }
}

fn check_state(
    response: &Response,
    expected: Option<&str>,
    defects: &Defects,
) -> Result<(), Error> {
    if defects.has(Defect::NoState) || defects.has(Defect::StateUnchecked) {
        return Ok(());
    }
    let expected = expected.ok_or(Error::State)?;
    let half = |text: &str| text.chars().take(expected.len() / 2).collect::<String>();
    match response.all("state").collect::<Vec<_>>().as_slice() {
        [] if defects.has(Defect::StateOptional) => Ok(()),
        [state] if *state == expected => Ok(()),
        [state]
            if (defects.has(Defect::StatePrefix) || defects.has(Defect::StateDataTrusted))
                && half(state) == half(expected) =>
        {
            Ok(())
        }
        _ => Err(Error::State),
    }
}

/// The comparisons of clients that normalise first.
fn loosely_equal(received: &str, expected: &str, defects: &Defects) -> bool {
    let all = defects.has(Defect::IssNormalised);
    let mut pair = [received.to_owned(), expected.to_owned()];
    for text in &mut pair {
        if all || defects.has(Defect::IssNormalisedPercent) {
            *text = percent_decoded(text);
        }
        if all || defects.has(Defect::IssNormalisedPort) {
            *text = with_plain_port(text);
        }
        if all || defects.has(Defect::IssNormalisedSlash) {
            *text = text.trim_end_matches('/').to_owned();
        }
        let host_start = text.find("://").map_or(0, |position| position + 3);
        let host_end = text
            .get(host_start..)
            .and_then(|rest| rest.find('/'))
            .map_or(text.len(), |position| host_start + position);
        let (scheme_too, host_too) = (
            all || defects.has(Defect::IssNormalisedSchemeCase),
            all || defects.has(Defect::IssNormalisedHostCase),
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
fn misuse_rejected_error(response: &Response, run: &Run) {
    let text = |name: &str| response.first(name).unwrap_or_default();
    if run.has(Defect::IssErrorShown) && response.first("error").is_some() {
        run.platform.print_error(&format!(
            "{}: {} ({})",
            text("error"),
            text("error_description"),
            text("error_uri")
        ));
    }
    if run.has(Defect::IssErrorUriOpened)
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
    use crate::authorize::tests::pending;
    use crate::config::{Config, Revision};

    const ISSUER: &str = "http://localhost:1234/tenant";

    fn judge(
        advertised: bool,
        revision: Revision,
        query: &str,
        defect: Option<Defect>,
    ) -> Result<String, Error> {
        let mut config = Config::new(revision, "http://localhost:1/mcp");
        config.defects = defect.into_iter().collect();
        let run = crate::tests::run_for(config);
        let response = Response::parse(query);
        validate(&response, &pending(ISSUER, advertised), &run).map(str::to_owned)
    }

    fn accepts(advertised: bool, query: &str) -> bool {
        judge(
            advertised,
            Revision::July2026,
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
            ("http://localhost:1234/tenant/", Defect::IssNormalisedSlash),
            (
                "http://LOCALHOST:1234/tenant",
                Defect::IssNormalisedHostCase,
            ),
            (
                "HTTP://localhost:1234/tenant",
                Defect::IssNormalisedSchemeCase,
            ),
            ("http://localhost:01234/tenant", Defect::IssNormalisedPort),
            (
                "http://localhost:1234/%2574enant",
                Defect::IssNormalisedPercent,
            ),
        ] {
            let query = format!("code=c&state=s&iss={respelled}");
            assert!(
                judge(true, Revision::July2026, &query, None).is_err(),
                "{respelled}"
            );
            assert!(
                judge(true, Revision::July2026, &query, Some(defect)).is_ok(),
                "{respelled}"
            );
            assert!(
                judge(
                    true,
                    Revision::July2026,
                    &query,
                    Some(Defect::IssNormalised)
                )
                .is_ok(),
                "{respelled}"
            );
            assert!(
                judge(
                    true,
                    Revision::July2026,
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
            Revision::July2026,
            "error=x&state=s&iss=http://evil",
            None,
        )
        .unwrap_err();
        assert!(matches!(foreign, Error::ResponseIssuer));
        let own = judge(
            true,
            Revision::July2026,
            "error=x%1b&state=s&iss=http://localhost:1234/tenant",
            None,
        )
        .unwrap_err();
        assert!(matches!(own, Error::AuthorizationRefused(code) if code == "x?"));
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
                    judge(false, Revision::June2025, query, None),
                    Err(Error::State)
                ),
                "{query}"
            );
        }
        assert!(
            judge(
                false,
                Revision::June2025,
                "code=c&state=s&iss=whatever&foo=bar",
                None
            )
            .is_ok()
        );
        assert!(matches!(
            judge(false, Revision::June2025, "code=c&code=d&state=s", None),
            Err(Error::ResponseForm)
        ));
        assert!(matches!(
            judge(false, Revision::June2025, "state=s", None),
            Err(Error::ResponseForm)
        ));
    }
}
