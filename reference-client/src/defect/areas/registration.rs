//! Defects in how the client gets its client ID.

use crate::defect::define_defects::define_defects;

define_defects! {
    CLIENT_ID_MADE_UP {
        name: "client-id-made-up",
        summary: "starts the flow with a client ID that no authorization server issued or accepted",
        breaks: ["reg-client-id-before-flow"],
        refused: true,
    }

    DCR_BEFORE_PRE_REGISTRATION {
        name: "dcr-before-pre-registration",
        summary: "registers although credentials are configured",
        breaks: ["reg-priority-prereg-first"],
    }

    PRE_REGISTRATION_UNKNOWN {
        name: "pre-registration-unknown",
        summary: "ignores configured credentials",
        breaks: ["reg-prereg-support", "reg-priority-prereg-first", "march-no-dcr-alternative"],
    }

    DCR_CREATED_REFUSED {
        name: "dcr-created-refused",
        summary: "takes status 201 of a registration endpoint for an error",
        breaks: ["reg-dcr-support", "reg-cimd-fallback", "reg-priority-dcr-fallback"],
    }

    DCR_BEFORE_CIMD {
        name: "dcr-before-cimd",
        summary: "prefers dynamic registration to its metadata document",
        breaks: ["reg-priority-cimd-before-dcr"],
    }

    GUESS_REGISTER {
        name: "guess-register",
        summary: "posts to /register although no registration endpoint is listed",
        breaks: ["reg-priority-prompt-user", "reg-dcr-only-advertised"],
    }

    NO_CLIENT_ID_QUIET {
        name: "no-client-id-quiet",
        summary: "ends with success and prints nothing when there is no way to register",
        breaks: ["reg-priority-prompt-user"],
    }

    CIMD_UNADVERTISED {
        name: "cimd-unadvertised",
        summary: "sends its metadata document's URL to servers that do not announce support for it",
        breaks: ["reg-cimd-check-capability", "reg-priority-dcr-fallback"],
        refused: true,
    }

    CIMD_HTTP_URL {
        name: "cimd-http-url",
        summary: "uses a plain http URL as client ID",
        breaks: ["reg-cimd-url-form"],
        refused: true,
    }

    CIMD_NO_PATH {
        name: "cimd-no-path",
        summary: "uses a URL without a path as client ID",
        breaks: ["reg-cimd-url-form"],
        refused: true,
    }

    CIMD_DOT_SEGMENT {
        name: "cimd-dot-segment",
        summary: "uses a URL with a dot segment as client ID",
        breaks: ["reg-cimd-url-forbidden-parts"],
        refused: true,
    }

    CIMD_FRAGMENT {
        name: "cimd-fragment",
        summary: "uses a URL with a fragment as client ID",
        breaks: ["reg-cimd-url-forbidden-parts"],
        refused: true,
    }

    CIMD_USER_INFORMATION {
        name: "cimd-user-information",
        summary: "uses a URL with a user name as client ID",
        breaks: ["reg-cimd-url-forbidden-parts"],
        refused: true,
    }

    CIMD_QUERY {
        name: "cimd-query",
        summary: "uses a URL with a query as client ID",
        breaks: ["reg-cimd-url-no-query"],
    }

    CIMD_FLAG_NOT_TRUE {
        name: "cimd-flag-not-true",
        summary: "treats every client_id_metadata_document_supported other than false as true",
        breaks: ["reg-cimd-check-capability"],
    }

    CIMD_UNKNOWN {
        name: "cimd-unknown",
        summary: "does not support client ID metadata documents",
        breaks: ["reg-cimd-support", "reg-priority-cimd-before-dcr"],
    }

    CIMD_DOCUMENT_WITHOUT_NAME {
        name: "cimd-document-without-name",
        summary: "publishes a metadata document without client_name",
        breaks: ["reg-cimd-required-members"],
    }

    CIMD_DOCUMENT_NAMES_ANOTHER {
        name: "cimd-document-names-another",
        summary: "publishes a metadata document whose client_id is not its URL",
        breaks: ["reg-cimd-client-id-self-match"],
        refused: true,
    }

    CIMD_DOCUMENT_MISSING {
        name: "cimd-document-missing",
        summary: "publishes no metadata document at the URL that is its client ID",
        breaks: ["reg-cimd-hosted-over-https"],
        refused: true,
    }

    CIMD_DOCUMENT_AS_PAGE {
        name: "cimd-document-as-page",
        summary: "serves its metadata document as a web page",
        breaks: ["reg-cimd-hosted-over-https"],
        refused: true,
    }

    CIMD_ONCE {
        name: "cimd-once",
        summary: "uses its metadata document at one authorization server only",
        breaks: ["binding-cimd-portable"],
    }

    DCR_UNKNOWN {
        name: "dcr-unknown",
        summary: "does not support dynamic registration",
        breaks: ["reg-dcr-support", "reg-cimd-fallback", "reg-priority-dcr-fallback"],
    }

    SECRET_BEFORE_KEY {
        name: "secret-before-key",
        summary: "registers for a shared secret although it has a key",
        breaks: ["bcp-asymmetric-client-auth"],
        application: Web,
    }

    KEY_UNUSED {
        name: "key-unused",
        summary: "publishes its key and never authenticates with it",
        breaks: ["reg-cimd-auth-as-declared", "reg-cimd-private-key-jwt"],
        application: Web,
    }

    KEY_UNUSED_ON_REFRESH {
        name: "key-unused-on-refresh",
        summary: "authenticates with its key when it redeems a code, but not when it refreshes",
        breaks: ["reg-cimd-auth-as-declared"],
        application: Web,
    }

    WEB_REGISTERS_AS_NATIVE {
        name: "web-registers-as-native",
        summary: "registers as a native application although it is a web site",
        breaks: ["reg-dcr-type-web", "reg-dcr-oidc-native-redirects"],
        application: Web,
    }

    DCR_LAN_REDIRECT_URI {
        name: "dcr-lan-redirect-uri",
        summary: "also registers a redirect URI with plain http on the local network",
        breaks: ["reg-dcr-oidc-native-redirects"],
        refused: true,
    }

    CIMD_DOCUMENT_WITH_SECRET {
        name: "cimd-document-with-secret",
        summary: "publishes a metadata document with a shared secret",
        breaks: ["reg-cimd-no-shared-secret"],
    }

    DCR_FORM_ENCODED {
        name: "dcr-form-encoded",
        summary: "registers with a form instead of JSON",
        breaks: ["reg-dcr-request-form"],
        refused: true,
    }

    DCR_NO_REDIRECT_URIS {
        name: "dcr-no-redirect-uris",
        summary: "registers without redirect URIs",
        breaks: ["reg-dcr-redirect-uris"],
        refused: true,
    }

    REDIRECT_URI_UNREGISTERED {
        name: "redirect-uri-unregistered",
        summary: "sends a redirect URI that it did not register",
        breaks: ["reg-redirect-uri-registered", "reg-cimd-redirect-listed"],
        refused: true,
    }

    DCR_NO_APPLICATION_TYPE {
        name: "dcr-no-application-type",
        summary: "registers without application_type",
        breaks: ["reg-dcr-application-type", "reg-dcr-type-native"],
    }

    DCR_TYPE_WEB {
        name: "dcr-type-web",
        summary: "registers as a web application with a loopback redirect URI",
        breaks: ["reg-dcr-type-native"],
    }

    DCR_RESPONSE_METHOD_IGNORED {
        name: "dcr-response-method-ignored",
        summary: "authenticates with the method that it requested, not the one that was registered",
        breaks: ["reg-dcr-honour-response"],
    }

    DCR_CONFIDENTIAL {
        name: "dcr-confidential",
        summary: "registers for a shared secret although it could be a public client",
        breaks: ["march-local-public-client"],
    }

    DCR_REFUSAL_IGNORED {
        name: "dcr-refusal-ignored",
        summary: "continues without a client ID after a refused registration",
        breaks: ["reg-dcr-handle-rejection", "reg-client-id-before-flow"],
    }

    DCR_REFUSAL_HIDDEN {
        name: "dcr-refusal-hidden",
        summary: "does not report why the registration was refused",
        breaks: ["reg-dcr-surface-error"],
    }

    DCR_RETRIES_FOR_EVER {
        name: "dcr-retries-for-ever",
        summary: "repeats a refused registration without limit",
        breaks: ["reg-dcr-retry-adjusted", "reg-dcr-handle-rejection"],
    }

    DCR_OWN_CLIENT_ID {
        name: "dcr-own-client-id",
        summary: "proposes a client ID of its own in the registration",
        breaks: ["reg-dcr-no-self-chosen-id"],
        refused: true,
    }

    DCR_JWKS_TWICE {
        name: "dcr-jwks-twice",
        summary: "registers with both jwks and jwks_uri",
        breaks: ["reg-dcr-jwks-exclusive"],
        refused: true,
    }

    FORGOTTEN_REGISTRATION_KEPT {
        name: "forgotten-registration-kept",
        summary: "keeps a registration that the authorization server no longer knows",
        breaks: ["reg-forgotten-registration"],
    }

    REGISTERS_FOR_EVER {
        name: "registers-for-ever",
        summary: "registers again and again when the token endpoint does not know it",
        breaks: ["reg-forgotten-registration"],
    }

    EXPIRED_SECRET_KEPT {
        name: "expired-secret-kept",
        summary: "keeps sending an expired client secret",
        breaks: ["reg-dcr-secret-expiry"],
    }

    NO_REFRESH_GRANT_IN_METADATA {
        name: "no-refresh-grant-in-metadata",
        summary: "does not list refresh_token in its metadata although it uses refresh tokens",
        breaks: ["refresh-grant-type-in-metadata"],
    }

    STOP_AFTER_REGISTRATION {
        name: "stop-after-registration",
        summary: "gives up once it has a client ID",
        breaks: ["prm-handle-401", "asm-use-rfc8414"],
    }
}
