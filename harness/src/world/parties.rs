//! The parties of a world: who is there, which of them a request is for, and who answers it.

use super::authorization_server::role::{
    AuthorizationContext, AuthorizationServerRole, FederatedServer, KnownResource, TrustedProvider,
};
use super::client_view::ClientView;
use super::draft::Draft;
use super::http_request::ReceivedRequest;
use super::issued_grants::IssuedGrants;
use super::mcp_server::role::{Access, AuthorizationServerLink, McpServerRole};
use super::party_id::{PartyId, SiteId};
use super::recorder::Recorder;
use super::route::{Endpoint, Route, is_well_known};
use super::tokens::bearer::{InvalidToken, TokenGrant};
use crate::scenario::model::{Party, Role, Value};

/// All parties of a world.
#[derive(Debug)]
pub(crate) struct Parties {
    /// By handle.
    pub(super) all: Vec<PartyAtWork>,
    /// Where they are served, by handle.
    pub(super) sites: Vec<Site>,
}

/// A party at work.
#[derive(Debug)]
pub(crate) struct PartyAtWork {
    /// Its settings as they are now.
    pub(super) declared: Party,
    pub(super) site: SiteId,
    pub(super) role: PartyRole,
}

/// An origin and the parties that are served there.
#[derive(Debug)]
pub(crate) struct Site {
    /// `http://localhost:PORT`
    pub(super) origin: String,
    /// The same with an address in place of the name, if it has one of its own.
    pub(super) address: Option<String>,
    /// The party that the origin belongs to: it gets the requests that nobody serves.
    pub(super) owner: PartyId,
    pub(super) parties: Vec<PartyId>,
    /// Authorization servers of other origins whose endpoints are here.
    pub(super) endpoint_guests: Vec<PartyId>,
}

/// What a party is, with its settings and its memory.
#[derive(Debug)]
pub(crate) enum PartyRole {
    AuthorizationServer(Box<AuthorizationServerRole>),
    McpServer(Box<McpServerRole>),
    WebSite,
}

/// A setting that a party does not have, or a value that does not fit it.
#[derive(Debug, thiserror::Error)]
#[error("a step cannot set {party}.{setting}")]
pub(crate) struct UnknownSetting {
    party: String,
    setting: String,
}

impl Parties {
    /// The parties' handles, in the order of their names.
    pub(crate) fn ids(&self) -> impl Iterator<Item = PartyId> + use<> {
        (0..self.all.len()).map(PartyId)
    }

    /// The handle of a name that comes from outside of the world: from a scenario or the driver.
    pub(crate) fn find(&self, name: &str) -> Option<PartyId> {
        self.ids().find(|id| self.name(*id) == name)
    }

    pub(crate) fn name(&self, id: PartyId) -> &str {
        &self.all[id.0].declared.name
    }

    pub(crate) fn is_hostile(&self, id: PartyId) -> bool {
        self.all[id.0].declared.hostile
    }

    pub(crate) fn site_of(&self, id: PartyId) -> SiteId {
        self.all[id.0].site
    }

    pub(crate) fn origin(&self, site: SiteId) -> &str {
        &self.sites[site.0].origin
    }

    /// The parties that are served at a site.
    pub(crate) fn parties_at(&self, site: SiteId) -> Vec<PartyId> {
        self.sites[site.0].parties.clone()
    }

    /// Whether any site speaks https.
    pub(crate) fn uses_tls(&self) -> bool {
        self.sites
            .iter()
            .any(|site| site.origin.starts_with("https:"))
    }

    /// The site that a URL's origin belongs to.
    pub(crate) fn find_site(&self, url: &url::Url) -> Option<SiteId> {
        let origin = url.origin().ascii_serialization();
        let mut sites = self.sites.iter();
        let index = sites.position(|site| site.origin.eq_ignore_ascii_case(&origin))?;
        Some(SiteId(index))
    }

    pub(crate) fn authorization_server(&self, id: PartyId) -> Option<&AuthorizationServerRole> {
        match &self.all[id.0].role {
            PartyRole::AuthorizationServer(server) => Some(server),
            _ => None,
        }
    }

    pub(crate) fn authorization_server_mut(
        &mut self,
        id: PartyId,
    ) -> Option<&mut AuthorizationServerRole> {
        match &mut self.all[id.0].role {
            PartyRole::AuthorizationServer(server) => Some(server),
            _ => None,
        }
    }

