//! Defects in the `iss` parameter of the authorization response.

use crate::defect::define_defects::define_defects;

define_defects! {
    NO_ISS_CHECK {
        name: "no-iss-check",
        summary: "never checks iss",
        breaks: [
            "iss-advertised-mismatch",
            "iss-advertised-absent",
            "iss-unadvertised-mismatch",
            "iss-check-before-code-use",
            "iss-bound-to-request",
            "iss-no-normalization",
            "iss-multiple-identifiers",
            "iss-record-before-redirect",
            "iss-support-state-per-as",
            "iss-error-mismatch-no-display",
        ],
    }

    ISS_ONLY_IF_ADVERTISED {
        name: "iss-only-if-advertised",
        summary: "checks iss only if support for it was announced",
        breaks: ["iss-unadvertised-mismatch"],
    }

    ISS_OPTIONAL {
        name: "iss-optional",
        summary: "accepts a response without iss although support for it was announced",
        breaks: ["iss-advertised-absent", "iss-support-state-per-as"],
    }

    ISS_EMPTY_ACCEPTED {
        name: "iss-empty-accepted",
        summary: "accepts an empty iss",
        breaks: ["iss-advertised-absent"],
    }

    ISS_DISCARD_UNADVERTISED {
        name: "iss-discard-unadvertised",
        summary: "rejects a correct iss if support for it was not announced",
        breaks: ["iss-unadvertised-match"],
    }

    ISS_ALWAYS_REJECTED {
        name: "iss-always-rejected",
        summary: "rejects every response that has an iss",
        breaks: ["iss-advertised-match", "iss-unadvertised-match", "iss-form-decode-first"],
    }

    ISS_DEMANDED_ALWAYS {
        name: "iss-demanded-always",
        summary: "requires iss from every authorization server",
        breaks: ["iss-unadvertised-absent", "iss-support-state-per-as"],
    }

    ISS_CHECKED_LATE {
        name: "iss-checked-late",
        summary: "redeems the code first and checks iss afterwards",
        breaks: [
            "iss-check-before-code-use",
            "iss-advertised-mismatch",
            "iss-unadvertised-mismatch",
            "iss-advertised-absent",
            "iss-no-normalization",
            "iss-multiple-identifiers",
            "iss-bound-to-request",
            "iss-record-before-redirect",
            "iss-support-state-per-as",
        ],
    }

    ISS_NORMALISED {
        name: "iss-normalised",
        summary: "normalises both URLs in every known way before it compares iss",
        breaks: ["iss-no-normalization"],
    }

    ISS_NORMALISED_SLASH {
        name: "iss-normalised-slash",
        summary: "ignores a final slash when it compares iss",
        breaks: ["iss-no-normalization"],
    }

    ISS_NORMALISED_HOST_CASE {
        name: "iss-normalised-host-case",
        summary: "ignores the case of the host when it compares iss",
        breaks: ["iss-no-normalization"],
    }

    ISS_NORMALISED_FINAL_DOT {
        name: "iss-normalised-final-dot",
        summary: "ignores a final dot of the host when it compares iss",
        breaks: ["iss-no-normalization"],
    }

    ISS_NORMALISED_SCRIPT {
        name: "iss-normalised-script",
        summary: "takes an internationalized name for its ASCII form when it compares iss",
        breaks: ["iss-no-normalization"],
    }

    ISS_DOMAIN_COMPARED {
        name: "iss-domain-compared",
        summary: "compares only the last two labels of the host of iss",
        breaks: ["iss-advertised-mismatch", "iss-no-normalization"],
    }

    ISS_BEGINNING_COMPARED {
        name: "iss-beginning-compared",
        summary: "accepts an iss that begins with the recorded issuer",
        breaks: ["iss-advertised-mismatch", "iss-no-normalization"],
    }

    ISS_NORMALISED_SCHEME_CASE {
        name: "iss-normalised-scheme-case",
        summary: "ignores the case of the scheme when it compares iss",
        breaks: ["iss-no-normalization"],
    }

    ISS_NORMALISED_PORT {
        name: "iss-normalised-port",
        summary: "compares the port of iss as a number",
        breaks: ["iss-no-normalization"],
    }

    ISS_NORMALISED_PERCENT {
        name: "iss-normalised-percent",
        summary: "decodes percent-encoding inside iss before it compares",
        breaks: ["iss-no-normalization"],
    }

    ISS_UNDECODED {
        name: "iss-undecoded",
        summary: "compares iss as it is in the query, without decoding",
        breaks: ["iss-form-decode-first"],
    }

    ISS_FIRST_VALUE {
        name: "iss-first-value",
        summary: "uses the first of several iss parameters",
        breaks: ["iss-multiple-identifiers"],
    }

    ISS_LAST_VALUE {
        name: "iss-last-value",
        summary: "uses the last of several iss parameters",
        breaks: ["iss-multiple-identifiers"],
    }

    ISS_NOT_CHECKED_ON_ERROR {
        name: "iss-not-checked-on-error",
        summary: "believes error responses with any iss, and retries after a temporary error",
        breaks: [
            "iss-error-response-checked",
            "iss-error-mismatch-no-display",
            "iss-error-mismatch-no-act",
        ],
    }

    ISS_ERROR_SHOWN {
        name: "iss-error-shown",
        summary: "prints error, description and URI of a response whose iss is wrong",
        breaks: ["iss-error-mismatch-no-display"],
    }

    ISS_ERROR_ACTED_ON {
        name: "iss-error-acted-on",
        summary: "reacts to an error whose iss is wrong, as if it were genuine",
        breaks: [
            "iss-error-mismatch-no-act",
            "iss-error-response-checked",
            "iss-advertised-mismatch",
        ],
    }

    ISS_ERROR_URI_OPENED {
        name: "iss-error-uri-opened",
        summary: "opens the error_uri of a response whose iss is wrong",
        breaks: ["iss-error-mismatch-no-act"],
    }

    ISS_GLOBAL {
        name: "iss-global",
        summary: "keeps one current issuer for the whole process",
        breaks: ["iss-bound-to-request"],
    }

    ISS_ANY_PENDING {
        name: "iss-any-pending",
        summary: "accepts the issuer of any authorization that it has started",
        breaks: ["iss-bound-to-request"],
    }

    ISS_SUPPORT_GLOBAL {
        name: "iss-support-global",
        summary: "requires iss from all servers once one server has announced it",
        breaks: ["iss-support-state-per-as"],
    }

    ISS_REREAD_METADATA {
        name: "iss-reread-metadata",
        summary: "reads the metadata again at the callback and compares iss with that",
        breaks: ["iss-record-before-redirect", "iss-token-request-same-issuer"],
    }

    TOKEN_REDIRECT_FOLLOWED {
        name: "token-redirect-followed",
        summary: "follows redirects of the token endpoint",
        breaks: [
            "iss-token-request-same-issuer", "refresh-only-to-issuer",
            "tls-no-downgrade-by-redirect",
        ],
    }
}
