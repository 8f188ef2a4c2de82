//! Authorization server metadata: RFC 8414 and OpenID Connect Discovery, at every location that the
//! MCP specification lists.

use serde_json::{Value as Json, json};

use super::super::draft::Draft;
use super::client_assertion::ASSERTION_ALGORITHMS;
use super::role::AuthorizationServerRole;
use crate::scenario::model::{
    ClientAuth, Dpop, Grant, IssParameter, Message, MetadataPlace, Refresh, Registration,
};

/// The profile of the jwt-bearer grant that takes ID-JAGs.
const ID_JAG_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";
/// The type of the tokens that an identity provider issues for authorization servers.
const ID_JAG_TOKEN: &str = "urn:ietf:params:oauth:token-type:id-jag";

impl AuthorizationServerRole {
    /// The answer to a request at a well-known location. `None`: at a name that no specification
    /// gives to MCP.
    pub(super) fn answer_metadata(&self, place: Option<MetadataPlace>) -> Draft {
        let served = place.filter(|place| self.settings.metadata_at.contains(place));
        let Some(place) = served else {
            return Draft::not_found();
        };
        let document = self.metadata_document(place != MetadataPlace::OAuth);
        Draft::json(200, document, "authorization server metadata").with_message(Message::Metadata)
    }

    fn metadata_document(&self, is_openid: bool) -> Json {
        let settings = &self.settings;
        let mut grants: Vec<&str> = settings.grants.iter().map(|g| grant_uri(*g)).collect();
        if settings.refresh == Refresh::None {
            grants.retain(|grant| *grant != "refresh_token");
        }
        let mut document = json!({
            "issuer": self.addresses.issuer,
            "authorization_endpoint": self.addresses.authorization_endpoint,
            "token_endpoint": self.addresses.token_endpoint,
            "jwks_uri": self.addresses.jwks_uri,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": grants,
            "token_endpoint_auth_methods_supported": settings.client_auth,
            "code_challenge_methods_supported": ["S256"],
        });
        if settings.client_auth.contains(&ClientAuth::PrivateKeyJwt) {
            document["token_endpoint_auth_signing_alg_values_supported"] =
                json!(ASSERTION_ALGORITHMS);
        }
        if settings.registration.contains(&Registration::Dcr) {
            document["registration_endpoint"] = json!(self.addresses.registration_endpoint);
        }
        if settings.registration.contains(&Registration::Cimd) {
            document["client_id_metadata_document_supported"] = json!(true);
        }
        if settings.grants.contains(&Grant::JwtBearer) {
            document["authorization_grant_profiles_supported"] = json!([ID_JAG_PROFILE]);
        }
        if settings.grants.contains(&Grant::TokenExchange) {
            document["identity_chaining_requested_token_types_supported"] = json!([ID_JAG_TOKEN]);
        }
        if settings.dpop != Dpop::Off {
            document["dpop_signing_alg_values_supported"] = json!(settings.dpop_algorithms);
        }
        if settings.iss == IssParameter::Advertised {
            document["authorization_response_iss_parameter_supported"] = json!(true);
        }
        if let Some(scopes) = &settings.scopes_supported {
            document["scopes_supported"] = json!(scopes);
        }
        if is_openid {
            document["subject_types_supported"] = json!(["public"]);
            document["id_token_signing_alg_values_supported"] = json!(["RS256", "ES256"]);
        }
        document
    }
}

/// The value of `grant_type` for a grant.
fn grant_uri(grant: Grant) -> &'static str {
    match grant {
        Grant::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        Grant::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        other => other.as_str(),
    }
}
