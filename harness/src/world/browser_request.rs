//! Requests of a browser, for the user agent of the driver.

use super::http_request::HttpRequest;
use super::sender::Arrival;

/// What a browser sends when a program opens a window (Fetch Metadata Request Headers,
/// `Sec-Fetch-Site: none`: no page is behind it).
pub(crate) const BROWSER_HEADERS: &[(&str, &str)] = &[
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
    ("accept-language", "en"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "none"),
    ("sec-fetch-user", "?1"),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/140.0.0.0 Safari/537.36 mcp-authspec",
    ),
];

/// A navigation of the browser to this URL.
pub(crate) fn browser_request(url: &url::Url, redirected_by_server: bool) -> HttpRequest {
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let arrival = Arrival::Browser {
        redirected_by_server,
    };
    let headers = BROWSER_HEADERS
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    HttpRequest {
        headers: headers.collect(),
        ..HttpRequest::get(arrival, &target)
    }
}
