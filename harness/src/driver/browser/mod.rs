//! The user's browser, as far as it takes part in an authorization: it follows the authorization
//! URL through redirects to the client's callback, and does what the world's script adds.
//!
//! It runs no script and shows nothing. Everything that it loads is in the transcript.

mod cookie_jar;
mod navigation;
mod page_loader;
mod user_agent;

pub(crate) use user_agent::UserAgent;
