//! The parties of a world, and their settings.

use std::collections::BTreeMap;

use super::Template;
use crate::words::words;

/// One server of the world and what it does unless a deviation says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Party {
    /// Its name in the scenario.
    pub name: String,
    /// What it is, with the settings of that role.
    pub role: Role,
    /// The host name in its URLs; `None`: `localhost`, and `127.0.0.1` for hostile parties.
    pub host: Option<Host>,
    /// The party whose origin it shares.
    pub hosted_on: Option<String>,
    /// The scheme of its URLs.
    pub scheme: Scheme,
    /// The certificate that it shows, with scheme `https`.
    pub certificate: Certificate,
    /// `false`: its port refuses connections.
    pub up: bool,
    /// It uses every secret that it gets hold of.
    pub hostile: bool,
}

words! {
    /// A host that parties listen on.
    pub enum Host {
        Localhost = "localhost",
        Ipv4 = "127.0.0.1",
        Ipv6 = "[::1]",
        /// A name that is not loopback; needs a private network.
        Named = "named",
    }
}

words! {
    pub enum Scheme { Http = "http", Https = "https" }
}

words! {
    pub enum Certificate {
        Good = "good",
        SelfSigned = "self-signed",
        Expired = "expired",
        WrongName = "wrong-name",
    }
}

/// What a party is.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    AuthorizationServer(AuthorizationServer),
    /// The enterprise extension's second authorization server.
    IdentityProvider(AuthorizationServer),
    McpServer(McpServer),
    /// A host that has no part in OAuth: redirect targets, `error_uri`, internal services.
    WebSite,
}

/// Settings of an authorization server.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorizationServer {
    pub issuer_path: String,
    pub metadata_at: Vec<MetadataPlace>,
    pub endpoints: Endpoints,
    pub registration: Vec<Registration>,
    /// The client registered beforehand; `None`: one with made-up credentials.
    pub client: Option<ClientCredentials>,
    pub client_auth: Vec<ClientAuth>,
    /// Seconds until a registered secret expires; `None`: never.
    pub client_secret_lifetime: Option<i64>,
    pub consent: Consent,
    pub iss: IssParameter,
    pub pkce: Pkce,
    pub scopes_supported: Option<Vec<String>>,
    /// The scopes that consent is given to; `None`: to whatever is asked for.
    pub granted_scopes: Option<Vec<String>>,
    pub refresh: Refresh,
    pub resource_indicators: ResourceIndicators,
    pub token_format: TokenFormat,
    pub grants: Vec<Grant>,
    pub dpop: Dpop,
}

/// Client ID and secret registered beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientCredentials {
    pub id: Template,
    pub secret: Template,
}

words! {
    /// Well-known locations of authorization server metadata (RFC 8414 section 3.1, OpenID Connect
    /// Discovery).
    pub enum MetadataPlace {
        /// `/.well-known/oauth-authorization-server` + issuer path
        OAuth = "oauth",
        /// `/.well-known/openid-configuration` + issuer path
        OpenId = "openid",
        /// issuer path + `/.well-known/openid-configuration`
        OpenIdAppended = "openid-appended",
    }
}
words! { pub enum Endpoints { Unguessable = "unguessable", Default = "default" } }
words! { pub enum Registration { PreRegistered = "pre-registered", Cimd = "cimd", Dcr = "dcr" } }
words! {
    pub enum ClientAuth {
        None = "none",
        ClientSecretBasic = "client_secret_basic",
        ClientSecretPost = "client_secret_post",
        PrivateKeyJwt = "private_key_jwt",
    }
}
words! { pub enum Consent { Granted = "granted", Denied = "denied" } }
words! {
    pub enum IssParameter {
        /// Announced in the metadata and sent.
        Advertised = "advertised",
        /// Sent without having been announced.
        Sent = "sent",
        Off = "off",
    }
}
words! { pub enum Pkce { Required = "required", /** Announced, unchecked. */ Ignored = "ignored" } }
words! { pub enum Refresh { Rotating = "rotating", Kept = "kept", None = "none" } }
words! { pub enum ResourceIndicators { Enforced = "enforced", Ignored = "ignored" } }
words! { pub enum TokenFormat { Jwt = "jwt", Opaque = "opaque", Token68 = "token68" } }
words! {
    pub enum Grant {
        AuthorizationCode = "authorization_code",
        RefreshToken = "refresh_token",
        ClientCredentials = "client_credentials",
        JwtBearer = "jwt-bearer",
        TokenExchange = "token-exchange",
    }
}
words! { pub enum Dpop { Off = "off", Bound = "bound", Nonce = "nonce" } }

/// Settings of an MCP server.
#[derive(Debug, Clone, PartialEq)]
pub struct McpServer {
    pub path: String,
    /// Its resource identifier; `None`: its URL.
    pub resource: Option<Template>,
    /// Where its metadata document lies; the challenge names the first.
    pub prm_at: Vec<PrmPlace>,
    pub challenge: Challenge,
    pub challenge_scope: Option<String>,
    pub scopes_supported: Option<Vec<String>>,
    /// Scopes that a tool call takes.
    pub tool_scopes: BTreeMap<String, Vec<String>>,
    pub authorization_servers: Vec<String>,
    pub answers: Answers,
    pub session: bool,
    pub dpop: Dpop,
}

/// A place of protected resource metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrmPlace {
    /// `/.well-known/oauth-protected-resource` + path of the MCP endpoint (RFC 9728 section 3.1).
    Path,
    /// `/.well-known/oauth-protected-resource`
    Root,
    /// A path that only the challenge names.
    Named(String),
}
words! { pub enum Challenge { NamesPrm = "names-prm", Bare = "bare", NoHeader = "no-header" } }
words! { pub enum Answers { Json = "json", Sse = "sse" } }
