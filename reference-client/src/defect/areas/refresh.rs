//! Defects in refresh tokens.

use crate::defect::define_defects::define_defects;

define_defects! {
    ROTATED_REFRESH_IGNORED {
        name: "rotated-refresh-ignored",
        summary: "keeps the old refresh token when it receives a new one",
        breaks: ["refresh-replace-rotated", "march-token-rotation"],
    }

    REFRESH_LOST_WHEN_NOT_ROTATED {
        name: "refresh-lost-when-not-rotated",
        summary: "drops the refresh token when it receives no new one",
        breaks: ["refresh-keep-when-not-rotated"],
    }

    REFRESH_FOR_EVER {
        name: "refresh-for-ever",
        summary: "repeats a refused refresh several times",
        breaks: ["refresh-failure-reauthorize"],
    }

    REFRESH_NOT_SHARED {
        name: "refresh-not-shared",
        summary: "refreshes once for every waiting call",
        breaks: ["refresh-single-flight"],
    }

    REFRESH_TOKEN_ASSUMED {
        name: "refresh-token-assumed",
        summary: "refreshes without having a refresh token",
        breaks: ["refresh-not-assumed"],
    }

    STEP_UP_BY_REFRESH {
        name: "step-up-by-refresh",
        summary: "requests more scope with its refresh token first",
        breaks: ["refresh-no-scope-widening"],
    }

    REFRESH_UNAUTHENTICATED {
        name: "refresh-unauthenticated",
        summary: "omits client_id and client authentication when it refreshes",
        breaks: ["refresh-client-authentication", "token-confidential-authenticates"],
    }
}
