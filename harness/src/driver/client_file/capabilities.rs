//! What a client file declares about capabilities, outright or by other keys.

use std::collections::BTreeMap;

use super::adapter::Adapter;
use super::client_file::ClientFile;
use super::deployment::DeploymentKind;
use crate::requirements::Capability;
use crate::scenario::model::{Registration, Revision};

/// What is known of one capability before the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapabilityStatus {
    /// The client is declared to have it.
    Has,
    /// The client is declared to lack it.
    Lacks,
    /// The client cannot be asked to use it, whether it has it or not. The text says why.
    CannotBeAsked(String),
}

/// The capability that belongs to each registration method.
const METHODS: [(Registration, Capability); 3] = [
    (Registration::PreRegistered, Capability::PreRegistration),
    (Registration::Cimd, Capability::Cimd),
    (Registration::Dcr, Capability::Dcr),
];

impl ClientFile {
    /// Every capability whose status follows from this file. What is declared outright comes first.
    pub fn capabilities(&self) -> BTreeMap<Capability, CapabilityStatus> {
        let mut statuses = Statuses::default();
        for capability in &self.has {
            statuses.declare(*capability, true);
        }
        for capability in &self.lacks {
            statuses.declare(*capability, false);
        }
        if let Some(methods) = &self.registration {
            for (method, capability) in METHODS {
                statuses.declare(capability, methods.contains(&method));
            }
        }
        if let Some(refresh) = self.refresh {
            statuses.declare(Capability::Refresh, refresh);
            if !refresh {
                statuses.declare(Capability::RefreshWhenRejected, false);
            }
        }
        if let Some(kind) = self.kind {
            statuses.declare_deployment(kind);
        }
        let revisions = self.spec.as_deref().unwrap_or_default();
        if revisions.contains(&Revision::March2025) {
            statuses.declare(Capability::SpeaksMarch2025, true);
        }
        let adapter = self.adapter.unwrap_or(Adapter::Official);
        statuses.declare_adapter(adapter, self.with_credentials.is_some());
        statuses.0
    }
}

/// Collects the status of capabilities. The first one that is declared stays.
#[derive(Default)]
struct Statuses(BTreeMap<Capability, CapabilityStatus>);

impl Statuses {
    fn declare(&mut self, capability: Capability, has: bool) {
        let status = if has {
            CapabilityStatus::Has
        } else {
            CapabilityStatus::Lacks
        };
        self.0.entry(capability).or_insert(status);
    }

    fn exclude(&mut self, capability: Capability, reason: String) {
        self.0
            .entry(capability)
            .or_insert(CapabilityStatus::CannotBeAsked(reason));
    }

    fn declare_deployment(&mut self, kind: DeploymentKind) {
        use Capability::{CallbackListener, Hosted, Native, ServesPages, UserAgent};
        match kind {
            DeploymentKind::Native => self.declare(Native, true),
            DeploymentKind::Headless => {
                for capability in [UserAgent, CallbackListener, ServesPages] {
                    self.declare(capability, false);
                }
            }
            DeploymentKind::Hosted => {
                self.declare(Hosted, true);
                self.declare(Native, false);
            }
        }
    }

    fn declare_adapter(&mut self, adapter: Adapter, takes_credentials: bool) {
        if matches!(adapter, Adapter::Stdio | Adapter::Agent) {
            // the suite makes the calls itself, or has the model ask for them
            self.declare(Capability::NamedTools, true);
            self.declare(Capability::CallsAtOnce, true);
        }
        if adapter == Adapter::Agent {
            self.declare(Capability::AsksModel, true);
        }
        for capability in capabilities_without_effect(adapter) {
            self.exclude(
                *capability,
                format!("the adapter `{adapter}` cannot tell the client to use it"),
            );
        }
        if matches!(adapter, Adapter::None | Adapter::Stdio | Adapter::Agent) && !takes_credentials
        {
            self.exclude(
                Capability::PreRegistration,
                "`with_credentials` does not say how the client gets credentials".to_owned(),
            );
        }
    }
}

/// Capabilities that have no effect with an adapter, as it cannot tell the client to use them.
const fn capabilities_without_effect(adapter: Adapter) -> &'static [Capability] {
    use Capability::{CallsAtOnce, NamedTools, ServersAtOnce, SeveralServers, Verbose};
    match adapter {
        Adapter::Official | Adapter::Persistent => &[],
        Adapter::None => &[
            SeveralServers,
            ServersAtOnce,
            NamedTools,
            CallsAtOnce,
            Verbose,
        ],
        Adapter::Stdio | Adapter::Agent => &[SeveralServers, ServersAtOnce, Verbose],
    }
}
