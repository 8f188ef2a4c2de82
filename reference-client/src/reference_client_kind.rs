//! The kinds of application that the client can be.

/// The kind of application that the client is. It decides where authorization responses arrive and
/// whether the client can keep a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReferenceClientKind {
    /// A program in a terminal. The response arrives at a listener on this machine.
    #[default]
    Terminal,
    /// An installed app. The system hands it every URL of the app's own scheme. It also registers a
    /// loopback redirect URI.
    App,
    /// A web application on a server. The response arrives at its site, and it authenticates with a
    /// key of its own.
    Web,
    /// A test adapter without a user. It loads the authorization URL itself and reads the response
    /// from the redirect.
    Headless,
    /// An agent: a program in a terminal that calls tools when its language model asks for them.
    Agent,
}

impl ReferenceClientKind {
    /// All kinds of application.
    pub const ALL: &'static [Self] = &[
        Self::Terminal,
        Self::App,
        Self::Web,
        Self::Headless,
        Self::Agent,
    ];

    /// Its word on command lines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::App => "app",
            Self::Web => "web",
            Self::Headless => "headless",
            Self::Agent => "agent",
        }
    }

    /// The redirect URIs that this kind of application registers; it uses the first one. `None`
    /// means the address of its loopback listener.
    pub(crate) fn redirect_uris(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Terminal | Self::Agent => None,
            Self::App => Some(&[
                "example.reference-client:/callback",
                "http://127.0.0.1/callback",
            ]),
            Self::Web => Some(&["https://reference-client.example/callback"]),
            Self::Headless => Some(&["http://127.0.0.1:3000/callback"]),
        }
    }
}
