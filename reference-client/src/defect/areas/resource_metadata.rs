//! Defects in discovery of protected resource metadata and its validation.

use crate::defect::define_defects::define_defects;

define_defects! {
    UNAUTHORIZED_IS_FATAL {
        name: "unauthorized-is-fatal",
        summary: "reports a 401 as an error and never starts authorization",
        breaks: ["prm-handle-401", "prm-use-for-as-discovery", "asm-use-rfc8414"],
    }

    PRM_SKIPPED {
        name: "prm-skipped",
        summary: "uses the server's origin as issuer without requesting resource metadata",
        breaks: ["prm-use-for-as-discovery", "prm-handle-401", "prm-no-prm-no-guess"],
    }

    GUESS_WITHOUT_PRM {
        name: "guess-without-prm",
        summary: "uses the server's origin as issuer when there is no resource metadata",
        breaks: ["prm-no-prm-no-guess"],
    }

    CHALLENGE_FIRST_ONLY {
        name: "challenge-first-only",
        summary: "reads only the first challenge",
        breaks: ["prm-challenge-grammar", "scope-stepup-from-as-error"],
    }

    CHALLENGE_FIRST_LINE {
        name: "challenge-first-line",
        summary: "reads only the first WWW-Authenticate line",
        breaks: ["prm-challenge-grammar"],
    }

    CHALLENGE_CASE_SENSITIVE {
        name: "challenge-case-sensitive",
        summary: "recognises the scheme and parameters of a challenge only in their usual case",
        breaks: ["prm-challenge-grammar"],
    }

    CHALLENGE_BY_SEARCH {
        name: "challenge-by-search",
        summary: "searches a challenge for resource_metadata= instead of parsing it",
        breaks: ["prm-challenge-grammar"],
    }

    CHALLENGE_SPLIT_AT_COMMA {
        name: "challenge-split-at-comma",
        summary: "splits the WWW-Authenticate header at every comma, even inside quotes",
        breaks: ["prm-challenge-grammar"],
    }

    WELL_KNOWN_BEFORE_CHALLENGE {
        name: "well-known-before-challenge",
        summary: "requests the well-known metadata URLs before the one that the challenge names",
        breaks: ["prm-header-url-preferred"],
    }

    NO_WELL_KNOWN_FALLBACK {
        name: "no-well-known-fallback",
        summary: "gives up when the challenge names no metadata URL",
        breaks: [
            "prm-wellknown-fallback",
            "prm-wellknown-path-before-root",
            "prm-wellknown-root-after-404",
            "prm-any-challenge",
            "prm-legal-document",
            "authz-recovers",
        ],
    }

    ROOT_PRM_FIRST {
        name: "root-prm-first",
        summary: "requests the well-known URL at the root before the one with the server's path",
        breaks: ["prm-wellknown-path-before-root"],
    }

    NO_ROOT_PRM {
        name: "no-root-prm",
        summary: "never requests the well-known URL at the root",
        breaks: [
            "prm-wellknown-root-after-404",
            "prm-legal-document",
            "resource-legal-url",
            "authz-recovers",
        ],
    }

    WELL_KNOWN_APPENDED {
        name: "well-known-appended",
        summary: "appends the well-known segment to the path instead of inserting it before",
        breaks: [
            "prm-wellknown-insertion",
            "prm-wellknown-path-before-root",
            "prm-wellknown-fallback",
            "prm-wellknown-root-after-404",
        ],
    }

    WELL_KNOWN_LAST_SEGMENT_LOST {
        name: "well-known-last-segment-lost",
        summary: "leaves out the last path segment in the well-known URL",
        breaks: [
            "prm-wellknown-insertion",
            "prm-wellknown-path-before-root",
            "prm-wellknown-fallback",
            "prm-wellknown-root-after-404",
        ],
    }

    WELL_KNOWN_QUERY_LOST {
        name: "well-known-query-lost",
        summary: "leaves out the query in the well-known URL",
        breaks: ["prm-wellknown-insertion"],
    }

    WELL_KNOWN_SLASH_KEPT {
        name: "well-known-slash-kept",
        summary: "keeps the slash after the host in the well-known URL of a server without a path",
        breaks: ["prm-wellknown-insertion", "prm-wellknown-root-after-404"],
    }

    PRM_UNKNOWN_MEMBER_REFUSED {
        name: "prm-unknown-member-refused",
        summary: "rejects resource metadata that has an unknown member",
        breaks: ["prm-ignore-unknown-members"],
    }

    PRM_HEAD_FIRST {
        name: "prm-head-first",
        summary: "sends a HEAD request before it fetches resource metadata",
        breaks: ["prm-http-get"],
    }

    BEARER_ON_PRM {
        name: "bearer-on-prm",
        summary: "sends a bearer token with the request for resource metadata",
        breaks: ["prm-request-without-token"],
    }

    RESOURCE_UNCHECKED {
        name: "resource-unchecked",
        summary: "never compares `resource` in the metadata with the server's URL",
        breaks: [
            "prm-resource-match-wellknown",
            "prm-resource-match-request-url",
            "prm-resource-mismatch-discard",
            "prm-resource-codepoint-compare",
            "prm-resource-member-required",
            "token-only-from-servers-as",
            "resource-identifies-server",
        ],
    }

    RESOURCE_UNCHECKED_IN_CHALLENGE {
        name: "resource-unchecked-in-challenge",
        summary: "does not check `resource` in a document that the challenge names",
        breaks: [
            "prm-resource-match-request-url",
            "token-only-from-servers-as",
            "resource-identifies-server",
        ],
    }

    RESOURCE_MISMATCH_WARNED {
        name: "resource-mismatch-warned",
        summary: "only warns when `resource` in the metadata is another server's",
        breaks: [
            "prm-resource-match-wellknown",
            "prm-resource-match-request-url",
            "prm-resource-mismatch-discard",
            "prm-resource-codepoint-compare",
            "token-only-from-servers-as",
        ],
    }

    RESOURCE_ORIGIN_ONLY {
        name: "resource-origin-only",
        summary: "compares only the origin of `resource`",
        breaks: [
            "prm-resource-match-wellknown",
            "prm-resource-mismatch-discard",
            "prm-resource-codepoint-compare",
        ],
    }

    RESOURCE_PREFIX_COMPARE {
        name: "resource-prefix-compare",
        summary: "accepts a `resource` that is a string prefix of the server's URL",
        breaks: ["prm-resource-match-wellknown", "prm-resource-mismatch-discard"],
    }

    RESOURCE_PARENT_ACCEPTED {
        name: "resource-parent-accepted",
        summary: "accepts a parent path of the same origin as `resource`",
        breaks: ["prm-resource-match-wellknown", "prm-resource-mismatch-discard"],
    }

    RESOURCE_CHILD_ACCEPTED {
        name: "resource-child-accepted",
        summary: "accepts a `resource` below the server's URL",
        breaks: ["prm-resource-match-wellknown", "prm-resource-mismatch-discard"],
    }

    SIGNED_METADATA_UNVERIFIED {
        name: "signed-metadata-unverified",
        summary: "uses the claims of signed_metadata without verifying the signature",
        breaks: ["prm-signed-metadata"],
    }

    RESOURCE_MISSING_ACCEPTED {
        name: "resource-missing-accepted",
        summary: "accepts resource metadata without `resource`",
        breaks: ["prm-resource-member-required"],
    }

    RESOURCE_ARRAY_ACCEPTED {
        name: "resource-array-accepted",
        summary: "accepts a list as `resource` and uses its first element",
        breaks: ["prm-resource-member-required"],
    }

    RESOURCE_UNICODE_NORMALISED {
        name: "resource-unicode-normalised",
        summary: "compares `resource` after percent-decoding and Unicode normalisation",
        breaks: ["prm-resource-codepoint-compare"],
    }

    RESOURCE_COMPARED_ESCAPED {
        name: "resource-compared-escaped",
        summary: "compares `resource` without decoding JSON escapes",
        breaks: ["prm-resource-codepoint-compare"],
    }

    RESOURCE_CASE_STRICT {
        name: "resource-case-strict",
        summary: "rejects the metadata of a server whose URL was configured in upper case",
        breaks: ["resource-case-tolerance"],
    }

    QUIET_WITHOUT_DOCUMENT {
        name: "quiet-without-document",
        summary: "ends with success when there is no usable resource metadata",
        breaks: ["prm-success-status"],
    }

    METADATA_CACHED_FOR_EVER {
        name: "metadata-cached-for-ever",
        summary: "never fetches metadata a second time",
        breaks: ["prm-refetch-on-new-challenge"],
    }

    AUTHORIZATION_SERVERS_MIXED {
        name: "authorization-servers-mixed",
        summary: "signs in at one listed authorization server and redeems the code at another",
        breaks: ["prm-as-only-from-list"],
    }

    FIRST_AUTHORIZATION_SERVER_ONLY {
        name: "first-authorization-server-only",
        summary: "gives up when the first listed authorization server fails",
        breaks: ["prm-as-only-from-list"],
    }
}
