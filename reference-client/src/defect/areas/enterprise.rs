//! Defects in the enterprise-managed authorization extension.

use crate::defect::define_defects::define_defects;

define_defects! {
    ENTERPRISE_ID_TOKEN_TO_SERVER {
        name: "enterprise-id-token-to-server",
        summary: "presents the ID token to the MCP server's authorization server, without an \
                  exchange",
        breaks: ["ext-ema-id-token-not-to-as", "ext-ema-jwt-bearer"],
        refused: true,
    }

    ENTERPRISE_EXCHANGE_AT_SERVER {
        name: "enterprise-exchange-at-server",
        summary: "exchanges the ID token at the MCP server's authorization server",
        breaks: ["ext-ema-id-token-not-to-as"],
        refused: true,
    }

    ENTERPRISE_EXCHANGE_BY_JWT_BEARER {
        name: "enterprise-exchange-by-jwt-bearer",
        summary: "presents the ID token to the identity provider with the jwt-bearer grant",
        breaks: ["ext-ema-token-exchange"],
        refused: true,
    }

    ENTERPRISE_ACCESS_TOKEN_REQUESTED {
        name: "enterprise-access-token-requested",
        summary: "asks the identity provider for an access token",
        breaks: ["ext-ema-requested-token-type"],
        refused: true,
    }

    ENTERPRISE_REQUESTED_TYPE_MISSING {
        name: "enterprise-requested-type-missing",
        summary: "does not tell the identity provider which type of token it wants",
        breaks: ["ext-ema-requested-token-type"],
        refused: true,
    }

    ENTERPRISE_SUBJECT_TYPE_WRONG {
        name: "enterprise-subject-type-wrong",
        summary: "presents the ID token as an access token",
        breaks: ["ext-ema-subject-token"],
        refused: true,
    }

    ENTERPRISE_AUDIENCE_IS_RESOURCE {
        name: "enterprise-audience-is-resource",
        summary: "names the MCP server as audience instead of its authorization server",
        breaks: ["ext-ema-audience-issuer"],
        refused: true,
    }

    ENTERPRISE_AUDIENCE_IS_ENDPOINT {
        name: "enterprise-audience-is-endpoint",
        summary: "names the token endpoint as audience instead of the issuer",
        breaks: ["ext-ema-audience-issuer"],
        refused: true,
    }

    ENTERPRISE_RESOURCE_IS_ISSUER {
        name: "enterprise-resource-is-issuer",
        summary: "names the authorization server as resource in the exchange",
        breaks: ["ext-ema-resource"],
        refused: true,
    }

    ENTERPRISE_RESOURCE_MISSING {
        name: "enterprise-resource-missing",
        summary: "names no resource in the exchange",
        breaks: ["ext-ema-resource"],
    }

    ENTERPRISE_UNAUTHENTICATED {
        name: "enterprise-unauthenticated",
        summary: "does not authenticate at the identity provider",
        breaks: ["ext-ema-idp-client-auth"],
        refused: true,
    }

    ENTERPRISE_GRANT_BY_EXCHANGE {
        name: "enterprise-grant-by-exchange",
        summary: "presents the ID-JAG with the token-exchange grant",
        breaks: ["ext-ema-jwt-bearer"],
        refused: true,
    }

    ENTERPRISE_WRONG_CREDENTIALS {
        name: "enterprise-wrong-credentials",
        summary: "authenticates at the authorization server with its credentials for the identity \
                  provider",
        breaks: ["ext-ema-as-client-auth"],
        refused: true,
    }

    ENTERPRISE_PUBLIC {
        name: "enterprise-public",
        summary: "presents the ID-JAG without client authentication",
        breaks: ["ext-ema-confidential"],
        refused: true,
    }

    ENTERPRISE_ASKS_USER {
        name: "enterprise-asks-user",
        summary: "opens the browser at the authorization server when the ID-JAG is refused",
        breaks: ["ext-ema-no-authorize-redirect"],
    }

    ENTERPRISE_DENIAL_ASKS_USER {
        name: "enterprise-denial-asks-user",
        summary: "opens the browser at the authorization server when the identity provider denies",
        breaks: ["ext-ema-policy-denial"],
    }

    ENTERPRISE_DENIAL_IGNORED {
        name: "enterprise-denial-ignored",
        summary: "presents the ID token to the authorization server when the identity provider \
                  denies",
        breaks: ["ext-ema-policy-denial"],
    }

    ENTERPRISE_ISSUED_TYPE_UNCHECKED {
        name: "enterprise-issued-type-unchecked",
        summary: "presents whatever the identity provider returns",
        breaks: ["ext-ema-issued-token-type"],
    }

    ENTERPRISE_JAG_AS_ACCESS_TOKEN {
        name: "enterprise-jag-as-access-token",
        summary: "sends the ID-JAG to the MCP server as if it were an access token",
        breaks: ["ext-ema-jag-not-access-token"],
    }

    ENTERPRISE_JAG_TO_ANY_SERVER {
        name: "enterprise-jag-to-any-server",
        summary: "presents the ID-JAG for its configured authorization server to any that is named",
        breaks: ["ext-ema-jag-single-audience"],
    }

    ENTERPRISE_JAG_IN_QUERY {
        name: "enterprise-jag-in-query",
        summary: "puts the ID-JAG into the URL of the token request as well",
        breaks: ["ext-ema-tokens-not-in-urls"],
    }

    ENTERPRISE_JAG_LOGGED {
        name: "enterprise-jag-logged",
        summary: "prints the ID-JAG when it is verbose",
        breaks: ["ext-ema-jag-not-logged"],
    }

    ENTERPRISE_JAG_CACHED {
        name: "enterprise-jag-cached",
        summary: "presents an expired ID-JAG instead of asking for a new one",
        breaks: ["ext-ema-jag-renewal"],
    }
}
