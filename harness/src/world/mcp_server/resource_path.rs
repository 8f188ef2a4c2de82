//! Where protected resource metadata lies (RFC 9728 section 3.1).

use crate::scenario::model::PrmPlace;

/// The path of a place of protected resource metadata. A final slash after the host is removed.
pub(crate) fn resource_metadata_path(place: &PrmPlace, mcp_path: &str) -> String {
    match place {
        PrmPlace::Path => format!(
            "/.well-known/oauth-protected-resource{}",
            if mcp_path == "/" { "" } else { mcp_path }
        ),
        PrmPlace::Root => "/.well-known/oauth-protected-resource".to_owned(),
        PrmPlace::Named(path) => path.clone(),
    }
}

/// The place in the words of scenarios.
pub(super) fn place_word(place: &PrmPlace) -> &'static str {
    match place {
        PrmPlace::Path => "path",
        PrmPlace::Root => "root",
        PrmPlace::Named(_) => "named",
    }
}
