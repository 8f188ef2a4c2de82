//! How defective clients compare issuers: they normalise both first. A conforming client compares
//! the strings as they are.

use crate::defect::{Defect, Defects};
use url::Url;

/// Whether two issuers are equal after the normalisation that the client's defects do.
pub(super) fn is_loosely_equal(received: &str, expected: &str, defects: &Defects) -> bool {
    let is_part_equal = (defects.has(Defect::ISS_DOMAIN_COMPARED)
        && read_domain(received) == read_domain(expected))
        || (defects.has(Defect::ISS_BEGINNING_COMPARED) && received.starts_with(expected));
    is_part_equal || normalise(received, defects) == normalise(expected, defects)
}

/// The last two labels of the host.
fn read_domain(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let mut labels: Vec<&str> = url.host_str()?.rsplit('.').take(2).collect();
    labels.reverse();
    Some(labels.join("."))
}

fn normalise(issuer: &str, defects: &Defects) -> String {
    let normalises = |defect| defects.has(Defect::ISS_NORMALISED) || defects.has(defect);
    let mut issuer = issuer.to_owned();
    if normalises(Defect::ISS_NORMALISED_SCRIPT) && !issuer.is_ascii() {
        let url = Url::parse(&issuer);
        issuer = url.map_or(issuer, |url| url.as_str().trim_end_matches('/').to_owned());
    }
    if normalises(Defect::ISS_NORMALISED_PERCENT) {
        issuer = percent_decode(&issuer);
    }
    if normalises(Defect::ISS_NORMALISED_PORT) {
        issuer = write_port_as_number(&issuer);
    }
    if normalises(Defect::ISS_NORMALISED_SLASH) {
        issuer = issuer.trim_end_matches('/').to_owned();
    }
    let host_start = issuer.find("://").map_or(0, |position| position + 3);
    let host_end = issuer
        .get(host_start..)
        .and_then(|rest| rest.find('/'))
        .map_or(issuer.len(), |position| host_start + position);
    if normalises(Defect::ISS_NORMALISED_SCHEME_CASE)
        && let Some(scheme) = issuer.get_mut(..host_start)
    {
        scheme.make_ascii_lowercase();
    }
    if normalises(Defect::ISS_NORMALISED_HOST_CASE)
        && let Some(host) = issuer.get_mut(host_start..host_end)
    {
        host.make_ascii_lowercase();
    }
    if normalises(Defect::ISS_NORMALISED_FINAL_DOT) {
        let (start, path) = issuer.split_at(host_end);
        // what is before the path may have its port behind the dot
        issuer = format!(
            "{}{path}",
            start.replacen(".:", ":", 1).trim_end_matches('.')
        );
    }
    issuer
}

fn percent_decode(text: &str) -> String {
    // The form decoder treats these characters specially.
    let protected = text
        .replace('&', "%26")
        .replace('+', "%2B")
        .replace('=', "%3D");
    url::form_urlencoded::parse(protected.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

/// Writes the port as a number, without leading zeros.
fn write_port_as_number(text: &str) -> String {
    let Ok(url) = Url::parse(text) else {
        return text.to_owned();
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match (authority.rsplit_once(':'), url.port_or_known_default()) {
        (Some((host, _)), Some(port)) => format!("{scheme}://{host}:{port}{path}"),
        (None, Some(port)) => format!("{scheme}://{authority}:{port}{path}"),
        _ => text.to_owned(),
    }
}
