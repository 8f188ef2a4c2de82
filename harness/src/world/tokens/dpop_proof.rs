//! DPoP proofs (RFC 9449 section 4): what a proof says of its request, and whether it holds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::super::http_request::HttpRequest;
use crate::scenario::model::DpopAlgorithm;

/// How far the time in a proof may be from the server's time, in seconds.
const TOLERANCE: u64 = 300;
/// Members of a JSON Web Key that only private and symmetric keys have (RFC 7518 section 6).
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A proof as it was sent. Nothing is verified yet.
#[derive(Debug)]
pub(crate) struct DpopProof {
    header: Json,
    claims: Json,
    jwt: String,
}

/// The request that a proof is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProvenRequest<'a> {
    pub(crate) method: &'a str,
    /// The URL of the endpoint, without query and fragment.
    pub(crate) url: &'a str,
    /// The access token that the request carries.
    pub(crate) token: Option<&'a str>,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

impl DpopProof {
    /// The proofs that a request has. More than one is an error.
    pub(crate) fn all_of(request: &HttpRequest) -> Vec<&str> {
        let headers = request.headers.iter();
        let proofs = headers.filter(|(name, _)| name == "dpop");
        proofs.map(|(_, value)| value.trim()).collect()
    }

    /// Reads a proof without verifying it.
    pub(crate) fn read(jwt: &str) -> Option<Self> {
        let part = |n: usize| -> Option<Json> {
            let bytes = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(n)?).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        Some(Self {
            header: part(0)?,
            claims: part(1)?,
            jwt: jwt.to_owned(),
        })
    }

