//! The fields of the event that the client asked for a browser.

use serde_json::json;

use super::fields::fields;
use crate::loopback::has_loopback_host;
use crate::scenario::model::EventField;
use crate::transcript::EventFields;

/// What the client wants to have opened, and who asks for it.
pub(in super::super) fn browser_open_fields(
    url: &str,
    one_argument: bool,
    by: &str,
) -> EventFields {
    let parsed = url::Url::parse(url).ok();
    let scheme = match parsed.as_ref().map(url::Url::scheme) {
        Some("http") => "http",
        Some("https") => "https",
        _ => "other",
    };
    let is_loopback = parsed.as_ref().is_some_and(has_loopback_host);
    fields([
        (EventField::Url, json!(url)),
        (EventField::Scheme, json!(scheme)),
        (EventField::Loopback, json!(is_loopback)),
        (EventField::OneArgument, json!(one_argument)),
        (EventField::By, json!(by)),
    ])
}
