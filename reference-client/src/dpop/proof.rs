//! The proof of possession for one request (RFC 9449 section 4.2).

use crate::defect::{Defect, Defects};
use crate::dpop::proof_key::ProofKey;
use crate::error::ClientError;
use crate::random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;

/// The age of the proofs of a client with [`Defect::DPOP_PROOF_STALE`], in seconds.
const DEFECTIVE_AGE: u64 = 3600;

/// The request that a proof is for.
pub(crate) struct ProofRequest<'a> {
    pub method: &'a str,
    pub url: &'a Url,
    /// The access token that the request carries.
    pub token: Option<&'a str>,
    /// The nonce that the server has given out last.
    pub nonce: Option<&'a str>,
}

/// Builds a proof. Each request needs one of its own.
pub(crate) fn build_proof(
    key: &ProofKey,
    request: &ProofRequest<'_>,
    defects: &Defects,
) -> Result<String, ClientError> {
    let mut header = json!({
        "typ": "dpop+jwt",
        "alg": key.algorithm().name(),
        "jwk": key.public_jwk(),
    });
    if defects.has(Defect::DPOP_PROOF_TYPE_JWT) {
        header["typ"] = json!("JWT");
    }
    if defects.has(Defect::DPOP_PRIVATE_KEY_SENT) {
        header["jwk"]["d"] = json!(key.private_part());
    }
    if defects.has(Defect::DPOP_PROOF_UNSIGNED) {
        header["alg"] = json!("none");
    }
    let claims = build_claims(request, defects)?;
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!("{}.{}", encode(&header), encode(&claims));
    let signature = if defects.has(Defect::DPOP_PROOF_UNSIGNED) {
        String::new()
    } else {
        key.sign(message.as_bytes())
    };
    Ok(format!("{message}.{signature}"))
}

fn build_claims(request: &ProofRequest<'_>, defects: &Defects) -> Result<Value, ClientError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |duration| duration.as_secs());
    let mut claims = json!({
        "jti": random::unguessable()?,
        "htm": request.method,
        "htu": bare_url(request.url),
        "iat": now,
    });
    if defects.has(Defect::DPOP_METHOD_WRONG) {
        claims["htm"] = json!("GET");
    }
    if defects.has(Defect::DPOP_URL_IS_ORIGIN) {
        claims["htu"] = json!(request.url.origin().ascii_serialization());
    }
    if defects.has(Defect::DPOP_URL_WITH_QUERY) {
        claims["htu"] = json!(format!("{}?", bare_url(request.url)));
    }
    if defects.has(Defect::DPOP_PROOF_STALE) {
        claims["iat"] = json!(now.saturating_sub(DEFECTIVE_AGE));
    }
    if let Some(token) = request.token
        && !defects.has(Defect::DPOP_NO_TOKEN_HASH)
    {
        let hashed = if defects.has(Defect::DPOP_TOKEN_HASH_WRONG) {
            "another token"
        } else {
            token
        };
        claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(hashed)));
    }
    if let Some(nonce) = request.nonce {
        claims["nonce"] = json!(nonce);
    }
    Ok(claims)
}

/// The URL without query and fragment.
fn bare_url(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    bare.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dpop::proof_key::ProofAlgorithm;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};

    #[test]
    fn a_proof_verifies_with_the_key_in_its_header() {
        for (ours, theirs) in [
            (ProofAlgorithm::Es256, Algorithm::ES256),
            (ProofAlgorithm::EdDsa, Algorithm::EdDSA),
        ] {
            let (key, _) = ProofKey::generate(ours).unwrap();
            let request = ProofRequest {
                method: "POST",
                url: &Url::parse("http://localhost:1/mcp?x=1#y").unwrap(),
                token: Some("t"),
                nonce: Some("n"),
            };
            let jwt = build_proof(&key, &request, &Defects::none()).unwrap();
            let jwk: Jwk = serde_json::from_value(key.public_jwk()).unwrap();
            let mut validation = Validation::new(theirs);
            validation.required_spec_claims.clear();
            validation.validate_exp = false;
            let verifier = DecodingKey::from_jwk(&jwk).unwrap();
            let claims = jsonwebtoken::decode::<Value>(&jwt, &verifier, &validation)
                .unwrap()
                .claims;
            assert_eq!(claims["htu"], "http://localhost:1/mcp");
            assert_eq!(claims["nonce"], "n");
            assert!(jsonwebtoken::decode_header(&jwt).unwrap().jwk.is_some());
        }
    }
}
