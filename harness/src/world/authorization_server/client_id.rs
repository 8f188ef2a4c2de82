//! Client IDs that are URLs of metadata documents.

/// Whether a client ID is a URL of the kind that documents are published at: https, with a path,
/// and nothing in it that could mean another document to another reader
/// (draft-ietf-oauth-client-id-metadata-document-00 section 3).
pub(super) fn names_a_document(client_id: &str) -> bool {
    let parts = url_parts(client_id);
    let has = |part: &str| parts.contains(&part);
    client_id.starts_with("https://")
        && has("path")
        && !has("fragment")
        && !has("user-information")
        && !has("dot-segment")
}

/// Which parts a client ID that is a URL has, as it is written: a URL library would have removed
/// some of them.
pub(crate) fn url_parts(client_id: &str) -> Vec<&'static str> {
    let Some((_, rest)) = client_id.split_once("://") else {
        return Vec::new();
    };
    let (rest, fragment) = rest
        .split_once('#')
        .map_or((rest, None), |(rest, fragment)| (rest, Some(fragment)));
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_dots = |segment: &str| {
        let decoded = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(decoded.as_str(), "." | "..")
    };
    let parts = [
        ("path", !path.is_empty()),
        ("query", query.is_some()),
        ("fragment", fragment.is_some()),
        ("user-information", authority.contains('@')),
        ("dot-segment", path.split('/').any(is_dots)),
    ];
    let present = parts.into_iter().filter(|(_, is_present)| *is_present);
    present.map(|(part, _)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_names_a_document_by_an_unambiguous_url() {
        for good in [
            "https://app.example/client.json",
            "https://app.example/client.json?v=1",
        ] {
            assert!(names_a_document(good), "{good}");
        }
        for bad in [
            "http://app.example/client.json",
            "https://app.example",
            "https://app.example/client.json#f",
            "https://user@app.example/client.json",
            "https://app.example/a/../client.json",
            "https://app.example/%2E/client.json",
            "client.json",
        ] {
            assert!(!names_a_document(bad), "{bad}");
        }
        assert_eq!(url_parts("https://app.example/@me/client.json"), ["path"]);
        assert_eq!(
            url_parts("https://u:p@app.example?x#y"),
            ["query", "fragment", "user-information"]
        );
    }
}
