//! The extensions of MCP authorization, as `run --extension` names them.

use crate::scenario::model::Capability;
use crate::words::words;

words! {
    /// An extension that a client can be tested for.
    pub(super) enum Extension {
        /// The client acts for itself.
        ClientCredentials = "client-credentials",
        /// The client's company decides which servers its users may use.
        Enterprise = "enterprise",
        /// The client binds its tokens to a key.
        Dpop = "dpop",
        /// The client authenticates with the identity of its workload.
        Workload = "workload",
    }
}

impl Extension {
    /// The scenarios about it.
    pub(super) fn scenarios(self) -> String {
        let area = match self {
            Self::ClientCredentials => "ext-cc",
            Self::Enterprise => "ext-ema",
            Self::Dpop => "ext-dpop",
            Self::Workload => "ext-wif",
        };
        format!("{area}/*")
    }

    /// What a client that has it is declared to have.
    pub(super) const fn capability(self) -> Capability {
        match self {
            Self::ClientCredentials => Capability::ClientCredentials,
            Self::Enterprise => Capability::Enterprise,
            Self::Dpop => Capability::Dpop,
            Self::Workload => Capability::Workload,
        }
    }
}
