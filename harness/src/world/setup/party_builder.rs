//! Makes the parties of a world from their settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::authorization_server::role::{
    AuthorizationServerAddresses, AuthorizationServerMemory, AuthorizationServerRole, EndpointPaths,
};
use super::super::error::WorldError;
use super::super::mcp_server::resource_path::resource_metadata_path;
use super::super::mcp_server::role::{McpServerAddresses, McpServerRole};
use super::super::parties::{PartyAtWork, PartyRole, Site};
use super::super::party_id::{PartyId, SiteId};
use super::super::random::Random;
use super::super::world_plan::{ClientDocument, WorldPlan};
use super::setup_error::setup_error;
use super::template::resolve_template;
use crate::scenario::model::{
    AuthorizationServer, Endpoints, McpServer, Party, PrmPlace, Role, RoleKind,
};
use crate::transcript::Header;

/// Makes the parties and notes their addresses in the transcript's header.
pub(super) struct PartyBuilder<'a> {
    pub(super) plan: &'a WorldPlan<'a>,
    pub(super) header: Header,
    pub(super) sites: &'a [Site],
    pub(super) client_documents: Arc<BTreeMap<String, ClientDocument>>,
}

impl PartyBuilder<'_> {
    pub(super) fn put_to_work(
        &mut self,
        id: PartyId,
        party: Party,
    ) -> Result<PartyAtWork, WorldError> {
        let serves = |site: &Site| site.parties.contains(&id);
        let site = self.sites.iter().position(serves).unwrap_or_default();
        let origin = self.sites[site].origin.clone();
        let (plan, name) = (self.plan, &party.name);
        let mut random = Random::of_party(&plan.seed, &plan.case.id, name);
        let role = match &party.role {
            Role::AuthorizationServer(settings) | Role::IdentityProvider(settings) => {
                let server = self.authorization_server(id, &party, settings, &origin, random);
                PartyRole::AuthorizationServer(Box::new(server))
            }
            Role::McpServer(settings) => {
                let server = self.mcp_server(id, &party, settings, &origin, random)?;
                PartyRole::McpServer(Box::new(server))
            }
            Role::WebSite => {
                let path = random.draw_hex();
                self.add_address(name, "url", format!("{origin}/{path}"));
                if let Some(address) = self.sites[site].address.clone() {
                    self.add_address(name, "address", format!("{address}/{path}"));
                }
                PartyRole::WebSite
            }
        };
        Ok(PartyAtWork {
            declared: party,
            site: SiteId(site),
            role,
        })
    }

    pub(super) fn add_address(&mut self, party: &str, value: &str, address: String) {
        let name = format!("{party}.{value}");
        self.header.addresses.insert(name, address);
    }

    fn authorization_server(
        &mut self,
        id: PartyId,
        party: &Party,
        settings: &AuthorizationServer,
        origin: &str,
        mut random: Random,
    ) -> AuthorizationServerRole {
        let paths = endpoint_paths(settings.endpoints, &mut random);
        let endpoint_site = self
            .sites
            .iter()
            .find(|site| site.endpoint_guests.contains(&id));
        let endpoint_origin = endpoint_site.map_or(origin, |site| site.origin.as_str());
        let url = |path: &str| format!("{endpoint_origin}{path}");
        let addresses = AuthorizationServerAddresses {
            issuer: format!("{origin}{}", settings.issuer_path),
            authorization_endpoint: match &settings.endpoint_query {
                Some(query) => format!("{}?{query}", url(&paths.authorization)),
                None => url(&paths.authorization),
            },
            token_endpoint: url(&paths.token),
            registration_endpoint: url(&paths.registration),
            jwks_uri: url(&paths.jwks),
        };
        for (value, address) in [
            ("issuer", &addresses.issuer),
            ("authorization_endpoint", &addresses.authorization_endpoint),
            ("token_endpoint", &addresses.token_endpoint),
            ("registration_endpoint", &addresses.registration_endpoint),
            ("jwks_uri", &addresses.jwks_uri),
        ] {
            self.add_address(&party.name, value, address.clone());
        }
        AuthorizationServerRole {
            id,
            name: party.name.clone(),
            hostile: party.hostile,
            is_identity_provider: party.role.kind() == RoleKind::IdentityProvider,
            settings: settings.clone(),
            addresses,
            paths,
            random,
            client_documents: Arc::clone(&self.client_documents),
            memory: AuthorizationServerMemory::default(),
        }
    }

    fn mcp_server(
        &mut self,
        id: PartyId,
        party: &Party,
        settings: &McpServer,
        origin: &str,
        random: Random,
    ) -> Result<McpServerRole, WorldError> {
        let name = &party.name;
        let query = settings.query.as_ref();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{origin}{}{query}", settings.path);
        self.add_address(name, "url", url.clone());
        let resource = match &settings.resource {
            None => url.clone(),
            Some(template) => resolve_template(&self.header, template).ok_or_else(|| {
                let problem = format!("world.{name}.resource cannot be resolved");
                setup_error(self.plan.case, problem)
            })?,
        };
        self.add_address(name, "resource", resource.clone());
        let place = settings.prm_at.first();
        let resource_metadata = place.map(|place| {
            let path = resource_metadata_path(place, &settings.path);
            // the query stays behind the path (RFC 9728 section 3.1)
            let query = if *place == PrmPlace::Path {
                query.as_str()
            } else {
                ""
            };
            format!("{origin}{path}{query}")
        });
        if let Some(address) = &resource_metadata {
            self.add_address(name, "prm_url", address.clone());
        }
        let addresses = McpServerAddresses {
            url,
            resource,
            resource_metadata,
        };
        let revision = self.plan.revision;
        Ok(McpServerRole::new(
            id,
            name.clone(),
            revision,
            addresses,
            random,
        ))
    }
}

fn endpoint_paths(endpoints: Endpoints, random: &mut Random) -> EndpointPaths {
    let mut path = |name: &str| match endpoints {
        Endpoints::Default => format!("/{name}"),
        Endpoints::Unguessable => format!("/{}/{name}", &random.draw_hex()[..8]),
    };
    EndpointPaths {
        authorization: path("authorize"),
        token: path("token"),
        registration: path("register"),
        jwks: path("jwks"),
    }
}
