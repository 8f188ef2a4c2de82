//! Defects in the URLs of endpoints and how the browser is started.

use crate::defect::define_defects::define_defects;

define_defects! {
    ENDPOINT_SCHEME_UNCHECKED {
        name: "endpoint-scheme-unchecked",
        summary: "opens the authorization endpoint whatever its scheme",
        breaks: [
            "bcp-authz-url-dangerous-rejected",
            "bcp-authz-url-schemes",
            "bcp-authz-url-allowlist",
            "bcp-authz-url-http-loopback-only",
            "bcp-sanitize-server-urls",
        ],
    }

    ENDPOINT_BLOCK_LIST {
        name: "endpoint-block-list",
        summary: "rejects only endpoint schemes that it knows to be dangerous",
        breaks: [
            "bcp-authz-url-allowlist",
            "bcp-authz-url-dangerous-rejected",
            "bcp-authz-url-schemes",
        ],
    }

    ENDPOINT_HTTP_ANYWHERE {
        name: "endpoint-http-anywhere",
        summary: "accepts plain http endpoints on any host",
        breaks: [
            "bcp-authz-url-http-loopback-only",
            "tls-as-endpoints-https",
            "tls-oauth-urls-https",
            "bcp-authz-url-dangerous-rejected",
            "bcp-authz-url-schemes",
            "bcp-sanitize-server-urls",
        ],
    }

    ENDPOINT_LOOPBACK_PREFIX {
        name: "endpoint-loopback-prefix",
        summary: "treats every http URL that starts like a loopback address as one",
        breaks: [
            "bcp-authz-url-http-loopback-only",
            "bcp-authz-url-dangerous-rejected",
            "bcp-authz-url-schemes",
            "bcp-sanitize-server-urls",
        ],
    }

    BROWSER_THROUGH_SHELL {
        name: "browser-through-shell",
        summary: "starts the browser through a shell",
        breaks: ["bcp-no-shell-open"],
    }

    BROWSER_EXTRA_ARGUMENT {
        name: "browser-extra-argument",
        summary: "passes the browser more arguments than the URL",
        breaks: ["bcp-native-url-open"],
    }
}
