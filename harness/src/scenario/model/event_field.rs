//! The fields of events: one table says what each holds, which events have it, and how it reads in
//! a sentence.
//!
//! A new field is one row here and the code that fills it in.

pub use self::known_values::SINGLE_PARAMETERS;
use self::known_values::{
    ASSERTION_CLAIMS, AUTHENTICATION_METHODS, DOCUMENT_PLACES, DPOP_PROOF_PARTS, JWT_KINDS,
    REDIRECT_KINDS, SAME_OR_NOT, SENDERS, TOKEN_TYPES,
};
use super::EventKind::{
    self, AttackerGain, AuthorizationRequest, AuthorizationResponse, BrowserOpen, CallAccepted,
    CallbackPage, Challenge, Child, ClientDocument, ClientFinished, ClientStart, Display, File,
    ForeignName, Listening, McpRequest, McpResponse, Metadata, MetadataRequest, ModelAsked,
    ModelCalled, Prm, PrmRequest, RegistrationRequest, RegistrationResponse, TokenRequest,
    TokenResponse, ToolCalled,
};
use super::field_facts::{
    FieldFacts, boolean, field, integer, list_of_words, object, scope, searched_text, secrets,
    text, texts, word,
};
use super::field_kind::FieldKind;
use crate::words::words;

mod known_values;
#[cfg(test)]
mod tests;

/// Events that are HTTP requests.
const REQUESTS: &[EventKind] = &[
    EventKind::Request,
    PrmRequest,
    MetadataRequest,
    RegistrationRequest,
    AuthorizationRequest,
    TokenRequest,
    McpRequest,
];

