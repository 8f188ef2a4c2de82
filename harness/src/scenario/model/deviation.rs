//! How a world misbehaves.

use super::{FieldMatch, Pattern, Template, Value};
use crate::words::words;

/// One misbehaviour of the world.
#[derive(Debug, Clone)]
pub struct Deviation {
    pub name: String,
    /// Which answers deviate.
    pub at: Vec<Target>,
    /// Only answers to requests with these fields.
    pub filter: Vec<FieldMatch>,
    /// Only once this has happened.
    pub after: Option<Pattern>,
    /// Only so many times.
    pub times: Option<u32>,
    /// A conforming client never meets it, so it need not have been delivered.
    pub trap: bool,
    pub action: Action,
}

/// What deviates: an answer of a party, or (without a message) the party's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub party: String,
    pub message: Option<Message>,
    /// `as.metadata.openid`, `mcp.prm.root`: only the document at that place. Words of
    /// [`MetadataPlace`], `other`, `path`, `root`, `named`.
    pub place: Option<String>,
}

words! {
    /// Answers that can deviate.
    pub enum Message {
        Metadata = "metadata",
        RegistrationResponse = "registration-response",
        AuthorizationResponse = "authorization-response",
        TokenResponse = "token-response",
        Prm = "prm",
        Challenge = "challenge",
        McpResponse = "mcp-response",
    }
}

/// What a deviation does.
#[derive(Debug, Clone)]
pub enum Action {
    /// `at` names a party alone: these settings instead of its own. Applied with [`Party::apply`].
    Settings(Vec<(String, Value)>),
    /// Changes to the answer.
    Patch(Patch),
    /// The authorization endpoint sends the browser on to that of `to`, parameters kept but
    /// `resource`.
    RelayBrowser {
        to: String,
        resource: Option<Template>,
    },
    /// One more authorization response reaches the client's redirect URI.
    ExtraCallback {
        moment: Moment,
        method: CallbackMethod,
        set: Vec<(String, Value)>,
        remove: Vec<String>,
        append: Vec<(String, Value)>,
    },
    /// Two pending authorization responses change places, each keeping the other's `state`.
    CrossResponses { between: Vec<String> },
}

words! { pub enum Moment { Before = "before", After = "after", Instead = "instead" } }

words! {
    /// The HTTP method with which a forged authorization response arrives.
    pub enum CallbackMethod { Get = "GET", Head = "HEAD", Post = "POST" }
}

/// Changes to one answer. What `set` works on follows from the answer: JSON members, redirect
/// parameters, challenge parameters.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    pub set: Vec<(String, Value)>,
    pub remove: Vec<String>,
    /// One more: an unknown member, or a second parameter of the same name.
    pub append: Vec<(String, Value)>,
    /// Like `set`, the value not encoded.
    pub raw: Vec<(String, Template)>,
    /// Like `set`, the value a JWT with these claims whose signature does not verify.
    pub forge: Vec<(String, Value)>,
    pub body: Option<Template>,
    /// An answer of its own: the honest handling does not happen, the body starts empty.
    pub status: Option<u16>,
    /// Headers by name; several values make several lines.
    pub headers: Vec<(String, Vec<Template>)>,
    /// The honest handling happens, its answer is lost.
    pub transport: Option<Transport>,
}

impl Patch {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        let Self {
            set,
            remove,
            append,
            raw,
            forge,
            body,
            status,
            headers,
            transport,
        } = self;
        let no_members = set.is_empty()
            && remove.is_empty()
            && append.is_empty()
            && raw.is_empty()
            && forge.is_empty();
        no_members
            && body.is_none()
            && status.is_none()
            && headers.is_empty()
            && transport.is_none()
    }
}

words! { pub enum Transport { Close = "close", Truncate = "truncate", Hang = "hang" } }
