//! Receiving the authorization response.

#[allow(clippy::module_inception)]
mod callback;

pub(crate) use callback::{BrowserWindow, Callback, CallbackPage, CallbackRequest};
