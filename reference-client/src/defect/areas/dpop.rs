//! Defects in the DPoP extension.

use crate::defect::define_defects::define_defects;

define_defects! {
    DPOP_PROOF_ONCE {
        name: "dpop-proof-once",
        summary: "sends a proof when it redeems a code, and none when it refreshes",
        breaks: ["ext-dpop-token-request-proof"],
    }

    DPOP_TOKEN_AS_BEARER {
        name: "dpop-token-as-bearer",
        summary: "sends a bound token with the Bearer scheme first",
        breaks: ["ext-dpop-scheme"],
        refused: true,
    }

    DPOP_DOWNGRADED_BY_CHALLENGE {
        name: "dpop-downgraded-by-challenge",
        summary: "sends a bound token with the Bearer scheme when a challenge asks for it",
        breaks: ["ext-dpop-scheme"],
    }

    DPOP_PROOF_REUSED {
        name: "dpop-proof-reused",
        summary: "sends the same proof with all requests to an MCP server",
        breaks: ["ext-dpop-fresh-proof"],
        refused: true,
    }

    DPOP_PROOF_TYPE_JWT {
        name: "dpop-proof-type-jwt",
        summary: "sends proofs of the type JWT",
        breaks: ["ext-dpop-proof-header"],
        refused: true,
    }

    DPOP_PRIVATE_KEY_SENT {
        name: "dpop-private-key-sent",
        summary: "puts its private key into its proofs",
        breaks: ["ext-dpop-proof-header"],
        refused: true,
    }

    DPOP_PROOF_UNSIGNED {
        name: "dpop-proof-unsigned",
        summary: "sends proofs without a signature",
        breaks: ["ext-dpop-proof-header"],
        refused: true,
    }

    DPOP_METHOD_WRONG {
        name: "dpop-method-wrong",
        summary: "names GET as the method in all its proofs",
        breaks: ["ext-dpop-htm-htu"],
        refused: true,
    }

    DPOP_URL_IS_ORIGIN {
        name: "dpop-url-is-origin",
        summary: "names the server's origin as the URL in its proofs",
        breaks: ["ext-dpop-htm-htu"],
        refused: true,
    }

    DPOP_URL_WITH_QUERY {
        name: "dpop-url-with-query",
        summary: "names a URL with a query in its proofs",
        breaks: ["ext-dpop-htm-htu"],
    }

    DPOP_PROOF_STALE {
        name: "dpop-proof-stale",
        summary: "sends proofs that it has made an hour ago",
        breaks: ["ext-dpop-iat"],
        refused: true,
    }

    DPOP_NO_TOKEN_HASH {
        name: "dpop-no-token-hash",
        summary: "leaves the hash of the access token out of its proofs",
        breaks: ["ext-dpop-ath"],
        refused: true,
    }

    DPOP_TOKEN_HASH_WRONG {
        name: "dpop-token-hash-wrong",
        summary: "puts the hash of another access token into its proofs",
        breaks: ["ext-dpop-ath"],
        refused: true,
    }

    DPOP_SERVER_NONCE_IGNORED {
        name: "dpop-server-nonce-ignored",
        summary: "gives up when the authorization server demands a nonce",
        breaks: ["ext-dpop-as-nonce"],
    }

    DPOP_RESOURCE_NONCE_IGNORED {
        name: "dpop-resource-nonce-ignored",
        summary: "ignores the nonce that the MCP server demands",
        breaks: ["ext-dpop-rs-nonce"],
    }

    DPOP_NONCE_OF_ERRORS_ONLY {
        name: "dpop-nonce-of-errors-only",
        summary: "ignores the nonces of successful responses",
        breaks: ["ext-dpop-nonce-update"],
    }

    DPOP_ONE_NONCE {
        name: "dpop-one-nonce",
        summary: "uses the latest nonce at all servers",
        breaks: ["ext-dpop-nonce-per-server"],
    }

    DPOP_KEY_OF_PROCESS {
        name: "dpop-key-of-process",
        summary: "makes a new key each time it starts",
        breaks: ["ext-dpop-refresh-same-key"],
    }

    DPOP_BEARER_ACCEPTED {
        name: "dpop-bearer-accepted",
        summary: "uses a token that is not bound, although it demands bound ones",
        breaks: ["ext-dpop-token-type-check"],
    }

    DPOP_ALGORITHM_FIXED {
        name: "dpop-algorithm-fixed",
        summary: "signs all its proofs with ES256",
        breaks: ["ext-dpop-alg-selection"],
    }

    DPOP_DOWNGRADED_BY_METADATA {
        name: "dpop-downgraded-by-metadata",
        summary: "sends no proof when the authorization server does not list algorithms, although \
                  the MCP server demands bound tokens",
        breaks: ["ext-dpop-required-by-prm"],
    }
}
