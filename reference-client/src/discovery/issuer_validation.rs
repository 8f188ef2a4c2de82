//! The form of an issuer identifier, and its comparison with the issuer in the metadata.

use crate::defect::{Defect, Defects};
use crate::discovery::server_locations::ServerDocumentKind;
use crate::error::ClientError;
use crate::url_rules;
use url::Url;

/// Parses an issuer identifier. It must be an https URL (or http on this machine) without a query
/// and a fragment.
pub(super) fn parse_issuer(issuer: &str, defects: &Defects) -> Result<Url, ClientError> {
    let url = Url::parse(issuer).map_err(|_| ClientError::IssuerForm)?;
    let accepts_any = defects.has(Defect::ISSUER_FORM_UNCHECKED);
    let scheme_is_valid = url_rules::is_https_or_loopback(&url)
        || accepts_any
        || (url.scheme() == "http" && defects.has(Defect::ISSUER_HTTP_ACCEPTED));
    let query_is_valid =
        url.query().is_none() || accepts_any || defects.has(Defect::ISSUER_QUERY_ACCEPTED);
    let fragment_is_valid =
        url.fragment().is_none() || accepts_any || defects.has(Defect::ISSUER_FRAGMENT_ACCEPTED);
    let has_no_user = url.username().is_empty() && url.password().is_none();
    if scheme_is_valid && query_is_valid && fragment_is_valid && has_no_user {
        Ok(url)
    } else {
        Err(ClientError::IssuerForm)
    }
}

/// Whether the issuer in a metadata document is one of the accepted ones, or a defective client
/// takes it for the first of them. The comparison is exact (RFC 8414 section 3.3).
pub(super) fn is_accepted_issuer(
    issuer: &str,
    accepted: &[&str],
    kind: ServerDocumentKind,
    defects: &Defects,
) -> bool {
    let expected = accepted.first().copied().unwrap_or_default();
    let expected_without_slash = expected.trim_end_matches('/');
    let drops_slash = defects.has(Defect::ISSUER_SLASH_DROPPED);
    let is_exact = accepted.contains(&issuer) && !(drops_slash && expected.ends_with('/'));
    is_exact
        || (drops_slash && issuer == expected_without_slash)
        || defects.has(Defect::ISSUER_UNCHECKED)
        || (kind == ServerDocumentKind::Openid && defects.has(Defect::ISSUER_UNCHECKED_IN_OPENID))
        || (defects.has(Defect::ISSUER_NORMALISED_SLASH)
            && issuer.trim_end_matches('/') == expected_without_slash)
        || (defects.has(Defect::ISSUER_NORMALISED_CASE) && are_same_url(issuer, expected))
        || (defects.has(Defect::ISSUER_OF_ANOTHER_HOST_ACCEPTED)
            && !are_of_same_host(issuer, expected))
        || kind == ServerDocumentKind::RootOfTenant
}

fn are_same_url(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn are_of_same_host(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_issuer_identifiers_are_accepted() {
        let none = Defects::none();
        for issuer in [
            "http://localhost:1?x=1",
            "http://localhost:1#f",
            "ftp://localhost/as",
            "http://as.example",
            "https://u@as.example",
            "as",
            "",
        ] {
            assert!(parse_issuer(issuer, &none).is_err(), "{issuer}");
        }
        for issuer in [
            "http://localhost:1",
            "http://127.0.0.1:1/a/",
            "http://[::1]:1",
            "https://as.example/a",
        ] {
            assert!(parse_issuer(issuer, &none).is_ok(), "{issuer}");
        }
    }
}
