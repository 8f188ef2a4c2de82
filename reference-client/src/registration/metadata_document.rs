//! The client ID metadata document of this client.

use crate::defect::{Defect, Defects};
use crate::reference_client_kind::ReferenceClientKind;
use crate::registration::auth_method::AuthMethod;
use crate::registration::redirect_uris::redirect_uris;
use crate::signing_key;
use serde_json::{Value, json};

/// The URL of the client ID metadata document, which is the client ID at authorization servers that
/// support such documents.
pub const CLIENT_METADATA_URL: &str = "https://reference-client.example/client-metadata.json";

/// The client's name for users.
pub(super) const CLIENT_NAME: &str = "MCP reference client";

/// The document that the conforming client publishes at [`CLIENT_METADATA_URL`].
pub fn client_metadata_document() -> Value {
    build_document(ReferenceClientKind::default(), &Defects::none())
}

/// The response of the client's web server at the document's URL: status, media type and body.
pub fn served_document(
    kind: ReferenceClientKind,
    defects: &Defects,
) -> (u16, &'static str, String) {
    if defects.has(Defect::CIMD_DOCUMENT_MISSING) {
        return (404, "text/plain", "not found".to_owned());
    }
    let document = build_document(kind, defects);
    if defects.has(Defect::CIMD_DOCUMENT_AS_PAGE) {
        return (200, "text/html", format!("<pre>{document}</pre>"));
    }
    (200, "application/json", document.to_string())
}

/// The URL at which a client with these defects believes its document to be published.
pub fn client_metadata_url_for(defects: &Defects) -> &'static str {
    match () {
        () if defects.has(Defect::CIMD_HTTP_URL) => {
            "http://reference-client.example/client-metadata.json"
        }
        () if defects.has(Defect::CIMD_NO_PATH) => "https://reference-client.example",
        () if defects.has(Defect::CIMD_DOT_SEGMENT) => {
            "https://reference-client.example/app/../client-metadata.json"
        }
        () if defects.has(Defect::CIMD_FRAGMENT) => {
            "https://reference-client.example/client-metadata.json#v1"
        }
        () if defects.has(Defect::CIMD_USER_INFORMATION) => {
            "https://someone@reference-client.example/client-metadata.json"
        }
        () if defects.has(Defect::CIMD_QUERY) => {
            "https://reference-client.example/client-metadata.json?install=1"
        }
        () => CLIENT_METADATA_URL,
    }
}

/// Whether no honest server accepts the published document.
pub(super) fn is_unusable(defects: &Defects) -> bool {
    defects.has(Defect::CIMD_DOCUMENT_MISSING)
        || defects.has(Defect::CIMD_DOCUMENT_AS_PAGE)
        || defects.has(Defect::CIMD_DOCUMENT_NAMES_ANOTHER)
}

/// The authentication method that the document declares. A key can be published, a secret cannot.
pub(super) fn document_auth_method(kind: ReferenceClientKind) -> AuthMethod {
    if kind == ReferenceClientKind::Web {
        AuthMethod::PrivateKeyJwt
    } else {
        AuthMethod::None
    }
}

pub(super) fn application_type(kind: ReferenceClientKind, defects: &Defects) -> &'static str {
    let is_web = kind == ReferenceClientKind::Web && !defects.has(Defect::WEB_REGISTERS_AS_NATIVE);
    if is_web || defects.has(Defect::DCR_TYPE_WEB) {
        "web"
    } else {
        "native"
    }
}

pub(super) fn grant_types(defects: &Defects) -> &'static [&'static str] {
    if defects.has(Defect::NO_REFRESH_GRANT_IN_METADATA) {
        &["authorization_code"]
    } else {
        &["authorization_code", "refresh_token"]
    }
}

fn build_document(kind: ReferenceClientKind, defects: &Defects) -> Value {
    let mut document = json!({
        "client_id": client_metadata_url_for(defects),
        "client_name": CLIENT_NAME,
        "redirect_uris": redirect_uris(kind, None, defects),
        "grant_types": grant_types(defects),
        "response_types": ["code"],
        "token_endpoint_auth_method": document_auth_method(kind).name(),
        "application_type": application_type(kind, defects),
    });
    if kind == ReferenceClientKind::Web {
        document["jwks"] = signing_key::public_key_set();
    }
    if defects.has(Defect::CIMD_DOCUMENT_NAMES_ANOTHER) {
        document["client_id"] = json!(format!("{CLIENT_METADATA_URL}/"));
    }
    if defects.has(Defect::CIMD_DOCUMENT_WITHOUT_NAME)
        && let Some(members) = document.as_object_mut()
    {
        members.remove("client_name");
    }
    if defects.has(Defect::CIMD_DOCUMENT_WITH_SECRET) {
        document["token_endpoint_auth_method"] = json!("client_secret_post");
        document["client_secret"] = json!("published");
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_its_own_url() {
        let document = client_metadata_document();
        assert_eq!(document["client_id"], CLIENT_METADATA_URL);
        let redirect_uris = &document["redirect_uris"];
        assert_eq!(*redirect_uris, json!(["http://127.0.0.1/callback"]));
        assert!(document.get("client_secret").is_none());
    }
}
