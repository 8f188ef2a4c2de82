//! Protected resource metadata (RFC 9728): finds the document of an MCP server and makes sure that
//! it is that server's own.

use crate::defect::{Defect, Defects};
use crate::discovery::challenge::Challenge;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::server_address::ServerAddress;
use crate::url_rules;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use url::Url;

const WHAT: &str = "protected resource metadata";
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
/// All that [`Defect::PRM_UNKNOWN_MEMBER_REFUSED`] knows.
const KNOWN_MEMBERS: &[&str] = &[
    "resource",
    "authorization_servers",
    "scopes_supported",
    "bearer_methods_supported",
];

/// What an MCP server says about itself.
#[derive(Debug, Clone)]
pub(crate) struct ResourceMetadata {
    /// The identifier, exactly as it was published; goes into `resource`.
    pub resource: String,
    /// Issuers, as they were published; never empty.
    pub authorization_servers: Vec<String>,
    pub scopes: Scope,
}

/// Finds the metadata: where the challenge says, or else at the well-known places.
pub(crate) async fn discover(
    run: &RunContext,
    server: &ServerAddress,
    challenge: Option<&Challenge>,
    token: Option<&str>,
) -> Result<ResourceMetadata, ClientError> {
    let mut last = ClientError::NoResourceMetadata;
    for (url, place) in places(server, challenge, run.defects()) {
        match fetch(run, server, &url, place, token).await {
            Ok(metadata) => return Ok(metadata),
            Err(error) => {
                run.tell(&format!("{WHAT}: {error}"));
                // That a document was there but somebody else's is worth more to the user than that
                // the next place was empty.
                if !matches!(last, ClientError::ResourceMismatch) {
                    last = if matches!(error, ClientError::ResourceMismatch) {
                        error
                    } else {
                        ClientError::NoResourceMetadata
                    };
                }
            }
        }
    }
    Err(last)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MetadataSource {
    Challenge,
    Path,
    Root,
}

fn places(
    server: &ServerAddress,
    challenge: Option<&Challenge>,
    defects: &Defects,
) -> Vec<(Url, MetadataSource)> {
    let mut places = Vec::new();
    if let Some(named) = challenge.and_then(Challenge::resource_metadata) {
        places.extend(
            Url::parse(named)
                .ok()
                .filter(url_rules::is_https_or_loopback)
                .map(|url| (url, MetadataSource::Challenge)),
        );
        if !defects.has(Defect::WELL_KNOWN_BEFORE_CHALLENGE) {
            return places;
        }
    }
    if defects.has(Defect::NO_WELL_KNOWN_FALLBACK) {
        return places;
    }
    let mut probes = Vec::new();
    probes.extend(at_path(server, defects).map(|url| (url, MetadataSource::Path)));
    if !defects.has(Defect::NO_ROOT_PRM) {
        let slash = if defects.has(Defect::WELL_KNOWN_SLASH_KEPT) {
            "/"
        } else {
            ""
        };
        probes.extend(
            Url::parse(&format!("{}{WELL_KNOWN}{slash}", server.origin()))
                .ok()
                .map(|url| (url, MetadataSource::Root)),
        );
    }
    if defects.has(Defect::ROOT_PRM_FIRST) {
        probes.reverse();
    }
    probes.extend(places);
    probes
}

/// The well-known place of an endpoint that is not at the root: the segment comes between host and
/// path (RFC 9728 section 3.1).
fn at_path(server: &ServerAddress, defects: &Defects) -> Option<Url> {
    let (origin, path, query) = (server.origin(), server.url.path(), server.query());
    let text = match () {
        () if path == "/" => return None,
        () if defects.has(Defect::WELL_KNOWN_APPENDED) => {
            format!("{origin}{path}{WELL_KNOWN}{query}")
        }
        () if defects.has(Defect::WELL_KNOWN_LAST_SEGMENT_LOST) => {
            format!(
                "{origin}{WELL_KNOWN}{}{query}",
                path.rsplit_once('/').map_or(path, |(parent, _)| parent)
            )
        }
        () if defects.has(Defect::WELL_KNOWN_QUERY_LOST) => format!("{origin}{WELL_KNOWN}{path}"),
        () => format!("{origin}{WELL_KNOWN}{path}{query}"),
    };
    Url::parse(&text).ok()
}

async fn fetch(
    run: &RunContext,
    server: &ServerAddress,
    url: &Url,
    place: MetadataSource,
    token: Option<&str>,
) -> Result<ResourceMetadata, ClientError> {
    if run.has(Defect::PRM_HEAD_FIRST) {
        let _ = run.http.head(url.clone()).send().await;
    }
    let mut request = run.http.get(url.clone());
    if run.has(Defect::BEARER_ON_PRM) {
        request = request.bearer_auth(token.unwrap_or("none-yet"));
    }
    if run.has(Defect::BEARER_EVERYWHERE)
        && let Some(token) = token
    {
        request = request.bearer_auth(token);
    }
    let mut document = JsonDocument::fetch(request, WHAT).await?;
    if run.has(Defect::SIGNED_METADATA_UNVERIFIED) {
        document.members.extend(claims_of(
            document.text("signed_metadata").unwrap_or_default(),
        ));
    }
    if run.has(Defect::PRM_UNKNOWN_MEMBER_REFUSED)
        && document
            .members
            .keys()
            .any(|name| !KNOWN_MEMBERS.contains(&name.as_str()))
    {
        return Err(ClientError::Malformed(WHAT));
    }
    let resource =
        resource(&document, server, run.defects()).ok_or(ClientError::Malformed(WHAT))?;
    if !belongs(&document, &resource, server, place, run.defects()) {
        if !run.has(Defect::RESOURCE_MISMATCH_WARNED) {
            return Err(ClientError::ResourceMismatch);
        }
        run.platform
            .print_error("warning: the protected resource metadata describes another resource");
    }
    let authorization_servers: Vec<String> = document
        .texts("authorization_servers")
        .unwrap_or_default()
        .into_iter()
        .map(str::to_owned)
        .collect();
    if authorization_servers.is_empty() {
        return Err(ClientError::Malformed(WHAT));
    }
    let scopes = Scope::from_names(document.texts("scopes_supported").unwrap_or_default());
    Ok(ResourceMetadata {
        resource,
        authorization_servers,
        scopes,
    })
}

/// What a JWT says, whoever signed it: [`Defect::SIGNED_METADATA_UNVERIFIED`].
fn claims_of(jwt: &str) -> serde_json::Map<String, Value> {
    let payload = jwt
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .unwrap_or_default();
    serde_json::from_slice(&payload).unwrap_or_default()
}

/// The identifier in the document; without one it is nobody's document.
fn resource(document: &JsonDocument, server: &ServerAddress, defects: &Defects) -> Option<String> {
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

/// Whether the document is about the server that the client talks to. The root document may also
/// name the origin that it was found at.
fn belongs(
    document: &JsonDocument,
    resource: &str,
    server: &ServerAddress,
    place: MetadataSource,
    defects: &Defects,
) -> bool {
    if defects.has(Defect::RESOURCE_UNCHECKED)
        || (defects.has(Defect::RESOURCE_UNCHECKED_IN_CHALLENGE)
            && place == MetadataSource::Challenge)
    {
        return true;
    }
    if defects.has(Defect::RESOURCE_COMPARED_ESCAPED)
        && !document.text.contains(&format!("\"{}\"", server.canonical))
        && place != MetadataSource::Root
    {
        return false;
    }
    if defects.has(Defect::RESOURCE_CASE_STRICT)
        && server.configured.split(['?', '#']).next() != Some(resource)
    {
        return false;
    }
    server.is_named_by(resource)
        || (place == MetadataSource::Root
            && resource.strip_suffix('/').unwrap_or(resource) == server.origin())
        || loosely(resource, server, defects)
}

/// The comparisons of the defective clients.
fn loosely(resource: &str, server: &ServerAddress, defects: &Defects) -> bool {
    let own = server.canonical.as_str();
    (defects.has(Defect::RESOURCE_ORIGIN_ONLY)
        && Url::parse(resource).is_ok_and(|url| url.origin() == server.url.origin()))
        || (defects.has(Defect::RESOURCE_PREFIX_COMPARE) && own.starts_with(resource))
        || (defects.has(Defect::RESOURCE_PARENT_ACCEPTED)
            && own
                .strip_prefix(resource)
                .is_some_and(|rest| rest.starts_with('/')))
        || (defects.has(Defect::RESOURCE_CHILD_ACCEPTED)
            && resource
                .strip_prefix(own)
                .is_some_and(|rest| rest.starts_with('/')))
        || (defects.has(Defect::RESOURCE_UNICODE_NORMALISED) && folded(resource) == folded(own))
}

/// Percent-encoding undone, accents taken off: what [`Defect::RESOURCE_UNICODE_NORMALISED`] calls normalisation.
fn folded(text: &str) -> String {
    let decoded: String = url::form_urlencoded::parse(text.replace('&', "%26").as_bytes())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let base = |c: char| match c {
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    };
    decoded
        .chars()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(base)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belongs_to(own: &str, resource: &str, place: MetadataSource, defects: &Defects) -> bool {
        let text = serde_json::json!({ "resource": resource }).to_string();
        let document = JsonDocument {
            members: serde_json::from_str(&text).unwrap(),
            text,
        };
        belongs(
            &document,
            resource,
            &ServerAddress::parse(own).unwrap(),
            place,
            defects,
        )
    }

    #[test]
    fn the_root_document_may_name_the_origin() {
        let none = Defects::none();
        assert!(belongs_to(
            "http://localhost:1/mcp",
            "http://localhost:1",
            MetadataSource::Root,
            &none
        ));
        assert!(!belongs_to(
            "http://localhost:1/mcp",
            "http://localhost:1",
            MetadataSource::Path,
            &none
        ));
        assert!(!belongs_to(
            "http://localhost:1/mcp",
            "http://localhost:1",
            MetadataSource::Challenge,
            &none
        ));
        assert!(!belongs_to(
            "http://localhost:1/team/mcp",
            "http://localhost:1/team",
            MetadataSource::Root,
            &none
        ));
        assert!(belongs_to(
            "HTTP://LOCALHOST:1/mcp?key=k",
            "http://localhost:1/mcp",
            MetadataSource::Path,
            &none
        ));
    }

    #[test]
    fn every_defect_accepts_its_own_mistake_only() {
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
            assert!(
                belongs_to(own, mistake, MetadataSource::Path, &Defects::only(defect)),
                "{defect:?}"
            );
            assert!(
                !belongs_to(own, mistake, MetadataSource::Path, &Defects::none()),
                "{defect:?}"
            );
            assert!(
                belongs_to(own, own, MetadataSource::Path, &Defects::only(defect)),
                "{defect:?}"
            );
        }
    }

    #[test]
    fn the_places_and_their_order() {
        let server = ServerAddress::parse("http://localhost:1/public/mcp").unwrap();
        let list = |challenge: Option<&str>, defects: Defects| -> Vec<String> {
            let challenge = challenge
                .and_then(|line| crate::discovery::challenge::bearer([line], &Defects::none()));
            places(&server, challenge.as_ref(), &defects)
                .into_iter()
                .map(|(url, _)| url.into())
                .collect()
        };
        let path = "http://localhost:1/.well-known/oauth-protected-resource/public/mcp";
        let root = "http://localhost:1/.well-known/oauth-protected-resource";
        assert_eq!(list(Some("Bearer"), Defects::none()), [path, root]);
        assert_eq!(
            list(None, Defects::only(Defect::ROOT_PRM_FIRST)),
            [root, path]
        );
        assert_eq!(
            list(
                Some(r#"Bearer resource_metadata="http://localhost:1/own""#),
                Defects::none()
            ),
            ["http://localhost:1/own"]
        );
        assert!(
            list(
                Some(r#"Bearer resource_metadata="file:///etc/passwd""#),
                Defects::none()
            )
            .is_empty()
        );
    }
}
