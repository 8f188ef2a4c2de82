//! The key with which the client authenticates by assertions (RFC 7523 section 2.2), as a web
//! application or with configured credentials.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::random;
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The value of `client_assertion_type` for a JWT.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const PRIVATE_KEY_PEM: &str = fixtures::keys::CLIENT_PRIVATE;
const KEY_ID: &str = "client";
/// How long an assertion is valid, in seconds.
const LIFETIME_SECONDS: u64 = 60;

/// The public key as the client publishes it (RFC 7517 section 5).
pub(crate) fn public_key_set() -> Value {
    json!({ "keys": [{
        "kty": "EC",
        "crv": "P-256",
        "use": "sig",
        "alg": "ES256",
        "kid": KEY_ID,
        "x": "AW8QXfKlKzgovw_9eBnRYx8D6jRVkLfs7UdCw0GHzPc",
        "y": "XkJUNdTvBZR91eEyMVSPSJy1n3edUopC08QlQM3JAcs",
    }] })
}

/// Signs a new assertion about this client for one authorization server, with a configured key or
/// else with the client's own key.
pub(crate) fn sign_assertion(
    configured_key_pem: Option<&str>,
    client_id: &str,
    audience: &str,
    defects: &Defects,
) -> Result<String, ClientError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |duration| duration.as_secs());
    let subject = if defects.has(Defect::ASSERTION_ABOUT_ANOTHER) {
        "somebody-else"
    } else {
        client_id
    };
    let jti = if defects.has(Defect::ASSERTION_ID_CONSTANT) {
        "assertion-1".to_owned()
    } else {
        random::unguessable()?
    };
    let claims = json!({
        "iss": client_id,
        "sub": subject,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": jti,
    });
    if defects.has(Defect::ASSERTION_SYMMETRIC) {
        let key = EncodingKey::from_secret(client_id.as_bytes());
        return jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .map_err(|_| ClientError::Internal);
    }
    let header = Header {
        kid: Some(KEY_ID.to_owned()),
        ..Header::new(Algorithm::ES256)
    };
    let key = read_private_key(configured_key_pem.unwrap_or(PRIVATE_KEY_PEM))?;
    jsonwebtoken::encode(&header, &claims, &key).map_err(|_| ClientError::Internal)
}

fn read_private_key(pem: &str) -> Result<EncodingKey, ClientError> {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(base64).map_err(|_| ClientError::Internal)?;
    Ok(EncodingKey::from_ec_der(&der))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};

    #[test]
    fn the_published_key_verifies_an_assertion() {
        let keys: JwkSet = serde_json::from_value(public_key_set()).unwrap();
        let key = DecodingKey::from_jwk(keys.find(KEY_ID).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["http://as"]);
        let jwt = sign_assertion(None, "c", "http://as", &Defects::none()).unwrap();
        let token = jsonwebtoken::decode::<Value>(&jwt, &key, &validation).unwrap();
        assert_eq!(token.claims["sub"], "c");
    }
}
