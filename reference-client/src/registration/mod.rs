//! How the client gets its client ID.

#[allow(clippy::module_inception)]
mod registration;

pub(crate) use registration::*;
pub use registration::{
    CLIENT_METADATA_URL, client_metadata_document, client_metadata_url_for, served_document,
};
