//! Drives the bundled reference client inside this process: no start-up cost, so thousands of runs
//! are a matter of seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use reference_client::{BrowserClosed, ClientConfig, Platform, Store};

use crate::driver::client::{Client, ClientHome};
use crate::driver::launch::{ClientOutcome, Launch, WorldHandle};
use crate::scenario::model::{Capability, Flow};
use crate::world::ClientDocument;

/// The bundled client, whole or broken in one way.
#[derive(Debug, Clone, Default)]
pub struct ReferenceClient {
    kind: reference_client::ReferenceClientKind,
    defects: reference_client::Defects,
}

impl ReferenceClient {
    /// The capabilities that it is known to have, as the kind of application that it is, and those
    /// that it lacks. That it shows them is tested too.
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
            Capability::NamedTools,
            Capability::CallsAtOnce,
            Capability::Verbose,
            Capability::CimdDocumentReachable,
            Capability::SpeaksMarch2025,
            Capability::PreconfiguredIssuer,
            Capability::ClientCredentials,
        ];
        let (more, lacks): (&[&str], &[&str]) = match self.kind {
            reference_client::ReferenceClientKind::Terminal => (&["native"], &[]),
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

    /// The client with a set of defects; the empty set is the conforming client.
    pub fn with_defects(defects: reference_client::Defects) -> Self {
        Self {
            kind: defects.application(),
            defects,
        }
    }

    /// The same client as an application of that kind.
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
            store: Arc::new(Store::in_memory()),
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
    store: Arc<Store>,
}

impl ClientHome for InMemoryHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let Ok(revision) = launch.revision.as_str().parse() else {
                return ClientOutcome::NotStarted;
            };
            let config = ClientConfig {
                revision,
                application: self.kind,
                acts_for_itself: matches!(
                    launch.flow,
                    Flow::ClientCredentialsSecret | Flow::ClientCredentialsJwt
                ),
                servers: launch.urls.clone(),
                call: launch
                    .call
                    .clone()
                    .unwrap_or_else(|| vec!["test-tool".to_owned()]),
                at_once: launch.at_once,
                verbose: launch.verbose,
                credentials: launch.credentials.as_ref().map(|c| {
                    reference_client::ConfiguredCredentials {
                        client_id: c.client_id.clone(),
                        client_secret: c.client_secret.clone(),
                        private_key_pem: c.private_key_pem.clone(),
                        issuer: Some(c.issuer.clone()),
                    }
                }),
                defects: self.defects.clone(),
                patience: std::time::Duration::from_secs(10),
            };
            let terminal = Arc::new(Terminal {
                watched: launch.watched.clone(),
                out: Mutex::default(),
                err: Mutex::default(),
            });
            let platform: Arc<dyn Platform> = Arc::clone(&terminal) as Arc<dyn Platform>;
            let mut stop = launch.stop;
            let outcome = tokio::select! {
                result = reference_client::run(&config, platform, Arc::clone(&self.store)) => if result.is_ok() { ClientOutcome::Success } else { ClientOutcome::Failure },
                () = stop.requested() => ClientOutcome::Killed,
            };
            terminal.tell();
            outcome
        })
    }
}

/// Browser and output of the bundled client.
struct Terminal {
    watched: WorldHandle,
    out: Mutex<String>,
    err: Mutex<String>,
}

impl Terminal {
    /// Hands what was shown to the world.
    fn tell(&self) {
        for (surface, text) in [("stdout", &self.out), ("stderr", &self.err)] {
            self.watched.shared.record_display(
                surface,
                &text.lock().unwrap_or_else(PoisonError::into_inner),
            );
        }
    }
}

fn add_line(to: &Mutex<String>, line: &str) {
    let mut text = to.lock().unwrap_or_else(PoisonError::into_inner);
    text.push_str(line);
    text.push('\n');
}

impl Platform for Terminal {
    fn open_url(&self, url: &str) -> std::io::Result<BrowserClosed> {
        let closed = self.watched.browser.open(url, true, "client");
        Ok(Box::pin(async move { closed.await.ok() }))
    }

    fn print(&self, line: &str) {
        add_line(&self.out, line);
    }

    fn print_error(&self, line: &str) {
        add_line(&self.err, line);
    }
}
