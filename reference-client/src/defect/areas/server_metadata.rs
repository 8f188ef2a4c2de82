//! Defects in discovery of authorization server metadata and its validation.

use crate::defect::define_defects::define_defects;

define_defects! {
    ENDPOINTS_HARD_CODED {
        name: "endpoints-hard-coded",
        summary: "uses /authorize, /token and /register without reading any metadata",
        breaks: [
            "asm-use-rfc8414",
            "prm-use-for-as-discovery",
            "asm-use-advertised-endpoints",
            "asm-no-default-endpoints-after-march",
        ],
    }

    ENDPOINTS_MOVED_TO_ISSUER_HOST {
        name: "endpoints-moved-to-issuer-host",
        summary: "keeps only the paths of the endpoints and moves them to the issuer's host",
        breaks: ["asm-use-advertised-endpoints", "resource-legal-url", "authz-server-profile"],
    }

    DEFAULT_ENDPOINTS_WITHOUT_METADATA {
        name: "default-endpoints-without-metadata",
        summary: "uses default endpoints when an authorization server has no metadata",
        breaks: ["asm-no-default-endpoints-after-march", "prm-as-only-from-list"],
    }

    OPENID_FIRST {
        name: "openid-first",
        summary: "requests OpenID metadata before OAuth metadata",
        breaks: ["asm-path-issuer-order", "asm-root-issuer-order"],
    }

    OPENID_APPENDED_BEFORE_INSERTED {
        name: "openid-appended-before-inserted",
        summary: "requests the OpenID URL with the suffix appended before the one with it inserted",
        breaks: ["asm-path-issuer-order"],
    }

    NO_OPENID_INSERTED {
        name: "no-openid-inserted",
        summary: "never requests the OpenID URL with the suffix inserted before the issuer's path",
        breaks: ["asm-path-issuer-order"],
    }

    NO_OPENID_APPENDED {
        name: "no-openid-appended",
        summary: "never requests the OpenID URL with the suffix appended to the issuer's path",
        breaks: ["asm-path-issuer-order"],
    }

    OPENID_IGNORED {
        name: "openid-ignored",
        summary: "requests OAuth metadata only",
        breaks: [
            "asm-support-oidc-discovery",
            "asm-path-issuer-order",
            "asm-legal-document",
            "authz-recovers",
            "authz-server-profile",
        ],
    }

    METADATA_FIRST_ANSWER_FINAL {
        name: "metadata-first-answer-final",
        summary: "gives up when the first well-known URL fails in any way other than 404",
        breaks: ["asm-root-issuer-order"],
    }

    ROOT_METADATA_FOR_TENANT {
        name: "root-metadata-for-tenant",
        summary: "prefers the metadata at the host's root to that of an issuer with a path",
        breaks: ["asm-no-root-probe-for-path-issuer"],
    }

    ISSUER_SLASH_KEPT_IN_URL {
        name: "issuer-slash-kept-in-url",
        summary: "keeps the issuer's final slash in the well-known URL",
        breaks: ["asm-issuer-trailing-slash"],
    }

    ISSUER_SLASH_DROPPED {
        name: "issuer-slash-dropped",
        summary: "removes the issuer's final slash before it compares issuers",
        breaks: ["asm-issuer-trailing-slash", "asm-issuer-slash-compare"],
    }

    VENDOR_SUFFIX_FIRST {
        name: "vendor-suffix-first",
        summary: "requests a well-known suffix of its own first",
        breaks: ["asm-default-suffix-only"],
    }

    ISSUER_UNCHECKED {
        name: "issuer-unchecked",
        summary: "never compares the issuer in the metadata",
        breaks: [
            "asm-issuer-must-match", "asm-issuer-mismatch-not-used", "asm-issuer-exact-compare",
            "asm-issuer-slash-compare", "asm-issuer-member-required",
            "iss-record-from-validated-metadata", "iss-unique-per-as",
        ],
    }

    ISSUER_UNCHECKED_IN_OPENID {
        name: "issuer-unchecked-in-openid",
        summary: "compares the issuer in OAuth documents only",
        breaks: ["asm-issuer-must-match", "asm-issuer-mismatch-not-used"],
    }

    ISSUER_MISMATCH_WARNED {
        name: "issuer-mismatch-warned",
        summary: "only warns when the metadata names another issuer",
        breaks: [
            "asm-issuer-must-match", "asm-issuer-mismatch-not-used", "asm-issuer-exact-compare",
            "asm-issuer-slash-compare", "iss-record-from-validated-metadata", "iss-unique-per-as",
        ],
    }

    ISSUER_NORMALISED_SLASH {
        name: "issuer-normalised-slash",
        summary: "ignores a final slash when it compares issuers",
        breaks: ["asm-issuer-slash-compare"],
    }

    ISSUER_NORMALISED_CASE {
        name: "issuer-normalised-case",
        summary: "ignores the case of the host when it compares issuers",
        breaks: ["asm-issuer-exact-compare"],
    }

    ISSUER_OF_ANOTHER_HOST_ACCEPTED {
        name: "issuer-of-another-host-accepted",
        summary: "accepts metadata with the issuer of another host, as revisions before 2026-07-28 \
                  do not forbid it themselves",
        breaks: ["asm-issuer-mismatch-rejected"],
    }

    ISSUER_OPTIONAL {
        name: "issuer-optional",
        summary: "accepts metadata without an issuer",
        breaks: ["asm-issuer-member-required"],
    }

    ISSUER_FORM_UNCHECKED {
        name: "issuer-form-unchecked",
        summary: "accepts any URL as issuer",
        breaks: ["asm-issuer-form"],
    }

    ISSUER_QUERY_ACCEPTED {
        name: "issuer-query-accepted",
        summary: "accepts an issuer with a query",
        breaks: ["asm-issuer-form"],
    }

    ISSUER_FRAGMENT_ACCEPTED {
        name: "issuer-fragment-accepted",
        summary: "accepts an issuer with a fragment",
        breaks: ["asm-issuer-form"],
    }

    ISSUER_HTTP_ACCEPTED {
        name: "issuer-http-accepted",
        summary: "accepts a plain http issuer on any host",
        breaks: ["asm-issuer-form"],
    }

    PROTECTED_RESOURCES_UNCHECKED {
        name: "protected-resources-unchecked",
        summary: "does not check whether the authorization server lists the MCP server",
        breaks: ["asm-cross-check-protected-resources"],
    }
}
