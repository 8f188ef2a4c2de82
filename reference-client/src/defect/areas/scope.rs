//! Defects in the choice of scopes and step-up authorization.

use crate::defect::define_defects::define_defects;

define_defects! {
    SCOPE_CHALLENGE_IGNORED {
        name: "scope-challenge-ignored",
        summary: "requests the scopes of the metadata although the challenge names some",
        breaks: ["scope-from-challenge", "scope-least-privilege", "prm-scopes-not-shopping-list"],
    }

    SCOPE_ADDS_METADATA_SCOPES {
        name: "scope-adds-metadata-scopes",
        summary: "requests all scopes of the metadata besides the challenged ones",
        breaks: ["scope-least-privilege", "prm-scopes-not-shopping-list"],
    }

    SCOPE_FROM_AUTHORIZATION_SERVER {
        name: "scope-from-authorization-server",
        summary: "requests every scope that the authorization server lists",
        breaks: ["scope-from-prm", "scope-least-privilege"],
    }

    SCOPE_EMPTY_SENT {
        name: "scope-empty-sent",
        summary: "sends an empty scope parameter instead of omitting it",
        breaks: ["scope-omit-when-undefined"],
    }

    SCOPE_DEFAULT_OPENID {
        name: "scope-default-openid",
        summary: "requests openid when no scope is named",
        breaks: ["scope-omit-when-undefined"],
    }

    SCOPE_INTERSECTED {
        name: "scope-intersected",
        summary: "omits challenged scopes that the metadata does not list",
        breaks: ["scope-no-set-assumption"],
    }

    SCOPE_LOWER_CASED {
        name: "scope-lower-cased",
        summary: "converts challenged scopes to lower case",
        breaks: ["scope-challenge-authoritative"],
    }

    SCOPE_ERROR_HIDDEN {
        name: "scope-error-hidden",
        summary: "does not report that the authorization server refused the scope",
        breaks: ["scope-stepup-from-as-error"],
    }

    OFFLINE_ACCESS_ALWAYS {
        name: "offline-access-always",
        summary: "requests offline_access from every authorization server",
        breaks: ["refresh-offline-access-unlisted"],
    }

    OFFLINE_ACCESS_NEVER {
        name: "offline-access-never",
        summary: "never requests offline_access",
        breaks: ["refresh-offline-access"],
    }

    SCOPE_ASSUMED_GRANTED {
        name: "scope-assumed-granted",
        summary: "assumes that every requested scope was granted",
        breaks: ["scope-granted-differs"],
    }

    SCOPE_NOT_UNITED {
        name: "scope-not-united",
        summary: "requests only the challenged scopes and drops the earlier ones",
        breaks: ["scope-union-on-reauth"],
    }

    STEP_UP_IGNORED {
        name: "step-up-ignored",
        summary: "treats every 403 as final",
        breaks: [
            "scope-stepup-for-user",
            "scope-stepup-respond",
            "scope-union-on-reauth",
            "scope-stepup-retry-original",
            "scope-track-attempts",
        ],
    }

    STEP_UP_CALL_LOST {
        name: "step-up-call-lost",
        summary: "obtains a token with more scope but does not repeat the call",
        breaks: ["scope-stepup-retry-original", "scope-track-attempts"],
    }

    STEP_UP_FOR_EVER {
        name: "step-up-for-ever",
        summary: "requests more scope again and again",
        breaks: ["scope-retry-limit", "scope-track-attempts"],
    }

    STEP_UP_COUNTED_GLOBALLY {
        name: "step-up-counted-globally",
        summary: "limits step-up attempts for all tools together instead of for each tool",
        breaks: ["scope-track-attempts"],
    }

    STEP_UP_FORGOTTEN {
        name: "step-up-forgotten",
        summary: "starts to count step-up attempts anew with every call",
        breaks: ["scope-track-attempts"],
    }

    FORBIDDEN_IS_STEP_UP {
        name: "forbidden-is-step-up",
        summary: "requests more scope after every 403",
        breaks: ["scope-403-other-errors"],
    }

    SCOPE_JSON_ARRAY {
        name: "scope-json-array",
        summary: "sends scope as a JSON list",
        breaks: [
            "scope-syntax",
            "scope-from-prm",
            "scope-union-on-reauth",
            "scope-stepup-for-user",
            "scope-stepup-retry-original",
            "scope-track-attempts",
        ],
        refused: true,
    }

    SCOPE_COMMA_JOINED {
        name: "scope-comma-joined",
        summary: "joins scopes by commas",
        breaks: [
            "scope-from-prm",
            "scope-union-on-reauth",
            "scope-stepup-for-user",
            "scope-stepup-retry-original",
            "scope-track-attempts",
        ],
    }
}
