//! Whether protected resource metadata belongs to the MCP server that the client talks to.

use crate::defect::{Defect, Defects};
use crate::discovery::resource_locations::ResourceMetadataSource;
use crate::json_document::JsonDocument;
use crate::server_address::ServerAddress;
use serde_json::Value;
use url::Url;

/// The identifier of the resource that a document describes. A document without one describes no
/// resource.
pub(super) fn read_resource(
    document: &JsonDocument,
    server: &ServerAddress,
    defects: &Defects,
) -> Option<String> {
    match document.members.get("resource") {
        Some(Value::String(resource)) => Some(resource.clone()),
        Some(Value::Array(list)) if defects.has(Defect::RESOURCE_ARRAY_ACCEPTED) => {
            list.first()?.as_str().map(str::to_owned)
        }
        Some(Value::Null) | None
            if defects.has(Defect::RESOURCE_MISSING_ACCEPTED)
                || defects.has(Defect::RESOURCE_UNCHECKED) =>
        {
            Some(server.canonical.clone())
        }
        _ => None,
    }
}

/// Whether a document describes the server that the client talks to. The document at the root may
/// also name the origin that it was found at.
pub(super) fn describes_server(
    document: &JsonDocument,
    resource: &str,
    server: &ServerAddress,
    source: ResourceMetadataSource,
    defects: &Defects,
) -> bool {
    let is_root = source == ResourceMetadataSource::Root;
    if defects.has(Defect::RESOURCE_UNCHECKED)
        || (source == ResourceMetadataSource::Challenge
            && defects.has(Defect::RESOURCE_UNCHECKED_IN_CHALLENGE))
    {
        return true;
    }
    if defects.has(Defect::RESOURCE_COMPARED_ESCAPED)
        && !is_root
        && !document.text.contains(&format!("\"{}\"", server.canonical))
    {
        return false;
    }
    if defects.has(Defect::RESOURCE_CASE_STRICT)
        && server.configured.split(['?', '#']).next() != Some(resource)
    {
        return false;
    }
    let without_slash = resource.strip_suffix('/').unwrap_or(resource);
    server.is_named_by(resource)
        || (is_root && without_slash == server.origin())
        || matches_loosely(resource, server, defects)
}

/// The comparisons of defective clients.
fn matches_loosely(resource: &str, server: &ServerAddress, defects: &Defects) -> bool {
    let own = server.canonical.as_str();
    let has_same_origin =
        || Url::parse(resource).is_ok_and(|url| url.origin() == server.url.origin());
    (defects.has(Defect::RESOURCE_ORIGIN_ONLY) && has_same_origin())
        || (defects.has(Defect::RESOURCE_PREFIX_COMPARE) && own.starts_with(resource))
        || (defects.has(Defect::RESOURCE_PARENT_ACCEPTED) && is_below(own, resource))
        || (defects.has(Defect::RESOURCE_CHILD_ACCEPTED) && is_below(resource, own))
        || (defects.has(Defect::RESOURCE_UNICODE_NORMALISED)
            && normalise(resource) == normalise(own))
}

/// Whether the path of `url` continues after that of `parent`.
fn is_below(url: &str, parent: &str) -> bool {
    let rest = url.strip_prefix(parent);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Decodes percent-encoding and removes accents: [`Defect::RESOURCE_UNICODE_NORMALISED`].
fn normalise(text: &str) -> String {
    let decoded: String = url::form_urlencoded::parse(text.replace('&', "%26").as_bytes())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let remove_accent = |c: char| match c {
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    };
    let is_combining = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    decoded
        .chars()
        .filter(|c| !is_combining(c))
        .map(remove_accent)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describes(
        own: &str,
        resource: &str,
        source: ResourceMetadataSource,
        defects: &Defects,
    ) -> bool {
        let text = serde_json::json!({ "resource": resource }).to_string();
        let document = JsonDocument {
            members: serde_json::from_str(&text).unwrap(),
            text,
            content_type: String::new(),
            has_reason_phrase: true,
        };
        let server = ServerAddress::parse(own).unwrap();
        describes_server(&document, resource, &server, source, defects)
    }

    #[test]
    fn only_the_root_document_may_name_the_origin() {
        use ResourceMetadataSource::{Challenge, Path, Root};
        let own = "http://localhost:1/mcp";
        let origin = "http://localhost:1";
        let none = Defects::none();
        assert!(describes(own, origin, Root, &none));
        assert!(!describes(own, origin, Path, &none));
        assert!(!describes(own, origin, Challenge, &none));
        let (below, parent) = ("http://localhost:1/team/mcp", "http://localhost:1/team");
        assert!(!describes(below, parent, Root, &none));
        let respelled = "HTTP://LOCALHOST:1/mcp?key=k";
        assert!(describes(respelled, own, Path, &none));
    }

    #[test]
    fn each_defect_accepts_only_its_own_mistake() {
        let own = "http://localhost:1/team/caf%C3%A9";
        for (defect, mistake) in [
            (Defect::RESOURCE_ORIGIN_ONLY, "http://localhost:1/other"),
            (
                Defect::RESOURCE_PREFIX_COMPARE,
                "http://localhost:1/team/ca",
            ),
            (Defect::RESOURCE_PARENT_ACCEPTED, "http://localhost:1/team"),
            (
                Defect::RESOURCE_CHILD_ACCEPTED,
                "http://localhost:1/team/caf%C3%A9/admin",
            ),
            (
                Defect::RESOURCE_UNICODE_NORMALISED,
                "http://localhost:1/team/cafe%CC%81",
            ),
        ] {
            let source = ResourceMetadataSource::Path;
            let defective = Defects::only(defect);
            assert!(describes(own, mistake, source, &defective), "{defect:?}");
            assert!(
                !describes(own, mistake, source, &Defects::none()),
                "{defect:?}"
            );
            assert!(describes(own, own, source, &defective), "{defect:?}");
        }
    }
}
