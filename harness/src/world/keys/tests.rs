//! What the parties sign is verified by a JOSE library that has no part in signing it.

use jwt_compact::alg::Es256;
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{AlgorithmExt, TimeOptions, Token, UntrustedToken};

use super::super::clock::unix_seconds;
use super::super::tokens::id_jag::{ID_JAG_TYPE, IdJagClaims, make_id_token, sign_id_jag};
use super::*;

/// Verifies signature and expiry with the published key set of a signer.
fn verify_independently(jwt: &str, signer: KeyPair) -> Option<Token<Json>> {
    let set = signer.key_set();
    let key: JsonWebKey<'_> = serde_json::from_value(set["keys"][0].clone()).ok()?;
    let key = (&key).try_into().ok()?;
    let untrusted = UntrustedToken::new(jwt).ok()?;
    let token = Es256.validator::<Json>(&key).validate(&untrusted).ok()?;
    let now = TimeOptions::default();
    token.claims().validate_expiration(&now).ok()?;
    Some(token)
}

fn id_jag(expires: u64) -> String {
    let claims = IdJagClaims {
        iss: "https://idp.example".to_owned(),
        sub: "user".to_owned(),
        aud: "https://as.example".to_owned(),
        client_id: "client".to_owned(),
        resource: None,
        scope: String::new(),
        jti: "1".to_owned(),
        iat: unix_seconds(),
        exp: expires,
    };
    sign_id_jag(IDENTITY_PROVIDER, &claims).unwrap()
}

#[test]
fn what_identity_providers_issue_verifies() {
    let token = verify_independently(&id_jag(unix_seconds() + 60), IDENTITY_PROVIDER).unwrap();
    assert_eq!(token.header().token_type.as_deref(), Some(ID_JAG_TYPE));
    assert_eq!(token.header().key_id.as_deref(), Some(IDENTITY_PROVIDER.id));
    assert_eq!(token.claims().custom["aud"], "https://as.example");
    let issuer = "https://idp.example";
    let id_token = make_id_token(IDENTITY_PROVIDER, issuer, "client", "1".to_owned()).unwrap();
    assert!(verify_independently(&id_token, IDENTITY_PROVIDER).is_some());
}

#[test]
fn what_authorization_servers_sign_verifies_with_their_own_keys_only() {
    let claims = json!({ "iss": "a", "aud": "b", "exp": unix_seconds() + 60 });
    let token = HONEST.sign(&claims).unwrap();
    let verified = verify_independently(&token, HONEST).unwrap();
    assert_eq!(verified.header().token_type.as_deref(), Some("at+jwt"));
    assert!(verify_independently(&token, HOSTILE).is_none());
    assert!(HONEST.verify::<Json>(&token, "a", &["b"]).is_ok());
    assert!(HOSTILE.verify::<Json>(&token, "a", &["b"]).is_err());
}

#[test]
fn both_reject_the_same_tokens() {
    let claims = json!({ "iss": "a", "aud": "b", "exp": unix_seconds() + 60 });
    let valid = HONEST.sign(&claims).unwrap();
    let (unsigned, signature) = valid.rsplit_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let payload = unsigned.split_once('.').unwrap().1;
    let mut turned: Vec<char> = signature.chars().collect();
    turned.reverse();
    for invalid in [
        HOSTILE.forge(&claims).unwrap(),
        format!("{unsigned}."),
        format!("{unsigned}.{}", String::from_iter(turned)),
        format!("{none}.{payload}."),
        HONEST
            .sign(&json!({ "iss": "a", "aud": "b", "exp": unix_seconds() - 600 }))
            .unwrap(),
    ] {
        assert!(
            verify_independently(&invalid, HONEST).is_none(),
            "{invalid}"
        );
        let accepted = HONEST.verify::<Json>(&invalid, "a", &["b"]);
        assert!(accepted.is_err(), "{invalid}");
    }
}
