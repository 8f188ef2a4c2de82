//! The browser's windows: each is one navigation.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::navigation::{CallbackDelivery, Navigation, OutsideAddress};
use super::page_loader::PageLoader;
use crate::world::SharedWorld;

/// How many windows can be open at the same time. No more are opened.
const MAX_WINDOWS: usize = 64;

/// The user's browser.
#[derive(Clone)]
pub(crate) struct UserAgent {
    world: Arc<SharedWorld>,
    loader: PageLoader,
    /// Navigations that are under way. They end with the browser.
    windows: Arc<Mutex<JoinSet<()>>>,
    /// Where navigations run: a client may call from a thread or a runtime of its own.
    runtime: Handle,
    client_running: Arc<AtomicBool>,
}

/// The client counts as running as long as this is held.
pub(crate) struct ClientRunning(Arc<AtomicBool>);

impl Drop for ClientRunning {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl UserAgent {
    /// Creates the browser of a world. Navigations run in the Tokio runtime that this is called in.
    pub(crate) fn new(world: Arc<SharedWorld>) -> Self {
        let client_running: Arc<AtomicBool> = Arc::default();
        Self {
            loader: PageLoader::new(Arc::clone(&world), Arc::clone(&client_running)),
            world,
            windows: Arc::default(),
            runtime: Handle::current(),
            client_running,
        }
    }

    /// Notes that the client is running.
    pub(crate) fn note_client_running(&self) -> ClientRunning {
        self.client_running.store(true, Ordering::SeqCst);
        ClientRunning(Arc::clone(&self.client_running))
    }

    /// Opens a window. When the window has nothing more to load, the receiver gets the address
    /// outside the world that a server sent the browser to (an application with a scheme of its
    /// own, or the site of a web application); its sender is dropped if there was no such address.
    pub(crate) fn open(
        &self,
        url: &str,
        one_argument: bool,
        opened_by: &'static str,
    ) -> oneshot::Receiver<String> {
        let (closed, outside_address) = oneshot::channel();
        self.world.record_browser_open(url, one_argument, opened_by);
        self.open_window(url, CallbackDelivery::Listener, closed);
        outside_address
    }

    /// Opens a window whose callbacks are handed over instead of being loaded.
    pub(crate) fn open_with_callbacks(&self, url: &str, callbacks: mpsc::UnboundedSender<String>) {
        let (closed, _) = oneshot::channel();
        self.world.record_browser_open(url, true, "client");
        self.open_window(url, CallbackDelivery::Channel(callbacks), closed);
    }

    fn open_window(&self, url: &str, delivery: CallbackDelivery, closed: oneshot::Sender<String>) {
        let navigation = Navigation::new(self.loader.clone(), delivery);
        let (world, url) = (Arc::clone(&self.world), url.to_owned());
        let mut windows = self.unfinished_windows();
        if windows.len() < MAX_WINDOWS {
            let window = async move {
                if let Some(OutsideAddress { address, responses }) = navigation.follow(&url).await
                    && !closed.is_closed()
                {
                    world.mark_delivered(&responses);
                    let _ = closed.send(address);
                }
            };
            windows.spawn_on(window, &self.runtime);
        }
    }

    /// The windows that have still something to load. Finished ones are removed.
    fn unfinished_windows(&self) -> MutexGuard<'_, JoinSet<()>> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        while windows.try_join_next().is_some() {}
        windows
    }

    /// Closes the windows that have nothing more to load.
    pub(crate) fn close_finished_windows(&self) {
        drop(self.unfinished_windows());
    }

    /// Whether a window has still something to load.
    pub(crate) fn is_loading(&self) -> bool {
        !self.unfinished_windows().is_empty()
    }

    /// Lets open windows load for a moment more, then closes them all.
    pub(crate) async fn finish(&self, grace: Duration) {
        let mut windows =
            std::mem::take(&mut *self.windows.lock().unwrap_or_else(PoisonError::into_inner));
        let all_finished = async { while windows.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(grace, all_finished).await;
        windows.shutdown().await;
    }
}
