//! Runs the bundled reference client inside this process. It costs nothing to start, so thousands
//! of runs take seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reference_client::{
    BrowserClosed, ClientConfig, EnterpriseIdentity, ModelAddress, Platform, SignIn, Store,
    TrustedAuthorities, UnusableTokens, WorkloadIdentity,
};

use crate::driver::agent::ModelServer;
use crate::driver::client::{Client, ClientHome};
use crate::driver::launch::Launch;
use crate::driver::outcome::ClientOutcome;
use crate::driver::provision::Provision;
use crate::driver::world_handle::WorldHandle;
use crate::scenario::model::{Capability, Flow};
use crate::world::ClientDocument;

/// How long the client waits for an answer, and for its callback.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The bundled reference client, with or without defects.
#[derive(Debug, Clone, Default)]
pub struct ReferenceClient {
    kind: reference_client::ReferenceClientKind,
    defects: reference_client::Defects,
    lists_tools_only: bool,
}

impl ReferenceClient {
    /// The capabilities that this kind of application has, and those that it lacks. A test checks
    /// that the client shows them.
    pub fn capabilities(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        const HAS: &[Capability] = &[
            Capability::PreRegistration,
            Capability::Cimd,
            Capability::Dcr,
            Capability::Refresh,
            Capability::RefreshWhenRejected,
            Capability::KeepsState,
            Capability::UserAgent,
            Capability::CallbackListener,
            Capability::SeveralServers,
            Capability::ServersAtOnce,
            Capability::CallsTools,
            Capability::NamedTools,
            Capability::CallsAtOnce,
            Capability::Verbose,
            Capability::CimdDocumentReachable,
            Capability::SpeaksMarch2025,
            Capability::PreconfiguredIssuer,
            Capability::ClientCredentials,
            Capability::Enterprise,
            Capability::IdpCredentials,
            Capability::TrustsGivenAuthority,
            Capability::Workload,
            Capability::Dpop,
            Capability::RequiresDpop,
            Capability::WorkloadTokenFile,
        ];
        let (more, lacks): (&[&str], &[&str]) = match self.kind {
            reference_client::ReferenceClientKind::Terminal => (&["native"], &[]),
            reference_client::ReferenceClientKind::Agent => (&["native", "asks-model"], &[]),
            reference_client::ReferenceClientKind::App => (
                &["native", "private-use-scheme", "several-redirect-uris"],
                &["callback-listener"],
            ),
            reference_client::ReferenceClientKind::Web => (
                &["hosted", "private-key-jwt"],
                &["callback-listener", "native"],
            ),
            reference_client::ReferenceClientKind::Headless => {
                (&[], &["callback-listener", "user-agent", "native"])
            }
        };
        let of_calls: &[&str] = match self.lists_tools_only {
            true => &["calls-tools", "named-tools", "calls-at-once"],
            false => &[],
        };
        let lacks = [lacks, of_calls].concat();
        let has = HAS
            .iter()
            .map(|need| need.as_str())
            .chain(more.iter().copied())
            .filter(|word| !lacks.contains(word));
        (
            has.map(str::to_owned).collect(),
            lacks.iter().copied().map(str::to_owned).collect(),
        )
    }

    /// The options of `run` that test this client.
    pub fn options(&self) -> Vec<OsString> {
        reference_client::defects()
            .filter(|info| {
                let defect = info.name.parse();
                defect.is_ok_and(|defect| self.defects.has(defect))
            })
            .flat_map(|info| ["--defect".into(), info.name.into()])
            .chain(["--bundled-as".into(), self.kind.as_str().into()])
            .collect()
    }

    /// The client with a set of defects. Without any, it is the conforming client.
    pub fn with_defects(defects: reference_client::Defects) -> Self {
        Self {
            kind: defects.application(),
            defects,
            lists_tools_only: false,
        }
    }

    /// The same client, if it connects and lists tools and calls none, as many test adapters do.
    #[must_use]
    pub fn listing_tools_only(self) -> Self {
        Self {
            lists_tools_only: true,
            ..self
        }
    }

    /// The same client as an application of another kind.
    #[must_use]
    pub fn of_kind(self, kind: reference_client::ReferenceClientKind) -> Self {
        Self { kind, ..self }
    }
}

impl Client for ReferenceClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(InMemoryHome {
            kind: self.kind,
            defects: self.defects.clone(),
            lists_tools_only: self.lists_tools_only,
            store: Arc::new(Store::in_memory()),
            model: match self.kind {
                reference_client::ReferenceClientKind::Agent => Some(ModelServer::start()?),
                _ => None,
            },
        }))
    }

    fn client_documents(&self) -> BTreeMap<String, ClientDocument> {
        let (status, content_type, body) =
            reference_client::served_document(self.kind, &self.defects);
        let document = ClientDocument {
            status,
            content_type: content_type.to_owned(),
            body,
        };
        BTreeMap::from([(
            reference_client::client_metadata_url_for(&self.defects).to_owned(),
            document,
        )])
    }
}

