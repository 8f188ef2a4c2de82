//! The interfaces of model providers that agents speak.

mod anthropic;
#[allow(clippy::module_inception)] // the file is named after its type
mod dialect;
mod gemini;
mod json_parts;
mod model_reply;
mod openai_chat;
mod openai_responses;
mod server_sent_events;
#[cfg(test)]
mod tests;

pub(super) use dialect::{Dialect, answer_about_models};
pub(super) use model_reply::ModelReply;
