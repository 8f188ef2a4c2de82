//! Fields of DPoP proofs.

use serde_json::{Value as Json, json};

use super::super::clock::unix_seconds;
use super::super::http_request::HttpRequest;
use super::super::tokens::dpop_proof::{DpopProof, ProvenRequest};

/// What the proof of a request to the endpoint `url` says, in the words of scenarios. Null: there
/// is no proof. `bound_to`: the key to which what the request presents was bound.
pub(crate) fn proof_fields(request: &HttpRequest, url: &str, bound_to: Option<&str>) -> Json {
    let proofs = DpopProof::all_of(request);
    let Some(jwt) = proofs.first() else {
        return Json::Null;
    };
    let Some(proof) = DpopProof::read(jwt) else {
        return json!({"proofs": proofs.len(), "verifies": false, "typ": "", "jti": ""});
    };
    let token = request
        .authorization()
        .filter(|(scheme, _)| ["bearer", "dpop"].contains(&scheme.to_ascii_lowercase().as_str()))
        .map(|(_, token)| token);
    let proven = ProvenRequest {
        method: &request.method,
        url,
        token,
        now: unix_seconds(),
    };
    let key = proof.thumbprint();
    let key_is = match (bound_to, &key) {
        (None, _) => "unbound",
        (Some(bound), Some(key)) if bound == key => "same",
        _ => "different",
    };
    let mut fields = json!({
        "proofs": proofs.len(),
        "typ": proof.header("typ"),
        "alg": proof.header("alg"),
        "jwk": proof.key_word(),
        "verifies": proof.verifies(),
        "jti": proof.claim("jti"),
        "htm": proof.method_word(proven),
        "htu": proof.url_word(proven),
        "ath": proof.token_word(proven),
        "iat": proof.time_word(proven),
        "nonce": proof.claim("nonce"),
        "key": key,
        "key_is": key_is,
    });
    if let Some(members) = fields.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    fields
}
