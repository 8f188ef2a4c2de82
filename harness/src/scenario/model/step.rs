//! The timeline of a case: starts of the client, and changes of the world.

use serde::Serialize;

use super::{Pattern, SecretName, Template, Value};
use crate::words::words;

/// One entry of the timeline.
#[derive(Debug, Clone, Serialize)]
pub enum Step {
    Start(Start),
    Change(Change),
}

/// Start the client (again), with the same home folder, when the previous start has finished.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    pub connect: Vec<String>,
    pub flow: Flow,
    /// An odd spelling of the URL handed to the client.
    pub url: Option<Template>,
    /// Tools to call; `None`: the client's own habit.
    pub call: Option<Vec<String>>,
    pub at_once: bool,
    /// Start two processes of the client at the same time.
    pub twice: bool,
    pub umask: Option<u32>,
    pub verbose: bool,
}

impl Start {
    /// How many processes of the client are started.
    pub const fn processes(&self) -> usize {
        if self.twice { 2 } else { 1 }
    }
}

/// An honest change of the world, made before the answer recorded as `after` is sent.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    pub after: Pattern,
    /// Party, setting, value: applied with [`Party::apply`].
    pub set: Vec<(String, String, Value)>,
    pub expire: Vec<SecretName>,
    pub revoke: Vec<SecretName>,
}

impl Flow {
    /// Whether the client gets its tokens without an authorization request.
    pub const fn is_browserless(self) -> bool {
        matches!(
            self,
            Self::ClientCredentialsSecret
                | Self::ClientCredentialsJwt
                | Self::Enterprise
                | Self::Workload
        )
    }
}

words! {
    /// The kind of flow that the client is asked to drive.
    pub enum Flow {
        Plain = "plain",
        PreRegistration = "pre-registration",
        ClientCredentialsSecret = "client-credentials-secret",
        ClientCredentialsJwt = "client-credentials-jwt",
        Enterprise = "enterprise",
        Workload = "workload",
        Dpop = "dpop",
    }
}