macro_rules! event_fields {
    ($($(#[doc = $about:literal])* $variant:ident = $word:literal: $facts:expr;)+) => {
        words! {
            /// A field of an event.
            pub enum EventField { $($(#[doc = $about])* $variant = $word),+ }
        }

        impl EventField {
            const fn facts(self) -> FieldFacts {
                match self { $(Self::$variant => $facts),+ }
            }
        }
    };
}

event_fields! {
    /// The start of the client that the event belongs to, counted from 1.
    Run = "run": integer().of(EventKind::ALL);

    // ------------------------------------------------------------ HTTP requests
    Method = "method": word(&["GET", "POST", "DELETE", "HEAD", "PUT"]).of(REQUESTS);
    /// The path of a request's target; in a `file` event, the path of the file.
    Path = "path": text().of(&[
        EventKind::Request, PrmRequest, MetadataRequest, RegistrationRequest, AuthorizationRequest,
        TokenRequest, McpRequest, File,
    ]);
    /// Path and query, as sent.
    Target = "target": text().of(REQUESTS);
    /// Whether the party serves something at this path.
    Known = "known": boolean().of(REQUESTS);
    /// Who sent the request, or opened the browser.
    By = "by": word(SENDERS).of(&[
        EventKind::Request, PrmRequest, MetadataRequest, RegistrationRequest, AuthorizationRequest,
        TokenRequest, McpRequest, BrowserOpen,
    ]);
    /// The access token of the request.
    Bearer = "bearer": text().needs_placeholder().of(&[
        EventKind::Request, PrmRequest, MetadataRequest, RegistrationRequest, AuthorizationRequest,
        TokenRequest, McpRequest, CallAccepted,
    ]);
    AuthScheme = "auth_scheme": word(&["Bearer", "DPoP", "Basic"]).of(REQUESTS);
    /// Secrets anywhere in the request.
    Carries = "carries": secrets().reads("the secret").of(REQUESTS);
    /// Secrets of flows that this party has no part in.
    Foreign = "foreign": secrets().reads("another flow's secret").of(REQUESTS);
    QueryCarries = "query_carries": secrets().reads("in its query the secret").of(REQUESTS);
    BodyCarries = "body_carries": secrets().reads("in its body the secret").of(REQUESTS);
    /// Secrets in the `Cookie` header.
    Cookies = "cookies": secrets().of(REQUESTS);
    /// Parameters that OAuth 2.1 allows only once and that were sent more than once.
    Duplicates = "duplicates":
        list_of_words(SINGLE_PARAMETERS).reads("twice the parameter").of(REQUESTS);
    ContentType = "content_type": text().of(&[
        EventKind::Request, PrmRequest, MetadataRequest, RegistrationRequest, AuthorizationRequest,
        TokenRequest, McpRequest, ClientDocument,
    ]);
    ProtocolVersion = "protocol_version": text().of(REQUESTS);
    Header = "header": field(FieldKind::Headers).of(REQUESTS);

    // ------------------------------------------------------------ OAuth parameters
    ResponseType = "response_type": word(&["code"]).oauth_parameter();
    ClientId = "client_id": text().needs_placeholder().oauth_parameter_and_of(&[
        AuthorizationRequest, TokenRequest, AuthorizationResponse, RegistrationRequest,
        ClientDocument,
    ]);
    ClientSecret = "client_secret": text().needs_placeholder().oauth_parameter_and_of(&[
        AuthorizationRequest, TokenRequest, AuthorizationResponse, ClientDocument,
    ]);
    RedirectUri = "redirect_uri": text().needs_placeholder().oauth_parameter();
    Scope = "scope": scope().comes_from_world().oauth_parameter_and_of(&[
        AuthorizationRequest, TokenRequest, AuthorizationResponse, RegistrationRequest, Challenge,
    ]);
    State = "state": text().needs_placeholder().oauth_parameter();
    Resource = "resource": text().needs_placeholder().oauth_parameter();
    CodeChallenge = "code_challenge": text().oauth_parameter();
    CodeChallengeMethod = "code_challenge_method": word(&["S256", "plain"]).oauth_parameter();
    CodeVerifier = "code_verifier": text().oauth_parameter();
    Code = "code": text().needs_placeholder().oauth_parameter();
    Iss = "iss": text().needs_placeholder().oauth_parameter();
    Error = "error": text().comes_from_world().oauth_parameter_and_of(&[
        AuthorizationRequest, TokenRequest, AuthorizationResponse, Challenge, RegistrationResponse,
        TokenResponse,
    ]);
    ErrorDescription = "error_description": text().oauth_parameter();
    ErrorUri = "error_uri": text().oauth_parameter();
    GrantType = "grant_type": word(&[
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ]).oauth_parameter_and_of(&[
        AuthorizationRequest, TokenRequest, AuthorizationResponse, TokenResponse,
    ]);
    RefreshToken = "refresh_token": text().needs_placeholder().oauth_parameter();
    ClientAssertion = "client_assertion": text().oauth_parameter();
    ClientAssertionType = "client_assertion_type": text().oauth_parameter();
    Nonce = "nonce": text().needs_placeholder().oauth_parameter();
    Audience = "audience": text().needs_placeholder().oauth_parameter();
    SubjectToken = "subject_token": text().oauth_parameter();
    SubjectTokenType = "subject_token_type": word(TOKEN_TYPES).oauth_parameter();
    RequestedTokenType = "requested_token_type":
        word(&["urn:ietf:params:oauth:token-type:id-jag"]).oauth_parameter();
    RequestObject = "request": text().oauth_parameter();
    RequestUri = "request_uri": text().oauth_parameter();
    Prompt = "prompt": text().oauth_parameter();
    ResponseMode = "response_mode": text().oauth_parameter();
    /// The parameter without a meaning that servers must ignore.
    Foo = "foo": text().oauth_parameter();

    /// The decoded parameters of the query by name, each with all of its values.
    Query = "query": field(FieldKind::Parameters).of(&[AuthorizationRequest]);

    // ------------------------------------------------------------ metadata requests and answers
    /// Which of the well-known places the document was asked for at.
    Location = "location":
        word(DOCUMENT_PLACES).of(&[PrmRequest, MetadataRequest, Prm, Metadata]);
    /// The authorization servers that a protected resource metadata document lists.
    AuthorizationServers = "authorization_servers": texts().needs_placeholder().of(&[Prm]);
    Status = "status": integer().of(&[
        Prm, Metadata, Challenge, RegistrationResponse, TokenResponse, McpResponse, ClientDocument,
        CallbackPage,
    ]);

    // ------------------------------------------------------------ registration and client metadata
    ClientName = "client_name": text().of(&[RegistrationRequest, ClientDocument]);
    RedirectUris = "redirect_uris": texts().of(&[RegistrationRequest, ClientDocument]);
    GrantTypes = "grant_types": texts().of(&[RegistrationRequest, ClientDocument]);
    ResponseTypes = "response_types": texts().of(&[RegistrationRequest]);
    TokenEndpointAuthMethod = "token_endpoint_auth_method":
        word(AUTHENTICATION_METHODS).of(&[RegistrationRequest, ClientDocument]);
    ApplicationType = "application_type": word(&["native", "web"]).of(&[RegistrationRequest]);
    Jwks = "jwks": object().of(&[RegistrationRequest, ClientDocument]);
    JwksUri = "jwks_uri": text().of(&[RegistrationRequest, ClientDocument]);
    RedirectKinds = "redirect_kinds": list_of_words(REDIRECT_KINDS).of(&[RegistrationRequest]);
    BodyKind = "body_kind": word(&["json-object", "other"]).of(&[RegistrationRequest]);
    DpopBoundAccessTokens = "dpop_bound_access_tokens": boolean().of(&[RegistrationRequest]);

    // ------------------------------------------------------------ authorization requests,
    // responses
    RedirectKind = "redirect_kind": word(REDIRECT_KINDS).of(&[AuthorizationRequest]);
    /// Whether the redirect URI is one that the client registered.
    RedirectKnown = "redirect_known": boolean().of(&[AuthorizationRequest]);
    /// How the client got to be known to the server.
    ClientKind = "client_kind": word(&["cimd", "dcr", "pre-registered", "unknown"])
        .of(&[AuthorizationRequest, TokenRequest]);
    /// What the `resource` parameter is, but for a final slash, which `resource_slash_added` tells.
    ResourceIs = "resource_is": word(&["prm-value", "canonical-url", "parent", "another", "absent"])
        .of(&[AuthorizationRequest, TokenRequest]);
    /// Whether a server that the client connects to has given it its resource metadata.
    ResourceKnown = "resource_known": boolean().of(&[AuthorizationRequest, TokenRequest]);
    ResourceSlashAdded = "resource_slash_added": boolean().of(&[AuthorizationRequest]);
    StateReveals = "state_reveals": word(&["nothing", "a-secret", "personal-data"])
        .of(&[AuthorizationRequest]);
    /// Parts of a client ID that is a URL.
    ClientIdHas = "client_id_has":
        list_of_words(&["path", "query", "fragment", "user-information", "dot-segment"])
            .of(&[AuthorizationRequest]);
    /// Whether the redirect URI stands in the client's metadata document.
    RedirectListed = "redirect_listed": word(&["listed", "not-listed", "unknown"])
        .of(&[AuthorizationRequest]);
    RedirectUrisRegistered = "redirect_uris_registered": word(&["one", "several", "unknown"])
        .of(&[AuthorizationRequest]);
    RedirectSchemeHasDomain = "redirect_scheme_has_domain": boolean().of(&[AuthorizationRequest]);
    LoadedBefore = "loaded_before": boolean().of(&[AuthorizationRequest]);
    /// Whether the response reached the client's redirect URI.
    Delivered = "delivered": boolean().of(&[AuthorizationResponse]);
    /// Whether the response is one more than the server sent.
    Copy = "copy": boolean().of(&[AuthorizationResponse]);

    // ------------------------------------------------------------ token requests
    ClientAuth = "client_auth": word(&[
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "several",
    ]).of(&[TokenRequest]);
    BasicEncoding = "basic_encoding": word(&["form", "raw", "other"]).of(&[TokenRequest]);
    Pkce = "pkce": word(&["matches", "differs", "absent"]).of(&[TokenRequest]);
    RedirectUriIs = "redirect_uri_is": word(SAME_OR_NOT).of(&[TokenRequest]);
    RefreshTokenIs = "refresh_token_is":
        word(&["current", "replaced", "expired", "anothers", "unknown", "absent"])
            .of(&[TokenRequest]);
    ResourceAsAuthorized = "resource_as_authorized": word(SAME_OR_NOT).of(&[TokenRequest]);
    /// The authentication method that the client's document or registration announces.
    DeclaredAuth = "declared_auth": word(AUTHENTICATION_METHODS).of(&[TokenRequest]);
    /// The claims of the client assertion.
    Assertion = "assertion": field(FieldKind::Table(ASSERTION_CLAIMS)).of(&[TokenRequest]);
    /// What the `assertion` of the jwt-bearer grant is, byte for byte.
    GrantAssertion = "grant_assertion": word(JWT_KINDS).of(&[TokenRequest]);
    /// The claims of the `assertion` of the jwt-bearer grant.
    GrantAssertionClaims = "grant_assertion_claims":
        field(FieldKind::Table(ASSERTION_CLAIMS)).of(&[TokenRequest]);
    /// What the `subject_token` of a token exchange is, byte for byte.
    SubjectTokenIs = "subject_token_is": word(JWT_KINDS).of(&[TokenRequest]);
    ClientIdIsSubject = "client_id_is_subject": boolean().of(&[TokenRequest]);
    /// The DPoP proof of the request.
    Dpop = "dpop": field(FieldKind::Table(DPOP_PROOF_PARTS)).of(&[TokenRequest, McpRequest]);
    /// Who loaded the authorization request that brought the code.
    CodeBy = "code_by": word(SENDERS).of(&[TokenRequest]);

    // ------------------------------------------------------------ MCP
    /// The JSON-RPC method.
    Rpc = "rpc": word(&[
        "initialize",
        "notifications/initialized",
        "server/discover",
        "tools/list",
        "tools/call",
        "subscriptions/listen",
    ]).of(&[McpRequest, Challenge, McpResponse, CallAccepted]);
    Tool = "tool": text().comes_from_world()
        .of(&[McpRequest, McpResponse, CallAccepted, ToolCalled, ModelCalled]);
    /// The names under which an agent offered its model the tools that the scenario calls.
    Offered = "offered": texts().of(&[ModelAsked]);
    SessionId = "session_id": text().of(&[McpRequest]);
    Extensions = "extensions": texts().of(&[McpRequest]);

    // ------------------------------------------------------------ what the client does locally
    /// The scheme of a challenge, or of a URL that is opened.
    Scheme = "scheme": word(&["http", "https", "other", "Bearer", "DPoP"])
        .of(&[Challenge, BrowserOpen]);
    Url = "url": text().of(&[ClientDocument, BrowserOpen]);
    Loopback = "loopback": boolean().of(&[BrowserOpen, Listening]);
    /// When the client was seen to listen: the browser was opened, or a tool was called.
    Moment = "moment": word(&["before-response", "signed-in"]).of(&[Listening]);
    /// Whether the URL is one argument of the browser's command, as opposed to a part of one.
    OneArgument = "one_argument": boolean().of(&[BrowserOpen]);
    RedirectsTo = "redirects_to": text().needs_placeholder().of(&[CallbackPage]);
    /// An excerpt of what a client showed or left; scenarios look for texts in the whole of it.
    Contains = "contains": searched_text().reads("the text")
        .of(&[CallbackPage, Display, File, Child, ForeignName, ModelAsked]);
    /// Which texts that the scenario looks for occur in the whole.
    Found = "found": texts().comes_from_world().of(&[Display, File, ForeignName, ModelAsked]);
    IsMarkup = "is_markup": boolean().of(&[CallbackPage]);
    LoadsForeign = "loads_foreign": boolean().of(&[CallbackPage]);
    ReferrerPolicy = "referrer_policy": text().of(&[CallbackPage]);
    /// Secrets in the `Set-Cookie` header.
    SetCookie = "set_cookie": secrets().of(&[CallbackPage]);
    /// `quiet`: the client came to rest without ending, and was ended.
    Outcome = "outcome": word(&["success", "failure", "crash", "killed", "quiet"])
        .of(&[ClientFinished]);
    /// How many processes of the client this start consists of.
    Processes = "processes": integer().reads("processes").of(&[ClientStart]);
    Surface = "surface": word(&["stdout", "stderr", "callback-page", "log-file"]).of(&[Display]);
    Secret = "secret":
        secrets().reads("the secret").of(&[Display, File, Child, ForeignName, ModelAsked]);
    Place = "place": word(&["home", "tmp", "cwd"]).of(&[File]);
    ReadableBy = "readable_by": word(&["owner", "group", "everyone"]).of(&[File]);
    Argv = "argv": texts().of(&[Child]);
    Shell = "shell": boolean().of(&[Child]);

    // ------------------------------------------------------------ attackers
    /// What a hostile party achieved.
    What = "what": word(&[
        "code-redeemed",
        "token-replayed",
        "token-refreshed",
        "client-impersonated",
        "code-injected",
        "assertion-redeemed",
    ]).of(&[AttackerGain]);
    /// The party at which it achieved it.
    From = "from": text().of(&[AttackerGain]);
}

impl FieldKind {
    /// The words that values are taken from; `None`: they can be anything.
    pub fn known_words(self) -> Option<Vec<&'static str>> {
        match self {
            Self::Word(words) | Self::Words(words) => Some(words.to_vec()),
            _ => None,
        }
    }
}

impl EventField {
    /// What its values are.
    pub const fn kind(self) -> FieldKind {
        self.facts().kind
    }

    /// Whether events of this kind have the field.
    pub fn occurs_in(self, event: EventKind) -> bool {
        self.facts().events.contains(&event)
    }

    /// The fields of events of this kind, in the order of the table.
    pub fn all_of(event: EventKind) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(move |field| field.occurs_in(event))
    }

    /// Whether it holds a secret or an address, which a scenario writes as a placeholder.
    pub const fn needs_placeholder(self) -> bool {
        self.facts().needs_placeholder
    }

    /// Whether the world of the same scenario must have put the value there.
    pub const fn comes_from_world(self) -> bool {
        self.facts().comes_from_world
    }

    /// Whether it is a parameter of OAuth messages, under the same name.
    pub const fn is_oauth_parameter(self) -> bool {
        self.facts().is_oauth_parameter
    }

    /// The parameters of OAuth messages.
    pub fn oauth_parameters() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|field| field.is_oauth_parameter())
    }

    /// Whether its values are names of secrets.
    pub const fn holds_secrets(self) -> bool {
        matches!(self.kind(), FieldKind::Secrets)
    }

    /// How a sentence names the field before one of its values: "the secret as.code". `None`: by
    /// its word and an equals sign.
    pub const fn phrase(self) -> Option<&'static str> {
        self.facts().phrase
    }
}
