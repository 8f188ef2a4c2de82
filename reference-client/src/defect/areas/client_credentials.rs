//! Defects in the client credentials extension.

use crate::defect::define_defects::define_defects;

define_defects! {
    CLIENT_CREDENTIALS_BY_JWT_BEARER {
        name: "client-credentials-by-jwt-bearer",
        summary: "uses the jwt-bearer grant type to sign in as itself",
        breaks: ["ext-cc-grant-type"],
        refused: true,
    }

    CLIENT_CREDENTIALS_UNAUTHENTICATED {
        name: "client-credentials-unauthenticated",
        summary: "sends only its client ID, without its secret, to sign in as itself",
        breaks: [
            "ext-cc-auth-method",
            "ext-cc-confidential-only",
            "token-confidential-authenticates",
        ],
        refused: true,
    }

    CLIENT_CREDENTIALS_REGISTERS {
        name: "client-credentials-registers",
        summary: "registers although it has configured credentials",
        breaks: ["ext-cc-no-dcr"],
    }

    CLIENT_CREDENTIALS_ASKS_USER {
        name: "client-credentials-asks-user",
        summary: "opens the browser although no user is present",
        breaks: ["ext-cc-no-user-interaction"],
    }

    CLIENT_CREDENTIALS_SECRET_BY_BASIC {
        name: "client-credentials-secret-by-basic",
        summary: "sends its secret with HTTP Basic although the body is accepted",
        breaks: ["ext-cc-secret-placement"],
    }

    CLIENT_CREDENTIALS_REFUSED_REGISTERS {
        name: "client-credentials-refused-registers",
        summary: "registers when its configured credentials are refused",
        breaks: ["ext-cc-no-dcr"],
    }

    CLIENT_CREDENTIALS_REFUSED_ASKS_USER {
        name: "client-credentials-refused-asks-user",
        summary: "opens the browser when its configured credentials are refused",
        breaks: ["ext-cc-no-user-interaction"],
    }

    CLIENT_SECRET_LOGGED {
        name: "client-secret-logged",
        summary: "prints its secret when it is verbose",
        breaks: ["ext-cc-credential-protection"],
    }

    EXTENSION_UNDECLARED {
        name: "extension-undeclared",
        summary: "does not declare the extension that it uses",
        breaks: ["ext-cc-declare-capability", "ext-ema-declare-capability"],
    }

    ASSERTION_TYPE_OF_GRANT {
        name: "assertion-type-of-grant",
        summary: "sends the grant type as client_assertion_type",
        breaks: ["ext-cc-assertion-type"],
        refused: true,
        application: Web,
    }

    ASSERTION_ABOUT_ANOTHER {
        name: "assertion-about-another",
        summary: "signs assertions whose subject is another client",
        breaks: ["ext-cc-assertion-claims", "ext-cc-assertion-client-id"],
        refused: true,
        application: Web,
    }

    ASSERTION_ID_CONSTANT {
        name: "assertion-id-constant",
        summary: "gives all of its assertions the same jti",
        breaks: ["ext-cc-assertion-unique"],
        application: Web,
    }

    ASSERTION_SYMMETRIC {
        name: "assertion-symmetric",
        summary: "signs assertions with a symmetric algorithm",
        breaks: ["ext-cc-assertion-alg"],
        refused: true,
        application: Web,
    }

    ASSERTION_FOR_ENDPOINT {
        name: "assertion-for-endpoint",
        summary: "addresses assertions to the token endpoint instead of the issuer",
        breaks: ["ext-cc-assertion-audience"],
        application: Web,
    }

    CLIENT_ID_BESIDE_ASSERTION {
        name: "client-id-beside-assertion",
        summary: "sends a client_id that differs from the subject of its assertion",
        breaks: ["ext-cc-assertion-client-id"],
        refused: true,
        application: Web,
    }
}
