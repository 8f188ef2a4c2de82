//! Defects in the binding of registrations and tokens to an authorization server.

use crate::defect::define_defects::define_defects;

define_defects! {
    ONE_REGISTRATION {
        name: "one-registration",
        summary: "keeps one registration for all authorization servers",
        breaks: [
            "binding-separate-state",
            "binding-no-reuse-on-change",
            "binding-reregister-on-change",
        ],
    }

    REGISTRATION_KEYED_BY_SERVER {
        name: "registration-keyed-by-server",
        summary: "stores registrations by MCP server instead of by issuer",
        breaks: [
            "binding-no-reuse-on-change",
            "binding-separate-state",
            "binding-reregister-on-change",
        ],
    }

    PRE_REGISTRATION_SENT_ANYWHERE {
        name: "pre-registration-sent-anywhere",
        summary: "sends the configured credentials to any authorization server",
        breaks: [
            "binding-prereg-mismatch-error",
            "binding-no-cross-acceptance",
            "binding-keyed-by-issuer",
        ],
    }

    ISSUER_CHANGE_FATAL {
        name: "issuer-change-fatal",
        summary: "gives up when the authorization server changes",
        breaks: ["binding-reregister-on-change"],
    }

    REFRESH_TO_NEW_ISSUER {
        name: "refresh-to-new-issuer",
        summary: "sends the old refresh token to the new authorization server",
        breaks: ["binding-tokens-dropped-on-change", "refresh-only-to-issuer"],
    }
}
