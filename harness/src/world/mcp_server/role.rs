//! An MCP server: its settings, what it remembers, and its one entry point.

use std::collections::BTreeSet;

use super::super::client_view::ClientView;
use super::super::draft::{Content, Draft};
use super::super::http_request::{HttpRequest, ReceivedRequest};
use super::super::party_id::PartyId;
use super::super::random::Random;
use super::super::recorder::Recorder;
use super::super::route::Endpoint;
use super::super::tokens::bearer::{InvalidToken, TokenGrant};
use super::super::tokens::dpop_guard::DpopGuard;
use super::resource_path::{place_word, resource_metadata_path};
use super::rpc::RpcMessage;
use crate::scenario::model::{McpServer, Message, PrmPlace, Protects, Revision};

/// An MCP server.
#[derive(Debug)]
pub(crate) struct McpServerRole {
    pub(crate) id: PartyId,
    pub(crate) name: String,
    pub(crate) hostile: bool,
    pub(crate) settings: McpServer,
    pub(crate) revision: Revision,
    pub(crate) addresses: McpServerAddresses,
    /// The authorization servers that it trusts.
    pub(crate) links: Vec<AuthorizationServerLink>,
    pub(crate) random: Random,
    /// Tools that steps call, besides the one that every server has.
    pub(crate) tools: BTreeSet<String>,
    /// What its tools say besides the usual.
    pub(crate) tool_text: Option<String>,
    /// What it knows of proofs of possession.
    pub(super) dpop: DpopGuard,
    /// Session ids that are alive.
    pub(super) sessions: BTreeSet<String>,
}

/// URLs of an MCP server.
#[derive(Debug, Clone)]
pub(crate) struct McpServerAddresses {
    pub(crate) url: String,
    /// Its resource identifier.
    pub(crate) resource: String,
    /// The metadata document that a challenge names.
    pub(crate) resource_metadata: Option<String>,
}

/// An authorization server that an MCP server trusts.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationServerLink {
    pub(crate) id: PartyId,
    pub(crate) issuer: String,
}

/// Whether the MCP endpoint lets a request in.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    Granted,
    Refused {
        status: u16,
        /// The error code of RFC 6750; `None`: there was no token.
        error: Option<&'static str>,
        /// The scopes that the call takes.
        scope: Option<String>,
    },
}

impl Access {
    /// The kind of answer that the MCP endpoint gives.
    pub(crate) const fn message(&self) -> Message {
        match self {
            Self::Granted => Message::McpResponse,
            Self::Refused { .. } => Message::Challenge,
        }
    }
}

impl McpServerRole {
    pub(crate) fn new(
        id: PartyId,
        name: String,
        revision: Revision,
        addresses: McpServerAddresses,
        random: Random,
    ) -> Self {
        Self {
            id,
            name,
            hostile: false,
            settings: McpServer::default(),
            revision,
            addresses,
            links: Vec::new(),
            random,
            tools: BTreeSet::new(),
            tool_text: None,
            dpop: DpopGuard::default(),
            sessions: BTreeSet::new(),
        }
    }

    /// The endpoint that a path is for, and whether something is served there.
    pub(crate) fn route(&self, path: &str) -> Option<(Endpoint, bool)> {
        let settings = &self.settings;
        if path == settings.path || settings.path.is_empty() && path == "/" {
            return Some((Endpoint::Mcp, true));
        }
        if settings.adds_slash && settings.path.strip_suffix('/') == Some(path) {
            return Some((Endpoint::Mcp, true));
        }
        let is_here = |place: &&PrmPlace| resource_metadata_path(place, &settings.path) == path;
        if let Some(place) = settings.prm_at.iter().find(is_here) {
            return Some((Endpoint::ResourceMetadata(place_word(place)), true));
        }
        let usual = [PrmPlace::Path, PrmPlace::Root];
        let place = usual.iter().find(is_here)?;
        Some((Endpoint::ResourceMetadata(place_word(place)), false))
    }

    /// Whether the MCP endpoint lets the request in.
    pub(crate) fn check_access(
        &self,
        request: &ReceivedRequest<'_>,
        check_token: impl Fn(&str) -> Result<TokenGrant, InvalidToken>,
    ) -> Access {
        let refuse = |error| Access::Refused {
            status: 401,
            error,
            scope: None,
        };
        let message = RpcMessage::read(request.http);
        let token = match self.read_token(request.http) {
            Ok(Some(token)) => token,
            Ok(None) if self.is_open_for(&message) => return Access::Granted,
            Ok(None) => return refuse(None),
            Err(InvalidToken) => return refuse(Some("invalid_token")),
        };
        if self.hostile {
            return Access::Granted;
        }
        let proof = match self.check_possession(request.http, token) {
            Ok(proof) => proof,
            Err(problem) => return refuse(Some(problem.error())),
        };
        let granted = match check_token(token) {
            Ok(granted) if proof.is_none() || granted.bound_to == proof => granted.scope,
            _ => return refuse(Some("invalid_token")),
        };
        let needed = message
            .tool()
            .and_then(|tool| self.settings.tool_scopes.get(tool));
        let is_granted = |scope: &String| granted.split(' ').any(|g| g == scope);
        match needed {
            Some(needed) if !needed.iter().all(is_granted) => Access::Refused {
                status: 403,
                error: Some("insufficient_scope"),
                scope: Some(needed.join(" ")),
            },
            _ => Access::Granted,
        }
    }

    /// Whether a request has the query that is in its URL.
    fn has_query(&self, request: &HttpRequest) -> bool {
        let query = self.settings.query.as_deref();
        query.is_none_or(|query| request.query() == query)
    }

    /// Whether a request lacks the final slash of its URL.
    fn adds_slash_to(&self, request: &HttpRequest) -> bool {
        self.settings.adds_slash && !request.path().ends_with('/')
    }

    /// Whether a message needs no token.
    fn is_open_for(&self, message: &RpcMessage) -> bool {
        match self.settings.protects {
            Protects::Everything => false,
            Protects::Calls => message.tool().is_none(),
            Protects::Nothing => true,
        }
    }

    /// The honest answer to a request.
    pub(crate) fn answer(
        &mut self,
        endpoint: Endpoint,
        request: &ReceivedRequest<'_>,
        access: Option<Access>,
        recorder: &mut Recorder,
        view: &ClientView,
    ) -> Draft {
        match (endpoint, access) {
            (Endpoint::Mcp, _) if !self.has_query(request.http) => Draft::not_found(),
            (Endpoint::Mcp, _) if self.adds_slash_to(request.http) => Draft::new(
                308,
                Content::Empty,
                "redirected to the URL with a final slash",
            )
            .with_header("Location", self.addresses.url.clone()),
            (Endpoint::ResourceMetadata(place), _) => {
                self.answer_resource_metadata(place, request.http)
            }
            (
                Endpoint::Mcp,
                Some(Access::Refused {
                    status,
                    error,
                    scope,
                }),
            ) => {
                let draft = self.challenge(status, error, scope);
                self.note_possession(request, draft, recorder)
            }
            (Endpoint::Mcp, _) => {
                let draft = self.answer_call(request, recorder, view);
                self.note_possession(request, draft, recorder)
            }
            _ => Draft::not_found(),
        }
    }
}
