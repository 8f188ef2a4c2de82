//! Defects in the `state` parameter.

use crate::defect::define_defects::define_defects;

define_defects! {
    NO_STATE {
        name: "no-state",
        summary: "sends no state and checks none",
        breaks: [
            "state-send",
            "state-absent-discard",
            "state-mismatch-discard",
            "state-csrf-protection",
            "state-forged-response-ignored",
        ],
    }

    STATIC_STATE {
        name: "static-state",
        summary: "sends the same state every time",
        breaks: ["state-unpredictable-one-time"],
    }

    COUNTER_STATE {
        name: "counter-state",
        summary: "sends the number of its requests as state",
        breaks: ["state-unpredictable-one-time"],
    }

    STATE_OF_FIXED_SEED {
        name: "state-of-fixed-seed",
        summary: "draws state from a generator that always starts from the same seed",
        breaks: ["state-unpredictable-one-time"],
    }

    STATE_UNCHECKED {
        name: "state-unchecked",
        summary: "never compares state",
        breaks: [
            "state-mismatch-discard",
            "state-absent-discard",
            "state-csrf-protection",
            "state-integrity",
            "state-forged-response-ignored",
        ],
    }

    STATE_OPTIONAL {
        name: "state-optional",
        summary: "checks state only if it is present",
        breaks: [
            "state-absent-discard",
            "state-csrf-protection",
            "state-forged-response-ignored",
        ],
    }

    STATE_SKIPPED_WITHOUT_PKCE_LIST {
        name: "state-skipped-without-pkce-list",
        summary: "relies on PKCE instead of state where the metadata does not announce PKCE",
        breaks: ["state-csrf-protection"],
    }

    STATE_DATA_TRUSTED {
        name: "state-data-trusted",
        summary: "keeps data in state and compares only the part before it",
        breaks: ["state-integrity", "state-mismatch-discard"],
    }

    STATE_PREFIX_COMPARE {
        name: "state-prefix-compare",
        summary: "compares only the first half of state",
        breaks: ["state-mismatch-discard", "state-integrity"],
    }

    FORGED_RESPONSE_ENDS_LOGIN {
        name: "forged-response-ends-login",
        summary: "gives up when a response with another state arrives",
        breaks: ["state-forged-response-ignored"],
    }

    ERROR_BEFORE_STATE {
        name: "error-before-state",
        summary: "gives up on any error response, whatever its state",
        breaks: ["state-forged-response-ignored"],
    }

    ANY_REQUEST_ENDS_LOGIN {
        name: "any-request-ends-login",
        summary: "takes every request of its redirect URI for the response, whatever its method",
        breaks: ["state-forged-response-ignored"],
    }

    STATE_REVEALS_VERIFIER {
        name: "state-reveals-verifier",
        summary: "carries the code verifier inside state",
        breaks: ["state-no-secrets"],
    }
}
