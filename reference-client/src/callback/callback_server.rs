//! The HTTP server for the authorization response.
//!
//! It accepts a `GET` of the callback path with parameters of an authorization response and passes
//! it on. Whether the response is genuine is checked elsewhere.

use crate::callback::callback_page::CallbackPage;
use crate::callback::callback_request::{CallbackRequest, PendingPage};
use crate::callback::lingering_listener::LingeringListener;
use crate::defect::{Defect, Defects};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{RawQuery, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

pub(super) const PATH: &str = "/callback";

/// What the handlers of one server share.
#[derive(Clone)]
struct CallbackServer {
    requests: mpsc::Sender<CallbackRequest>,
    defects: Defects,
}

/// Serves requests at the listener. The task ends when it is aborted.
pub(super) async fn serve(
    listener: TcpListener,
    requests: mpsc::Sender<CallbackRequest>,
    defects: Defects,
) {
    let router = Router::new()
        .route(PATH, any(answer_callback))
        .fallback(answer_other_request)
        .with_state(CallbackServer { requests, defects });
    // Serving fails for no reason that the client could react to: it then receives no response.
    let _ = axum::serve(LingeringListener::new(listener), router).await;
}

async fn answer_other_request(State(server): State<CallbackServer>) -> Response {
    server.render(CallbackPage::not_found())
}

async fn answer_callback(
    State(server): State<CallbackServer>,
    method: Method,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    if server.defects.has(Defect::CALLBACK_REDIRECTS)
        && let Some(target) = redirect_target(&query)
    {
        return server.render(CallbackPage::redirecting(&target));
    }
    let looks_genuine = method == Method::GET && is_authorization_response(&query);
    if !looks_genuine && !server.defects.has(Defect::ANY_REQUEST_ENDS_LOGIN) {
        return server.render(CallbackPage::not_found());
    }
    let (request, PendingPage { page, written }) = CallbackRequest::received(query);
    let page = match server.requests.try_send(request) {
        Ok(()) => page.await.unwrap_or_else(|_| CallbackPage::done()),
        Err(_) => CallbackPage::done(),
    };
    let response = server.render(page);
    response.map(|body| Body::new(ReportingBody { body, written }))
}

impl CallbackServer {
    fn render(&self, page: CallbackPage) -> Response {
        if self.defects.has(Defect::CALLBACK_PAGE_LOADS_FOREIGN) {
            return page.with_foreign_image().into_response();
        }
        page.into_response()
    }
}

/// A body that drops `written` once it has been written to the connection.
struct ReportingBody {
    body: Body,
    #[allow(dead_code)] // Dropping it is the report.
    written: oneshot::Sender<()>,
}

impl HttpBody for ReportingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// Whether a request looks like an authorization response, genuine or not.
fn is_authorization_response(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| matches!(&*name, "code" | "error" | "state"))
}

/// The URL that the defect `callback-redirects` redirects to.
fn redirect_target(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| matches!(&**name, "next" | "url" | "redirect_uri" | "return_to"))
        .map(|(_, target)| target.replace(['\r', '\n'], ""))
}
