//! A request to a model and the model's answer, in the terms that all dialects share.

use serde_json::Value as Json;

/// What an agent tells its model.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ModelConversation {
    /// The tools that the model may call.
    pub(super) offered: Vec<OfferedTool>,
    /// The calls that the model has asked for so far, in order.
    pub(super) calls: Vec<PastCall>,
    /// Whether the agent wants the answer as a stream.
    pub(super) is_streamed: bool,
    /// The name of the model.
    pub(super) model: String,
}

/// A tool that an agent offers to its model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct OfferedTool {
    pub(super) name: String,
    /// The name of the group that the tool is in, where a dialect has groups.
    pub(super) namespace: Option<String>,
    pub(super) description: String,
    /// The JSON Schema of the arguments.
    pub(super) schema: Json,
}

/// A call that the model has asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PastCall {
    /// What the dialect identifies the call by. It is empty where a dialect has no identifiers.
    pub(super) id: String,
    pub(super) name: String,
    /// The arguments as JSON text.
    pub(super) arguments: String,
    /// What the agent reported as the result, if it did.
    pub(super) result: Option<String>,
}

/// The model's answer.
#[derive(Debug, PartialEq)]
pub(super) enum ModelAnswer {
    /// A text, which ends the agent's turn.
    Say(&'static str),
    /// Tools to call.
    Call(Vec<NewCall>),
}

/// A call that the model asks for now.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NewCall {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) arguments: Json,
}

impl ModelConversation {
    /// Adds a result to the call that it belongs to: the one with this identifier, or the first
    /// unanswered one with this name.
    pub(super) fn add_result(&mut self, id: &str, name: &str, result: String) {
        let belongs = |call: &&mut PastCall| {
            if id.is_empty() {
                call.name == name && call.result.is_none()
            } else {
                call.id == id
            }
        };
        if let Some(call) = self.calls.iter_mut().find(belongs) {
            call.result = Some(result);
        }
    }
}
