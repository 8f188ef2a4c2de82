//! Defects in the `resource` parameter.

use crate::defect::define_defects::define_defects;

define_defects! {
    NO_RESOURCE {
        name: "no-resource",
        summary: "sends no resource",
        breaks: [
            "ext-wif-resource",
            "resource-in-authz-request",
            "resource-in-token-request",
            "resource-in-refresh-request",
            "resource-identifies-server",
            "resource-case-tolerance",
            "resource-no-fragment",
            "resource-not-dropped-on-error",
            "resource-not-overridden-by-as",
            "prm-request-audience-restricted",
        ],
        refused: true,
    }

    NO_RESOURCE_IN_AUTHORIZATION_REQUEST {
        name: "no-resource-in-authorization-request",
        summary: "sends resource in the token request only",
        breaks: ["resource-in-authz-request", "resource-identifies-server"],
        refused: true,
    }

    NO_RESOURCE_IN_TOKEN_REQUEST {
        name: "no-resource-in-token-request",
        summary: "sends resource in the authorization request only",
        breaks: ["resource-in-token-request"],
        refused: true,
    }

    NO_RESOURCE_IN_REFRESH {
        name: "no-resource-in-refresh",
        summary: "omits resource when it refreshes",
        breaks: ["resource-in-refresh-request"],
    }

    RESOURCE_IS_AUTHORIZATION_SERVER {
        name: "resource-is-authorization-server",
        summary: "sends the authorization server's issuer as resource",
        breaks: ["resource-identifies-server"],
        refused: true,
    }

    RESOURCE_OF_FIRST_SERVER {
        name: "resource-of-first-server",
        summary: "sends the first server's resource for all servers",
        breaks: ["resource-identifies-server", "prm-request-audience-restricted"],
        refused: true,
    }

    RESOURCE_HOST_ONLY {
        name: "resource-host-only",
        summary: "sends only the origin of the server as resource",
        breaks: ["resource-most-specific"],
        refused: true,
    }

    RESOURCE_BARE_HOST {
        name: "resource-bare-host",
        summary: "sends only the server's host name as resource",
        breaks: [
            "resource-canonical-uri",
            "resource-identifies-server",
            "resource-most-specific",
            "resource-no-trailing-slash",
        ],
        refused: true,
    }

    RESOURCE_AS_CONFIGURED {
        name: "resource-as-configured",
        summary: "sends the server's URL as it was configured as resource, with fragment and query",
        breaks: [
            "resource-no-fragment",
            "resource-no-query",
            "resource-identifies-server",
            "resource-canonical-uri",
        ],
        refused: true,
    }

    RESOURCE_DROPPED_ON_ERROR {
        name: "resource-dropped-on-error",
        summary: "omits resource after the authorization server has refused it",
        breaks: [
            "resource-not-dropped-on-error",
            "resource-in-authz-request",
            "resource-in-token-request",
        ],
    }

    RESOURCE_FROM_ENDPOINT {
        name: "resource-from-endpoint",
        summary: "prefers a resource that the authorization endpoint's query contains",
        breaks: ["resource-not-overridden-by-as", "resource-identifies-server"],
    }

    RESOURCE_SLASH_IN_TOKEN_REQUEST {
        name: "resource-slash-in-token-request",
        summary: "adds a slash to resource in the token request",
        breaks: ["resource-consistent"],
        refused: true,
    }

    RESOURCE_ONLY_IF_ANNOUNCED {
        name: "resource-only-if-announced",
        summary: "sends resource only to authorization servers that list protected_resources",
        breaks: [
            "resource-sent-regardless-of-as",
            "resource-in-authz-request",
            "resource-in-token-request",
        ],
    }

    RESOURCE_ONLY_WITH_METADATA {
        name: "resource-only-with-metadata",
        summary: "sends resource only if resource metadata names one",
        breaks: ["resource-sent-regardless-of-as"],
    }

    RESOURCE_SLASH_ADDED {
        name: "resource-slash-added",
        summary: "adds a slash to resource, whatever its path",
        breaks: ["resource-no-trailing-slash"],
    }

    RESOURCE_RESPELLED {
        name: "resource-respelled",
        summary: "sends resource as its URL library writes it, with a slash after a bare host",
        breaks: ["resource-no-trailing-slash"],
    }
}