    pub(crate) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Json::as_str)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Json::as_str)
    }

    /// What the proof's key is: `public`, `private` (it has private members) or `absent`.
    pub(crate) fn key_word(&self) -> &'static str {
        match self.header.get("jwk").and_then(Json::as_object) {
            None => "absent",
            Some(key) if PRIVATE_MEMBERS.iter().any(|name| key.contains_key(*name)) => "private",
            Some(_) => "public",
        }
    }

    /// Whether `htm` is the request's method.
    pub(crate) fn method_word(&self, request: ProvenRequest<'_>) -> &'static str {
        match self.claim("htm") {
            None => "absent",
            Some(method) if method == request.method => "matches",
            Some(_) => "differs",
        }
    }

    /// Whether `htu` is the request's URL; `has-query`: it is, but for a query or a fragment.
    pub(crate) fn url_word(&self, request: ProvenRequest<'_>) -> &'static str {
        let Some(written) = self.claim("htu") else {
            return "absent";
        };
        let bare = written.split(['?', '#']).next().unwrap_or_default();
        let normalized = |text: &str| url::Url::parse(text).ok();
        match (normalized(bare), normalized(request.url)) {
            (Some(claimed), Some(url)) if claimed == url && bare == written => "matches",
            (Some(claimed), Some(url)) if claimed == url => "has-query",
            _ => "differs",
        }
    }

    /// Whether `ath` is the hash of the token that the request carries.
    pub(crate) fn token_word(&self, request: ProvenRequest<'_>) -> &'static str {
        match (self.claim("ath"), request.token) {
            (None, _) => "absent",
            (Some(hash), Some(token)) if hash == hash_of(token) => "matches",
            (Some(_), _) => "differs",
        }
    }

    /// Whether `iat` is the time of the request.
    pub(crate) fn time_word(&self, request: ProvenRequest<'_>) -> &'static str {
        match self.claims.get("iat").and_then(Json::as_f64) {
            None => "absent",
            Some(issued) if (issued - request.now as f64).abs() <= TOLERANCE as f64 => "current",
            Some(_) => "stale",
        }
    }

    /// Whether the key in the proof verifies its signature.
    pub(crate) fn verifies(&self) -> bool {
        self.verify_signature().is_some()
    }

    fn verify_signature(&self) -> Option<()> {
        let algorithm: Algorithm = self.header("alg")?.parse().ok()?;
        let key: Jwk = serde_json::from_value(self.header.get("jwk")?.clone()).ok()?;
        let key = DecodingKey::from_jwk(&key).ok()?;
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let verified = jsonwebtoken::decode::<Json>(&self.jwt, &key, &validation);
        verified.ok().map(drop)
    }

    /// The thumbprint of the proof's key (RFC 7638).
    pub(crate) fn thumbprint(&self) -> Option<String> {
        let key = self.header.get("jwk")?;
        let members: &[&str] = match key.get("kty")?.as_str()? {
            "EC" => &["crv", "kty", "x", "y"],
            "RSA" => &["e", "kty", "n"],
            "OKP" => &["crv", "kty", "x"],
            _ => return None,
        };
        let members = members.iter();
        let canonical: Option<Vec<String>> = members
            .map(|name| Some(format!("{}:{}", json!(name), key.get(name)?)))
            .collect();
        Some(hash_of(&format!("{{{}}}", canonical?.join(","))))
    }

    /// Checks everything but the nonce and the freshness of `jti` (RFC 9449 section 4.3).
    pub(crate) fn check(
        &self,
        request: ProvenRequest<'_>,
        algorithms: &[DpopAlgorithm],
    ) -> Result<(), &'static str> {
        let is_listed = |alg: &str| algorithms.iter().any(|listed| listed.as_str() == alg);
        if self.header("typ") != Some("dpop+jwt") {
            return Err("the proof's typ is not dpop+jwt");
        }
        if !self.header("alg").is_some_and(is_listed) {
            return Err("the proof's algorithm is not supported");
        }
        if self.key_word() != "public" {
            return Err("the proof has no public key, or a private one");
        }
        if !self.verifies() {
            return Err("the proof's signature does not verify");
        }
        if self.claim("jti").is_none_or(str::is_empty) {
            return Err("the proof has no jti");
        }
        if self.method_word(request) != "matches" {
            return Err("the proof is for another method");
        }
        // a server ignores query and fragment of htu
        if !matches!(self.url_word(request), "matches" | "has-query") {
            return Err("the proof is for another URL");
        }
        if self.time_word(request) != "current" {
            return Err("the proof is not of this time");
        }
        if request.token.is_some() && self.token_word(request) != "matches" {
            return Err("the proof is for another access token");
        }
        Ok(())
    }
}

/// The base64url SHA-256 hash of a text.
pub(crate) fn hash_of(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::super::super::keys::HONEST;
    use super::*;
    use jsonwebtoken::Header;

    const NOW: u64 = 1_700_000_000;
    const REQUEST: ProvenRequest<'static> = ProvenRequest {
        method: "POST",
        url: "http://mcp.example/mcp",
        token: Some("the-token"),
        now: NOW,
    };

    fn claims() -> Json {
        json!({
            "jti": "1", "htm": "POST", "htu": "http://mcp.example/mcp", "iat": NOW,
            "ath": hash_of("the-token"),
        })
    }

    fn check(claims: &Json, change_header: impl FnOnce(&mut Header)) -> Result<(), &'static str> {
        let jwk = HONEST.key_set()["keys"][0].clone();
        let mut header = Header {
            typ: Some("dpop+jwt".to_owned()),
            jwk: serde_json::from_value(jwk).unwrap(),
            ..Header::new(Algorithm::ES256)
        };
        change_header(&mut header);
        let jwt = HONEST.sign_with_header(&header, claims).unwrap();
        let algorithms = [DpopAlgorithm::Es256];
        DpopProof::read(&jwt).unwrap().check(REQUEST, &algorithms)
    }

    #[test]
    fn a_proof_is_good_for_one_request_only() {
        assert_eq!(check(&claims(), |_| {}), Ok(()));
        for (claim, value) in [
            ("htm", json!("GET")),
            ("htu", json!("http://mcp.example/other")),
            ("iat", json!(NOW - 301)),
            ("iat", json!(NOW + 301)),
            ("ath", json!(hash_of("another-token"))),
            ("ath", Json::Null),
            ("jti", json!("")),
        ] {
            let mut wrong = claims();
            wrong[claim] = value.clone();
            assert!(check(&wrong, |_| {}).is_err(), "{claim} {value}");
        }
        let mut spelled = claims();
        spelled["htu"] = json!("HTTP://MCP.example:80/mcp?x=1");
        assert_eq!(check(&spelled, |_| {}), Ok(()));
    }

    #[test]
    fn the_header_is_checked() {
        assert!(check(&claims(), |header| header.typ = Some("JWT".to_owned())).is_err());
        assert!(check(&claims(), |header| header.jwk = None).is_err());
    }

    #[test]
    fn private_keys_are_recognized() {
        let with_key = |key: Json| DpopProof {
            header: json!({ "jwk": key }),
            claims: json!({}),
            jwt: String::new(),
        };
        assert_eq!(
            with_key(json!({"kty": "EC", "d": "x"})).key_word(),
            "private"
        );
        assert_eq!(
            with_key(json!({"kty": "oct", "k": "x"})).key_word(),
            "private"
        );
        assert_eq!(with_key(json!({"kty": "EC"})).key_word(), "public");
        assert_eq!(with_key(Json::Null).key_word(), "absent");
    }

    /// The example of RFC 7638 section 3.1.
    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        let modulus = concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aP",
            "FFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl9",
            "3lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA",
            "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3",
            "XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        );
        let proof = DpopProof {
            header: json!({"jwk": {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "2011-04-29"}}),
            claims: json!({}),
            jwt: String::new(),
        };
        let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(proof.thumbprint().as_deref(), Some(expected));
    }
}
