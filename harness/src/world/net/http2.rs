//! HTTP/2 on one connection. Requests are answered as those of HTTP/1.1 are.

use std::sync::Arc;

use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::super::error::WorldError;
use super::super::shared_world::SharedWorld;
use super::http::{MAX_HEAD, ServedSite, answer_request};

/// Requests that one connection may have open at the same time.
const MAX_STREAMS: u32 = 64;

/// Serves one connection of HTTP/2 until it ends.
pub(super) async fn serve_http2_connection<Stream>(site: ServedSite, stream: Stream)
where
    Stream: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let tasks = StreamTasks(Arc::clone(&site.shared));
    let service = hyper::service::service_fn(move |request| {
        let site = site.clone();
        async move { answer_request(&site, request).await }
    });
    // an error here is a client that went away, or a transport that was broken on purpose
    let _ = hyper::server::conn::http2::Builder::new(tasks)
        .max_header_list_size(MAX_HEAD)
        .max_concurrent_streams(MAX_STREAMS)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Runs each request of a connection in a task of its own, and tells the world of one that panics.
#[derive(Clone)]
struct StreamTasks(Arc<SharedWorld>);

impl<Task> Executor<Task> for StreamTasks
where
    Task: Future + Send + 'static,
    Task::Output: Send,
{
    fn execute(&self, task: Task) {
        let shared = Arc::clone(&self.0);
        let task = tokio::spawn(task);
        tokio::spawn(async move {
            if let Err(panic) = task.await {
                shared.note_fault(WorldError::Panicked(panic.to_string()));
            }
        });
    }
}
