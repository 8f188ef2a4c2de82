//! What a scenario file says, parsed: cases, parties, deviations, steps, expectations.
//!
//! Everything here is checked: a value of these types that came from the loader names only known words,
//! parties that exist and members that their answer has. `FORMAT.md` in `scenarios/` tells what they mean.

use std::collections::{BTreeMap, BTreeSet};

use crate::words::words;

words! {
    /// A revision of the Model Context Protocol, oldest first.
    pub enum Revision {
        /// 2025-03-26: the authorization server lives on the MCP server's origin.
        March2025 = "2025-03-26",
        /// 2025-06-18: protected resource metadata.
        June2025 = "2025-06-18",
        /// 2025-11-25: client ID metadata documents, PKCE support must be announced.
        November2025 = "2025-11-25",
        /// 2026-07-28: `iss` validation; requests carry their metadata, there is no `initialize`.
        July2026 = "2026-07-28",
    }
}

impl Revision {
    /// The newest revision, which the suite runs when none is asked for.
    pub const LATEST: Self = Self::July2026;
}

words! {
    /// How much a requirement binds (RFC 2119): a failed `MUST` fails the run, a failed `SHOULD` is a warning.
    pub enum Level {
        Must = "MUST",
        Should = "SHOULD",
        May = "MAY",
    }
}

words! {
    /// What a client, or the machine it runs on, must be able to do for a case to make sense.
    pub enum Need {
        PreRegistration = "pre-registration",
        Cimd = "cimd",
        Dcr = "dcr",
        Refresh = "refresh",
        KeepsState = "keeps-state",
        UserAgent = "user-agent",
        CallbackListener = "callback-listener",
        SeveralServers = "several-servers",
        ServersAtOnce = "servers-at-once",
        NamedTools = "named-tools",
        CallsAtOnce = "calls-at-once",
        Verbose = "verbose",
        PrivateKeyJwt = "private-key-jwt",
        ClientCredentials = "client-credentials",
        Enterprise = "enterprise",
        Workload = "workload",
        Dpop = "dpop",
        Hosted = "hosted",
        CimdDocumentReachable = "cimd-document-reachable",
        SpeaksMarch2025 = "speaks-2025-03-26",
        /// It can be told which authorization server is the MCP server's, and goes there when no metadata says so.
        PreconfiguredIssuer = "preconfigured-issuer",
        Tls = "tls",
        PrivateNetwork = "private-network",
        ExecTrace = "exec-trace",
        SeparateProcess = "separate-process",
    }
}

impl Need {
    /// A need of the machine or of the way the client is driven, not of the client itself.
    pub const fn is_of_machine(self) -> bool {
        matches!(self, Self::Tls | Self::PrivateNetwork | Self::ExecTrace | Self::SeparateProcess)
    }
}

/// Where something was written: a scenario file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// The file, as the loader was given it (`iss/two-values.toml`).
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// One case: a scenario file, or one variant of it laid over the rest of the file.
#[derive(Debug, Clone)]
pub struct Case {
    /// `area/file` or `area/file/variant`.
    pub id: String,
    /// Where the case is written: the line of `[variant.NAME]`, or the first line of the file.
    pub source: Source,
    /// What happens, in half a sentence.
    pub title: String,
    /// Why it matters, one line of prose (line breaks of the file folded).
    pub why: String,
    /// Names of the official suite's scenarios that this case is the counterpart of.
    pub official: Vec<String>,
    /// What the official scenario decides otherwise.
    pub official_differs: Option<String>,
    /// First revision in which the case's world makes sense.
    pub from: Revision,
    /// Last revision in which the case's world makes sense.
    pub until: Revision,
    /// What it takes to run: written in the file, or following from its world and steps.
    pub needs: BTreeSet<Need>,
    /// What an honest world leads to; `None`: `tool-called` at every server connected to, in every run.
    pub goal: Option<Pattern>,
    /// Monitors that must have spoken in this case.
    pub watch: Vec<String>,
    /// The parties by name, every setting filled in but those that depend on the revision. `as` and `mcp` always exist.
    pub world: BTreeMap<String, Party>,
    /// Misbehaviours, in the order of the file.
    pub deviations: Vec<Deviation>,
    /// The timeline; the loader puts a plain start towards `mcp` first where no step connects.
    pub steps: Vec<Step>,
    /// What must hold, in the order of the file.
    pub expectations: Vec<Expectation>,
}

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
    /// Well-known locations of authorization server metadata (RFC 8414 section 3.1, OpenID Connect Discovery).
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

