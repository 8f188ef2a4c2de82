//! What a client file says about capabilities, outright or by other keys.

use std::collections::BTreeMap;

use super::client_file::{Adapter, ApplicationKind, ClientFile};
use crate::requirements::Capability;
use crate::scenario::model::{Registration, Revision};

impl ClientFile {
    /// Every capability that follows from what is said. What is said outright comes first.
    pub fn capabilities(&self) -> BTreeMap<Capability, CapabilityStatus> {
        let mut known = BTreeMap::new();
        let mut say = |capability, what| {
            known.entry(capability).or_insert(what);
        };
        let declared = |has| {
            if has {
                CapabilityStatus::Has
            } else {
                CapabilityStatus::Lacks
            }
        };
        self.has
            .iter()
            .for_each(|word| say(*word, CapabilityStatus::Has));
        self.lacks
            .iter()
            .for_each(|word| say(*word, CapabilityStatus::Lacks));
        if let Some(methods) = &self.registration {
            METHODS.iter().for_each(|(method, capability)| {
                say(*capability, declared(methods.contains(method)))
            });
        }
        if let Some(refresh) = self.refresh {
            say(Capability::Refresh, declared(refresh));
            if !refresh {
                say(Capability::RefreshWhenRejected, CapabilityStatus::Lacks);
            }
        }
        match self.kind {
            Some(ApplicationKind::Native) => say(Capability::Native, CapabilityStatus::Has),
            Some(ApplicationKind::Headless) => {
                for word in [
                    Capability::UserAgent,
                    Capability::CallbackListener,
                    Capability::ServesPages,
                ] {
                    say(word, CapabilityStatus::Lacks);
                }
            }
            Some(ApplicationKind::Hosted) => {
                say(Capability::Hosted, CapabilityStatus::Has);
                say(Capability::Native, CapabilityStatus::Lacks);
            }
            None => {}
        }
        if self
            .spec
            .as_ref()
            .is_some_and(|spoken| spoken.contains(&Revision::March2025))
        {
            say(Capability::SpeaksMarch2025, CapabilityStatus::Has);
        }
        let adapter = self.adapter.unwrap_or(Adapter::Official);
        if adapter == Adapter::Stdio {
            // the suite makes the calls itself
            say(Capability::NamedTools, CapabilityStatus::Has);
            say(Capability::CallsAtOnce, CapabilityStatus::Has);
        }
        for capability in adapter.cannot_ask() {
            say(
                *capability,
                CapabilityStatus::CannotBeAsked(format!(
                    "a client with the adapter `{adapter}` cannot be told so"
                )),
            );
        }
        if matches!(adapter, Adapter::None | Adapter::Stdio) && self.with_credentials.is_none() {
            say(
                Capability::PreRegistration,
                CapabilityStatus::CannotBeAsked(
                    "nothing (`with_credentials`) says how the client takes credentials".to_owned(),
                ),
            );
        }
        known
    }
}

/// What is known of one capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapabilityStatus {
    /// It is declared.
    Has,
    /// The lack is declared.
    Lacks,
    /// Whether the client has it or not: it cannot be brought to use it, and why.
    CannotBeAsked(String),
}

impl Adapter {
    /// Capabilities that are of no use, as the client cannot be told to use them.
    const fn cannot_ask(self) -> &'static [Capability] {
        use Capability::{CallsAtOnce, NamedTools, ServersAtOnce, SeveralServers, Verbose};
        match self {
            Self::Official | Self::Persistent => &[],
            Self::None => &[
                SeveralServers,
                ServersAtOnce,
                NamedTools,
                CallsAtOnce,
                Verbose,
            ],
            Self::Stdio => &[SeveralServers, ServersAtOnce, Verbose],
        }
    }
}

/// The capability behind each registration method.
const METHODS: [(Registration, Capability); 3] = [
    (Registration::PreRegistered, Capability::PreRegistration),
    (Registration::Cimd, Capability::Cimd),
    (Registration::Dcr, Capability::Dcr),
];
