//! The ways this client can be broken, one at a time.
//!
//! A defect is asked for at exactly one place, `defects.has(Defect::X)`, next to the rule that it
//! breaks. A defect that an honest server refuses outright is marked `refused`: the client then
//! tries once more in the right way, so that the flow still reaches its end.

use crate::config::Kind;
use std::str::FromStr;

/// What a reader needs to know about one defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefectInfo {
    /// The name to give to `--defect`.
    pub name: &'static str,
    /// What the client does wrong.
    pub summary: &'static str,
    /// Ids of the requirements that it violates.
    pub breaks: &'static [&'static str],
    /// Whether honest servers refuse it, and the client then goes on in the right way.
    pub refused: bool,
    /// The kind of application that can be broken so.
    pub kind: Kind,
}

/// The defects that are switched on: normally none, or one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defects(Vec<Defect>);

impl Defects {
    /// The conforming client.
    pub fn none() -> Self {
        Self::default()
    }

    /// A client broken in just this way.
    pub fn only(defect: Defect) -> Self {
        Self(vec![defect])
    }

    /// The kind of application that the first of them is about.
    pub fn kind(&self) -> Kind {
        self.0
            .first()
            .map_or(Kind::default(), |defect| defect.info().kind)
    }

    /// Whether the client is broken in this way.
    pub fn has(&self, defect: Defect) -> bool {
        self.0.contains(&defect)
    }

    /// Whether one of the defects is of the kind that honest servers refuse.
    pub(crate) fn any_refused(&self) -> bool {
        self.0.iter().any(|defect| defect.info().refused)
    }

    /// The same client without the defects that honest servers refuse.
    pub(crate) fn without_refused(&self) -> Self {
        self.0
            .iter()
            .copied()
            .filter(|defect| !defect.info().refused)
            .collect()
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<T: IntoIterator<Item = Defect>>(defects: T) -> Self {
        Self(defects.into_iter().collect())
    }
}

/// All defects, in the order of their areas.
pub fn defects() -> &'static [DefectInfo] {
    TABLE
}

/// The name is not that of any defect.
#[derive(Debug, thiserror::Error)]
#[error("no defect has this name; see --list-defects")]
pub struct UnknownDefect;

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let position = TABLE
            .iter()
            .position(|info| info.name == name)
            .ok_or(UnknownDefect)?;
        ALL.get(position).copied().ok_or(UnknownDefect)
    }
}

macro_rules! table {
    (@refused) => { false };
    (@refused refused) => { true };
    (@kind) => { Kind::Terminal };
    (@kind $kind:ident) => { Kind::$kind };
    ($($variant:ident $name:literal $summary:literal [$($breaks:literal)*] $($refused:ident)? $(@ $kind:ident)?;)*) => {
        /// One way to be broken; the table in this file tells more.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Defect { $(#[doc = $summary] $variant,)* }

        const ALL: &[Defect] = &[$(Defect::$variant,)*];

        const TABLE: &[DefectInfo] = &[$(
            DefectInfo {
                name: $name,
                summary: $summary,
                breaks: &[$($breaks,)*],
                refused: table!(@refused $($refused)?),
                kind: table!(@kind $($kind)?),
            },
        )*];

        impl Defect {
            /// Name, summary and broken requirements.
            pub fn info(self) -> DefectInfo {
                TABLE[self as usize]
            }
        }
    };
}

