//! The parties of a world, and the tables of their settings.
//!
//! A setting is one row: its description, its name, its kind, and its default. The row yields the
//! field, the way to read it, and the text that editors show. A new setting takes a row here and
//! the code in `world/` that obeys it.

use serde::Serialize;

use super::Value;
use super::role_kind::RoleKind;
use super::setting_error::SettingError;
use super::setting_kind::{
    Boolean, Integer, Optional, PartyName, PartyNames, PlainText, PlainTexts, SettingKind,
    SettingType, TemplateText, UrlPath, Word, Words,
};
use super::setting_structures::{IdAndSecret, PrmPlace, PrmPlaces, ScopesByTool};
use super::setting_words::{
    Answers, Certificate, ChallengeForm, ClientAuth, Consent, Dpop, DpopAlgorithm, Endpoints,
    Grant, Host, HttpVersion, IssParameter, LoopbackPorts, MetadataPlace, NetworkAddress, Pkce,
    Protects, Refresh, Registration, ResourceIndicators, Scheme, TlsVersion, TokenBody,
    TokenFormat,
};

/// What an editor is told about one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFacts {
    /// Its name, as scenarios write it.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: String,
    /// What it takes.
    pub takes: SettingType,
    /// Its default, as a scenario file writes it.
    pub default: String,
}

