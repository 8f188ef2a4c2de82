//! Tells the page what changes, by server-sent events. A page on which nothing changes costs
//! nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use serde::Serialize;
use tokio::sync::watch;

use crate::live::live_service::LiveService;
use crate::live::view::{RunView, SessionView};

/// Changes that follow each other within this time are told together.
const PACE: Duration = Duration::from_millis(80);

/// What has changed.
#[derive(Debug, Serialize)]
struct LiveUpdate {
    session: SessionView,
    /// The run that the page looks at.
    run: Option<RunView>,
}

/// What a stream tells next.
struct Teller {
    service: Arc<LiveService>,
    changes: watch::Receiver<u64>,
    run: Option<usize>,
    is_first: bool,
}

/// A stream of updates on the session, and on one run.
pub(super) fn stream_updates(
    service: Arc<LiveService>,
    run: Option<usize>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let teller = Teller {
        changes: service.changes.subscribe(),
        service,
        run,
        is_first: true,
    };
    Sse::new(unfold(teller, |mut teller| async move {
        let event = teller.next_event().await?;
        Some((Ok(event), teller))
    }))
    .keep_alive(KeepAlive::default())
}

impl Teller {
    async fn next_event(&mut self) -> Option<Event> {
        if !std::mem::take(&mut self.is_first) {
            self.changes.changed().await.ok()?;
            tokio::time::sleep(PACE).await;
        }
        self.changes.mark_unchanged();
        let session = self.service.session().ok();
        let update = LiveUpdate {
            session: self.service.view(),
            run: session.and_then(|session| session.view_run(self.run?).ok()),
        };
        Event::default().json_data(update).ok()
    }
}