// ---------------------------------------------------------------- deviations

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
    /// `as.metadata.openid`, `mcp.prm.root`: only the document at that place. Words of [`MetadataPlace`], `other`, `path`, `root`, `named`.
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
    /// The authorization endpoint sends the browser on to that of `to`, parameters kept but `resource`.
    RelayBrowser { to: String, resource: Option<Template> },
    /// One more authorization response reaches the client's redirect URI.
    ExtraCallback { moment: Moment, set: Vec<(String, Value)>, remove: Vec<String>, append: Vec<(String, Value)> },
    /// Two pending authorization responses change places, each keeping the other's `state`.
    CrossResponses { between: Vec<String> },
}

words! { pub enum Moment { Before = "before", After = "after", Instead = "instead" } }

/// Changes to one answer. What `set` works on follows from the answer: JSON members, redirect parameters, challenge parameters.
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

words! { pub enum Transport { Close = "close", Truncate = "truncate", Hang = "hang" } }

// ---------------------------------------------------------------- steps

/// One entry of the timeline.
#[derive(Debug, Clone)]
pub enum Step {
    Start(Start),
    Change(Change),
}

/// Start the client (again), with the same home folder.
#[derive(Debug, Clone)]
pub struct Start {
    /// `None`: when the previous start has finished, or at once if it is the first.
    pub after: Option<Pattern>,
    pub connect: Vec<String>,
    pub flow: Flow,
    /// An odd spelling of the URL handed to the client.
    pub url: Option<Template>,
    /// Tools to call; `None`: the client's own habit.
    pub call: Option<Vec<String>>,
    pub at_once: bool,
    pub umask: Option<u32>,
    pub verbose: bool,
}

/// An honest change of the world, made before the answer recorded as `after` is sent.
#[derive(Debug, Clone)]
pub struct Change {
    pub after: Pattern,
    /// Party, setting, value: applied with [`Party::apply`].
    pub set: Vec<(String, String, Value)>,
    pub expire: Vec<SecretName>,
    pub revoke: Vec<SecretName>,
}

words! {
    /// The kind of flow that the client is asked to drive.
    pub enum Flow {
        Plain = "plain",
        PreRegistration = "pre-registration",
        ClientCredentialsSecret = "client-credentials-secret",
        ClientCredentialsJwt = "client-credentials-jwt",
        Enterprise = "enterprise",
        Workload = "workload",
        Dpop = "dpop",
    }
}

// ---------------------------------------------------------------- expectations

/// One check: a requirement and what must hold for it in this case. Monitors have the same form and name no party.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub requirement: String,
    /// More requirements that get this verdict.
    pub also: Vec<String>,
    /// Only what comes later counts, and without it nothing was exercised.
    pub after: Option<Pattern>,
    pub demands: Demands,
    /// Another severity than the requirement's, for this case.
    pub level: Option<Level>,
    /// Why another level, or why several outcomes pass.
    pub because: Option<String>,
    /// Number of a position of ours (`fixtures/positions.toml`).
    pub position: Option<u32>,
    pub source: Source,
}

/// What is demanded; all forms that are present must hold.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    pub never: Vec<Pattern>,
    pub eventually: Vec<Pattern>,
    pub at_most: Vec<AtMost>,
    pub in_order: Vec<Pattern>,
    pub every: Vec<Every>,
    /// Only in the outermost demands.
    pub any_of: Vec<Demands>,
}

/// No more than `count` such events.
#[derive(Debug, Clone)]
pub struct AtMost {
    pub count: u64,
    pub pattern: Pattern,
}

/// Each event that fits `pattern` has these fields too.
#[derive(Debug, Clone)]
pub struct Every {
    pub pattern: Pattern,
    pub has: Vec<FieldMatch>,
}

/// Which events are meant.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub event: EventName,
    pub filter: Vec<FieldMatch>,
}

/// An event's name as a scenario writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventName {
    /// `as.token-request`, or `token-request` at any party.
    Kind { party: Option<String>, kind: EventKind },
    /// `deviation.NAME`: an answer that carried it reached the client.
    Delivered(String),
}

