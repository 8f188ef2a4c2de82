//! A request that may be the authorization response.

use crate::callback::callback_page::CallbackPage;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long the client waits until the browser has received a page.
const PAGE_WAIT: Duration = Duration::from_secs(5);

/// A request that may be the authorization response. The browser waits for its page.
pub(crate) struct CallbackRequest {
    /// The query as it is in the request, not decoded.
    pub query: String,
    page: oneshot::Sender<CallbackPage>,
    written: oneshot::Receiver<()>,
}

/// The server's side of a [`CallbackRequest`].
pub(super) struct PendingPage {
    /// Receives the page to show.
    pub page: oneshot::Receiver<CallbackPage>,
    /// Reports that the page was written, or given up, when it is dropped.
    pub written: oneshot::Sender<()>,
}

impl CallbackRequest {
    /// A request that arrived at the callback server.
    pub(super) fn received(query: String) -> (Self, PendingPage) {
        let (page_sender, page) = oneshot::channel();
        let (written, written_receiver) = oneshot::channel();
        let request = Self {
            query,
            page: page_sender,
            written: written_receiver,
        };
        (request, PendingPage { page, written })
    }

    /// A response URL that the system handed to the application. No browser waits for a page.
    pub(super) fn handed_over(query: String) -> Self {
        Self::received(query).0
    }

    /// Shows a page and waits until it was written.
    pub(crate) async fn answer(self, page: CallbackPage) {
        if self.page.send(page).is_ok() {
            let _ = timeout(PAGE_WAIT, self.written).await;
        }
    }
}
