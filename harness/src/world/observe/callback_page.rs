//! Fields of the client's own page after a redirect, as the browser got it.

use serde_json::json;

use super::super::recorder::Recorder;
use super::fields::fields;
use crate::scenario::model::EventField;
use crate::transcript::{EventFields, Exchange, Haystack};

/// Fields of the client's own page.
pub(crate) fn callback_page_fields(exchange: &Exchange, recorder: &Recorder) -> EventFields {
    let all_values = |wanted: &'static str| {
        let headers = exchange.answer_headers.iter();
        headers
            .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    let header = |name: &'static str| all_values(name).next();
    let set_cookie = recorder.find_secrets(&Haystack::new(all_values("set-cookie")));
    let is_markup = header("content-type").is_none_or(is_markup);
    let loads_foreign = is_markup && loads_foreign(&exchange.answer_body);
    fields([
        (EventField::Status, json!(exchange.status)),
        (EventField::RedirectsTo, json!(header("location"))),
        (EventField::Contains, json!(exchange.answer_body)),
        (EventField::IsMarkup, json!(is_markup)),
        (EventField::LoadsForeign, json!(loads_foreign)),
        (EventField::ReferrerPolicy, json!(header("referrer-policy"))),
        (EventField::SetCookie, json!(set_cookie)),
    ])
}

/// Whether a browser reads an answer of this media type as markup: scripts in it run, and what it
/// names is loaded.
fn is_markup(media_type: &str) -> bool {
    let lower = media_type.to_ascii_lowercase();
    ["html", "xml", "svg"]
        .iter()
        .any(|kind| lower.contains(kind))
}

/// Whether a page loads anything from another host: any absolute URL in an attribute that browsers
/// fetch.
fn loads_foreign(page: &str) -> bool {
    let lower = page.to_ascii_lowercase();
    let schemes = ["http://", "https://", "//"];
    ["src=", "href=", "url(", "@import", "action="]
        .iter()
        .any(|attribute| {
            lower.match_indices(attribute).any(|(at, _)| {
                let value = lower[at + attribute.len()..].trim_start_matches(['"', '\'', ' ', '(']);
                let foreign = schemes.iter().any(|s| value.starts_with(s));
                // a link is followed by the user, not loaded
                let is_link = *attribute == "href="
                    && lower[..at]
                        .rfind('<')
                        .is_some_and(|tag| lower[tag..at].starts_with("<a "));
                foreign && !is_link
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_reads_as_markup() {
        assert!(
            [
                "text/html; charset=utf-8",
                "application/xhtml+xml",
                "image/SVG+xml"
            ]
            .iter()
            .all(|kind| is_markup(kind))
        );
        assert!(
            ["text/plain; charset=utf-8", "application/json", "image/png"]
                .iter()
                .all(|kind| !is_markup(kind))
        );
    }

    #[test]
    fn a_page_that_fetches_from_elsewhere_is_seen() {
        for page in [
            "<img src=\"https://cdn.example/x.png\">",
            "<link rel=stylesheet href='//cdn.example/a.css'>",
            "<style>@import \"https://f.example\"</style>",
        ] {
            assert!(loads_foreign(page), "{page}");
        }
        assert!(!loads_foreign(
            "<a href=\"https://docs.example\">help</a> <img src=\"/local.png\">"
        ));
    }
}
