//! Reads parts of JSON that may be missing or of another kind.

use serde_json::Value as Json;

/// A text in a message, which is a string or a list of parts.
pub(super) fn text_of(content: &Json) -> String {
    match content {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// A member that is a string; empty if it is not there.
pub(super) fn member(object: &Json, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}

/// The items of a member that is a list; none if it is not there.
pub(super) fn items<'a>(object: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    object[name].as_array().into_iter().flatten()
}
