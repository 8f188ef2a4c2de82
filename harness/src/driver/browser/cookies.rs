//! The browser's cookies, as far as a browser on one machine needs them (RFC 6265): they go by host
//! and path, whatever the port, and stay until they are taken back or the browser is closed.

use std::sync::{Mutex, PoisonError};

use url::Url;

/// The most cookies that are kept; the oldest go first.
const MOST_COOKIES: usize = 100;
/// The longest cookie, in bytes (RFC 6265 section 6.1).
const LONGEST_COOKIE: usize = 4096;

/// Cookies of all hosts.
#[derive(Debug, Default)]
pub(super) struct Cookies(Mutex<Vec<Cookie>>);

#[derive(Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

impl Cookies {
    /// Keeps what an answer of this URL sets, and forgets what it takes back.
    pub(super) fn take(&self, set_cookie: &str, from: &Url) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let attribute = |name: &str| {
            attributes
                .iter()
                .rfind(|(known, _)| known == name)
                .map(|(_, value)| *value)
        };
        let path = attribute("path")
            .filter(|path| path.starts_with('/'))
            .map_or_else(|| default_path(from), str::to_owned);
        let host = from.host_str().unwrap_or_default().to_owned();
        let gone = match attribute("max-age") {
            Some(seconds) => seconds.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
            // the customary way to take a cookie back is a date long ago
            None => attribute("expires").is_some_and(|date| date.contains("1970")),
        };
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.retain(|cookie| {
            (
                cookie.host.as_str(),
                cookie.path.as_str(),
                cookie.name.as_str(),
            ) != (host.as_str(), path.as_str(), name)
        });
        if !gone && set_cookie.len() <= LONGEST_COOKIE {
            cookies.push(Cookie {
                host,
                path,
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
        if cookies.len() > MOST_COOKIES {
            cookies.remove(0);
        }
    }

    /// The `Cookie` header of a request for this URL.
    pub(super) fn header(&self, url: &Url) -> Option<String> {
        let cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = cookies.iter().filter(|cookie| {
            url.host_str() == Some(&cookie.host) && covers(&cookie.path, url.path())
        });
        let pairs: Vec<String> = fitting
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// The folder of the URL's path (section 5.1.4).
fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => url.path()[..end].to_owned(),
    }
}

/// Whether a cookie's path covers a request's (section 5.1.4).
fn covers(cookie: &str, request: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookies: &Cookies, url: &str) -> String {
        cookies
            .header(&Url::parse(url).unwrap())
            .unwrap_or_default()
    }

    #[test]
    fn cookies_go_by_host_and_path_whatever_the_port() {
        let cookies = Cookies::default();
        let from = Url::parse("http://localhost:1/login/start").unwrap();
        cookies.take("state=s; HttpOnly; SameSite=Lax", &from);
        cookies.take("all=a; Path=/", &from);
        cookies.take("no cookie", &from);
        assert_eq!(
            sent(&cookies, "http://localhost:2/login/callback?x=y"),
            "state=s; all=a"
        );
        assert_eq!(sent(&cookies, "http://localhost:1/loginx"), "all=a");
        assert_eq!(sent(&cookies, "http://127.0.0.1:1/login/"), "");
    }

    #[test]
    fn a_cookie_is_replaced_and_taken_back() {
        let cookies = Cookies::default();
        let from = Url::parse("http://localhost:1/").unwrap();
        cookies.take("a=1", &from);
        cookies.take("a=2", &from);
        assert_eq!(sent(&cookies, "http://localhost:1/"), "a=2");
        cookies.take("a=; Max-Age=0", &from);
        cookies.take("b=1", &from);
        cookies.take("b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", &from);
        assert_eq!(sent(&cookies, "http://localhost:1/"), "");
    }
}
