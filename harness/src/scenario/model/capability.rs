//! Capabilities of clients and machines: what cases need, and what requirements apply to.

use crate::words::{UnknownWord, words};

words! {
    /// What a client, or the machine that it runs on, is or can do, as far as requirements and
    /// cases ask.
    pub enum Capability {
        /// It takes credentials that were registered beforehand.
        PreRegistration = "pre-registration",
        /// It names itself by the URL of its client ID metadata document.
        Cimd = "cimd",
        /// It registers itself (RFC 7591).
        Dcr = "dcr",
        /// It uses refresh tokens.
        Refresh = "refresh",
        /// It refreshes when a server rejects its token, and not by its own clock only.
        RefreshWhenRejected = "refresh-when-rejected",
        /// What it stores serves its next start.
        KeepsState = "keeps-state",
        /// It opens the user's browser.
        UserAgent = "user-agent",
        /// It listens for the authorization response on the user's machine.
        CallbackListener = "callback-listener",
        /// It connects to every server that it is given.
        SeveralServers = "several-servers",
        /// It connects to them at the same time when it is asked to.
        ServersAtOnce = "servers-at-once",
        /// It calls tools, and does not only list them.
        CallsTools = "calls-tools",
        /// It calls the tools that it is asked to call.
        NamedTools = "named-tools",
        /// It makes its calls at the same time when it is asked to.
        CallsAtOnce = "calls-at-once",
        /// It logs as much as it can when it is asked to.
        Verbose = "verbose",
        /// It authenticates with a key of its own (RFC 7523).
        PrivateKeyJwt = "private-key-jwt",
        /// It acts for itself, with a client credentials grant.
        ClientCredentials = "client-credentials",
        /// It supports enterprise-managed authorization.
        Enterprise = "enterprise",
        /// It authenticates at its company's identity provider with the secret that it is given.
        IdpCredentials = "idp-credentials",
        /// It authenticates with the identity of its workload.
        Workload = "workload",
        /// As a workload, it reads its current JWT from the file in which its platform keeps it.
        WorkloadTokenFile = "workload-token-file",
        /// It binds its tokens to a key (RFC 9449).
        Dpop = "dpop",
        /// It trusts the certificate authority that it is given in the usual variables.
        TrustsGivenAuthority = "trusts-given-ca",
        /// It runs on a server, not on the user's machine.
        Hosted = "hosted",
        /// Its client ID metadata document can be had without a network.
        CimdDocumentReachable = "cimd-document-reachable",
        /// It means to speak 2025-03-26, too: it falls back to the default endpoints of that
        /// revision.
        SpeaksMarch2025 = "speaks-2025-03-26",
        /// It has the issuer of its authorization server in its configuration.
        PreconfiguredIssuer = "preconfigured-issuer",
        /// It runs on the user's machine.
        Native = "native",
        /// Its redirect URI has a scheme of its own.
        PrivateUseScheme = "private-use-scheme",
        /// It has registered more than one redirect URI.
        SeveralRedirectUris = "several-redirect-uris",
        /// It shows pages of its own in a browser, were it only the one after the redirect.
        ServesPages = "serves-pages",
        /// Its windows pass the authorization response on with `postMessage`.
        PostMessage = "post-message",
        /// `state` is what protects it against forged callbacks, as PKCE support was not verified.
        CsrfState = "csrf-state",
        /// Its `state` transports application data.
        ApplicationState = "application-state",
        /// It is an agent: it calls tools when its language model asks for them.
        AsksModel = "asks-model",
        /// It is configured to accept sender-constrained tokens only.
        RequiresDpop = "requires-dpop",

        // ---------------------------------------- the machine, and how the client is driven
        /// The machine has names and addresses of its own for the parties.
        PrivateNetwork = "private-network",
        /// The client runs in a process of its own, so that its output, files and umask are its
        /// own.
        SeparateProcess = "separate-process",
    }
}

impl Capability {
    /// Whether it is one of the machine, or of the way in which the client is driven, and says
    /// nothing about the client itself.
    pub const fn is_of_machine(self) -> bool {
        matches!(self, Self::PrivateNetwork | Self::SeparateProcess)
    }

    /// Whether nothing that a client does in a run shows it, so that cases which need it are run
    /// only for clients that are declared to have it.
    pub const fn is_only_declared(self) -> bool {
        matches!(self, Self::Hosted | Self::AsksModel)
    }

    /// Whether it is an extension of MCP authorization, or a part of one.
    pub const fn is_extension(self) -> bool {
        matches!(
            self,
            Self::ClientCredentials
                | Self::Enterprise
                | Self::IdpCredentials
                | Self::Workload
                | Self::WorkloadTokenFile
                | Self::Dpop
                | Self::RequiresDpop
        )
    }

    /// The capabilities of clients, which a client can be declared to have or to lack.
    pub fn of_clients() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|capability| !capability.is_of_machine())
    }

    /// A capability of clients by its word.
    pub fn parse_of_client(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::of_clients().find(|capability| capability.as_str() == word);
        found.ok_or_else(|| UnknownWord {
            word: word.to_owned(),
            known: Self::of_clients().map(Self::as_str).collect(),
        })
    }
}
