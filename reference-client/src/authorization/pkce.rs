//! PKCE (RFC 7636): the code verifier and the code challenge.

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::random;
use crate::run_context::RunContext;
use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

/// A new code verifier, for one authorization request only. `None` means that a defective client
/// does not use PKCE.
pub(super) fn create_verifier(
    run: &RunContext,
    server: &ServerMetadata,
    defects: &Defects,
) -> Result<Option<String>, ClientError> {
    let fresh = random::unguessable()?;
    Ok(Some(match () {
        () if defects.has(Defect::NO_PKCE)
            || (server.has_default_endpoints
                && defects.has(Defect::MARCH_DEFAULTS_WITHOUT_PKCE)) =>
        {
            return Ok(None);
        }
        () if defects.has(Defect::SHORT_VERIFIER) => fresh.chars().take(32).collect(),
        () if defects.has(Defect::LONG_VERIFIER) => fresh.repeat(5).chars().take(200).collect(),
        () if defects.has(Defect::VERIFIER_STANDARD_BASE64) => {
            format!("{}+/=", fresh.chars().take(44).collect::<String>())
        }
        () if defects.has(Defect::VERIFIER_FROM_CLOCK) => {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |duration| duration.as_nanos());
            format!("{now:0>43}")
        }
        () if defects.has(Defect::VERIFIER_MOSTLY_CONSTANT) => {
            format!("the-same-beginning-of-all-verifiers-{}", &fresh[..12])
        }
        () if defects.has(Defect::STATIC_VERIFIER) => {
            "a-verifier-that-is-the-same-for-every-request".to_owned()
        }
        () if defects.has(Defect::VERIFIER_OF_FIXED_SEED) => {
            let mut defect_state = run.defect_state();
            defect_state.verifiers_made += 1;
            derive_verifier(&defect_state.verifiers_made.to_string())
        }
        () if defects.has(Defect::VERIFIER_FROM_URL) => derive_verifier(&server.issuer),
        () if defects.has(Defect::VERIFIER_STORED) => {
            let verifier = run.store.verifier(&server.issuer).unwrap_or(fresh);
            run.store.set_verifier(&server.issuer, &verifier)?;
            verifier
        }
        () => fresh,
    }))
}

/// What a defective client takes for a random verifier.
fn derive_verifier(seed: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(seed))
}

/// The code challenge for a verifier, and the name of its method.
pub(super) fn create_challenge(
    verifier: &str,
    server: &ServerMetadata,
    defects: &Defects,
) -> (String, &'static str) {
    let hash = Sha256::digest(verifier.as_bytes());
    match () {
        () if defects.has(Defect::PLAIN_PKCE) || !server.s256 => (verifier.to_owned(), "plain"),
        () if defects.has(Defect::CHALLENGE_PADDED) => (URL_SAFE.encode(hash), "S256"),
        () => (URL_SAFE_NO_PAD.encode(hash), "S256"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_reproduced() {
        // RFC 7636 appendix B
        let (challenge, method) = create_challenge(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            &ServerMetadata::for_tests("http://localhost:1", true),
            &Defects::none(),
        );
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(method, "S256");
    }
}
