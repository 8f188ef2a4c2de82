//! HTTP/1.1 on one connection, and for all versions of HTTP: reads requests within bounds, writes
//! answers, and knows which of them were written.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::Version;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::super::http_answer::HttpAnswer;
use super::super::http_request::HttpRequest;
use super::super::party_id::SiteId;
use super::super::sender::Arrival;
use super::super::shared_world::SharedWorld;
use crate::scenario::model::Transport;

/// The largest request body that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;
/// The largest head of a request that is read, in bytes.
pub(super) const MAX_HEAD: u32 = 64 * 1024;

/// A site of a world, as its connections see it.
#[derive(Clone)]
pub(crate) struct ServedSite {
    pub(crate) shared: Arc<SharedWorld>,
    pub(crate) site: SiteId,
    pub(crate) origin: String,
}

/// Serves one connection of HTTP/1.1 until it ends.
pub(super) async fn serve_connection<Stream>(site: ServedSite, stream: Stream)
where
    Stream: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let service = hyper::service::service_fn(move |request| {
        let site = site.clone();
        async move { answer_request(&site, request).await }
    });
    // an error here is a client that went away, or a transport that was broken on purpose
    let _ = hyper::server::conn::http1::Builder::new()
        .max_buf_size(MAX_HEAD as usize)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken on purpose")]
pub(super) struct BrokenOnPurpose;

/// Answers one request.
pub(super) async fn answer_request(
    site: &ServedSite,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<AnswerBody>, BrokenOnPurpose> {
    if !is_addressed_to(&site.origin, &request) {
        let (head, _) = request.into_parts();
        site.shared
            .record_misdirected(&site.site, &read_request(&head, &[]));
        return Ok(plain(421, "this host is not served here"));
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(plain(413, "the request is too large or was cut off"));
    };
    let shared = &site.shared;
    let request = read_request(&head, &body.to_bytes());
    let reply = shared.handle(&site.site, &request);
    let transport = reply.answer.transport;
    if matches!(transport, Some(Transport::Close | Transport::Hang)) {
        shared.mark_delivered(reply.event.as_slice());
        if transport == Some(Transport::Hang) {
            shared.hold_back().await;
        }
        return Err(BrokenOnPurpose);
    }
    Ok(response(shared, reply.answer, reply.event))
}

fn read_request(head: &hyper::http::request::Parts, body: &[u8]) -> HttpRequest {
    let target = head.uri.path_and_query();
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    };
    let mut headers: Vec<_> = head.headers.iter().map(header).collect();
    if let Some(authority) = head
        .uri
        .authority()
        .filter(|_| head.version == Version::HTTP_2)
    {
        // the pseudo-header field that HTTP/2 has in place of `Host` (RFC 9113 section 8.3.1)
        headers.insert(0, ("host".to_owned(), authority.to_string()));
    }
    HttpRequest {
        arrival: Arrival::over_socket(&headers),
        method: head.method.as_str().to_owned(),
        target: target.map_or_else(|| "/".to_owned(), ToString::to_string),
        headers,
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// Whether the request names a loopback address, or the one that stands for any, with the right
/// port: a page in a browser must not reach the harness by rebinding its own name.
fn is_addressed_to(origin: &str, request: &hyper::Request<Incoming>) -> bool {
    // In a private network, no browser is about, and every address is a party's own.
    let Some(port) = origin
        .rsplit(':')
        .next()
        .filter(|port| port.parse::<u16>().is_ok())
    else {
        return true;
    };
    let header = request.headers().get("host");
    let host = match request.uri().authority() {
        Some(authority) if request.version() == Version::HTTP_2 => Some(authority.as_str()),
        _ => header.and_then(|header| header.to_str().ok()),
    };
    let host = host.unwrap_or_default().to_ascii_lowercase();
    ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]
        .iter()
        .any(|name| host == format!("{name}:{port}"))
}

fn plain(status: u16, text: &'static str) -> hyper::Response<AnswerBody> {
    let mut response = hyper::Response::new(AnswerBody {
        data: Some(Bytes::from_static(text.as_bytes())),
        then: Then::End,
        written: None,
    });
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn response(
    shared: &Arc<SharedWorld>,
    answer: HttpAnswer,
    event: Option<usize>,
) -> hyper::Response<AnswerBody> {
    let mut data = Bytes::from(answer.body.into_bytes());
    let then = match answer.transport {
        Some(Transport::Truncate) => {
            data.truncate(data.len() / 2);
            Then::Break
        }
        _ if answer.open => {
            let mut stopped = shared.stopped.clone();
            Then::StayOpen(Box::pin(async move {
                let _ = stopped.changed().await;
            }))
        }
        _ => Then::End,
    };
    let written = event.map(|event| (Arc::clone(shared), event));
    let mut response = hyper::Response::new(AnswerBody {
        data: Some(data),
        then,
        written,
    });
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // a header that HTTP cannot carry is dropped: the scenario format allows no such names, and
        // values come from checked files
        if let (Ok(name), Ok(value)) = (
            hyper::header::HeaderName::try_from(name),
            hyper::header::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body that marks its answer as delivered when it is taken to be written.
pub(super) struct AnswerBody {
    data: Option<Bytes>,
    then: Then,
    written: Option<(Arc<SharedWorld>, usize)>,
}

impl Drop for AnswerBody {
    /// An empty body is never polled: its head was all there was to write.
    fn drop(&mut self) {
        if let Some((shared, event)) = self
            .written
            .take()
            .filter(|_| self.data.as_ref().is_none_or(Bytes::is_empty))
        {
            shared.mark_delivered(&[event]);
        }
    }
}

enum Then {
    End,
    /// Cut off in the middle.
    Break,
    StayOpen(Pin<Box<dyn Future<Output = ()> + Send>>),
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BrokenOnPurpose;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOnPurpose>>> {
        if let Some((shared, event)) = self.written.take() {
            shared.mark_delivered(&[event]);
        }
        if let Some(data) = self.data.take().filter(|d| !d.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match &mut self.then {
            Then::End => Poll::Ready(None),
            Then::Break => Poll::Ready(Some(Err(BrokenOnPurpose))),
            Then::StayOpen(stopped) => stopped.as_mut().poll(context).map(|()| None),
        }
    }

    fn is_end_stream(&self) -> bool {
        false
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.then, &self.data) {
            (Then::End, Some(data)) => SizeHint::with_exact(data.len() as u64),
            _ => SizeHint::default(),
        }
    }
}
