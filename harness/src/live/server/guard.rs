//! Keeps other sites and other users away from the page. Its address holds a token, and no request
//! is answered that names another host or comes from another origin.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        HeaderName::from_static("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("cache-control"), "no-store"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The hosts under which the page can be reached.
#[derive(Debug)]
pub(super) struct Guard {
    /// As `Host` headers name them.
    hosts: Vec<String>,
}

impl Guard {
    /// The guard of a page at a port of this machine.
    pub(super) fn of_port(port: u16) -> Self {
        let names = ["127.0.0.1", "localhost", "[::1]"];
        Self {
            hosts: names.iter().map(|name| format!("{name}:{port}")).collect(),
        }
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let text = |value: Option<&HeaderValue>| {
            let text = value.and_then(|value| value.to_str().ok());
            text.unwrap_or_default().to_ascii_lowercase()
        };
        let host = text(headers.get(HOST));
        let is_own_origin = match headers.get(ORIGIN) {
            None => true,
            origin => text(origin) == format!("http://{host}"),
        };
        self.hosts.contains(&host) && is_own_origin
    }
}

/// Refuses requests that the guard does not admit, and adds the headers of every answer.
pub(super) async fn stand_guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if guard.admits(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "not served here").into_response()
    };
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(headers: &[(HeaderName, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        Guard::of_port(8099).admits(&headers.collect())
    }

    #[test]
    fn a_request_names_this_host_and_comes_from_nowhere_else() {
        assert!(admits(&[(HOST, "127.0.0.1:8099")]));
        assert!(admits(&[
            (HOST, "LocalHost:8099"),
            (ORIGIN, "http://localhost:8099")
        ]));
        assert!(!admits(&[]));
        assert!(!admits(&[(HOST, "rebound.example:8099")]));
        assert!(!admits(&[(HOST, "127.0.0.1:8098")]));
        assert!(!admits(&[
            (HOST, "127.0.0.1:8099"),
            (ORIGIN, "http://evil.example")
        ]));
        assert!(!admits(&[(HOST, "127.0.0.1:8099"), (ORIGIN, "null")]));
    }
}
