//! How the client gets its client ID. In order of preference: from the configuration, from the
//! store, from its metadata document, or by dynamic registration.

mod auth_method;
mod client_identity;
mod dynamic_registration;
mod known_client;
mod metadata_document;
mod obtain_client;
mod redirect_uris;
mod registration_request;

pub(crate) use auth_method::AuthMethod;
pub(crate) use client_identity::ClientIdentity;
pub(crate) use known_client::{find_known_client, forget_registration, remembered_port};
pub use metadata_document::{
    CLIENT_METADATA_URL, client_metadata_document, client_metadata_url_for, served_document,
};
pub(crate) use obtain_client::obtain_client;
pub(crate) use redirect_uris::own_redirect_uri;
pub(crate) use registration_request::build_probe_request;
