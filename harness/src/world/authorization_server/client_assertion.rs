//! Client authentication with a signed assertion: `private_key_jwt` (RFC 7523 section 2.2, OpenID
//! Connect Core section 9).

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// The value of `client_assertion_type` for a JWT.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The algorithms of the assertions that servers verify.
pub(super) const ASSERTION_ALGORITHMS: [Algorithm; 5] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::EdDSA,
];

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
}

/// Verifies an assertion against the client's registered keys. `audiences`: the issuer and the
/// token endpoint (position 32).
pub(super) fn verify_assertion(
    assertion: &str,
    kind: Option<&str>,
    keys: &JwkSet,
    client_id: &str,
    audiences: &[String],
) -> Result<(), &'static str> {
    if kind != Some(JWT_BEARER) {
        return Err("client_assertion_type does not say that the assertion is a JWT");
    }
    let header =
        jsonwebtoken::decode_header(assertion).map_err(|_| "the assertion is not a JWT")?;
    if !ASSERTION_ALGORITHMS.contains(&header.alg) {
        return Err("the assertion's algorithm is not supported");
    }
    let named = header.kid.as_deref().and_then(|kid| keys.find(kid));
    let key = named
        .or_else(|| keys.keys.first())
        .ok_or("the client has registered no key")?;
    let key = DecodingKey::from_jwk(key).map_err(|_| "the client's key cannot be used")?;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(audiences);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    let claims = jsonwebtoken::decode::<AssertionClaims>(assertion, &key, &validation)
        .map_err(|_| "the assertion does not verify")?
        .claims;
    if claims.iss == client_id && claims.sub == client_id {
        Ok(())
    } else {
        Err("the assertion is about another client")
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::keys::HONEST;
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_clients_own_fresh_assertion_for_this_server_is_good() {
        let keys: JwkSet = serde_json::from_value(HONEST.key_set()).unwrap();
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let verdict = |iss: &str, sub: &str, aud: &str, exp: u64, kind| {
            let jwt = HONEST
                .sign(&json!({"iss": iss, "sub": sub, "aud": aud, "exp": exp, "jti": "1"}))
                .unwrap();
            verify_assertion(
                &jwt,
                kind,
                &keys,
                "client",
                &["http://as".to_owned(), "http://as/token".to_owned()],
            )
        };
        let later = now + 300;
        assert_eq!(
            verdict("client", "client", "http://as", later, Some(JWT_BEARER)),
            Ok(())
        );
        assert_eq!(
            verdict(
                "client",
                "client",
                "http://as/token",
                later,
                Some(JWT_BEARER)
            ),
            Ok(())
        );
        assert!(verdict("client", "client", "http://other", later, Some(JWT_BEARER)).is_err());
        assert!(verdict("client", "other", "http://as", later, Some(JWT_BEARER)).is_err());
        assert!(verdict("client", "client", "http://as", now - 300, Some(JWT_BEARER)).is_err());
        assert!(verdict("client", "client", "http://as", later, None).is_err());
        assert!(verify_assertion("no.jwt.here", Some(JWT_BEARER), &keys, "client", &[]).is_err());
    }
}
