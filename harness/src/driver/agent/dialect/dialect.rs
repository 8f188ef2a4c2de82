//! Tells which interface a request uses, and reads and writes each in its own form.

use serde_json::{Value as Json, json};

use super::super::conversation::{ModelAnswer, ModelConversation};
use super::model_reply::ModelReply;
use super::{anthropic, gemini, openai_chat, openai_responses};

/// An interface of a model provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Dialect {
    OpenaiChat,
    OpenaiResponses,
    Anthropic,
    Gemini,
}

impl Dialect {
    /// The interface that a path belongs to, whatever stands before it.
    pub(in super::super) fn of_path(path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        if path.ends_with("/chat/completions") {
            Some(Self::OpenaiChat)
        } else if path.ends_with("/responses") {
            Some(Self::OpenaiResponses)
        } else if path.ends_with("/messages") {
            Some(Self::Anthropic)
        } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
            Some(Self::Gemini)
        } else {
            None
        }
    }

    /// Reads a request.
    pub(in super::super) fn read(self, path: &str, body: &Json) -> ModelConversation {
        match self {
            Self::OpenaiChat => openai_chat::read(body),
            Self::OpenaiResponses => openai_responses::read(body),
            Self::Anthropic => anthropic::read(body),
            Self::Gemini => gemini::read(path, body),
        }
    }

    /// Writes an answer in a conversation.
    pub(in super::super) fn write(
        self,
        conversation: &ModelConversation,
        answer: &ModelAnswer,
    ) -> ModelReply {
        match self {
            Self::OpenaiChat => openai_chat::write(conversation, answer),
            Self::OpenaiResponses => openai_responses::write(conversation, answer),
            Self::Anthropic => anthropic::write(conversation, answer),
            Self::Gemini => gemini::write(conversation, answer),
        }
    }
}

/// The answer to a request that is about models and tokens and asks the model nothing.
pub(in super::super) fn answer_about_models(path: &str) -> Option<ModelReply> {
    let path = path.trim_end_matches('/');
    if path.ends_with("/models") {
        let model = json!({ "id": "mock", "object": "model", "created": 0, "owned_by": "mock" });
        return Some(ModelReply::json(&json!({
            "object": "list", "data": [model], "models": [], "has_more": false,
        })));
    }
    let counts_tokens = path.ends_with("/count_tokens") || path.ends_with(":countTokens");
    counts_tokens.then(|| ModelReply::json(&json!({ "input_tokens": 1, "totalTokens": 1 })))
}
