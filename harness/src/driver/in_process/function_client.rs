//! Drives any `async fn` in this process: how a Rust library brings its client.

use std::any::Any;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use crate::driver::browser::UserAgent;
use crate::driver::client::{Client, ClientHome};
use crate::driver::launch::{ClientOutcome, Launch, WorldHandle};
use crate::driver::process::Sandbox;
use crate::scenario::model::{Flow, Revision};
use crate::world::Credentials;

/// How long what a start leaves running may take to notice that it is over.
const END_BOUND: Duration = Duration::from_millis(500);

/// What a client is told of one scenario: where to connect and what to do there. Nothing in it says
/// what the servers are up to.
///
/// The client connects to every server, authorizes where it is asked to, lists the tools and makes
/// the calls. A client that looks at `url` and `call` only is tested by most scenarios; those with
/// several servers, credentials or a second start are for clients that are said to have the
/// [`Capability`](crate::Capability).
///
/// Its redirect URI is one of its own, on a port of 127.0.0.1 that it listens on, or any if it
/// takes the callback from [`Browser::authorize`]. A client ID may be the URL of its client ID
/// metadata document; servers of the suite trust it, since they load nothing from outside.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// URL of the MCP server; with several servers, of the first.
    pub url: String,
    /// URLs of all MCP servers to connect to.
    pub servers: Vec<String>,
    /// The kind of flow.
    pub flow: Flow,
    /// The revision of MCP to speak.
    pub revision: Revision,
    /// A client registered beforehand: what to use instead of a registration.
    pub credentials: Option<Credentials>,
    /// Tools to call at each server, in this order.
    pub call: Vec<String>,
    /// Connect to all servers at once; with one server, make all calls at once.
    pub at_once: bool,
    /// Log as much as possible, to [`Context::show`].
    pub verbose: bool,
    /// Which start of the client this is, counted from 1. Later ones find the `storage` of the
    /// earlier.
    pub run: u32,
    /// A folder for what the client stores. It is empty at the first start, and anything left
    /// elsewhere is a leak between scenarios.
    pub storage: PathBuf,
    /// The user's browser.
    pub browser: Browser,
    watched: WorldHandle,
}

impl Context {
    /// Tells what the client shows to its user or writes to its log: it is looked through for
    /// secrets. An error that the client returns is shown anyway.
    pub fn show(&self, text: &str) {
        self.watched.shared.record_display("stderr", text);
    }
}

/// The user's browser: it signs in and consents without being asked, follows redirects and runs no
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
    /// Opens an authorization URL, and loads the redirect URI at the end from the client's own
    /// listener on this machine. Returns at once; the future ends when there is nothing more to
    /// load, and need not be awaited.
    pub fn open(&self, url: &str) -> impl Future<Output = ()> + Send + 'static {
        let closed = self.0.open(url, true, "client");
        async {
            let _ = closed.await;
        }
    }

    /// Opens an authorization URL, and hands over the URL that the browser is sent back to instead
    /// of loading it: for a client that has no listener. It is the first one: a server may well
    /// send more than one.
    pub async fn authorize(&self, url: &str) -> Result<String, NoCallback> {
        let (hand_over, mut callbacks) = mpsc::unbounded_channel();
        self.0.open_for(url, hand_over);
        callbacks.recv().await.ok_or(NoCallback)
    }
}

impl From<()> for ClientOutcome {
    fn from((): ()) -> Self {
        Self::Success
    }
}

type Start = dyn Fn(Context) -> Pin<Box<dyn Future<Output = Result<ClientOutcome, String>> + Send>>
    + Send
    + Sync;

/// A client that is an `async fn` of this process.
#[derive(Clone)]
pub struct FunctionClient(Arc<Start>);

impl FunctionClient {
    /// A client that is started by calling `function`. `Ok(())` is a success, an error is a
    /// failure, and a panic is a crash of this start only.
    ///
    /// Each start has a Tokio runtime of its own, which ends with it: tasks that the client has
    /// spawned are dropped then, and nothing that belongs to a runtime (a pool of connections, say)
    /// can be kept in a `static`. When its time is up the future is dropped; one that blocks its
    /// thread cannot be, and is left alone.
    pub fn new<F, Fut, T, E>(function: F) -> Self
    where
        F: Fn(Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<ClientOutcome>,
        E: Display,
    {
        let function = Arc::new(function);
        Self(Arc::new(move |context| {
            let function = Arc::clone(&function);
            // called in the task, too, so that a panic before the first await is caught like any
            // other
            Box::pin(async move {
                function(context)
                    .await
                    .map(Into::into)
                    .map_err(|error| format!("{error:#}"))
            })
        }))
    }
}

impl Client for FunctionClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(FunctionHome {
            start: Arc::clone(&self.0),
            sandbox: Sandbox::new()?,
        }))
    }
}

struct FunctionHome {
    start: Arc<Start>,
    sandbox: Sandbox,
}

impl ClientHome for FunctionHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let (watched, mut stop) = (launch.watched.clone(), launch.stop.clone());
            let Ok(own) = OwnRuntime::new() else {
                return ClientOutcome::NotStarted;
            };
            let Some(client) = own.spawn((self.start)(self.context(launch))) else {
                return ClientOutcome::NotStarted;
            };
            let done = tokio::select! {
                done = client => Some(done),
                () = stop.requested() => None,
            };
            own.end().await;
            match done {
                Some(Ok(Ok(outcome))) => outcome,
                Some(Ok(Err(message))) => {
                    watched.shared.record_display("stderr", &message);
                    ClientOutcome::Failure
                }
                Some(Err(panic)) => {
                    watched.shared.record_display("stderr", &words_of(panic));
                    ClientOutcome::Crash
                }
                None => ClientOutcome::Killed,
            }
        })
    }

    fn record_files(&self, watched: &WorldHandle) {
        self.sandbox.record_files(watched);
    }

    fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        self.sandbox.save_to(folder)
    }
}

impl FunctionHome {
    fn context(&self, launch: Launch) -> Context {
        Context {
            url: launch.urls.first().cloned().unwrap_or_default(),
            servers: launch.urls,
            flow: launch.flow,
            revision: launch.revision,
            credentials: launch.credentials,
            call: launch.call.unwrap_or_else(|| vec!["test-tool".to_owned()]),
            at_once: launch.at_once,
            verbose: launch.verbose,
            run: launch.run,
            storage: self.sandbox.home(),
            browser: Browser(launch.watched.browser.clone()),
            watched: launch.watched,
        }
    }
}

/// An event loop of its own for one start: what the client has spawned there ends with the start,
/// as it would with a process.
struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    fn new() -> std::io::Result<Self> {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("client")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
    }

    fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        self.0.as_ref().map(|runtime| runtime.spawn(future))
    }

    /// Drops all that runs there. What blocks its thread is left alone.
    async fn end(mut self) {
        if let Some(runtime) = self.0.take() {
            let _ = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(END_BOUND)).await;
        }
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn words_of(panic: JoinError) -> String {
    let Ok(panic) = panic.try_into_panic() else {
        return "the task was cancelled".to_owned();
    };
    let panic: &(dyn Any + Send) = &*panic;
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_default())
}
