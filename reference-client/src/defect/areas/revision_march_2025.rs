//! Defects in revision 2025-03-26.

use crate::defect::define_defects::define_defects;

define_defects! {
    MARCH_NO_DEFAULTS {
        name: "march-no-defaults",
        summary: "gives up when there is no metadata",
        breaks: ["march-default-endpoints", "march-defaults-keep-rules"],
    }

    MARCH_OTHER_DEFAULTS {
        name: "march-other-defaults",
        summary: "falls back to default endpoints at other paths",
        breaks: ["march-default-endpoints", "march-defaults-keep-rules"],
    }

    MARCH_DEFAULTS_WITHOUT_PKCE {
        name: "march-defaults-without-pkce",
        summary: "does not use PKCE at default endpoints",
        breaks: ["march-defaults-keep-rules", "pkce-required", "pkce-s256"],
    }

    MARCH_PATH_INSERTED {
        name: "march-path-inserted",
        summary: "inserts the server's path into the metadata URL",
        breaks: ["march-metadata-location", "march-base-url", "march-metadata-first"],
    }

    MARCH_PATH_KEPT {
        name: "march-path-kept",
        summary: "keeps the server's path in the base URL",
        breaks: [
            "march-base-url",
            "march-metadata-location",
            "march-metadata-first",
            "march-default-endpoints",
            "march-defaults-keep-rules",
        ],
    }

    MARCH_DEFAULTS_FIRST {
        name: "march-defaults-first",
        summary: "uses the default endpoints, where they exist, without requesting metadata",
        breaks: [
            "march-metadata-first",
            "march-metadata-location",
            "march-base-url",
            "march-default-endpoints",
            "asm-use-advertised-endpoints",
        ],
    }

    MARCH_ROTATION_IGNORED {
        name: "march-rotation-ignored",
        summary: "keeps the old refresh token if the grant has no resource",
        breaks: ["march-token-rotation", "refresh-replace-rotated"],
    }

    MARCH_NO_VERSION_HEADER {
        name: "march-no-version-header",
        summary: "requests metadata without the protocol version header",
        breaks: ["march-protocol-version-header"],
    }
}
