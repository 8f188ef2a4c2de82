//! The authorization of one MCP server: which access token is current, and how a new one is
//! obtained from its authorization server.

mod attempt;
mod authorization_request;
mod authorization_response;
mod authorization_url;
mod authorize;
mod authorizer;
mod discovery_result;
mod enterprise_sign_in;
mod issued_tokens;
mod issuer_check;
mod issuer_comparison;
mod own_sign_in;
mod pending_authorization;
mod pkce;
mod resource_parameter;
mod response_check;
mod sign_in_method;
mod state_parameter;
mod workload_sign_in;

pub(crate) use authorizer::Authorizer;
pub(crate) use pending_authorization::PendingAuthorization;
