//! Client ID metadata documents, and the clients that name themselves by one.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::super::world_plan::ClientDocument;
use super::client::{ClientKind, RegisteredClient, read_key_set, read_redirect_uris};
use super::client_id::names_a_document;

/// The client that names itself by the URL of its metadata document. A document that cannot be
/// fetched from this machine (position 27) is trusted: any redirect URI that a native client may
/// have.
pub(crate) fn find_client_by_document(
    documents: &BTreeMap<String, ClientDocument>,
    id: &str,
) -> Option<RegisteredClient> {
    if !names_a_document(id) {
        return None;
    }
    let client = RegisteredClient::with_id(id, ClientKind::Cimd);
    let Some(fetched) = documents.get(id) else {
        return Some(client);
    };
    let document = read_document(fetched)?;
    let text = |name: &str| document.get(name).and_then(Json::as_str);
    if text("client_id") != Some(id) {
        return None;
    }
    Some(RegisteredClient {
        redirect_uris: Some(read_redirect_uris(&document)),
        keys: document.get("jwks").and_then(read_key_set),
        auth_method: text("token_endpoint_auth_method").map(str::to_owned),
        ..client
    })
}

/// The document, if it was served as one (draft-ietf-oauth-client-id-metadata-document-00
/// section 4): status 200, a JSON media type, an object.
pub(super) fn read_document(fetched: &ClientDocument) -> Option<Map<String, Json>> {
    let media_type = fetched.content_type.split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || media_type.starts_with("application/") && media_type.ends_with("+json");
    if fetched.status != 200 || !is_json {
        return None;
    }
    serde_json::from_str(&fetched.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_json_served_as_such() {
        let is_document = |status, content_type: &str, body: &str| {
            let fetched = ClientDocument {
                status,
                content_type: content_type.to_owned(),
                body: body.to_owned(),
            };
            read_document(&fetched).is_some()
        };
        assert!(is_document(200, "application/json; charset=utf-8", "{}"));
        assert!(is_document(200, "application/cimd+json", "{}"));
        assert!(!is_document(404, "application/json", "{}"));
        assert!(!is_document(200, "text/html", "{}"));
        assert!(!is_document(200, "application/json", "[]"));
    }
}
