//! What a client that is an `async fn` gets: its task, and the user's browser.

use std::path::PathBuf;

use tokio::sync::mpsc;

use crate::driver::browser::UserAgent;
use crate::driver::launch::Launch;
use crate::driver::provision::Provision;
use crate::driver::world_handle::WorldHandle;
use crate::scenario::model::{Flow, Revision};

/// What a client is told of one scenario: where to connect and what to do there. Nothing in it
/// reveals how the servers behave.
///
/// The client connects to every server, authorizes where it is asked to, lists the tools and makes
/// the calls. Most scenarios need only `url` and `call`. Those with several servers, credentials or
/// a second start are for clients that are declared to have the
/// [`Capability`](crate::Capability).
///
/// The client's redirect URI is on a port of 127.0.0.1 that it listens on. It can be any URI if the
/// client takes the callback from [`Browser::authorize`]. A client ID may be the URL of the
/// client's ID metadata document. The suite's servers trust that document, since they load nothing
/// from outside.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// URL of the MCP server. With several servers, it is the URL of the first.
    pub url: String,
    /// URLs of all MCP servers to connect to.
    pub servers: Vec<String>,
    /// The kind of flow.
    pub flow: Flow,
    /// The revision of MCP to speak.
    pub revision: Revision,
    /// The certificate of the authority to trust besides those of the system, in PEM, if a server
    /// of this scenario speaks https.
    pub authority: Option<String>,
    /// What the flow hands to the client, such as a client ID to use instead of a registration.
    pub provision: Provision,
    /// Tools to call at each server, in this order.
    pub call: Vec<String>,
    /// Connect to all servers at the same time; with one server, make all calls at the same time.
    pub at_once: bool,
    /// Log as much as possible, to [`Context::show`].
    pub verbose: bool,
    /// Which start of the client this is, counted from 1. A later start finds what the earlier ones
    /// left in `storage`.
    pub run: u32,
    /// A folder for everything that the client stores. It is empty at the first start. Anything
    /// that the client leaves elsewhere leaks from one scenario into another.
    pub storage: PathBuf,
    /// The user's browser.
    pub browser: Browser,
    world: WorldHandle,
}

impl Context {
    pub(super) fn new(launch: Launch, storage: PathBuf) -> Self {
        Self {
            url: launch.first_url(),
            call: launch.tools(),
            servers: launch.urls,
            flow: launch.flow,
            revision: launch.revision,
            authority: launch.authority,
            provision: launch.provision,
            at_once: launch.at_once,
            verbose: launch.verbose,
            run: launch.run,
            storage,
            browser: Browser(launch.world.browser.clone()),
            world: launch.world,
        }
    }

    /// Passes on what the client shows to its user or writes to its log. It is searched for
    /// secrets. An error that the client returns is passed on anyway.
    pub fn show(&self, text: &str) {
        self.world.shared.record_display("stderr", text);
    }
}

/// The user's browser. It signs in and consents without being asked, follows redirects and runs no
/// script.
#[derive(Clone)]
pub struct Browser(UserAgent);

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}

/// The authorization URL did not lead back to the client.
#[derive(Debug, thiserror::Error)]
#[error("the browser was not sent back to the client")]
pub struct NoCallback;

impl Browser {
    /// Opens an authorization URL. At its end, the browser loads the redirect URI from the client's
    /// own listener on this machine. The function returns at once. The future ends when there is
    /// nothing more to load, and need not be awaited.
    pub fn open(&self, url: &str) -> impl Future<Output = ()> + Send + 'static {
        let closed = self.0.open(url, true, "client");
        async {
            let _ = closed.await;
        }
    }

    /// Opens an authorization URL and returns the URL that the browser is sent back to instead of
    /// loading it, for a client that has no listener. A server may send the browser back more than
    /// once; this is the first URL.
    pub async fn authorize(&self, url: &str) -> Result<String, NoCallback> {
        let (sender, mut callbacks) = mpsc::unbounded_channel();
        self.0.open_with_callbacks(url, sender);
        callbacks.recv().await.ok_or(NoCallback)
    }
}