struct InMemoryHome {
    kind: reference_client::ReferenceClientKind,
    defects: reference_client::Defects,
    lists_tools_only: bool,
    store: Arc<Store>,
    /// The model that an agent asks.
    model: Option<ModelServer>,
}

impl ClientHome for InMemoryHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let Ok(revision) = launch.revision.as_str().parse() else {
                return ClientOutcome::NotStarted;
            };
            if let Some(model) = &self.model {
                model.begin(&launch);
            }
            let config = self.config(revision, &launch);
            let platform = Arc::new(InMemoryPlatform {
                world: launch.world.clone(),
                stdout: Mutex::default(),
                stderr: Mutex::default(),
            });
            let client = reference_client::run(
                &config,
                Arc::clone(&platform) as Arc<dyn Platform>,
                Arc::clone(&self.store),
            );
            let mut stop = launch.stop;
            let outcome = tokio::select! {
                result = client => match result {
                    Ok(_) => ClientOutcome::Success,
                    Err(_) => ClientOutcome::Failure,
                },
                () = stop.requested() => ClientOutcome::Killed,
            };
            platform.record_output();
            outcome
        })
    }
}

impl InMemoryHome {
    fn config(
        &self,
        revision: reference_client::ProtocolRevision,
        launch: &Launch,
    ) -> ClientConfig {
        let provision = &launch.provision;
        let call = match self.lists_tools_only {
            true => Vec::new(),
            false => launch.tools(),
        };
        let credentials =
            provision
                .client_id()
                .map(|client_id| reference_client::ConfiguredCredentials {
                    client_id: client_id.to_owned(),
                    client_secret: provision.client_secret().map(str::to_owned),
                    private_key_pem: provision.private_key_pem().map(str::to_owned),
                    issuer: provision.issuer().map(str::to_owned),
                });
        ClientConfig {
            revision,
            application: self.kind,
            sign_in: sign_in(launch),
            binds_tokens: launch.flow == Flow::Dpop,
            client_metadata_url: None,
            servers: launch.urls.clone(),
            call,
            model: self.model.as_ref().map(|model| ModelAddress {
                url: model.url().to_owned(),
                key: model.key().to_owned(),
            }),
            at_once: launch.at_once,
            verbose: launch.verbose,
            credentials,
            callback_port: None,
            trusted_authorities: TrustedAuthorities::Only(
                launch.authority.clone().unwrap_or_default(),
            ),
            defects: self.defects.clone(),
            patience: CLIENT_TIMEOUT,
        }
    }
}

/// How the client is to obtain tokens.
fn sign_in(launch: &Launch) -> SignIn {
    match &launch.provision {
        Provision::ClientCredentialsSecret { .. } | Provision::ClientCredentialsJwt { .. } => {
            SignIn::ClientCredentials
        }
        Provision::Workload { tokens, .. } => SignIn::Workload(WorkloadIdentity {
            jwt: tokens.valid.clone(),
            token_file: Some(tokens.file.clone()),
            unusable: UnusableTokens {
                wrong_audience: Some(tokens.wrong_audience.clone()),
                expired: Some(tokens.expired.clone()),
            },
        }),
        Provision::Enterprise { identity, .. } => SignIn::Enterprise(EnterpriseIdentity {
            client_id: identity.client_id.clone(),
            client_secret: Some(identity.client_secret.clone()),
            id_token: identity.id_token.clone(),
            refresh_token: Some(identity.refresh_token.clone()),
            token_endpoint: identity.token_endpoint.clone(),
        }),
        Provision::Nothing | Provision::PreRegistration { .. } => SignIn::User,
    }
}

/// The browser and the output of the reference client.
struct InMemoryPlatform {
    world: WorldHandle,
    stdout: Mutex<String>,
    stderr: Mutex<String>,
}

impl InMemoryPlatform {
    /// Records in the world what the client has shown.
    fn record_output(&self) {
        for (surface, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            let text = text.lock().unwrap_or_else(PoisonError::into_inner);
            self.world.shared.record_display(surface, &text);
        }
    }
}

fn add_line(output: &Mutex<String>, line: &str) {
    let mut text = output.lock().unwrap_or_else(PoisonError::into_inner);
    text.push_str(line);
    text.push('\n');
}

impl Platform for InMemoryPlatform {
    fn open_url(&self, url: &str) -> std::io::Result<BrowserClosed> {
        let closed = self.world.browser.open(url, true, "client");
        Ok(Box::pin(async move { closed.await.ok() }))
    }

    fn print(&self, line: &str) {
        add_line(&self.stdout, line);
    }

    fn print_error(&self, line: &str) {
        add_line(&self.stderr, line);
    }
}