words! {
    /// Everything that can happen, as far as scenarios talk about it.
    pub enum EventKind {
        /// Any HTTP request of the client (also the more special ones below).
        Request = "request",
        PrmRequest = "prm-request",
        MetadataRequest = "metadata-request",
        RegistrationRequest = "registration-request",
        AuthorizationRequest = "authorization-request",
        TokenRequest = "token-request",
        McpRequest = "mcp-request",
        Prm = "prm",
        Metadata = "metadata",
        Challenge = "challenge",
        RegistrationResponse = "registration-response",
        AuthorizationResponse = "authorization-response",
        TokenResponse = "token-response",
        McpResponse = "mcp-response",
        ClientDocument = "client-document",
        BrowserOpen = "browser-open",
        CallbackPage = "callback-page",
        ClientStart = "client-start",
        ClientFinished = "client-finished",
        Display = "display",
        File = "file",
        Child = "child",
        CallAccepted = "call-accepted",
        ToolCalled = "tool-called",
        AttackerGain = "attacker-gain",
    }
}

impl EventKind {
    /// Whether events of this kind are HTTP requests of the client, and so match a plain `request` too.
    pub const fn is_request(self) -> bool {
        matches!(
            self,
            Self::Request
                | Self::PrmRequest
                | Self::MetadataRequest
                | Self::RegistrationRequest
                | Self::AuthorizationRequest
                | Self::TokenRequest
                | Self::McpRequest
        )
    }
}

/// One field of an event and what it must be.
#[derive(Debug, Clone)]
pub struct FieldMatch {
    /// The field, and within `assertion`, `dpop` and `header` the member: `["scope"]`, `["dpop", "jti"]`, `["header", "accept"]`.
    pub path: Vec<String>,
    /// All of them hold.
    pub matchers: Vec<Matcher>,
}

/// The ways to say what a field must be.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Written as a plain value. On sets: contains.
    Equals(Value),
    Not(Value),
    OneOf(Vec<Value>),
    Present(bool),
    /// Whether it is there at all, be it empty.
    Sent(bool),
    Includes(Vec<Value>),
    SameSet(Vec<Value>),
    Contains(Template),
    StartsWith(Template),
    /// No earlier event of this kind had the same value.
    Fresh(bool),
    /// Nothing in it repeats itself, or the beginning or end of an earlier value.
    LooksRandom(bool),
    /// Shortest and longest length in characters.
    Length(usize, usize),
    Charset(Charset),
}

words! {
    pub enum Charset {
        /// RFC 3986 section 2.3
        Unreserved = "unreserved",
        /// RFC 9110 section 11.2
        Token68 = "token68",
        /// RFC 6749 section 3.3
        ScopeList = "scope-list",
    }
}

// ---------------------------------------------------------------- values

/// A value with placeholders in its texts.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(Template),
    Integer(i64),
    Boolean(bool),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

/// A text with placeholders: `"{as.issuer|slash}"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Placeholder { what: Placeholder, filters: Vec<Filter> },
}

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placeholder {
    /// `{as.issuer}`: an address of a party.
    PartyValue { party: String, value: String },
    /// `{as.refresh_token#2}`: a secret that a party issued; without a number: the first.
    Secret(SecretName),
    /// `{canary.NAME}`: a unique text.
    Canary(String),
    /// `{original}`: what the honest answer would have had here.
    Original,
    /// `{null}`: JSON null, standing alone.
    Null,
    /// `{event.url}`: a field of the event that is looked at (monitors only).
    EventField(String),
}

/// A secret by the party that issued it, its kind and its place in the order of issue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName {
    pub party: String,
    pub kind: String,
    pub nth: Nth,
}

/// Which of several secrets of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nth {
    /// Not said: for `expire` and `revoke` all of them, as a value the first, for `carries` any.
    Unsaid,
    /// `#2`: counted from 1.
    Number(usize),
    /// `#latest`: the newest at that moment.
    Latest,
}

words! {
    /// Changes to a placeholder's text.
    pub enum Filter {
        Slash = "slash",
        NoSlash = "no-slash",
        UpperHost = "upper-host",
        UpperScheme = "upper-scheme",
        ZeroPort = "zero-port",
        PercentOne = "percent-one",
        PercentAll = "percent-all",
        PercentAllLower = "percent-all-lower",
        JsonEscape = "json-escape",
        Nfd = "nfd",
        Flip = "flip",
        AsHttp = "as-http",
        /// The host becomes `0.0.0.0`, which leads to this machine and is no loopback address.
        AnyAddress = "any-address",
    }
}
