//! The browser's cookies (RFC 6265).
//!
//! `cookie_store` decides which cookie belongs to which URL and when it expires. This file adds the
//! limits that a browser has.

use std::sync::{Mutex, PoisonError};

use cookie_store::CookieStore;
use url::Url;

/// How many cookies are kept. A client that sets more is not typical of anything.
const MAX_COOKIES: usize = 100;
/// The longest cookie that is kept, in bytes (RFC 6265 section 6.1).
const MAX_COOKIE_LENGTH: usize = 4096;

/// The cookies of all hosts, until the browser is closed.
#[derive(Debug, Default)]
pub(super) struct CookieJar(Mutex<CookieStore>);

impl CookieJar {
    /// Stores the cookie of one `Set-Cookie` header, or removes the one that it takes back.
    pub(super) fn store(&self, set_cookie: &str, from: &Url) {
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if set_cookie.len() <= MAX_COOKIE_LENGTH && cookies.iter_any().count() < MAX_COOKIES {
            // a browser ignores a header that is not a cookie
            let _ = cookies.parse(set_cookie, from);
        }
    }

    /// The `Cookie` header of a request for this URL, if any cookie belongs to it.
    pub(super) fn header(&self, url: &Url) -> Option<String> {
        let cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = cookies
            .get_request_values(url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(jar: &CookieJar, url: &str) -> String {
        jar.header(&Url::parse(url).unwrap()).unwrap_or_default()
    }

    #[test]
    fn cookies_belong_to_a_host_and_a_path_whatever_the_port() {
        let jar = CookieJar::default();
        let from = Url::parse("http://localhost:1/login/start").unwrap();
        jar.store("state=s; HttpOnly; SameSite=Lax", &from);
        jar.store("all=a; Path=/", &from);
        jar.store("not a cookie", &from);
        assert_eq!(
            header(&jar, "http://localhost:2/login/callback?x=y"),
            "state=s; all=a"
        );
        assert_eq!(header(&jar, "http://localhost:1/loginx"), "all=a");
        assert_eq!(header(&jar, "http://127.0.0.1:1/login/"), "");
    }

    #[test]
    fn secure_cookies_are_sent_to_this_machine_without_tls() {
        let jar = CookieJar::default();
        for host in ["http://localhost:1/", "http://127.0.0.1:1/"] {
            jar.store("a=1; Secure; Path=/", &Url::parse(host).unwrap());
            assert_eq!(header(&jar, host), "a=1");
        }
    }

    #[test]
    fn cookies_are_replaced_and_taken_back() {
        let jar = CookieJar::default();
        let from = Url::parse("http://localhost:1/").unwrap();
        jar.store("a=1", &from);
        jar.store("a=2", &from);
        assert_eq!(header(&jar, "http://localhost:1/"), "a=2");
        jar.store("a=; Max-Age=0", &from);
        for date in ["Thu, 01 Jan 1970", "Thu, 01-Jan-1970"] {
            jar.store("b=1", &from);
            jar.store(&format!("b=; Expires={date} 00:00:00 GMT"), &from);
        }
        assert_eq!(header(&jar, "http://localhost:1/"), "");
    }

    #[test]
    fn cookies_beyond_the_limits_are_refused() {
        let jar = CookieJar::default();
        let from = Url::parse("http://localhost:1/").unwrap();
        jar.store(&format!("long={}", "x".repeat(MAX_COOKIE_LENGTH)), &from);
        assert_eq!(header(&jar, "http://localhost:1/"), "");
        for number in 0..2 * MAX_COOKIES {
            jar.store(&format!("c{number}=1"), &from);
        }
        let kept = header(&jar, "http://localhost:1/").split("; ").count();
        assert_eq!(kept, MAX_COOKIES);
    }
}
