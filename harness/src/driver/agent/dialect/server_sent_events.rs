//! Server-sent events, as model providers stream answers.

use serde_json::Value as Json;

/// Events without a name.
pub(super) fn unnamed_events<'a>(values: impl IntoIterator<Item = &'a Json>) -> String {
    values
        .into_iter()
        .map(|value| format!("data: {value}\n\n"))
        .collect()
}

/// Events that are named after the member `type` of each value.
pub(super) fn typed_events<'a>(values: impl IntoIterator<Item = &'a Json>) -> String {
    values
        .into_iter()
        .map(|value| {
            let name = value["type"].as_str().unwrap_or_default();
            format!("event: {name}\ndata: {value}\n\n")
        })
        .collect()
}
