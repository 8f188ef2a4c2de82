//! The body of a dynamic registration request (RFC 7591 section 3.1).

use crate::defect::{Defect, Defects};
use crate::reference_client_kind::ReferenceClientKind;
use crate::registration::auth_method::AuthMethod;
use crate::registration::metadata_document::{CLIENT_NAME, application_type, grant_types};
use crate::registration::redirect_uris::redirect_uris;
use crate::signing_key;
use serde_json::{Value, json};

/// Builds the request with which the client registers itself.
pub(super) fn build_registration_request(
    kind: ReferenceClientKind,
    method: AuthMethod,
    redirect_uri: &str,
    defects: &Defects,
) -> Value {
    let mut body = json!({
        "client_name": CLIENT_NAME,
        "redirect_uris": redirect_uris(kind, Some(redirect_uri), defects),
        "grant_types": grant_types(defects),
        "response_types": ["code"],
        "token_endpoint_auth_method": method.name(),
        "application_type": application_type(kind, defects),
    });
    if method == AuthMethod::PrivateKeyJwt {
        body["jwks"] = signing_key::public_key_set();
    }
    if defects.has(Defect::DCR_OWN_CLIENT_ID) {
        body["client_id"] = json!("my-mcp-client");
    }
    if defects.has(Defect::DCR_JWKS_TWICE) {
        body["jwks"] = json!({ "keys": [] });
        body["jwks_uri"] = json!("https://reference-client.example/jwks.json");
    }
    if let Some(members) = body.as_object_mut() {
        if defects.has(Defect::DCR_NO_REDIRECT_URIS) {
            members.remove("redirect_uris");
        }
        if defects.has(Defect::DCR_NO_APPLICATION_TYPE) {
            members.remove("application_type");
        }
    }
    body
}

/// A request that only finds out whether there is a registration endpoint. Only defective clients
/// send it.
pub(crate) fn build_probe_request() -> Value {
    build_registration_request(
        ReferenceClientKind::default(),
        AuthMethod::None,
        "http://127.0.0.1:1/callback",
        &Defects::none(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_describes_the_client() {
        let body = build_probe_request();
        let redirect_uris = &body["redirect_uris"];
        assert_eq!(*redirect_uris, json!(["http://127.0.0.1:1/callback"]));
        assert_eq!(body["application_type"], "native");
        assert!(body.get("client_id").is_none());
    }
}