    pub(crate) fn mcp_server(&self, id: PartyId) -> Option<&McpServerRole> {
        match &self.all[id.0].role {
            PartyRole::McpServer(server) => Some(server),
            _ => None,
        }
    }

    pub(crate) fn mcp_server_mut(&mut self, id: PartyId) -> Option<&mut McpServerRole> {
        match &mut self.all[id.0].role {
            PartyRole::McpServer(server) => Some(server),
            _ => None,
        }
    }

    // ------------------------------------------------------------ settings

    /// Changes one setting of a party.
    pub(crate) fn apply_setting(
        &mut self,
        id: PartyId,
        setting: &str,
        value: &Value,
    ) -> Result<(), UnknownSetting> {
        let party = &mut self.all[id.0].declared;
        party.apply(setting, value).map_err(|_| UnknownSetting {
            party: party.name.clone(),
            setting: setting.to_owned(),
        })?;
        self.adopt_settings(id);
        Ok(())
    }

    /// Hands a party's settings to its role.
    pub(super) fn adopt_settings(&mut self, id: PartyId) {
        let declared = self.all[id.0].declared.clone();
        let links = match &declared.role {
            Role::McpServer(settings) => self.links_to(&settings.authorization_servers),
            _ => Vec::new(),
        };
        match (&mut self.all[id.0].role, declared.role) {
            (
                PartyRole::AuthorizationServer(server),
                Role::AuthorizationServer(settings) | Role::IdentityProvider(settings),
            ) => {
                server.hostile = declared.hostile;
                server.settings = settings;
            }
            (PartyRole::McpServer(server), Role::McpServer(settings)) => {
                server.hostile = declared.hostile;
                server.settings = settings;
                server.links = links;
            }
            _ => {}
        }
    }

    fn links_to(&self, names: &[String]) -> Vec<AuthorizationServerLink> {
        let link = |name: &String| {
            let id = self.find(name)?;
            let issuer = self.authorization_server(id)?.addresses.issuer.clone();
            Some(AuthorizationServerLink { id, issuer })
        };
        names.iter().filter_map(link).collect()
    }

    // ------------------------------------------------------------ routing

    /// The party and the endpoint that a request at this site is for. Of several parties on one
    /// origin it is the one that serves the path.
    pub(crate) fn route(&self, site: SiteId, path: &str) -> Route {
        let site = &self.sites[site.0];
        let guest = site.endpoint_guests.iter().find_map(|id| {
            let (endpoint, served) = self.all[id.0].role.route(path)?;
            let party = *id;
            (served && endpoint.is_movable()).then_some(Route { party, endpoint })
        });
        if let Some(route) = guest {
            return route;
        }
        let candidates = site.parties.iter().filter_map(|id| {
            let party = &self.all[id.0];
            let (endpoint, served) = party.role.route(path)?;
            if endpoint.is_movable() && party.role.has_endpoints_elsewhere() {
                return None;
            }
            let rank = (!served, party.declared.hosted_on.is_some());
            let party = *id;
            Some((rank, Route { party, endpoint }))
        });
        if let Some((_, route)) = candidates.min_by_key(|(rank, _)| *rank) {
            return route;
        }
        let is_foreign_document = path.contains("/.well-known/")
            && !path.contains("oauth-protected-resource")
            && !is_well_known(path);
        let mut parties = site.parties.iter();
        match parties.find(|id| self.authorization_server(**id).is_some()) {
            Some(server) if is_foreign_document => Route {
                party: *server,
                endpoint: Endpoint::Metadata(None),
            },
            _ => Route {
                party: site.owner,
                endpoint: Endpoint::Unknown,
            },
        }
    }

    // ------------------------------------------------------------ answering

    /// Whether the MCP endpoint lets a request in, or what it challenges the client with. `None`:
    /// the request is not for an MCP endpoint.
    pub(crate) fn check_access(
        &self,
        route: Route,
        request: &ReceivedRequest<'_>,
    ) -> Option<Access> {
        let (Endpoint::Mcp, Some(server)) = (route.endpoint, self.mcp_server(route.party)) else {
            return None;
        };
        Some(server.check_access(request, |token| self.check_token(server, token)))
    }

    /// Checks a token at the authorization servers that the MCP server trusts.
    fn check_token(&self, server: &McpServerRole, token: &str) -> Result<TokenGrant, InvalidToken> {
        let trusted = server.links.iter();
        trusted
            .filter_map(|link| self.authorization_server(link.id))
            .find_map(|issuer| issuer.check_token(token, &server.addresses.resource))
            .unwrap_or(Err(InvalidToken))
    }

