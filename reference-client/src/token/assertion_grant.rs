//! The JWT bearer grant: the JWT of an issuer that the authorization server trusts is exchanged for
//! an access token (RFC 7523 section 2.1).

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::ClientIdentity;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::signing_key;
use crate::store::TokenSet;
use crate::token::grant_names::{ID_JAG_TYPE, JWT_BEARER, JWT_TYPE, TOKEN_EXCHANGE};
use crate::token::token_request::{TokenParameters, TokenRequest};

/// What a request with the JWT bearer grant needs.
pub(crate) struct AssertionGrant<'a> {
    pub server: &'a ServerMetadata,
    pub client: &'a ClientIdentity,
    /// The JWT, as its issuer made it.
    pub assertion: &'a str,
    pub resource: Option<&'a str>,
    pub scope: &'a Scope,
}

/// Presents an assertion and receives an access token.
pub(crate) async fn request_with_assertion(
    run: &RunContext,
    grant: AssertionGrant<'_>,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let mut parameters = assertion_parameters(grant.assertion, defects);
    if defects.has(Defect::WORKLOAD_RESOURCE_IS_ISSUER) {
        parameters.push(("resource", grant.server.issuer.clone()));
    } else if let Some(resource) = grant.resource
        && !defects.has(Defect::NO_RESOURCE)
    {
        parameters.push(("resource", resource.to_owned()));
    }
    if !grant.scope.is_empty() {
        parameters.push(("scope", grant.scope.to_parameter(defects)));
    }
    let request = TokenRequest {
        run,
        server: grant.server,
        client: grant.client,
        parameters,
        defects,
    };
    request.obtain_tokens(grant.scope).await
}

fn assertion_parameters(assertion: &str, defects: &Defects) -> TokenParameters {
    let assertion = assertion.to_owned();
    if defects.has(Defect::ENTERPRISE_GRANT_BY_EXCHANGE) {
        return vec![
            ("grant_type", TOKEN_EXCHANGE.to_owned()),
            ("subject_token", assertion),
            ("subject_token_type", ID_JAG_TYPE.to_owned()),
        ];
    }
    if defects.has(Defect::WORKLOAD_BY_CLIENT_CREDENTIALS) {
        return vec![
            ("grant_type", "client_credentials".to_owned()),
            (
                "client_assertion_type",
                signing_key::ASSERTION_TYPE.to_owned(),
            ),
            ("client_assertion", assertion),
        ];
    }
    if defects.has(Defect::WORKLOAD_BY_TOKEN_EXCHANGE) {
        return vec![
            ("grant_type", TOKEN_EXCHANGE.to_owned()),
            ("subject_token", assertion),
            ("subject_token_type", JWT_TYPE.to_owned()),
        ];
    }
    let name = if defects.has(Defect::WORKLOAD_ASSERTION_MISSING) {
        "jwt"
    } else {
        "assertion"
    };
    vec![("grant_type", JWT_BEARER.to_owned()), (name, assertion)]
}
