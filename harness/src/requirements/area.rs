//! The parts of the specification, by which requirements and scenarios are ordered.

use crate::words::words;

words! {
    /// The part of the specification that a requirement belongs to: the first part of its id, and
    /// its file.
    pub enum Area {
        /// Protected resource metadata.
        Prm = "prm",
        /// Authorization server metadata.
        Asm = "asm",
        /// Registration: how a client gets its client ID.
        Reg = "reg",
        /// Authorization request, redirect URI, authorization response.
        Authz = "authz",
        /// Issuer identification in authorization responses.
        Iss = "iss",
        /// The `state` parameter.
        State = "state",
        /// Proof Key for Code Exchange (RFC 7636).
        Pkce = "pkce",
        /// Resource indicators.
        Resource = "resource",
        /// Token requests, token responses, storage of tokens.
        Token = "token",
        /// Access tokens in requests to the MCP server.
        Bearer = "bearer",
        /// Which scopes a client asks for.
        Scope = "scope",
        /// Refresh tokens.
        Refresh = "refresh",
        /// Binding of credentials and tokens to one authorization server.
        Binding = "binding",
        /// https and certificates.
        Tls = "tls",
        /// Requirements of the first revision with authorization only (2025-03-26).
        March = "march",
        /// The extension for clients that act for themselves.
        ClientCredentials = "ext-cc",
        /// Enterprise-managed authorization.
        Enterprise = "ext-ema",
        /// The DPoP profile.
        Dpop = "ext-dpop",
        /// Workload identity federation.
        Workload = "ext-wif",
        /// Security best practices.
        BestPractice = "bcp",
    }
}
