//! The tables of defects, one file for each area of the specification.

pub(super) mod agent;
pub(super) mod authorization_request;
pub(super) mod bearer_token;
pub(super) mod client_credentials;
pub(super) mod dpop;
pub(super) mod endpoint_address;
pub(super) mod enterprise;
pub(super) mod internal_addresses;
pub(super) mod issuer_parameter;
pub(super) mod legal_variety;
pub(super) mod pkce;
pub(super) mod refresh;
pub(super) mod registration;
pub(super) mod resource_metadata;
pub(super) mod resource_parameter;
pub(super) mod revision_march_2025;
pub(super) mod scope;
pub(super) mod server_binding;
pub(super) mod server_metadata;
pub(super) mod state_parameter;
pub(super) mod token_request;
pub(super) mod transport_security;
pub(super) mod workload;
