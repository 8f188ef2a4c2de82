//! Defects in PKCE.

use crate::defect::define_defects::define_defects;

define_defects! {
    NO_PKCE {
        name: "no-pkce",
        summary: "uses no PKCE",
        breaks: ["pkce-required", "pkce-s256"],
        refused: true,
    }

    NO_CODE_VERIFIER {
        name: "no-code-verifier",
        summary: "leaves the code verifier out of the token request",
        breaks: ["pkce-required"],
        refused: true,
    }

    PLAIN_PKCE {
        name: "plain-pkce",
        summary: "uses the plain method",
        breaks: ["pkce-s256"],
        refused: true,
    }

    PKCE_METHOD_OMITTED {
        name: "pkce-method-omitted",
        summary: "omits code_challenge_method",
        breaks: ["pkce-s256"],
        refused: true,
    }

    PKCE_SUPPORT_ASSUMED {
        name: "pkce-support-assumed",
        summary: "assumes PKCE support when code_challenge_methods_supported is absent",
        breaks: ["pkce-verify-support", "pkce-absent-refuse-oauth", "pkce-absent-refuse-oidc"],
    }

    PKCE_SUPPORT_ASSUMED_OPENID {
        name: "pkce-support-assumed-openid",
        summary: "assumes PKCE support when the list of methods is absent in OpenID metadata",
        breaks: ["pkce-verify-support", "pkce-absent-refuse-oidc"],
    }

    PKCE_DOWNGRADE {
        name: "pkce-downgrade",
        summary: "uses the plain method where S256 is not offered",
        breaks: ["pkce-no-downgrade-to-plain", "pkce-s256", "pkce-verify-support"],
    }

    PKCE_EMPTY_LIST_ACCEPTED {
        name: "pkce-empty-list-accepted",
        summary: "assumes PKCE support when the list of methods is empty",
        breaks: ["pkce-verify-support"],
    }

    PKCE_METHOD_CASE_FOLDED {
        name: "pkce-method-case-folded",
        summary: "accepts s256 as S256",
        breaks: ["pkce-verify-support"],
    }

    SHORT_VERIFIER {
        name: "short-verifier",
        summary: "uses a code verifier of 32 characters",
        breaks: ["pkce-verifier-length"],
        refused: true,
    }

    LONG_VERIFIER {
        name: "long-verifier",
        summary: "uses a code verifier of 200 characters",
        breaks: ["pkce-verifier-length"],
        refused: true,
    }

    VERIFIER_STANDARD_BASE64 {
        name: "verifier-standard-base64",
        summary: "uses the alphabet of standard base64 in its code verifier",
        breaks: ["pkce-verifier-charset"],
        refused: true,
    }

    VERIFIER_FROM_CLOCK {
        name: "verifier-from-clock",
        summary: "derives the code verifier from the time",
        breaks: ["pkce-verifier-entropy"],
    }

    VERIFIER_MOSTLY_CONSTANT {
        name: "verifier-mostly-constant",
        summary: "changes only the end of the code verifier",
        breaks: ["pkce-verifier-entropy"],
    }

    STATIC_VERIFIER {
        name: "static-verifier",
        summary: "uses the same code verifier every time",
        breaks: ["pkce-unique-per-request", "pkce-fresh-after-error"],
    }

    VERIFIER_OF_FIXED_SEED {
        name: "verifier-of-fixed-seed",
        summary: "draws the code verifier from a generator that always starts from the same seed",
        breaks: ["pkce-unique-per-request", "pkce-fresh-after-error"],
    }

    VERIFIER_FROM_URL {
        name: "verifier-from-url",
        summary: "derives the code verifier from the issuer's URL",
        breaks: ["pkce-unique-per-request", "pkce-fresh-after-error"],
    }

    VERIFIER_STORED {
        name: "verifier-stored",
        summary: "reuses a code verifier until an authorization succeeds",
        breaks: ["pkce-fresh-after-error", "pkce-unique-per-request"],
    }

    VERIFIER_MISMATCH {
        name: "verifier-mismatch",
        summary: "sends a code verifier that does not match the challenge",
        breaks: ["pkce-verifier-matches"],
        refused: true,
    }

    CHALLENGE_PADDED {
        name: "challenge-padded",
        summary: "adds base64 padding to the code challenge",
        breaks: ["pkce-verifier-matches"],
        refused: true,
    }
}