/// A struct whose fields, apart from the first ones in parentheses, are settings.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        pub struct $name:ident ($($(#[$own_meta:meta])* $own:ident: $own_type:ty),*) {
            $($(#[doc = $about:literal])+ $setting:ident: $kind:ty = $default:expr;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize)]
        pub struct $name {
            $($(#[$own_meta])* pub $own: $own_type,)*
            $($(#[doc = $about])+ pub $setting: <$kind as SettingKind>::Value,)+
        }

        impl $name {
            /// One with every setting at its default.
            fn with_defaults($($own: $own_type),*) -> Self {
                Self { $($own,)* $($setting: $default,)+ }
            }

            /// The rows of the table.
            fn settings() -> Vec<SettingFacts> {
                vec![$(SettingFacts {
                    name: stringify!($setting),
                    about: concat!($($about),+).trim().to_owned(),
                    takes: <$kind>::setting_type(),
                default: <$kind>::write(&$default),
                }),+]
            }

            /// The settings that differ from another's, as a scenario file writes them.
            fn differences(&self, other: &Self) -> Vec<(&'static str, String)> {
                let mut differences = Vec::new();
                $(if self.$setting != other.$setting {
                    differences.push((stringify!($setting), <$kind>::write(&self.$setting)));
                })+
                differences
            }

            /// Changes one setting. Returns `false` if the table has none of that name.
            fn set(&mut self, setting: &str, value: &Value) -> Result<bool, SettingError> {
                match setting {
                    $(stringify!($setting) => {
                        self.$setting = <$kind>::read(value)
                            .map_err(|invalid| SettingError::of(setting, invalid))?;
                    })+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
}

settings! {
    /// One server of the world and what it does unless a deviation says otherwise.
    pub struct Party(
        /// Its name in the scenario.
        name: String,
        /// What it is, with the settings of that role.
        role: Role
    ) {
        /// The host name in its URLs. Default: `localhost`, for hostile parties `127.0.0.1`.
        host: Optional<Word<Host>> = None;
        /// The kind of address that a `named` host has.
        address: Word<NetworkAddress> = NetworkAddress::Public;
        /// What the name of a `named` host begins with, in any script. Default: the party's name.
        label: Optional<PlainText> = None;
        /// The party whose `named` host leads here, too: only the first question for that name is
        /// answered with the other party's address (DNS rebinding).
        takes_name_of: Optional<PartyName> = None;
        /// Share the origin of this party instead of having a port of its own.
        hosted_on: Optional<PartyName> = None;
        /// The scheme of its URLs.
        scheme: Word<Scheme> = Scheme::Http;
        /// The certificate that it shows under `https`.
        certificate: Word<Certificate> = Certificate::Good;
        /// The versions of TLS that it speaks under `https`.
        tls_versions: Words<TlsVersion> = TlsVersion::ALL.to_vec();
        /// The versions of HTTP that it offers under `https`, the preferred one first.
        http_versions: Words<HttpVersion> = vec![HttpVersion::Http11];
        /// `false`: its port refuses connections.
        up: Boolean = true;
        /// It uses every secret that it gets hold of; each success is an `attacker-gain`.
        hostile: Boolean = false;
    }
}

/// What a party is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    AuthorizationServer(AuthorizationServer),
    /// The enterprise extension's second authorization server.
    IdentityProvider(AuthorizationServer),
    McpServer(McpServer),
    /// A host that has no part in OAuth: redirect targets, `error_uri`, internal services.
    WebSite,
}

settings! {
    /// Settings of an authorization server.
    pub struct AuthorizationServer() {
        /// The path of its issuer identifier.
        issuer_path: UrlPath = String::new();
        /// Well-known locations of its metadata (RFC 8414 section 3.1, OpenID Connect Discovery).
        metadata_at: Words<MetadataPlace> = vec![MetadataPlace::OAuth, MetadataPlace::OpenId];
        /// `default`: /authorize, /token and /register; `unguessable`: paths that only metadata
        /// tells.
        endpoints: Word<Endpoints> = Endpoints::Unguessable;
        /// A query in the URL of its authorization endpoint, as of servers with several tenants; a
        /// request without it is refused.
        endpoint_query: Optional<PlainText> = None;
        /// The party whose origin its endpoints are on, where they are not on that of its issuer.
        endpoints_on: Optional<PartyName> = None;
        /// The ways in which clients get to be known to it.
        registration: Words<Registration> = Registration::ALL.to_vec();
        /// The client registered beforehand, `{ id, secret }`; the run hands it to the client under
        /// test. Default: made-up credentials.
        client: Optional<IdAndSecret> = None;
        /// Client authentication methods of its token endpoint.
        client_auth: Words<ClientAuth> = ClientAuth::ALL.to_vec();
        /// Seconds until a registered secret expires. Default: it never does.
        client_secret_lifetime: Optional<Integer> = None;
        /// Which ports of a registered loopback redirect URI it takes: `any`; `any-ip`, the
        /// registered one only where the host is the name `localhost`; `exact`, the registered one.
        loopback_ports: Word<LoopbackPorts> = LoopbackPorts::Any;
        /// The length in characters beyond which it refuses a `state`.
        state_limit: Optional<Integer> = None;
        /// The form of its token responses; `form-unless-asked`: JSON only for requests that say in
        /// `Accept` that they take it.
        token_body: Word<TokenBody> = TokenBody::Json;
        /// What the user answers at its consent page.
        consent: Word<Consent> = Consent::Granted;
        /// `advertised`: announced and sent; `sent`: only sent; `off`: neither.
        iss: Word<IssParameter> = IssParameter::Advertised;
        /// `ignored`: announced, but never checked.
        pkce: Word<Pkce> = Pkce::Required;
        /// The scopes that its metadata lists.
        scopes_supported: Optional<PlainTexts> = None;
        /// The scopes that the user consents to; others are left out of what is granted. Default:
        /// all that are asked for.
        granted_scopes: Optional<PlainTexts> = None;
        /// What happens to a refresh token that is used; `none`: there are none.
        refresh: Word<Refresh> = Refresh::Rotating;
        /// `ignored`: it issues tokens for whatever server; `required`: a request without
        /// `resource` is refused; `exact`: resources are compared byte for byte.
        resource_indicators: Word<ResourceIndicators> = ResourceIndicators::Enforced;
        /// The least length of its codes and tokens in characters.
        token_length: Optional<Integer> = None;
        /// What its access tokens look like.
        token_format: Word<TokenFormat> = TokenFormat::Jwt;
        /// The grant types that it takes.
        grants: Words<Grant> = vec![Grant::AuthorizationCode, Grant::RefreshToken];
        /// Sender-constrained tokens: `bound` to a key, and with a `nonce` of the server's.
        dpop: Word<Dpop> = Dpop::Off;
        /// The algorithms of the proofs that it verifies.
        dpop_algorithms: Words<DpopAlgorithm> = DpopAlgorithm::ALL.to_vec();
    }
}

settings! {
    /// Settings of an MCP server.
    pub struct McpServer() {
        /// The path of the MCP endpoint.
        path: UrlPath = "/mcp".to_owned();
        /// A query in its URL, as of servers that are configured by it; the MCP endpoint is not
        /// found without it.
        query: Optional<PlainText> = None;
        /// Redirects a request for its URL without the final slash to its URL.
        adds_slash: Boolean = false;
        /// Its resource identifier. Default: its URL.
        resource: Optional<TemplateText> = None;
        /// Where its metadata document lies: `path`, `root` or a path of its own; the challenge
        /// names the first.
        prm_at: PrmPlaces = vec![PrmPlace::Path];
        /// The requests for which it demands a token; `calls`: tool calls only.
        protects: Word<Protects> = Protects::Everything;
        /// What its 401 says: `names-prm` (with resource_metadata), `bare`, or `no-header` at all.
        challenge: Word<ChallengeForm> = ChallengeForm::NamesPrm;
        /// The `scope` parameter of its challenge.
        challenge_scope: Optional<PlainText> = None;
        /// The scopes that its metadata lists.
        scopes_supported: Optional<PlainTexts> = None;
        /// The scopes that a tool's call takes, by tool.
        tool_scopes: ScopesByTool = Default::default();
        /// The authorization servers that it relies on.
        authorization_servers: PartyNames = vec!["as".to_owned()];
        /// What its tools say about themselves, and in their results, besides the usual.
        tool_text: Optional<TemplateText> = None;
        /// The form of its answers.
        answers: Word<Answers> = Answers::Json;
        /// Whether it gives out session ids.
        session: Boolean = true;
        /// Sender-constrained tokens: `bound` to a key, and with a `nonce` of the server's.
        dpop: Word<Dpop> = Dpop::Off;
        /// The algorithms of the proofs that it verifies.
        dpop_algorithms: Words<DpopAlgorithm> = DpopAlgorithm::ALL.to_vec();
    }
}

impl Default for AuthorizationServer {
    fn default() -> Self {
        Self::with_defaults()
    }
}

impl Default for McpServer {
    fn default() -> Self {
        Self::with_defaults()
    }
}

impl Role {
    /// The role without its settings.
    pub const fn kind(&self) -> RoleKind {
        match self {
            Self::AuthorizationServer(_) => RoleKind::AuthorizationServer,
            Self::IdentityProvider(_) => RoleKind::IdentityProvider,
            Self::McpServer(_) => RoleKind::McpServer,
            Self::WebSite => RoleKind::WebSite,
        }
    }
}

impl RoleKind {
    /// Settings of parties of this role, those of every party first.
    pub fn settings(self) -> Vec<SettingFacts> {
        let mut settings = Party::settings();
        settings.extend(match self {
            Self::AuthorizationServer | Self::IdentityProvider => AuthorizationServer::settings(),
            Self::McpServer => McpServer::settings(),
            Self::WebSite => Vec::new(),
        });
        settings
    }
}

impl Party {
    /// A party with the default settings of its role.
    pub fn new(name: impl Into<String>, role: RoleKind) -> Self {
        let role = match role {
            RoleKind::AuthorizationServer => Role::AuthorizationServer(Default::default()),
            RoleKind::IdentityProvider => Role::IdentityProvider(AuthorizationServer {
                grants: vec![
                    Grant::AuthorizationCode,
                    Grant::RefreshToken,
                    Grant::TokenExchange,
                ],
                ..Default::default()
            }),
            RoleKind::McpServer => Role::McpServer(Default::default()),
            RoleKind::WebSite => Role::WebSite,
        };
        Self::with_defaults(name.into(), role)
    }

    /// The settings that do not have their default, as a scenario file writes them.
    pub fn changed_settings(&self) -> Vec<(&'static str, String)> {
        let mut changed = self.differences(&Self::with_defaults(self.name.clone(), Role::WebSite));
        changed.extend(match &self.role {
            Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
                server.differences(&AuthorizationServer::default())
            }
            Role::McpServer(server) => server.differences(&McpServer::default()),
            Role::WebSite => Vec::new(),
        });
        changed
    }

    /// The host that it listens on. Where none is set, hostile parties live apart from honest ones.
    pub const fn effective_host(&self) -> Host {
        match self.host {
            Some(host) => host,
            None if self.hostile => Host::Ipv4,
            None => Host::Localhost,
        }
    }

    /// Changes one setting. Whether parties that it names exist is for the caller to check.
    pub fn apply(&mut self, setting: &str, value: &Value) -> Result<(), SettingError> {
        let known = self.set(setting, value)?
            || match &mut self.role {
                Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
                    server.set(setting, value)?
                }
                Role::McpServer(server) => server.set(setting, value)?,
                Role::WebSite => false,
            };
        if known {
            return Ok(());
        }
        let role = self.role.kind();
        Err(SettingError::NoSuchSetting {
            role,
            setting: setting.to_owned(),
            known: role
                .settings()
                .into_iter()
                .map(|setting| setting.name)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests;
