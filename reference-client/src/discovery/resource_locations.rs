//! The URLs at which the client looks for protected resource metadata.

use crate::defect::{Defect, Defects};
use crate::discovery::challenge::Challenge;
use crate::server_address::ServerAddress;
use crate::url_rules;
use url::Url;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Where a metadata URL comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceMetadataSource {
    /// The challenge names the URL.
    Challenge,
    /// The well-known URL with the server's path.
    Path,
    /// The well-known URL at the root.
    Root,
}

/// The metadata URLs in the order in which they are requested. A URL that the challenge names is
/// the only one; without one, the well-known URLs follow.
pub(super) fn list_resource_locations(
    server: &ServerAddress,
    challenge: Option<&Challenge>,
    defects: &Defects,
) -> Vec<(Url, ResourceMetadataSource)> {
    let mut named = Vec::new();
    if let Some(text) = challenge.and_then(Challenge::resource_metadata) {
        let url = Url::parse(text).ok().filter(|url| {
            url_rules::is_https_or_loopback(url)
                || defects.has(Defect::PRM_HTTP_ANYWHERE)
                || defects.has(Defect::INTERNAL_ADDRESSES_REQUESTED)
        });
        named.extend(url.map(|url| (url, ResourceMetadataSource::Challenge)));
        if !defects.has(Defect::WELL_KNOWN_BEFORE_CHALLENGE) {
            return named;
        }
    }
    if defects.has(Defect::NO_WELL_KNOWN_FALLBACK) {
        return named;
    }
    let mut locations = Vec::new();
    let at_path = build_url_with_path(server, defects);
    locations.extend(at_path.map(|url| (url, ResourceMetadataSource::Path)));
    if !defects.has(Defect::NO_ROOT_PRM) {
        let at_root = build_root_url(server, defects);
        locations.extend(at_root.map(|url| (url, ResourceMetadataSource::Root)));
    }
    if defects.has(Defect::ROOT_PRM_FIRST) {
        locations.reverse();
    }
    locations.extend(named);
    locations
}

fn build_root_url(server: &ServerAddress, defects: &Defects) -> Option<Url> {
    let slash = if defects.has(Defect::WELL_KNOWN_SLASH_KEPT) {
        "/"
    } else {
        ""
    };
    Url::parse(&format!("{}{WELL_KNOWN}{slash}", server.origin())).ok()
}

/// The well-known URL of a server that is not at the root. The well-known segment is inserted
/// between host and path (RFC 9728 section 3.1).
fn build_url_with_path(server: &ServerAddress, defects: &Defects) -> Option<Url> {
    let (origin, path, query) = (server.origin(), server.url.path(), server.query());
    if path == "/" {
        return None;
    }
    let text = match () {
        () if defects.has(Defect::WELL_KNOWN_APPENDED) => {
            format!("{origin}{path}{WELL_KNOWN}{query}")
        }
        () if defects.has(Defect::WELL_KNOWN_LAST_SEGMENT_LOST) => {
            let parent = path.rsplit_once('/').map_or(path, |(parent, _)| parent);
            format!("{origin}{WELL_KNOWN}{parent}{query}")
        }
        () if defects.has(Defect::PATH_DECODED) => {
            let decoded = path.replace("%2F", "/").replace("%20", " ");
            format!("{origin}{WELL_KNOWN}{decoded}{query}")
        }
        () if defects.has(Defect::PATH_LOWER_CASED) => {
            format!("{origin}{WELL_KNOWN}{}{query}", path.to_lowercase())
        }
        () if defects.has(Defect::PATH_SLASH_DROPPED) => {
            format!("{origin}{WELL_KNOWN}{}{query}", path.trim_end_matches('/'))
        }
        () if defects.has(Defect::WELL_KNOWN_QUERY_LOST) => format!("{origin}{WELL_KNOWN}{path}"),
        () => format!("{origin}{WELL_KNOWN}{path}{query}"),
    };
    Url::parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::bearer_challenge::find_bearer_challenge;

    fn list_urls(challenge: Option<&str>, defects: &Defects) -> Vec<String> {
        let server = ServerAddress::parse("http://localhost:1/public/mcp").unwrap();
        let challenge = challenge.and_then(|line| find_bearer_challenge([line], &Defects::none()));
        list_resource_locations(&server, challenge.as_ref(), defects)
            .into_iter()
            .map(|(url, _)| url.into())
            .collect()
    }

    #[test]
    fn the_challenge_comes_first_and_the_root_last() {
        let none = Defects::none();
        let path = "http://localhost:1/.well-known/oauth-protected-resource/public/mcp";
        let root = "http://localhost:1/.well-known/oauth-protected-resource";
        assert_eq!(list_urls(Some("Bearer"), &none), [path, root]);
        let root_first = Defects::only(Defect::ROOT_PRM_FIRST);
        assert_eq!(list_urls(None, &root_first), [root, path]);
        let named = r#"Bearer resource_metadata="http://localhost:1/own""#;
        assert_eq!(list_urls(Some(named), &none), ["http://localhost:1/own"]);
        let file = r#"Bearer resource_metadata="file:///etc/passwd""#;
        assert!(list_urls(Some(file), &none).is_empty());
    }
}
