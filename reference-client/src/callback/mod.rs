//! Receiving the authorization response, at a loopback listener or from the system.

#[allow(clippy::module_inception)] // The file is named after the type that it holds.
mod callback;
mod callback_page;
mod callback_request;
mod callback_server;
mod lingering_listener;

pub(crate) use callback::{BrowserWindow, Callback};
pub(crate) use callback_page::CallbackPage;
pub(crate) use callback_request::CallbackRequest;
