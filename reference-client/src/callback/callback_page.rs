//! The pages that the callback server shows in the browser.
//!
//! A conforming client shows the same page whatever the response says: no part of the request is
//! repeated in it.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// Headers of every page. `Connection: close` tells the browser that it can close the connection,
/// see [`LingeringListener`](super::lingering_listener::LingeringListener).
const HEADERS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'"),
    ("x-content-type-options", "nosniff"),
    ("connection", "close"),
];

/// A page for the browser.
pub(crate) struct CallbackPage {
    status: StatusCode,
    extra_header: Option<(HeaderName, HeaderValue)>,
    body: String,
}

impl CallbackPage {
    /// The page that ends an authorization, whether it succeeded or not.
    pub(crate) fn done() -> Self {
        Self::with_text("You can close this window and go back to the application.")
    }

    /// The answer to a request that is not an authorization response.
    pub(super) fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::with_text("There is nothing here.")
        }
    }

    /// A page that repeats text from the response without escaping it. Only defective clients show
    /// it.
    pub(crate) fn echoing(text: &str) -> Self {
        Self::with_text(text)
    }

    /// A page that stores the access token as a cookie. Only the defect `token-in-cookie` uses it.
    pub(crate) fn with_token_cookie(token: &str) -> Self {
        Self {
            extra_header: header_value(header::SET_COOKIE, &format!("token={token}")),
            ..Self::done()
        }
    }

    /// A redirect to another URL. Only the defect `callback-redirects` uses it.
    pub(super) fn redirecting(target: &str) -> Self {
        Self {
            status: StatusCode::FOUND,
            extra_header: header_value(header::LOCATION, target),
            body: String::new(),
        }
    }

    /// The same page with an image from another host. Only the defect `callback-page-loads-foreign`
    /// uses it.
    pub(super) fn with_foreign_image(mut self) -> Self {
        let image = "<img src=\"https://statistics.example/pixel.png\" alt=\"\">";
        self.body.push_str(image);
        self
    }

    fn with_text(text: &str) -> Self {
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Authorization</title>\
             <p>{text}</p></html>\n"
        );
        Self {
            status: StatusCode::OK,
            extra_header: None,
            body,
        }
    }
}

impl IntoResponse for CallbackPage {
    fn into_response(self) -> Response {
        let mut response = (self.status, HEADERS, Html(self.body)).into_response();
        response.headers_mut().extend(self.extra_header);
        response
    }
}

fn header_value(name: HeaderName, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((name, HeaderValue::from_str(value).ok()?))
}
