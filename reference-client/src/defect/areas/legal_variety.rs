//! Defects of clients that know the servers of one maker only: what they take for granted is legal
//! to leave out, to add or to spell otherwise.

use crate::defect::define_defects::define_defects;

define_defects! {
    LIFETIME_DEMANDED {
        name: "lifetime-demanded",
        summary: "rejects a token response without expires_in",
        breaks: ["token-legal-response", "authz-server-profile"],
    }

    LIFETIME_ZERO_EXPIRED {
        name: "lifetime-zero-expired",
        summary: "discards a token whose expires_in is 0",
        breaks: ["token-legal-response"],
    }

    TOKEN_SIZE_LIMITED {
        name: "token-size-limited",
        summary: "rejects access tokens of more than two kilobytes",
        breaks: ["token-legal-response", "authz-server-profile"],
    }

    TOKEN_MEDIA_TYPE_COMPARED {
        name: "token-media-type-compared",
        summary: "rejects a token response whose Content-Type is not exactly application/json",
        breaks: ["token-legal-response"],
    }

    TOKEN_REFUSAL_REPEATED {
        name: "token-refusal-repeated",
        summary: "repeats a refused token request many times",
        breaks: ["token-refusal-ends"],
    }

    TOKEN_OUTAGE_REPEATED {
        name: "token-outage-repeated",
        summary: "repeats a token request many times at once when the server is busy",
        breaks: ["token-refusal-ends"],
    }

    TOKEN_REFUSAL_MISREAD {
        name: "token-refusal-misread",
        summary: "repeats a token request many times when the refusal is not JSON",
        breaks: ["token-refusal-ends"],
    }

    REGISTRATION_STRICT {
        name: "registration-strict",
        summary: "rejects a registration response that has an unknown member",
        breaks: ["reg-legal-response"],
    }

    REGISTRATION_GRANTS_DEMANDED {
        name: "registration-grants-demanded",
        summary: "rejects a registration without the grant types that it asked for",
        breaks: ["reg-legal-response"],
    }

    REGISTRATION_METHOD_DEMANDED {
        name: "registration-method-demanded",
        summary: "rejects a registration for another authentication method than it asked for",
        breaks: ["reg-legal-response", "reg-dcr-honour-response"],
    }

    KEY_SET_DEMANDED {
        name: "key-set-demanded",
        summary: "rejects metadata of an authorization server without jwks_uri",
        breaks: ["asm-legal-document", "authz-server-profile"],
    }

    METADATA_WORDS_CLOSED {
        name: "metadata-words-closed",
        summary: "rejects metadata that list a grant type or a response mode that it does not know",
        breaks: ["asm-legal-document", "authz-server-profile"],
    }

    FIRST_CHALLENGE_METHOD_ONLY {
        name: "first-challenge-method-only",
        summary: "looks only at the first of the listed PKCE methods",
        breaks: ["asm-legal-document"],
    }

    BEARER_METHODS_CLOSED {
        name: "bearer-methods-closed",
        summary: "rejects resource metadata that list other bearer methods than the header",
        breaks: ["prm-legal-document"],
    }

    PRM_MEDIA_TYPE_COMPARED {
        name: "prm-media-type-compared",
        summary: "rejects resource metadata whose Content-Type is not exactly application/json",
        breaks: ["prm-legal-document"],
    }

    CODE_LENGTH_LIMITED {
        name: "code-length-limited",
        summary: "rejects authorization codes of more than 512 characters",
        breaks: ["authz-legal-response"],
    }

    RESPONSE_ASCII_ONLY {
        name: "response-ascii-only",
        summary: "rejects an authorization response with letters of other scripts",
        breaks: ["authz-legal-response"],
    }

    UNAUTHORIZED_ONLY_AT_FIRST {
        name: "unauthorized-only-at-first",
        summary: "handles 401 while it connects, but not when it calls a tool",
        breaks: ["prm-any-challenge", "authz-server-profile", "authz-simultaneous"],
    }

    UNAUTHORIZED_BODY_USED {
        name: "unauthorized-body-used",
        summary: "takes a JSON-RPC error in the body of a 401 for the answer to its request",
        breaks: ["prm-any-challenge"],
    }

    SIGNS_IN_UNASKED {
        name: "signs-in-unasked",
        summary: "signs in before it sends the server a request",
        breaks: ["authz-optional"],
    }

    SIGNS_IN_WITH_METADATA {
        name: "signs-in-with-metadata",
        summary: "signs in at every server that publishes resource metadata",
        breaks: ["authz-optional"],
    }

    METADATA_BEFORE_CONNECTING {
        name: "metadata-before-connecting",
        summary: "connects only to servers that publish resource metadata",
        breaks: ["authz-optional"],
    }

    PATH_DECODED {
        name: "path-decoded",
        summary: "decodes the server's path before it builds the well-known URL",
        breaks: ["resource-legal-url"],
    }

    PATH_LOWER_CASED {
        name: "path-lower-cased",
        summary: "writes the server's path in lower case in the well-known URL",
        breaks: ["resource-legal-url"],
    }

    PATH_SLASH_DROPPED {
        name: "path-slash-dropped",
        summary: "drops the final slash of the server's path in the well-known URL",
        breaks: ["resource-legal-url"],
    }

    SIGN_IN_NOT_REPEATED {
        name: "sign-in-not-repeated",
        summary: "gives up when a refresh is refused, and never signs in again",
        breaks: ["authz-recovers", "authz-simultaneous"],
    }

    TOKENS_KEYED_BY_HOST {
        name: "tokens-keyed-by-host",
        summary: "stores one token for all MCP servers on one origin",
        breaks: ["authz-legal-topology"],
    }

    CHALLENGE_HTML_REFUSED {
        name: "challenge-html-refused",
        summary: "reports a 401 with a web page as an error",
        breaks: ["prm-any-challenge"],
    }
}