    /// The honest answer of the party that the request is for.
    pub(crate) fn answer(
        &mut self,
        route: Route,
        request: &ReceivedRequest<'_>,
        access: Option<Access>,
        records: &mut Records<'_>,
    ) -> Draft {
        let resources = self.resources_of(route.party);
        let federated = self.federated_servers();
        let identity_providers = self.identity_providers();
        match &mut self.all[route.party.0].role {
            PartyRole::AuthorizationServer(server) => {
                let mut context = AuthorizationContext {
                    recorder: records.recorder,
                    view: records.view,
                    issued: records.issued,
                    resources: &resources,
                    proven_key: None,
                    federated: &federated,
                    identity_providers: &identity_providers,
                };
                server.answer(route.endpoint, request, &mut context)
            }
            PartyRole::McpServer(server) => server.answer(
                route.endpoint,
                request,
                access,
                records.recorder,
                records.view,
            ),
            PartyRole::WebSite => Draft::page(200, "a web site"),
        }
    }

    /// Lets an authorization server make a code for the attacker's own account. Returns nothing:
    /// the code is registered as a secret.
    pub(crate) fn issue_attackers_code(
        &mut self,
        id: PartyId,
        client_id: &str,
        redirect_uri: &str,
        records: &mut Records<'_>,
    ) {
        let resources = self.resources_of(id);
        if let Some(server) = self.authorization_server_mut(id) {
            let mut context = AuthorizationContext {
                recorder: records.recorder,
                view: records.view,
                issued: records.issued,
                resources: &resources,
                proven_key: None,
                federated: &[],
                identity_providers: &[],
            };
            server.issue_attackers_code(client_id, redirect_uri, &mut context);
        }
    }

    /// The authorization servers for which the identity providers of this world issue ID-JAGs.
    fn federated_servers(&self) -> Vec<FederatedServer> {
        let servers = self.ids().filter_map(|id| self.authorization_server(id));
        servers
            .filter(|server| !server.is_identity_provider)
            .map(|server| FederatedServer {
                name: server.name.clone(),
                issuer: server.addresses.issuer.clone(),
                client_id: server.provisioned_client_id().unwrap_or_default(),
                resources: self.resources_of(server.id),
            })
            .collect()
    }

    /// The identity providers that the authorization servers of this world trust: the honest ones.
    fn identity_providers(&self) -> Vec<TrustedProvider> {
        let servers = self.ids().filter_map(|id| self.authorization_server(id));
        servers
            .filter(|server| server.is_identity_provider && !server.hostile)
            .map(|server| TrustedProvider {
                issuer: server.addresses.issuer.clone(),
                key: server.key(),
            })
            .collect()
    }

    /// The first honest identity provider.
    pub(crate) fn find_identity_provider(&self) -> Option<PartyId> {
        let is_honest_provider = |id: &PartyId| {
            let server = self.authorization_server(*id);
            server.is_some_and(|server| server.is_identity_provider && !server.hostile)
        };
        self.ids().find(is_honest_provider)
    }

    /// The MCP servers whose settings list this authorization server: the resources that it knows.
    fn resources_of(&self, authorization_server: PartyId) -> Vec<KnownResource> {
        let parties = self.all.iter();
        let servers = parties.filter_map(|party| match &party.role {
            PartyRole::McpServer(server) => Some(server),
            _ => None,
        });
        servers
            .filter(|server| server.links.iter().any(|l| l.id == authorization_server))
            .map(|server| KnownResource {
                resource: server.addresses.resource.clone(),
                url: server.addresses.url.clone(),
                challenge_scope: server.settings.challenge_scope.clone(),
            })
            .collect()
    }
}

/// What a party may read and write while it answers.
pub(crate) struct Records<'a> {
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) view: &'a ClientView,
    pub(crate) issued: &'a mut IssuedGrants,
}

impl PartyRole {
    /// The endpoint that a path is for, and whether something is served there.
    fn route(&self, path: &str) -> Option<(Endpoint, bool)> {
        match self {
            Self::AuthorizationServer(server) => server.route(path),
            Self::McpServer(server) => server.route(path),
            Self::WebSite => Some((Endpoint::WebSite, true)),
        }
    }

    /// Whether it is an authorization server whose endpoints are on another origin.
    fn has_endpoints_elsewhere(&self) -> bool {
        let Self::AuthorizationServer(server) = self else {
            return false;
        };
        server.settings.endpoints_on.is_some()
    }
}
