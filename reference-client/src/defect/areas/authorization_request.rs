//! Defects in the authorization request, the callback and its page.

use crate::defect::define_defects::define_defects;

define_defects! {
    ERROR_RESPONSE_REDEEMED {
        name: "error-response-redeemed",
        summary: "sends a token request after an error response",
        breaks: ["authz-error-response-stops"],
    }

    REFUSAL_ASKED_AGAIN {
        name: "refusal-asked-again",
        summary: "opens the browser again and again after an error response",
        breaks: ["authz-error-response-ends"],
    }

    REFUSAL_HIDDEN {
        name: "refusal-hidden",
        summary: "ends with success and prints nothing after an error response",
        breaks: ["authz-error-response-reported"],
    }

    RESPONSE_TYPE_TOKEN {
        name: "response-type-token",
        summary: "requests a token instead of a code",
        breaks: ["authz-code-grant-only"],
        refused: true,
    }

    REDIRECT_PLAIN_HTTP {
        name: "redirect-plain-http",
        summary: "uses a redirect URI with plain http on another host",
        breaks: ["authz-redirect-uri-localhost-or-https", "reg-redirect-uri-registered"],
        refused: true,
    }

    REDIRECT_LOCALHOST {
        name: "redirect-localhost",
        summary: "uses the name localhost in its redirect URI",
        breaks: ["authz-loopback-ip-literal", "resource-legal-url"],
    }

    LISTENER_ON_ALL_ADDRESSES {
        name: "listener-on-all-addresses",
        summary: "listens for its callback on every address of the machine",
        breaks: ["authz-loopback-listener-scope"],
    }

    LISTENER_LEFT_OPEN {
        name: "listener-left-open",
        summary: "goes on listening for callbacks after the user has signed in",
        breaks: ["authz-loopback-listener-scope"],
    }

    REDIRECT_URI_FRAGMENT {
        name: "redirect-uri-fragment",
        summary: "adds a fragment to its redirect URI",
        breaks: [
            "authz-redirect-uri-form",
            "authz-redirect-uri-localhost-or-https",
            "reg-redirect-uri-registered",
        ],
        refused: true,
    }

    REDIRECT_URI_OMITTED {
        name: "redirect-uri-omitted",
        summary: "omits redirect_uri although it registered several",
        breaks: ["authz-redirect-uri-sent"],
        refused: true,
        application: App,
    }

    SCHEME_WITHOUT_DOMAIN {
        name: "scheme-without-domain",
        summary: "uses a URI scheme that is not based on a domain name",
        breaks: ["authz-private-scheme-reverse-domain"],
        application: App,
    }

    UNKNOWN_RESPONSE_PARAMETER_REFUSED {
        name: "unknown-response-parameter-refused",
        summary: "rejects a response with an unknown parameter",
        breaks: [
            "authz-ignore-unknown-response-params",
            "authz-legal-response",
            "authz-server-profile",
        ],
    }

    FETCHES_AUTHORIZE_ITSELF {
        name: "fetches-authorize-itself",
        summary: "fetches the authorization page itself instead of opening the browser",
        breaks: ["authz-external-user-agent"],
    }

    ENDPOINT_QUERY_DROPPED {
        name: "endpoint-query-dropped",
        summary: "drops the query of the authorization endpoint",
        breaks: ["authz-endpoint-query-retained"],
    }

    ENDPOINT_SECOND_QUESTION_MARK {
        name: "endpoint-second-question-mark",
        summary: "appends a question mark and its parameters to whatever the endpoint's URL is",
        breaks: ["authz-endpoint-query-retained"],
    }

    STATE_SENT_TWICE {
        name: "state-sent-twice",
        summary: "sends state twice",
        breaks: ["authz-no-duplicate-params"],
        refused: true,
    }

    CODE_REDEEMED_TWICE {
        name: "code-redeemed-twice",
        summary: "sends the same code again when the token request fails",
        breaks: ["authz-code-once"],
    }

    FORMER_CODE_TRIED {
        name: "former-code-tried",
        summary: "tries the code of the former login before that of the new one",
        breaks: ["authz-code-once"],
    }

    SECOND_CALLBACK_REDEEMED {
        name: "second-callback-redeemed",
        summary: "redeems the code of every callback, even after the first",
        breaks: ["authz-code-once", "state-invalidate-after-use"],
    }

    CALLBACK_PAGE_ECHOES {
        name: "callback-page-echoes",
        summary: "puts the error description into the callback page without escaping it",
        breaks: ["authz-sanitize-received-values", "iss-error-mismatch-no-display"],
    }

    TERMINAL_ESCAPES_SHOWN {
        name: "terminal-escapes-shown",
        summary: "prints the error description without removing control characters",
        breaks: ["authz-sanitize-received-values"],
    }

    CALLBACK_PAGE_SHOWS_ERROR_CODE {
        name: "callback-page-shows-error-code",
        summary: "puts the error code into the callback page without escaping it",
        breaks: ["authz-sanitize-received-values"],
    }

    CALLBACK_PAGE_LISTS_PARAMETERS {
        name: "callback-page-lists-parameters",
        summary: "puts every parameter but the code into the callback page without escaping it",
        breaks: ["authz-sanitize-received-values", "iss-error-mismatch-no-display"],
    }

    RESPONSE_PRINTED {
        name: "response-printed",
        summary: "prints every parameter but the code without removing control characters",
        breaks: ["authz-sanitize-received-values", "iss-error-mismatch-no-display"],
    }

    CALLBACK_REDIRECTS {
        name: "callback-redirects",
        summary: "redirects the browser to a URL that the callback's parameters contain",
        breaks: ["authz-no-open-redirector"],
    }

    CALLBACK_PAGE_LOADS_FOREIGN {
        name: "callback-page-loads-foreign",
        summary: "loads an image from another host in the callback page",
        breaks: ["authz-callback-page-clean"],
    }
}
