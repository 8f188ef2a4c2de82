//! The user's browser, as far as it takes part in an authorization.

mod cookies;
mod user_agent;

pub(crate) use user_agent::UserAgent;
