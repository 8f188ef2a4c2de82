//! Authorization server metadata: RFC 8414 and OpenID Connect Discovery, at every location that the
//! MCP specification lists.

use serde_json::{Value as Json, json};

use super::super::http::Draft;
use super::super::state::State;
use crate::scenario::model::{
    ClientAuth, Grant, IssParameter, Message, MetadataPlace, Refresh, Registration,
};

/// The path of a well-known location for an issuer path (RFC 8414 section 3.1: a final slash is
/// removed first).
pub(crate) fn metadata_path(place: MetadataPlace, issuer_path: &str) -> String {
    let path = issuer_path.strip_suffix('/').unwrap_or(issuer_path);
    match place {
        MetadataPlace::OAuth => format!("/.well-known/oauth-authorization-server{path}"),
        MetadataPlace::OpenId => format!("/.well-known/openid-configuration{path}"),
        MetadataPlace::OpenIdAppended => format!("{path}/.well-known/openid-configuration"),
    }
}

impl State {
    /// The answer to a request at a well-known location.
    pub(crate) fn answer_metadata(
        &mut self,
        party: &str,
        place: Option<MetadataPlace>,
        request: usize,
    ) -> Draft {
        let location = place.map_or("other", MetadataPlace::as_str);
        if let Some(own) = self.own_answer(party, Message::Metadata, location, request) {
            return own;
        }
        let served = place.filter(|p| {
            self.authorization_server_settings(party)
                .is_some_and(|s| s.metadata_at.contains(p))
        });
        let Some(place) = served else {
            return Draft::not_found();
        };
        let document = self.metadata(party, place != MetadataPlace::OAuth);
        let draft = Draft::json(200, document, "authorization server metadata")
            .of_kind(Message::Metadata, location);
        let draft = self.deviate(party, request, draft);
        let endpoints: Vec<String> = [
            "authorization_endpoint",
            "token_endpoint",
            "registration_endpoint",
            "issuer",
        ]
        .iter()
        .filter_map(|name| draft.member(name))
        .collect();
        self.point(party, &endpoints);
        draft
    }

    fn metadata(&self, party: &str, openid: bool) -> Json {
        let Some(settings) = self.authorization_server_settings(party) else {
            return Json::Null;
        };
        let mut grants: Vec<&str> = settings.grants.iter().map(|g| grant_uri(*g)).collect();
        if settings.refresh == Refresh::None {
            grants.retain(|g| *g != "refresh_token");
        }
        let mut document = json!({
            "issuer": self.address(party, "issuer"),
            "authorization_endpoint": self.address(party, "authorization_endpoint"),
            "token_endpoint": self.address(party, "token_endpoint"),
            "jwks_uri": self.address(party, "jwks_uri"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": grants,
            "token_endpoint_auth_methods_supported": settings.client_auth,
            "code_challenge_methods_supported": ["S256"],
        });
        let mut add = |name: &str, value: Json| {
            if let Some(members) = document.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        };
        if settings.client_auth.contains(&ClientAuth::PrivateKeyJwt) {
            add(
                "token_endpoint_auth_signing_alg_values_supported",
                json!(["ES256", "RS256"]),
            );
        }
        if settings.registration.contains(&Registration::Dcr) {
            add(
                "registration_endpoint",
                json!(self.address(party, "registration_endpoint")),
            );
        }
        if settings.registration.contains(&Registration::Cimd) {
            add("client_id_metadata_document_supported", json!(true));
        }
        if settings.iss == IssParameter::Advertised {
            add(
                "authorization_response_iss_parameter_supported",
                json!(true),
            );
        }
        if let Some(scopes) = &settings.scopes_supported {
            add("scopes_supported", json!(scopes));
        }
        if openid {
            add("subject_types_supported", json!(["public"]));
            add(
                "id_token_signing_alg_values_supported",
                json!(["RS256", "ES256"]),
            );
        }
        document
    }
}

/// The value of `grant_type` for a grant.
pub(crate) fn grant_uri(grant: Grant) -> &'static str {
    match grant {
        Grant::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        Grant::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_follow_the_issuer_path() {
        let path = |place, issuer| metadata_path(place, issuer);
        assert_eq!(
            path(MetadataPlace::OAuth, ""),
            "/.well-known/oauth-authorization-server"
        );
        assert_eq!(
            path(MetadataPlace::OAuth, "/tenant1/"),
            "/.well-known/oauth-authorization-server/tenant1"
        );
        assert_eq!(
            path(MetadataPlace::OpenId, "/tenant1"),
            "/.well-known/openid-configuration/tenant1"
        );
        assert_eq!(
            path(MetadataPlace::OpenIdAppended, "/tenant1"),
            "/tenant1/.well-known/openid-configuration"
        );
    }
}
