//! Defects in the use of bearer tokens and the confidentiality of secrets.

use crate::defect::define_defects::define_defects;

define_defects! {
    TOKEN_REPORTED {
        name: "token-reported",
        summary: "reports its access token to its maker when it talks to a server of the internet",
        breaks: ["token-not-leaked"],
    }

    TOKEN_IN_CUSTOM_HEADER {
        name: "token-in-custom-header",
        summary: "tries the token in a header of its own first",
        breaks: ["bearer-header"],
    }

    TOKEN_IN_QUERY {
        name: "token-in-query",
        summary: "adds the token to the query",
        breaks: ["bearer-not-in-query", "bearer-one-method"],
    }

    TOKEN_IN_BODY {
        name: "token-in-body",
        summary: "repeats the token in the body of every message",
        breaks: ["bearer-one-method"],
    }

    BEARER_NOT_ON_GET {
        name: "bearer-not-on-get",
        summary: "opens the event stream without the token",
        breaks: ["bearer-every-request"],
    }

    BEARER_NOT_ON_DELETE {
        name: "bearer-not-on-delete",
        summary: "ends the session without the token",
        breaks: ["bearer-every-request"],
    }

    BEARER_NOT_ON_LISTEN {
        name: "bearer-not-on-listen",
        summary: "opens the subscription without the token",
        breaks: ["bearer-every-request"],
    }

    BEARER_ONLY_AFTER_CHALLENGE {
        name: "bearer-only-after-challenge",
        summary: "sends each request without the token first",
        breaks: ["bearer-every-request"],
    }

    REAUTHORIZE_FOR_EVER {
        name: "reauthorize-for-ever",
        summary: "starts a new authorization after every 401, without limit",
        breaks: ["bearer-401-loop-bounded"],
    }

    BEARER_PERCENT_ENCODED {
        name: "bearer-percent-encoded",
        summary: "percent-encodes the token in the header",
        breaks: ["bearer-token68"],
    }

    NO_VERSION_WITH_TOKEN {
        name: "no-version-with-token",
        summary: "omits the protocol version header once it has a token",
        breaks: ["bearer-protocol-version-on-retry"],
    }

    TOKEN_TO_OTHER_SERVER {
        name: "token-to-other-server",
        summary: "sends the latest token to every MCP server",
        breaks: [
            "token-not-leaked",
            "token-only-from-servers-as",
            "token-per-resource",
            "authz-legal-topology",
        ],
    }

    TOKENS_KEYED_BY_ISSUER {
        name: "tokens-keyed-by-issuer",
        summary: "uses one token for all MCP servers of an authorization server",
        breaks: [
            "token-per-resource",
            "token-not-leaked",
            "resource-consistent",
            "authz-legal-topology",
        ],
    }

    TOKEN_LOGGED {
        name: "token-logged",
        summary: "prints the access token",
        breaks: ["token-not-leaked", "token-confidential"],
    }

    REFRESH_TOKEN_LOGGED {
        name: "refresh-token-logged",
        summary: "prints the refresh token",
        breaks: ["token-confidential", "refresh-confidential"],
    }

    VERBOSE_SHOWS_SECRETS {
        name: "verbose-shows-secrets",
        summary: "prints token responses when it is verbose",
        breaks: ["token-not-leaked", "token-confidential"],
    }

    CALLBACK_URL_LOGGED {
        name: "callback-url-logged",
        summary: "prints the callback's query",
        breaks: ["bcp-code-not-logged", "iss-error-mismatch-no-display"],
    }

    VERIFIER_LOGGED {
        name: "verifier-logged",
        summary: "prints the code verifier",
        breaks: ["bcp-code-not-logged"],
    }

    SESSION_ID_LOGGED {
        name: "session-id-logged",
        summary: "prints the session ID",
        breaks: ["bearer-session-id-secure"],
    }

    SESSION_ID_TO_OTHER_SERVER {
        name: "session-id-to-other-server",
        summary: "sends the latest session ID to every MCP server",
        breaks: ["bearer-session-id-secure"],
    }

    MCP_REDIRECT_FOLLOWED {
        name: "mcp-redirect-followed",
        summary: "follows redirects of the MCP server and sends the token to their target",
        breaks: [
            "token-not-forwarded-on-redirect",
            "token-not-leaked",
            "tls-bearer-only-over-tls",
            "bearer-session-id-secure",
        ],
    }

    BEARER_EVERYWHERE {
        name: "bearer-everywhere",
        summary: "sends its token to authorization servers as well",
        breaks: [
            "token-not-leaked",
            "prm-request-without-token",
            "binding-tokens-dropped-on-change",
        ],
    }

    TOKEN_IN_COOKIE {
        name: "token-in-cookie",
        summary: "sets the access token as a cookie on the callback page",
        breaks: ["token-not-in-cookies"],
    }

    STORE_READABLE {
        name: "store-readable",
        summary: "makes its store readable for everybody",
        breaks: ["token-secure-storage", "refresh-confidential"],
    }

    STORE_IN_TMP {
        name: "store-in-tmp",
        summary: "copies its tokens to the directory for temporary files",
        breaks: ["token-secure-storage", "refresh-confidential"],
    }
}
