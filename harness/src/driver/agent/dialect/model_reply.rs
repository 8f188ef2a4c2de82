//! What is sent to the agent.

use serde_json::Value as Json;

/// What is sent to the agent.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct ModelReply {
    pub(in super::super) content_type: &'static str,
    pub(in super::super) body: String,
}

impl ModelReply {
    pub(in super::super) fn json(value: &Json) -> Self {
        Self {
            content_type: "application/json",
            body: value.to_string(),
        }
    }

    pub(super) fn stream(body: String) -> Self {
        Self {
            content_type: "text/event-stream",
            body,
        }
    }
}
