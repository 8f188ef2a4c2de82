//! What a run is told: revision, servers, tools, credentials, defects.

use crate::defect::Defects;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Everything that one run is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The revision of the protocol to speak.
    pub revision: Revision,
    /// What kind of application the client is.
    pub kind: Kind,
    /// No user is there: the client signs in with its own credentials (extension
    /// `oauth-client-credentials`).
    pub acts_for_itself: bool,
    /// The MCP servers to connect to, in this order or all at once.
    pub servers: Vec<Server>,
    /// The tools to call at each server, after `tools/list`.
    pub call: Vec<String>,
    /// With several servers: connect to all of them at once. With one: make all calls at once.
    pub at_once: bool,
    /// Tell more on standard error, never secrets.
    pub verbose: bool,
    /// A client registered beforehand.
    pub credentials: Option<Credentials>,
    /// In which ways to be broken; normally none or one.
    pub defects: Defects,
    /// How long to wait for the user, and for any single answer.
    pub patience: Duration,
}

impl Config {
    /// A run against one server with nothing special.
    pub fn new(revision: Revision, url: impl Into<String>) -> Self {
        Self {
            revision,
            kind: Kind::default(),
            acts_for_itself: false,
            servers: vec![Server { url: url.into() }],
            call: vec!["test-tool".to_owned()],
            at_once: false,
            verbose: false,
            credentials: None,
            defects: Defects::none(),
            patience: Duration::from_secs(30),
        }
    }
}

/// The kind of application that the client is: it decides where authorization responses arrive and
/// whether the client can keep a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A program in a terminal: the response arrives at a listener on this machine.
    #[default]
    Terminal,
    /// An installed app: the system hands it whatever is addressed to its own URI scheme. It has a
    /// loopback redirect URI registered besides.
    App,
    /// A web application on a server: the response arrives at its site, and it signs in with a key
    /// of its own.
    Web,
    /// A test adapter without a user: it loads the authorization URL itself and reads from the
    /// redirect what a browser would have brought.
    Headless,
}

impl Kind {
    /// The redirect URIs that it registers; the first is the one that it uses. `None`: wherever its
    /// listener is.
    pub(crate) fn redirect_uris(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Terminal => None,
            Self::App => Some(&[
                "example.reference-client:/callback",
                "http://127.0.0.1/callback",
            ]),
            Self::Web => Some(&["https://reference-client.example/callback"]),
            Self::Headless => Some(&["http://127.0.0.1:3000/callback"]),
        }
    }
}

/// An MCP server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its URL, as the user wrote it.
    pub url: String,
}

/// A client registered beforehand.
#[derive(Clone)]
pub struct Credentials {
    /// The client ID.
    pub client_id: String,
    /// The secret of a confidential client.
    pub client_secret: Option<String>,
    /// The key of a client that signs in with assertions: PKCS #8 PEM, ES256.
    pub private_key_pem: Option<String>,
    /// The authorization server that issued them; bound at the first use if not given.
    pub issuer: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A dated revision of the protocol, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// 2025-03-26
    March2025,
    /// 2025-06-18
    June2025,
    /// 2025-11-25
    November2025,
    /// 2026-07-28
    July2026,
}

impl Revision {
    /// All of them, oldest first.
    pub const ALL: [Self; 4] = [
        Self::March2025,
        Self::June2025,
        Self::November2025,
        Self::July2026,
    ];

    /// The date that names it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::March2025 => "2025-03-26",
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::July2026 => "2026-07-28",
        }
    }

    /// Whether the server is greeted with `initialize` and may keep a session.
    pub fn has_sessions(self) -> bool {
        self < Self::July2026
    }

    /// Whether the authorization server is found by protected resource metadata, and tokens are
    /// bound to a `resource`.
    pub fn has_resource_metadata(self) -> bool {
        self >= Self::June2025
    }

    /// Whether PKCE support has to be announced, and client ID metadata documents exist.
    pub fn is_november_or_later(self) -> bool {
        self >= Self::November2025
    }

    /// Whether `iss` in authorization responses is validated.
    pub fn validates_iss(self) -> bool {
        self >= Self::July2026
    }
}

/// The date is not that of a known revision.
#[derive(Debug, thiserror::Error)]
#[error("unknown protocol revision")]
pub struct UnknownRevision;

impl FromStr for Revision {
    type Err = UnknownRevision;

    fn from_str(date: &str) -> Result<Self, UnknownRevision> {
        match date {
            "draft" => Ok(Self::July2026),
            _ => Self::ALL
                .into_iter()
                .find(|revision| revision.as_str() == date)
                .ok_or(UnknownRevision),
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
