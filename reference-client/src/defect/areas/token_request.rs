//! Defects in the token request and its response.

use crate::defect::define_defects::define_defects;

define_defects! {
    TOKEN_REQUEST_JSON {
        name: "token-request-json",
        summary: "sends the token request as JSON",
        breaks: ["token-request-form"],
        refused: true,
    }

    TOKEN_PARAMETERS_IN_QUERY {
        name: "token-parameters-in-query",
        summary: "repeats the token request's parameters in the URL",
        breaks: ["token-grant-not-in-uri"],
    }

    SECRET_IN_QUERY {
        name: "secret-in-query",
        summary: "repeats its secret in the URL of the token request",
        breaks: ["token-credentials-not-in-uri"],
    }

    TOKEN_REQUEST_REPEATED {
        name: "token-request-repeated",
        summary: "repeats its token request many times when the response has no token",
        breaks: ["token-response-retry-bounded"],
    }

    NO_CLIENT_ID_IN_TOKEN_REQUEST {
        name: "no-client-id-in-token-request",
        summary: "omits client_id as a public client",
        breaks: ["token-client-id-when-public"],
        refused: true,
    }

    BOTH_AUTH_METHODS {
        name: "both-auth-methods",
        summary: "sends its secret both with HTTP Basic and in the body",
        breaks: ["token-one-auth-method"],
        refused: true,
    }

    SECRET_ALWAYS_IN_BODY {
        name: "secret-always-in-body",
        summary: "sends its secret in the body, whatever method was registered",
        breaks: ["token-auth-method-negotiated"],
    }

    SECRET_UNUSED {
        name: "secret-unused",
        summary: "never sends its secret",
        breaks: ["token-confidential-authenticates", "token-auth-method-negotiated"],
    }

    BASIC_NOT_FORM_ENCODED {
        name: "basic-not-form-encoded",
        summary: "does not form-encode client ID and secret for HTTP Basic",
        breaks: ["token-basic-form-encoding"],
        refused: true,
    }

    TOKEN_REDIRECT_URI_DIFFERS {
        name: "token-redirect-uri-differs",
        summary: "sends another redirect_uri in the token request",
        breaks: ["token-redirect-uri-identical"],
        refused: true,
    }

    TOKEN_TYPE_UNCHECKED {
        name: "token-type-unchecked",
        summary: "uses a token of any type as a bearer token",
        breaks: ["token-type-understood"],
    }

    TOKEN_TYPE_OPTIONAL {
        name: "token-type-optional",
        summary: "uses a token without a type as a bearer token",
        breaks: ["token-type-understood"],
    }

    TOKEN_TYPE_CASE_SENSITIVE {
        name: "token-type-case-sensitive",
        summary: "accepts the token type only as Bearer",
        breaks: ["token-type-case-insensitive"],
    }

    TOKEN_RESPONSE_STRICT {
        name: "token-response-strict",
        summary: "rejects a token response with an unknown member",
        breaks: ["token-ignore-unknown-members"],
    }

    TOKEN_UNDEFINED {
        name: "token-undefined",
        summary: "uses the word undefined as access token when the token response has none",
        breaks: ["token-response-validated"],
    }

    TOKEN_LIFETIME_TRUSTED {
        name: "token-lifetime-trusted",
        summary: "gives up when a token is rejected before its lifetime has ended",
        breaks: ["bearer-invalid-token-retry", "authz-recovers", "authz-simultaneous"],
    }

    TOKEN_REJECTION_HIDDEN {
        name: "token-rejection-hidden",
        summary: "reports success when a token is rejected before its lifetime has ended",
        breaks: ["token-lifetime-not-trusted", "bearer-invalid-token-retry"],
    }

    TOKEN_DECODED {
        name: "token-decoded",
        summary: "requires every access token to be a JWT",
        breaks: ["token-opaque", "bearer-token68"],
    }
}
