//! Protected resource metadata (RFC 9728).

use serde_json::{Value as Json, json};

use super::super::draft::Draft;
use super::super::http_request::HttpRequest;
use super::resource_path::place_word;
use super::role::McpServerRole;
use crate::scenario::model::{Dpop, Message};

impl McpServerRole {
    /// The answer at one of the metadata's places.
    pub(super) fn answer_resource_metadata(
        &self,
        place: &'static str,
        request: &HttpRequest,
    ) -> Draft {
        let mut places = self.settings.prm_at.iter();
        if !places.any(|served| place_word(served) == place) {
            return Draft::not_found();
        }
        if request.method != "GET" {
            return Draft::page(405, "metadata is read with GET");
        }
        Draft::json(
            200,
            self.resource_metadata_document(),
            "protected resource metadata",
        )
        .with_message(Message::Prm)
    }

    fn resource_metadata_document(&self) -> Json {
        let issuers: Vec<&String> = self.links.iter().map(|link| &link.issuer).collect();
        let mut document = json!({
            "resource": self.addresses.resource,
            "authorization_servers": issuers,
            "bearer_methods_supported": ["header"],
        });
        if self.settings.dpop != Dpop::Off {
            document["dpop_bound_access_tokens_required"] = json!(true);
            document["dpop_signing_alg_values_supported"] = json!(self.settings.dpop_algorithms);
        }
        if let Some(scopes) = &self.settings.scopes_supported {
            document["scopes_supported"] = json!(scopes);
        }
        document
    }
}
