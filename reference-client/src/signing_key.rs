//! The key of the web application: it authenticates by assertions that only it can sign (RFC 7523
//! section 2.2).

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::random;
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The value of `client_assertion_type` for a JWT.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const PRIVATE_PEM: &str = include_str!("../../fixtures/keys/client.private.pem");
const ID: &str = "client";
/// Seconds for which an assertion is good.
const LIFETIME: u64 = 60;

/// The public half, as it is published (RFC 7517 section 5).
pub(crate) fn key_set() -> Value {
    let (x, y) = (
        "AW8QXfKlKzgovw_9eBnRYx8D6jRVkLfs7UdCw0GHzPc",
        "XkJUNdTvBZR91eEyMVSPSJy1n3edUopC08QlQM3JAcs",
    );
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": ID, "x": x, "y": y }] })
}

/// A fresh assertion that this client is this client, for one authorization server, signed with its
/// own key or with a configured one.
pub(crate) fn assertion(
    configured: Option<&str>,
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
    let claims = json!({
        "iss": client_id, "sub": subject, "aud": audience, "iat": now, "exp": now + LIFETIME, "jti": random::unguessable()?,
    });
    if defects.has(Defect::ASSERTION_SYMMETRIC) {
        let key = EncodingKey::from_secret(client_id.as_bytes());
        return jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .map_err(|_| ClientError::Internal);
    }
    let header = Header {
        kid: Some(ID.to_owned()),
        ..Header::new(Algorithm::ES256)
    };
    let base64: String = configured
        .unwrap_or(PRIVATE_PEM)
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(base64).map_err(|_| ClientError::Internal)?;
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&der))
        .map_err(|_| ClientError::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};

    #[test]
    fn the_published_key_verifies_the_assertion() {
        let keys: JwkSet = serde_json::from_value(key_set()).unwrap();
        let key = DecodingKey::from_jwk(keys.find(ID).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["http://as"]);
        let jwt = assertion(None, "c", "http://as", &Defects::none()).unwrap();
        assert_eq!(
            jsonwebtoken::decode::<Value>(&jwt, &key, &validation)
                .unwrap()
                .claims["sub"],
            "c"
        );
    }
}