table! {
    // --- protected resource metadata
    UnauthorizedIsFatal "unauthorized-is-fatal" "reports a 401 as an error and never starts authorization"
        ["prm-handle-401" "prm-use-for-as-discovery" "asm-use-rfc8414"];
    PrmSkipped "prm-skipped" "takes the MCP server's origin for the authorization server and asks for no resource metadata"
        ["prm-use-for-as-discovery" "prm-handle-401" "prm-no-prm-no-guess"];
    GuessWithoutPrm "guess-without-prm" "goes to the MCP server's origin when there is no resource metadata"
        ["prm-no-prm-no-guess"];
    ChallengeFirstOnly "challenge-first-only" "looks only at the first challenge" ["prm-challenge-grammar" "scope-stepup-from-as-error"];
    ChallengeFirstLine "challenge-first-line" "looks only at the first WWW-Authenticate line" ["prm-challenge-grammar"];
    ChallengeCaseSensitive "challenge-case-sensitive" "knows scheme and parameters only in their usual case" ["prm-challenge-grammar"];
    ChallengeByRegex "challenge-by-search" "searches the header for resource_metadata= instead of parsing it" ["prm-challenge-grammar"];
    ChallengeSplit "challenge-split-at-comma" "splits the header at every comma" ["prm-challenge-grammar"];
    WellKnownFirst "well-known-before-challenge" "asks the well-known places before the one that the challenge names"
        ["prm-header-url-preferred"];
    NoWellKnown "no-well-known-fallback" "gives up when the challenge names no metadata document"
        ["prm-wellknown-fallback" "prm-wellknown-path-before-root" "prm-wellknown-root-after-404"];
    RootPrmFirst "root-prm-first" "asks the root well-known place before the one with the path" ["prm-wellknown-path-before-root"];
    NoRootPrm "no-root-prm" "never asks the root well-known place" ["prm-wellknown-root-after-404"];
    WellKnownAppended "well-known-appended" "puts the well-known segment behind the server's path instead of before it"
        ["prm-wellknown-insertion" "prm-wellknown-path-before-root" "prm-wellknown-fallback" "prm-wellknown-root-after-404"];
    WellKnownParent "well-known-last-segment-lost" "leaves out the last path segment in the well-known URL"
        ["prm-wellknown-insertion" "prm-wellknown-path-before-root" "prm-wellknown-fallback" "prm-wellknown-root-after-404"];
    WellKnownQueryLost "well-known-query-lost" "leaves out the query in the well-known URL" ["prm-wellknown-insertion"];
    WellKnownSlash "well-known-slash-kept" "keeps the lone slash behind the host in the well-known URL"
        ["prm-wellknown-insertion" "prm-wellknown-root-after-404"];
    PrmStrict "prm-unknown-member-refused" "refuses metadata with a member that it does not know" ["prm-ignore-unknown-members"];
    PrmHead "prm-head-first" "asks with HEAD whether the metadata is there" ["prm-http-get"];
    PrmBearer "bearer-on-prm" "sends a bearer token along when it asks for resource metadata" ["prm-http-get"];
    ResourceUnchecked "resource-unchecked" "never looks at `resource` in the metadata"
        ["prm-resource-match-wellknown" "prm-resource-match-request-url" "prm-resource-mismatch-discard" "prm-resource-codepoint-compare"
         "prm-resource-member-required" "token-only-from-servers-as" "resource-identifies-server"];
    ResourceUncheckedInChallenge "resource-unchecked-in-challenge" "believes any document that the challenge points to"
        ["prm-resource-match-request-url" "token-only-from-servers-as" "resource-identifies-server"];
    ResourceMismatchWarned "resource-mismatch-warned" "warns of a foreign `resource` and goes on with the document"
        ["prm-resource-match-wellknown" "prm-resource-match-request-url" "prm-resource-mismatch-discard" "prm-resource-codepoint-compare"
         "token-only-from-servers-as"];
    ResourceOriginOnly "resource-origin-only" "compares only the origin of `resource`"
        ["prm-resource-match-wellknown" "prm-resource-mismatch-discard" "prm-resource-codepoint-compare"];
    ResourcePrefix "resource-prefix-compare" "accepts a `resource` that is a string prefix of the server's URL"
        ["prm-resource-match-wellknown" "prm-resource-mismatch-discard"];
    ResourceParent "resource-parent-accepted" "accepts a parent path of the same origin as `resource`"
        ["prm-resource-match-wellknown" "prm-resource-mismatch-discard"];
    ResourceChild "resource-child-accepted" "accepts a `resource` below the server's URL"
        ["prm-resource-match-wellknown" "prm-resource-mismatch-discard"];
    SignedMetadataUnverified "signed-metadata-unverified" "believes signed_metadata without a look at its signature" ["prm-signed-metadata"];
    ResourceMissing "resource-missing-accepted" "takes a document without a `resource` for its own" ["prm-resource-member-required"];
    ResourceArray "resource-array-accepted" "takes the first element if `resource` is a list" ["prm-resource-member-required"];
    ResourceFolded "resource-unicode-normalised" "compares `resource` after undoing escapes and Unicode composition"
        ["prm-resource-codepoint-compare"];
    ResourceRaw "resource-compared-escaped" "compares `resource` without undoing JSON escapes" ["prm-resource-codepoint-compare"];
    ResourceCaseStrict "resource-case-strict" "refuses a server whose URL was configured in upper case" ["resource-case-tolerance"];
    QuietWithoutPrm "quiet-without-document" "ends with success when the metadata is no document" ["prm-success-status"];
    NoMetadataRefetch "metadata-cached-for-ever" "never fetches metadata a second time"
        ["prm-refetch-on-new-challenge" "binding-reregister-on-change"];
    ServersMixed "authorization-servers-mixed" "signs in at one listed authorization server and redeems the code at another"
        ["prm-as-only-from-list"];
    FirstServerOnly "first-authorization-server-only" "gives up when the first listed authorization server is down" ["prm-as-only-from-list"];

    // --- authorization server metadata
    EndpointsHardCoded "endpoints-hard-coded" "uses /authorize, /token and /register without reading any metadata"
        ["asm-use-rfc8414" "prm-use-for-as-discovery" "asm-use-advertised-endpoints" "asm-no-default-endpoints-after-march"];
    EndpointsOnIssuerHost "endpoints-moved-to-issuer-host" "takes only the paths of the endpoints and puts them on the issuer's host"
        ["asm-use-advertised-endpoints"];
    DefaultsWithoutMetadata "default-endpoints-without-metadata" "uses /authorize, /token and /register where an authorization server has no metadata"
        ["asm-no-default-endpoints-after-march" "prm-as-only-from-list"];
    OpenidFirst "openid-first" "asks for OpenID metadata before OAuth metadata" ["asm-path-issuer-order" "asm-root-issuer-order"];
    OpenidAppendedFirst "openid-appended-before-inserted" "asks the appended OpenID place before the inserted one" ["asm-path-issuer-order"];
    NoOpenidInserted "no-openid-inserted" "leaves out the OpenID place with the path inserted" ["asm-path-issuer-order"];
    NoOpenidAppended "no-openid-appended" "leaves out the OpenID place with the path appended" ["asm-path-issuer-order"];
    NoOpenid "openid-ignored" "knows OAuth metadata only" ["asm-support-oidc-discovery" "asm-path-issuer-order"];
    MetadataFirstFinal "metadata-first-answer-final" "gives up when the first well-known place answers with anything but 404"
        ["asm-root-issuer-order"];
    RootForTenant "root-metadata-for-tenant" "prefers the host's root document to that of an issuer with a path"
        ["asm-no-root-probe-for-path-issuer"];
    IssuerSlashInUrl "issuer-slash-kept-in-url" "keeps the issuer's final slash in the well-known URL" ["asm-issuer-trailing-slash"];
    IssuerSlashDropped "issuer-slash-dropped" "forgets the issuer's final slash before the comparison" ["asm-issuer-trailing-slash" "asm-issuer-exact-compare"];
    VendorSuffix "vendor-suffix-first" "tries a well-known name of its own first" ["asm-default-suffix-only"];
    IssuerUnchecked "issuer-unchecked" "never compares the issuer in the metadata"
        ["asm-issuer-must-match" "asm-issuer-mismatch-not-used" "asm-issuer-exact-compare" "asm-issuer-member-required" "iss-record-from-validated-metadata" "iss-unique-per-as"];
    IssuerUncheckedOpenid "issuer-unchecked-in-openid" "compares the issuer in OAuth documents only"
        ["asm-issuer-must-match" "asm-issuer-mismatch-not-used"];
    IssuerMismatchWarned "issuer-mismatch-warned" "warns of a foreign issuer and goes on"
        ["asm-issuer-must-match" "asm-issuer-mismatch-not-used" "asm-issuer-exact-compare" "iss-record-from-validated-metadata" "iss-unique-per-as"];
    IssuerNormalisedSlash "issuer-normalised-slash" "ignores a final slash when it compares issuers" ["asm-issuer-exact-compare"];
    IssuerNormalisedCase "issuer-normalised-case" "ignores the case of the host when it compares issuers" ["asm-issuer-exact-compare"];
    IssuerOptional "issuer-optional" "accepts metadata without an issuer" ["asm-issuer-member-required"];
    IssuerFormUnchecked "issuer-form-unchecked" "takes anything for an issuer" ["asm-issuer-form"];
    IssuerQuery "issuer-query-accepted" "accepts an issuer with a query" ["asm-issuer-form"];
    IssuerFragment "issuer-fragment-accepted" "accepts an issuer with a fragment" ["asm-issuer-form"];
    IssuerHttp "issuer-http-accepted" "accepts a plain http issuer on any host" ["asm-issuer-form"];

    ProtectedResourcesUnchecked "protected-resources-unchecked" "does not look whether the authorization server knows the MCP server"
        ["asm-cross-check-protected-resources"];

    // --- registration
    ClientIdMadeUp "client-id-made-up" "starts the flow under a client ID that nobody gave it" ["reg-client-id-before-flow"] refused;
    DcrBeforePrereg "dcr-before-pre-registration" "registers although credentials are configured" ["reg-priority-prereg-first"];
    PreregUnknown "pre-registration-unknown" "does nothing with configured credentials"
        ["reg-prereg-support" "reg-priority-prereg-first" "march-no-dcr-alternative"];
    DcrBeforeCimd "dcr-before-cimd" "prefers dynamic registration to its metadata document" ["reg-priority-cimd-before-dcr"];
    GuessRegister "guess-register" "posts to /register although no registration endpoint is listed" ["reg-priority-prompt-user" "reg-dcr-only-advertised"];
    NoWayQuiet "no-client-id-quiet" "ends with success and without a word when there is no way to register" ["reg-priority-prompt-user"];
    CimdUnasked "cimd-unadvertised" "sends its document's URL to servers that never announced to take one" ["reg-cimd-check-capability" "reg-priority-dcr-fallback"] refused;
    CimdHttp "cimd-http-url" "uses a plain http URL as client ID" ["reg-cimd-url-form"] refused;
    CimdNoPath "cimd-no-path" "uses a URL without a path as client ID" ["reg-cimd-url-form"] refused;
    CimdDotSegment "cimd-dot-segment" "uses a URL with a dot segment as client ID" ["reg-cimd-url-forbidden-parts"] refused;
    CimdFragment "cimd-fragment" "uses a URL with a fragment as client ID" ["reg-cimd-url-forbidden-parts"] refused;
    CimdUser "cimd-user-information" "uses a URL with a user name as client ID" ["reg-cimd-url-forbidden-parts"] refused;
    CimdQuery "cimd-query" "puts a query into the URL that is its client ID" ["reg-cimd-url-no-query"];
    CimdFlagAny "cimd-flag-not-true" "takes any value of client_id_metadata_document_supported but false for true" ["reg-cimd-check-capability"];
    CimdUnknown "cimd-unknown" "knows no client ID metadata documents" ["reg-cimd-support" "reg-priority-cimd-before-dcr"];
    CimdNoName "cimd-document-without-name" "publishes a document without client_name" ["reg-cimd-required-members"];
    CimdOtherId "cimd-document-names-another" "publishes a document whose client_id is not its URL" ["reg-cimd-client-id-self-match"] refused;
    CimdMissing "cimd-document-missing" "has no document at the URL that is its client ID" ["reg-cimd-hosted-over-https"] refused;
    CimdHtml "cimd-document-as-page" "serves its document as a web page" ["reg-cimd-hosted-over-https"] refused;
    CimdOnce "cimd-once" "uses its document at one authorization server only, and registers at the others" ["binding-cimd-portable"];
    DcrUnknown "dcr-unknown" "knows no dynamic registration" ["reg-dcr-support" "reg-cimd-fallback" "reg-priority-dcr-fallback"];
    SecretBeforeKey "secret-before-key" "registers for a shared secret although it has a key" ["bcp-asymmetric-client-auth"] @Web;
    KeyUnused "key-unused" "publishes its key and never signs in with it"
        ["reg-cimd-auth-as-declared" "reg-cimd-private-key-jwt"] @Web;
    KeyUnusedOnRefresh "key-unused-on-refresh" "signs in with its key for the code only, not when it refreshes" ["reg-cimd-auth-as-declared"] @Web;
    WebSaysNative "web-registers-as-native" "registers as a native application although it is a web site"
        ["reg-dcr-type-web" "reg-dcr-oidc-native-redirects"] @Web;
    DcrLanRedirect "dcr-lan-redirect-uri" "registers a plain http address of the local network as well" ["reg-dcr-oidc-native-redirects"] refused;
    CimdSecret "cimd-document-with-secret" "publishes a document with a shared secret" ["reg-cimd-no-shared-secret"];
    DcrForm "dcr-form-encoded" "registers with a form instead of JSON" ["reg-dcr-request-form"] refused;
    DcrNoRedirects "dcr-no-redirect-uris" "registers without redirect URIs" ["reg-dcr-redirect-uris"] refused;
    RedirectUnregistered "redirect-uri-unregistered" "sends a redirect URI that it did not register" ["reg-redirect-uri-registered" "reg-cimd-redirect-listed"] refused;
    DcrNoType "dcr-no-application-type" "registers without application_type" ["reg-dcr-application-type" "reg-dcr-type-native"];
    DcrWeb "dcr-type-web" "registers as a web application with a loopback redirect URI" ["reg-dcr-type-native"];
    DcrMethodAsAsked "dcr-response-method-ignored" "authenticates as it asked to at registration, whatever the answer says" ["reg-dcr-honour-response"];
    DcrConfidential "dcr-confidential" "registers for a shared secret although it could do without one" ["march-local-public-client"];
    DcrRefusalIgnored "dcr-refusal-ignored" "goes on without a client ID after a refused registration"
        ["reg-dcr-handle-rejection" "reg-client-id-before-flow"];
    DcrRefusalHidden "dcr-refusal-hidden" "tells nothing about why the registration was refused" ["reg-dcr-surface-error"];
    DcrRetriesForEver "dcr-retries-for-ever" "repeats a refused registration without end" ["reg-dcr-retry-adjusted" "reg-dcr-handle-rejection"];
    DcrOwnId "dcr-own-client-id" "proposes a client ID of its own in the registration" ["reg-dcr-no-self-chosen-id"] refused;
    DcrJwksTwice "dcr-jwks-twice" "registers with both jwks and jwks_uri" ["reg-dcr-jwks-exclusive"] refused;
    ExpiredSecret "expired-secret-kept" "sends an expired client secret again and again" ["reg-dcr-secret-expiry"];
    NoRefreshGrant "no-refresh-grant-in-metadata" "does not list refresh_token in its metadata although it uses refresh tokens"
        ["refresh-grant-type-in-metadata"];

    StopAfterRegistration "stop-after-registration" "gives up once it has a client ID" ["prm-handle-401" "asm-use-rfc8414"];
    // --- authorization request and callback
    ErrorResponseRedeemed "error-response-redeemed" "goes on to the token endpoint after an error response" ["authz-error-response-stops"];
    RefusalAskedAgain "refusal-asked-again" "opens the browser again and again after an error response" ["authz-error-response-stops"];
    RefusalHidden "refusal-hidden" "ends with success and without a word after an error response" ["authz-error-response-reported"];
    ResponseTypeToken "response-type-token" "asks for a token instead of a code" ["authz-code-grant-only"] refused;
    RedirectPlainHttp "redirect-plain-http" "has itself redirected to a plain http address elsewhere" ["authz-redirect-uri-localhost-or-https" "reg-redirect-uri-registered"] refused;
    RedirectLocalhost "redirect-localhost" "uses the name localhost in its redirect URI" ["authz-loopback-ip-literal"];
    RedirectFragment "redirect-uri-fragment" "adds a fragment to its redirect URI" ["authz-redirect-uri-form" "authz-redirect-uri-localhost-or-https" "reg-redirect-uri-registered"] refused;
    RedirectUriOmitted "redirect-uri-omitted" "does not say which of its redirect URIs it means" ["authz-redirect-uri-sent"] refused @App;
    SchemeWithoutDomain "scheme-without-domain" "uses a URI scheme that no domain name stands behind" ["authz-private-scheme-reverse-domain"] @App;
    ResponseStrict "unknown-response-parameter-refused" "refuses a response with a parameter that it does not know" ["authz-ignore-unknown-response-params"];
    FetchesAuthorize "fetches-authorize-itself" "fetches the authorization page itself instead of opening the browser" ["authz-external-user-agent"];
    EndpointQueryDropped "endpoint-query-dropped" "loses the query of the authorization endpoint" ["authz-endpoint-query-retained"];
    EndpointQueryDuplicated "endpoint-query-duplicated" "adds its parameters to those that the authorization endpoint already carries"
        ["authz-no-duplicate-params" "resource-not-overridden-by-as"] refused;
    StateTwice "state-sent-twice" "sends state twice" ["authz-no-duplicate-params"] refused;
    CodeTwice "code-redeemed-twice" "sends the same code again when the token request fails" ["authz-code-once"];
    SecondCallbackRedeemed "second-callback-redeemed" "redeems the code of every callback, even one that it has had" ["authz-code-once" "state-invalidate-after-use"];
    PageEchoes "callback-page-echoes" "puts the error description into the callback page as it came"
        ["authz-sanitize-received-values" "iss-error-mismatch-no-display"];
    TerminalEscapes "terminal-escapes-shown" "prints the error description as it came" ["authz-sanitize-received-values"];
    OpenRedirector "callback-redirects" "forwards the browser to wherever the callback's parameters say" ["authz-no-open-redirector"];
    PageLoadsForeign "callback-page-loads-foreign" "loads a picture from elsewhere in the callback page" ["authz-callback-page-clean"];

    // --- iss
    NoIssCheck "no-iss-check" "never looks at iss"
        ["iss-advertised-mismatch" "iss-advertised-absent" "iss-unadvertised-mismatch" "iss-check-before-code-use" "iss-bound-to-request"
         "iss-no-normalization" "iss-multiple-identifiers" "iss-record-before-redirect" "iss-support-state-per-as"
         "iss-error-mismatch-no-display"];
    IssOnlyIfAdvertised "iss-only-if-advertised" "compares iss only if it was announced" ["iss-unadvertised-mismatch"];
    IssOptional "iss-optional" "accepts a response without iss although it was announced" ["iss-advertised-absent" "iss-support-state-per-as"];
    IssEmptyAccepted "iss-empty-accepted" "takes an empty iss for a right one" ["iss-advertised-absent"];
    IssDiscardUnadvertised "iss-discard-unadvertised" "rejects a right iss that was not announced" ["iss-unadvertised-match"];
    IssAlwaysRejected "iss-always-rejected" "rejects every response that has an iss" ["iss-advertised-match" "iss-unadvertised-match" "iss-form-decode-first"];
    IssDemandedAlways "iss-demanded-always" "demands iss of every authorization server" ["iss-unadvertised-absent" "iss-support-state-per-as"];
    IssCheckedLate "iss-checked-late" "redeems the code first and looks at iss afterwards"
        ["iss-check-before-code-use" "iss-advertised-mismatch" "iss-unadvertised-mismatch" "iss-advertised-absent" "iss-no-normalization"
         "iss-multiple-identifiers" "iss-bound-to-request" "iss-record-before-redirect" "iss-support-state-per-as"];
    IssNormalised "iss-normalised" "normalises both URLs in every way before it compares iss" ["iss-no-normalization"];
    IssNormalisedSlash "iss-normalised-slash" "ignores a final slash when it compares iss" ["iss-no-normalization"];
    IssNormalisedHostCase "iss-normalised-host-case" "ignores the case of the host when it compares iss" ["iss-no-normalization"];
    IssNormalisedSchemeCase "iss-normalised-scheme-case" "ignores the case of the scheme when it compares iss" ["iss-no-normalization"];
    IssNormalisedPort "iss-normalised-port" "compares the port of iss as a number" ["iss-no-normalization"];
    IssNormalisedPercent "iss-normalised-percent" "undoes percent-encoding inside iss before it compares" ["iss-no-normalization"];
    IssUndecoded "iss-undecoded" "compares iss as it stands in the query, without decoding" ["iss-form-decode-first"];
    IssFirstValue "iss-first-value" "takes the first of several iss" ["iss-multiple-identifiers"];
    IssLastValue "iss-last-value" "takes the last of several iss" ["iss-multiple-identifiers"];
    IssNotCheckedOnError "iss-not-checked-on-error" "believes error responses whatever iss they have, and tries again when told that the trouble is temporary"
        ["iss-error-response-checked" "iss-error-mismatch-no-display" "iss-error-mismatch-no-act"];
    IssErrorShown "iss-error-shown" "prints error, description and URI of a response whose iss is wrong" ["iss-error-mismatch-no-display"];
    IssErrorActedOn "iss-error-acted-on" "does what the error of a response with a wrong iss suggests: tries again, drops the scope, registers anew"
        ["iss-error-mismatch-no-act" "iss-error-response-checked" "iss-advertised-mismatch"];
    IssErrorUriOpened "iss-error-uri-opened" "opens the error_uri of a response whose iss is wrong" ["iss-error-mismatch-no-act"];
    IssGlobal "iss-global" "keeps one current issuer for the whole process" ["iss-bound-to-request"];
    IssAnyPending "iss-any-pending" "accepts the issuer of any authorization that it has begun" ["iss-bound-to-request"];
    IssSupportGlobal "iss-support-global" "once a server announced iss, demands it of all" ["iss-support-state-per-as"];
    IssRereadMetadata "iss-reread-metadata" "reads the metadata again at the callback and compares with that"
        ["iss-record-before-redirect" "iss-token-request-same-issuer"];
    TokenRedirectFollowed "token-redirect-followed" "follows redirects of the token endpoint" ["iss-token-request-same-issuer" "refresh-only-to-issuer"];

    // --- state
    NoState "no-state" "sends no state and checks none" ["state-send" "state-absent-discard" "state-mismatch-discard" "state-csrf-protection"];
    StaticState "static-state" "sends the same state every time" ["state-unpredictable-one-time"];
    CounterState "counter-state" "counts its requests and sends the number as state" ["state-unpredictable-one-time"];
    StateUnchecked "state-unchecked" "never compares state" ["state-mismatch-discard" "state-absent-discard" "state-csrf-protection" "state-integrity"];
    StateOptional "state-optional" "checks state only if it is there" ["state-absent-discard" "state-csrf-protection"];
    StateDataTrusted "state-data-trusted" "keeps data in state and looks only at the part before it" ["state-integrity" "state-mismatch-discard"];
    StatePrefix "state-prefix-compare" "compares only the first half of state" ["state-mismatch-discard" "state-integrity"];
    StateRevealsVerifier "state-reveals-verifier" "carries the code verifier inside state" ["state-no-secrets"];

    // --- PKCE
    NoPkce "no-pkce" "uses no PKCE" ["pkce-required" "pkce-s256"] refused;
    NoVerifier "no-code-verifier" "leaves the code verifier out of the token request" ["pkce-required"] refused;
    PlainPkce "plain-pkce" "uses the plain method" ["pkce-s256"] refused;
    PkceMethodOmitted "pkce-method-omitted" "does not name the challenge method" ["pkce-s256"] refused;
    PkceAssumed "pkce-support-assumed" "takes an absent code_challenge_methods_supported for support"
        ["pkce-verify-support" "pkce-absent-refuse-oauth" "pkce-absent-refuse-oidc"];
    PkceAssumedOpenid "pkce-support-assumed-openid" "takes an absent list for support in OpenID documents" ["pkce-verify-support" "pkce-absent-refuse-oidc"];
    PkceDowngrade "pkce-downgrade" "uses the plain method where S256 is not offered" ["pkce-no-downgrade-to-plain" "pkce-s256"];
    PkceEmptyList "pkce-empty-list-accepted" "takes an empty list of methods for support" ["pkce-no-downgrade-to-plain"];
    PkceMethodFolded "pkce-method-case-folded" "takes s256 for S256" ["pkce-no-downgrade-to-plain"];
    ShortVerifier "short-verifier" "uses a code verifier of 32 characters" ["pkce-verifier-length"] refused;
    LongVerifier "long-verifier" "uses a code verifier of 200 characters" ["pkce-verifier-length"] refused;
    VerifierBase64 "verifier-standard-base64" "uses the alphabet of standard base64 in its code verifier" ["pkce-verifier-charset"] refused;
    VerifierFromClock "verifier-from-clock" "makes the code verifier of the time" ["pkce-verifier-entropy"];
    VerifierMostlyConstant "verifier-mostly-constant" "changes only the end of the code verifier" ["pkce-verifier-entropy"];
    StaticVerifier "static-verifier" "uses the same code verifier every time" ["pkce-unique-per-request" "pkce-fresh-after-error"];
    VerifierStored "verifier-stored" "keeps a code verifier for an authorization server until it has led to a token" ["pkce-fresh-after-error" "pkce-unique-per-request"];
    VerifierMismatch "verifier-mismatch" "sends a code verifier that does not belong to the challenge" ["pkce-verifier-matches"] refused;
    ChallengePadded "challenge-padded" "pads the code challenge" ["pkce-verifier-matches"] refused;

    // --- resource
    NoResource "no-resource" "sends no resource" ["resource-in-authz-request" "resource-in-token-request" "resource-in-refresh-request" "resource-identifies-server" "resource-case-tolerance" "resource-no-fragment" "resource-not-dropped-on-error" "resource-not-overridden-by-as" "prm-request-audience-restricted"] refused;
    NoResourceInAuthorization "no-resource-in-authorization-request" "sends resource in the token request only" ["resource-in-authz-request" "resource-identifies-server"] refused;
    NoResourceInToken "no-resource-in-token-request" "sends resource in the authorization request only" ["resource-in-token-request"] refused;
    NoResourceInRefresh "no-resource-in-refresh" "refreshes without resource" ["resource-in-refresh-request"];
    ResourceIsServer "resource-is-authorization-server" "names the authorization server as resource" ["resource-identifies-server"] refused;
    ResourceOfFirst "resource-of-first-server" "names the first server's resource for all servers" ["resource-identifies-server" "prm-request-audience-restricted"] refused;
    ResourceHostOnly "resource-host-only" "names the origin only as resource" ["resource-identifies-server" "resource-most-specific"] refused;
    ResourceBareHost "resource-bare-host" "names only the host as resource, without a scheme" ["resource-canonical-uri" "resource-identifies-server" "resource-most-specific" "resource-no-trailing-slash"] refused;
    ResourceAsConfigured "resource-as-configured" "names the server as it was configured, fragment and query included" ["resource-no-fragment" "resource-no-query" "resource-identifies-server" "resource-canonical-uri"] refused;
    ResourceDropped "resource-dropped-on-error" "leaves resource out when the authorization server refuses it" ["resource-not-dropped-on-error" "resource-in-authz-request" "resource-in-token-request"];
    ResourceFromEndpoint "resource-from-endpoint" "prefers the resource that the endpoint's URL carries" ["resource-not-overridden-by-as" "resource-identifies-server"];
    ResourceSlashInToken "resource-slash-in-token-request" "adds a slash to resource in the token request" ["resource-consistent"] refused;
    ResourceOnlyIfAnnounced "resource-only-if-announced" "sends resource only to authorization servers that speak of resources"
        ["resource-sent-regardless-of-as" "resource-in-authz-request" "resource-in-token-request"];
    ResourceOnlyWithMetadata "resource-only-with-metadata" "sends resource only where metadata named one"
        ["resource-sent-regardless-of-as"];
    ResourceSlashAdded "resource-slash-added" "adds a slash to resource, whatever its path" ["resource-no-trailing-slash"];
    ResourceRespelled "resource-respelled" "sends resource as its URL library spells it, with a slash behind a bare host" ["resource-no-trailing-slash"];

    // --- token request
    TokenJson "token-request-json" "sends the token request as JSON" ["token-request-form"] refused;
    TokenParamsInQuery "token-parameters-in-query" "repeats the token request's parameters in the URL" ["token-credentials-not-in-uri"];
    NoClientIdInToken "no-client-id-in-token-request" "leaves out client_id as a public client" ["token-client-id-when-public"] refused;
    BothAuthMethods "both-auth-methods" "sends its secret by Basic and in the body" ["token-one-auth-method"] refused;
    SecretInBody "secret-always-in-body" "sends its secret in the body, whatever method was agreed on" ["token-auth-method-negotiated"];
    SecretUnused "secret-unused" "never sends the secret that it got" ["token-confidential-authenticates" "token-auth-method-negotiated"];
    BasicRaw "basic-not-form-encoded" "does not form-encode client ID and secret for Basic" ["token-basic-form-encoding"] refused;
    TokenRedirectDiffers "token-redirect-uri-differs" "sends another redirect_uri in the token request" ["token-redirect-uri-identical"] refused;
    TokenTypeUnchecked "token-type-unchecked" "uses a token of any type as Bearer" ["token-type-understood"];
    TokenTypeOptional "token-type-optional" "takes a token without a type for Bearer" ["token-type-understood"];
    TokenTypeCase "token-type-case-sensitive" "knows the token type only as Bearer" ["token-type-case-insensitive"];
    TokenMembersStrict "token-response-strict" "refuses a token response with a member that it does not know" ["token-ignore-unknown-members"];
    TokenMissing "token-undefined" "uses the word undefined where the token response has no access token" ["token-response-validated"];
    LifetimeTrusted "token-lifetime-trusted" "takes the rejection of a token that has not run out for the end" ["token-lifetime-not-trusted" "bearer-invalid-token-retry"];
    TokenDecoded "token-decoded" "expects every access token to be a JWT" ["token-opaque" "bearer-token68"];

    // --- bearer use and confidentiality
    TokenInHeader "token-in-custom-header" "tries the token in a header of its own first" ["bearer-header"];
    TokenInQuery "token-in-query" "adds the token to the query" ["bearer-not-in-query" "bearer-one-method"];
    TokenInBody "token-in-body" "repeats the token in the body of every message" ["bearer-one-method"];
    BearerNotOnGet "bearer-not-on-get" "opens the event stream without the token" ["bearer-every-request"];
    BearerNotOnDelete "bearer-not-on-delete" "ends the session without the token" ["bearer-every-request"];
    BearerNotOnListen "bearer-not-on-listen" "asks for the subscription without the token" ["bearer-every-request"];
    BearerOnlyAfterChallenge "bearer-only-after-challenge" "sends the token only when it was asked for it again" ["bearer-every-request"];
    ReauthorizeForEver "reauthorize-for-ever" "asks for a new authorization after every 401, without end" ["bearer-401-loop-bounded"];
    BearerEscaped "bearer-percent-encoded" "percent-encodes the token in the header" ["bearer-token68"];
    NoVersionWithToken "no-version-with-token" "loses the protocol version header once it has a token" ["bearer-protocol-version-on-retry"];
    TokenToOtherServer "token-to-other-server" "sends the latest token to whatever server it talks to" ["token-not-leaked" "token-only-from-servers-as" "token-per-resource"];
    TokensByIssuer "tokens-keyed-by-issuer" "keeps one token for all MCP servers of an authorization server" ["token-per-resource" "token-not-leaked" "resource-consistent"];
    TokenLogged "token-logged" "prints the access token" ["token-not-leaked" "token-confidential"];
    RefreshTokenLogged "refresh-token-logged" "prints the refresh token" ["token-confidential" "refresh-confidential"];
    VerboseSecrets "verbose-shows-secrets" "prints token answers when it runs verbosely" ["token-not-leaked" "token-confidential"];
    CallbackLogged "callback-url-logged" "prints the callback's query" ["bcp-code-not-logged" "iss-error-mismatch-no-display"];
    VerifierLogged "verifier-logged" "prints the code verifier" ["bcp-code-not-logged"];
    SessionLogged "session-id-logged" "prints the session ID" ["bearer-session-id-secure"];
    SessionToOtherServer "session-id-to-other-server" "sends the latest session ID to whatever server it talks to" ["bearer-session-id-secure"];
    McpRedirectFollowed "mcp-redirect-followed" "follows redirects of the MCP server and takes the token along" ["token-not-forwarded-on-redirect" "token-not-leaked" "bearer-session-id-secure"];
    BearerEverywhere "bearer-everywhere" "sends its token to authorization servers too" ["token-not-leaked" "prm-http-get" "binding-tokens-dropped-on-change"];
    TokenInCookie "token-in-cookie" "sets the access token as a cookie of the callback page" ["token-not-in-cookies"];
    StoreReadable "store-readable" "leaves its store readable to everybody" ["token-secure-storage" "refresh-confidential"];
    StoreInTmp "store-in-tmp" "keeps a copy of its tokens in the directory for temporary files" ["token-secure-storage" "refresh-confidential"];

    // --- scope
    ScopeChallengeIgnored "scope-challenge-ignored" "asks for the scopes of the metadata although the challenge names some" ["scope-from-challenge" "scope-least-privilege" "prm-scopes-not-shopping-list"];
    ScopeAddsPrm "scope-adds-metadata-scopes" "asks for all scopes of the metadata on top of the challenged ones" ["scope-least-privilege" "prm-scopes-not-shopping-list"];
    ScopeFromServer "scope-from-authorization-server" "asks for every scope that the authorization server lists" ["scope-from-prm" "scope-least-privilege"];
    ScopeEmpty "scope-empty-sent" "sends an empty scope instead of none" ["scope-omit-when-undefined"];
    ScopeDefault "scope-default-openid" "asks for openid where no scope is named" ["scope-omit-when-undefined"];
    ScopeIntersected "scope-intersected" "leaves out challenged scopes that the metadata does not list" ["scope-no-set-assumption"];
    ScopeLowerCase "scope-lower-cased" "writes challenged scopes in lower case" ["scope-challenge-authoritative"];
    ScopeErrorHidden "scope-error-hidden" "does not tell that the authorization server refused the scope" ["scope-stepup-from-as-error"];
    OfflineAlways "offline-access-always" "asks for offline_access wherever it goes" ["refresh-offline-access-unlisted"];
    OfflineNever "offline-access-never" "never asks for offline_access" ["refresh-offline-access"];
    ScopeAssumedGranted "scope-assumed-granted" "believes that it has every scope that it asked for" ["scope-granted-differs"];
    ScopeNotUnited "scope-not-united" "asks for the challenged scopes only and loses the earlier ones" ["scope-union-on-reauth"];
    StepUpIgnored "step-up-ignored" "takes every 403 for final" ["scope-stepup-for-user" "scope-stepup-respond" "scope-union-on-reauth" "scope-stepup-retry-original" "scope-track-attempts"];
    StepUpCallLost "step-up-call-lost" "gets the wider token and forgets the call" ["scope-stepup-retry-original" "scope-track-attempts"];
    StepUpForEver "step-up-for-ever" "asks for more scope again and again" ["scope-retry-limit" "scope-track-attempts"];
    StepUpCountedGlobally "step-up-counted-globally" "counts the attempts of all tools together" ["scope-track-attempts"];
    StepUpForgotten "step-up-forgotten" "starts to count anew with every call" ["scope-track-attempts"];
    ForbiddenIsStepUp "forbidden-is-step-up" "asks for more scope after every 403" ["scope-403-other-errors"];
    ScopeJson "scope-json-array" "sends scope as a JSON list" ["scope-syntax" "scope-from-prm" "scope-union-on-reauth" "scope-stepup-for-user" "scope-stepup-retry-original" "scope-track-attempts"] refused;
    ScopeComma "scope-comma-joined" "joins scopes by commas" ["scope-from-prm" "scope-union-on-reauth" "scope-stepup-for-user" "scope-stepup-retry-original" "scope-track-attempts"];

    // --- refresh
    RotatedIgnored "rotated-refresh-ignored" "keeps the old refresh token when a new one comes" ["refresh-replace-rotated" "march-token-rotation"];
    RefreshLost "refresh-lost-when-not-rotated" "forgets the refresh token when no new one comes" ["refresh-keep-when-not-rotated"];
    RefreshForEver "refresh-for-ever" "repeats a refused refresh" ["refresh-failure-reauthorize"];
    RefreshNotShared "refresh-not-shared" "refreshes once for every waiting call" ["refresh-single-flight"];
    RefreshAssumed "refresh-token-assumed" "refreshes even without a refresh token" ["refresh-not-assumed"];
    RefreshWidened "step-up-by-refresh" "asks for more scope with its refresh token first" ["refresh-no-scope-widening"];
    RefreshUnauthenticated "refresh-unauthenticated" "does not say who it is when it refreshes" ["refresh-client-authentication" "token-confidential-authenticates" "token-client-id-when-public"];

    // --- binding to the authorization server
    OneRegistration "one-registration" "keeps one registration for all authorization servers"
        ["binding-separate-state" "binding-no-reuse-on-change" "binding-reregister-on-change"];
    RegistrationByServer "registration-keyed-by-server" "keeps registrations by MCP server instead of by issuer"
        ["binding-no-reuse-on-change" "binding-separate-state" "binding-reregister-on-change"];
    PreregAnywhere "pre-registration-sent-anywhere" "sends the configured credentials to any authorization server"
        ["binding-prereg-mismatch-error" "binding-no-cross-acceptance" "binding-keyed-by-issuer"];
    IssuerChangeFatal "issuer-change-fatal" "gives up when the authorization server changes" ["binding-reregister-on-change"];
    RefreshToNewIssuer "refresh-to-new-issuer" "tries the old refresh token at the new authorization server"
        ["binding-tokens-dropped-on-change" "refresh-only-to-issuer"];

    // --- client credentials
    GrantOfAnother "client-credentials-by-jwt-bearer" "uses the grant of another extension to sign in as itself" ["ext-cc-grant-type"] refused;
    ActsUnauthenticated "client-credentials-unauthenticated" "only says who it is, and shows no secret"
        ["ext-cc-auth-method" "ext-cc-confidential-only" "token-confidential-authenticates"] refused;
    ActsRegisters "client-credentials-registers" "registers although it was given credentials" ["ext-cc-no-dcr"];
    ActsAsksUser "client-credentials-asks-user" "opens the browser although no user is there" ["ext-cc-no-user-interaction"];
    SecretNotInContent "client-credentials-secret-by-basic" "sends its secret by Basic where the body is taken too" ["ext-cc-secret-placement"];
    SecretLogged "client-secret-logged" "tells its secret when it runs verbosely" ["ext-cc-credential-protection"];
    ExtensionUndeclared "extension-undeclared" "does not declare the extension that it uses" ["ext-cc-declare-capability"];
    AssertionTypeOfGrant "assertion-type-of-grant" "names the grant type as the type of its assertion" ["ext-cc-assertion-type"] refused @Web;
    AssertionAboutAnother "assertion-about-another" "signs assertions about somebody else" ["ext-cc-assertion-claims" "ext-cc-assertion-client-id"] refused @Web;
    AssertionSymmetric "assertion-symmetric" "signs assertions with an algorithm that nobody offered" ["ext-cc-assertion-alg"] refused @Web;
    AssertionForEndpoint "assertion-for-endpoint" "addresses assertions to whatever token endpoint it was told" ["ext-cc-assertion-audience"] @Web;
    ClientIdBesideAssertion "client-id-beside-assertion" "sends another client_id than its assertion is about" ["ext-cc-assertion-client-id"] refused @Web;

    // --- addresses and the browser
    EndpointSchemeUnchecked "endpoint-scheme-unchecked" "opens whatever the metadata calls the authorization endpoint"
        ["bcp-authz-url-dangerous-rejected" "bcp-authz-url-schemes" "bcp-authz-url-allowlist" "bcp-authz-url-http-loopback-only" "bcp-sanitize-server-urls"];
    EndpointBlockList "endpoint-block-list" "refuses only the schemes that it knows to be dangerous" ["bcp-authz-url-allowlist" "bcp-authz-url-dangerous-rejected" "bcp-authz-url-schemes"];
    EndpointHttpAnywhere "endpoint-http-anywhere" "accepts plain http endpoints on any host"
        ["bcp-authz-url-http-loopback-only" "tls-as-endpoints-https" "tls-oauth-urls-https" "bcp-authz-url-dangerous-rejected" "bcp-authz-url-schemes" "bcp-sanitize-server-urls"];
    EndpointLoopbackPrefix "endpoint-loopback-prefix" "takes every http URL that begins like a loopback address for one"
        ["bcp-authz-url-http-loopback-only" "bcp-authz-url-dangerous-rejected" "bcp-authz-url-schemes" "bcp-sanitize-server-urls"];
    BrowserShell "browser-through-shell" "starts the browser through a shell" ["bcp-no-shell-open"];
    BrowserExtraArgument "browser-extra-argument" "gives the browser more arguments than the URL" ["bcp-native-url-open"];

    // --- revision 2025-03-26
    MarchNoDefaults "march-no-defaults" "gives up when there is no metadata" ["march-default-endpoints" "march-defaults-keep-rules"];
    MarchOtherDefaults "march-other-defaults" "falls back to paths of its own" ["march-default-endpoints" "march-defaults-keep-rules"];
    MarchDefaultsNoPkce "march-defaults-without-pkce" "uses no PKCE at default endpoints" ["march-defaults-keep-rules" "pkce-required" "pkce-s256"];
    MarchPathInserted "march-path-inserted" "inserts the server's path into the metadata URL" ["march-metadata-location" "march-base-url" "march-metadata-first"];
    MarchPathKept "march-path-kept" "keeps the server's path in the base URL" ["march-base-url" "march-metadata-location" "march-metadata-first" "march-default-endpoints" "march-defaults-keep-rules"];
    MarchDefaultsFirst "march-defaults-first" "uses the default endpoints without asking for metadata where they exist" ["march-metadata-first" "march-metadata-location" "march-base-url" "march-default-endpoints" "asm-use-advertised-endpoints"];
    MarchRotationIgnored "march-rotation-ignored" "keeps the old refresh token if the grant names no resource" ["march-token-rotation" "refresh-replace-rotated"];
    MarchNoVersion "march-no-version-header" "asks for metadata without the protocol version header" ["march-protocol-version-header"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_lead_back() {
        let names: HashSet<_> = defects().iter().map(|info| info.name).collect();
        assert_eq!(names.len(), defects().len());
        for info in defects() {
            let defect: Defect = info.name.parse().unwrap();
            assert_eq!(defect.info(), *info);
            assert!(
                info.name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit()),
                "{}",
                info.name
            );
        }
    }

    #[test]
    fn only_one_is_on() {
        let defects = Defects::only(Defect::NoPkce);
        assert!(defects.has(Defect::NoPkce) && !defects.has(Defect::PlainPkce));
        assert!(!defects.without_refused().has(Defect::NoPkce));
    }
}
