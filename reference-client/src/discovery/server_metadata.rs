//! Authorization server metadata (RFC 8414, OpenID Connect Discovery): finds the document of an
//! issuer and validates it.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::registration;
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::server_address::ServerAddress;
use crate::url_rules;
use url::{Position, Url};

const WHAT: &str = "authorization server metadata";

/// An authorization server as its validated metadata describes it.
#[derive(Debug, Clone)]
pub(crate) struct ServerMetadata {
    /// The issuer, byte for byte as it was published.
    pub issuer: String,
    /// Checked, but as it was published: its query is kept.
    pub authorization_endpoint: String,
    pub token_endpoint: Url,
    pub registration_endpoint: Option<Url>,
    pub advertises_iss: bool,
    pub takes_client_documents: bool,
    /// Absent: not said.
    pub auth_methods: Option<Vec<String>>,
    pub scopes: Scope,
    /// The resources that it says it issues tokens for (RFC 9728 section 4); absent: not said.
    pub protected_resources: Option<Vec<String>>,
    /// Whether S256 is announced; false only for defective clients, which then downgrade.
    pub s256: bool,
    /// Whether these are the default endpoints of 2025-03-26.
    pub assumed: bool,
    /// Where the metadata was.
    found_at: Option<Url>,
}

#[cfg(test)]
impl ServerMetadata {
    pub(crate) fn for_tests(issuer: &str, advertises_iss: bool) -> Self {
        Self {
            issuer: issuer.to_owned(),
            advertises_iss,
            ..default_endpoints("http://localhost:1", "", &Defects::none()).unwrap()
        }
    }
}

/// Finds the authorization server that an issuer identifier names.
pub(crate) async fn discover(
    run: &RunContext,
    issuer: &str,
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    let url = issuer_url(issuer, run.defects())?;
    if run.has(Defect::ENDPOINTS_HARD_CODED) {
        return default_endpoints(&url_rules::origin(&url), "", run.defects());
    }
    let mut last = ClientError::NoServerMetadata;
    for (place, kind) in places(&url, run.defects()) {
        match fetch(run, &place, kind, &[issuer], token).await {
            Ok(server) => return Ok(server),
            Err(error) => {
                run.tell(&format!("{WHAT}: {error}"));
                if run.has(Defect::METADATA_FIRST_ANSWER_FINAL)
                    && !matches!(error, ClientError::Status(_, 404))
                {
                    return Err(error);
                }
                if !matches!(error, ClientError::Status(..)) {
                    last = error;
                }
            }
        }
    }
    if run.has(Defect::DEFAULT_ENDPOINTS_WITHOUT_METADATA) {
        return default_endpoints(&url_rules::origin(&url), "", run.defects());
    }
    Err(last)
}

/// The authorization server of 2025-03-26: at the MCP server's own origin, with default endpoints
/// if it has no metadata.
pub(crate) async fn discover_at_origin(
    run: &RunContext,
    server: &ServerAddress,
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    let origin = server.origin();
    let defaults_at = if run.has(Defect::MARCH_PATH_KEPT) {
        format!("{origin}{}", server.url.path())
    } else {
        origin.clone()
    };
    let place = match () {
        () if run.has(Defect::MARCH_PATH_INSERTED) => format!(
            "{origin}/.well-known/oauth-authorization-server{}",
            server.url.path()
        ),
        () => format!("{defaults_at}/.well-known/oauth-authorization-server"),
    };
    let place = Url::parse(&place).map_err(|_| ClientError::NoServerMetadata)?;
    if run.has(Defect::MARCH_DEFAULTS_FIRST) && registers_at_default(run, &origin).await {
        return default_endpoints(&origin, "", run.defects());
    }
    // The base URL may be written with a slash or without; both lead to this document.
    match fetch(
        run,
        &place,
        DocumentKind::OAuth,
        &[&origin, &format!("{origin}/")],
        token,
    )
    .await
    {
        Err(ClientError::Status(_, 400..=499)) if !run.has(Defect::MARCH_NO_DEFAULTS) => {
            let prefix = if run.has(Defect::MARCH_OTHER_DEFAULTS) {
                "/oauth"
            } else {
                ""
            };
            default_endpoints(&defaults_at, prefix, run.defects())
        }
        answer => answer,
    }
}

/// The metadata as it is now, believed without a look at its issuer: what
/// [`Defect::ISS_REREAD_METADATA`] does at the callback.
pub(crate) async fn reread(run: &RunContext, server: &ServerMetadata) -> Option<ServerMetadata> {
    let document = JsonDocument::fetch(run.http.get(server.found_at.clone()?), WHAT)
        .await
        .ok()?;
    let mut now = server.clone();
    now.issuer = document.text("issuer")?.to_owned();
    now.token_endpoint = Url::parse(document.text("token_endpoint")?).ok()?;
    Some(now)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DocumentKind {
    OAuth,
    Openid,
    /// The root document asked for an issuer with a path: [`Defect::ROOT_METADATA_FOR_TENANT`].
    Landlord,
}

/// An issuer is an https URL (http on this machine) without query and fragment.
fn issuer_url(issuer: &str, defects: &Defects) -> Result<Url, ClientError> {
    let url = Url::parse(issuer).map_err(|_| ClientError::IssuerForm)?;
    let any = defects.has(Defect::ISSUER_FORM_UNCHECKED);
    let scheme = url_rules::is_https_or_loopback(&url)
        || any
        || (url.scheme() == "http" && defects.has(Defect::ISSUER_HTTP_ACCEPTED));
    let query = url.query().is_none() || any || defects.has(Defect::ISSUER_QUERY_ACCEPTED);
    let fragment = url.fragment().is_none() || any || defects.has(Defect::ISSUER_FRAGMENT_ACCEPTED);
    let user = url.username().is_empty() && url.password().is_none();
    if scheme && query && fragment && user {
        Ok(url)
    } else {
        Err(ClientError::IssuerForm)
    }
}

/// The well-known places, in the order in which they are asked.
fn places(issuer: &Url, defects: &Defects) -> Vec<(Url, DocumentKind)> {
    let origin = url_rules::origin(issuer);
    let path = match issuer.path() {
        path if defects.has(Defect::ISSUER_SLASH_KEPT_IN_URL) => path,
        path => path.trim_end_matches('/'),
    };
    let at = |text: String, kind: DocumentKind| Url::parse(&text).ok().map(|url| (url, kind));
    let oauth = at(
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        DocumentKind::OAuth,
    );
    let inserted = at(
        format!("{origin}/.well-known/openid-configuration{path}"),
        DocumentKind::Openid,
    );
    let appended = at(
        format!("{origin}{path}/.well-known/openid-configuration"),
        DocumentKind::Openid,
    );
    let tenant = !path.is_empty();
    let mut places = Vec::new();
    if defects.has(Defect::VENDOR_SUFFIX_FIRST) {
        places.push(at(
            format!("{origin}/.well-known/mcp-authorization-server{path}"),
            DocumentKind::OAuth,
        ));
    }
    if defects.has(Defect::ROOT_METADATA_FOR_TENANT) && tenant {
        places.push(at(
            format!("{origin}/.well-known/oauth-authorization-server"),
            DocumentKind::Landlord,
        ));
    }
    let inserted = inserted.filter(|_| {
        !(defects.has(Defect::OPENID_IGNORED)
            || (tenant && defects.has(Defect::NO_OPENID_INSERTED)))
    });
    let appended = appended.filter(|_| {
        tenant && !defects.has(Defect::OPENID_IGNORED) && !defects.has(Defect::NO_OPENID_APPENDED)
    });
    places.extend(match () {
        () if defects.has(Defect::OPENID_FIRST) => [inserted, appended, oauth],
        () if defects.has(Defect::OPENID_APPENDED_BEFORE_INSERTED) => [oauth, appended, inserted],
        () => [oauth, inserted, appended],
    });
    places.into_iter().flatten().collect()
}

async fn fetch(
    run: &RunContext,
    place: &Url,
    kind: DocumentKind,
    issuers: &[&str],
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    let mut request = run.http.get(place.clone());
    if run.config.revision == ProtocolRevision::March2025
        && !run.has(Defect::MARCH_NO_VERSION_HEADER)
    {
        request = request.header("MCP-Protocol-Version", run.config.revision.as_str());
    }
    if run.has(Defect::BEARER_EVERYWHERE)
        && let Some(token) = token
    {
        request = request.bearer_auth(token);
    }
    let document = JsonDocument::fetch(request, WHAT).await?;
    let issuer = check_issuer(run, &document, kind, issuers)?;
    let server = read(&document, issuer, place, run)?;
    if server.advertises_iss {
        run.defect_state().any_server_advertised_iss = true;
    }
    Ok(server)
}

/// The document has to name exactly the issuer that its address was made from (RFC 8414 section
/// 3.3).
fn check_issuer(
    run: &RunContext,
    document: &JsonDocument,
    kind: DocumentKind,
    issuers: &[&str],
) -> Result<String, ClientError> {
    let defects = run.defects();
    let expected = issuers.first().copied().unwrap_or_default();
    let Some(issuer) = document.text("issuer") else {
        let lenient = defects.has(Defect::ISSUER_OPTIONAL) || defects.has(Defect::ISSUER_UNCHECKED);
        return if lenient {
            Ok(expected.to_owned())
        } else {
            Err(ClientError::Malformed(WHAT))
        };
    };
    let unslashed = |text: &str| text.trim_end_matches('/').to_owned();
    let same = issuers.contains(&issuer)
        && !(defects.has(Defect::ISSUER_SLASH_DROPPED) && expected.ends_with('/'))
        || defects.has(Defect::ISSUER_UNCHECKED)
        || (defects.has(Defect::ISSUER_SLASH_DROPPED) && issuer == unslashed(expected))
        || (defects.has(Defect::ISSUER_UNCHECKED_IN_OPENID) && kind == DocumentKind::Openid)
        || (defects.has(Defect::ISSUER_NORMALISED_SLASH)
            && unslashed(issuer) == unslashed(expected))
        || (defects.has(Defect::ISSUER_NORMALISED_CASE)
            && Url::parse(issuer)
                .is_ok_and(|url| Url::parse(expected).is_ok_and(|own| own == url)))
        || kind == DocumentKind::Landlord;
    if !same {
        if !defects.has(Defect::ISSUER_MISMATCH_WARNED) {
            return Err(ClientError::IssuerMismatch);
        }
        run.platform
            .print_error("warning: the authorization server's metadata names another issuer");
    }
    Ok(issuer.to_owned())
}

fn read(
    document: &JsonDocument,
    issuer: String,
    place: &Url,
    run: &RunContext,
) -> Result<ServerMetadata, ClientError> {
    let defects = run.defects();
    let listed = |name: &str| {
        document
            .text(name)
            .map(|text| on_issuer_host(text, &issuer, defects))
    };
    let authorization_endpoint =
        listed("authorization_endpoint").ok_or(ClientError::Endpoint("authorization"))?;
    if !defects.has(Defect::ENDPOINT_SCHEME_UNCHECKED) {
        url_rules::endpoint(&authorization_endpoint, "authorization", defects)?;
    }
    let token_endpoint = url_rules::endpoint(
        &listed("token_endpoint").ok_or(ClientError::Endpoint("token"))?,
        "token",
        defects,
    )?;
    let registration_endpoint = listed("registration_endpoint")
        .map(|text| url_rules::endpoint(&text, "registration", defects))
        .transpose()?;
    let s256 = pkce_support(
        run.config.revision,
        document
            .texts("code_challenge_methods_supported")
            .as_deref(),
        is_openid(place),
        defects,
    )?;
    Ok(ServerMetadata {
        issuer,
        authorization_endpoint,
        token_endpoint,
        registration_endpoint,
        advertises_iss: document.is_true("authorization_response_iss_parameter_supported"),
        takes_client_documents: takes_client_documents(document, defects),
        auth_methods: document
            .texts("token_endpoint_auth_methods_supported")
            .map(|list| list.into_iter().map(str::to_owned).collect()),
        scopes: Scope::from_names(document.texts("scopes_supported").unwrap_or_default()),
        protected_resources: document
            .texts("protected_resources")
            .map(|list| list.into_iter().map(str::to_owned).collect()),
        s256,
        assumed: false,
        found_at: Some(place.clone()),
    })
}

/// An endpoint as it was published; only [`Defect::ENDPOINTS_MOVED_TO_ISSUER_HOST`] moves it.
fn on_issuer_host(text: &str, issuer: &str, defects: &Defects) -> String {
    let moved = || {
        let url = Url::parse(text)
            .ok()
            .filter(url_rules::is_https_or_loopback)?;
        Some(format!(
            "{}{}",
            url_rules::origin(&Url::parse(issuer).ok()?),
            &url[Position::BeforePath..]
        ))
    };
    moved()
        .filter(|_| defects.has(Defect::ENDPOINTS_MOVED_TO_ISSUER_HOST))
        .unwrap_or_else(|| text.to_owned())
}

fn takes_client_documents(document: &JsonDocument, defects: &Defects) -> bool {
    const NAME: &str = "client_id_metadata_document_supported";
    let anything_but_false = || {
        document
            .members
            .get(NAME)
            .is_some_and(|value| *value != serde_json::Value::Bool(false))
    };
    document.is_true(NAME) || (defects.has(Defect::CIMD_FLAG_NOT_TRUE) && anything_but_false())
}

fn is_openid(place: &Url) -> bool {
    place.path().contains("openid-configuration")
}

/// S256 has to be listed. Before 2025-11-25 a missing list says nothing.
fn pkce_support(
    revision: ProtocolRevision,
    methods: Option<&[&str]>,
    openid: bool,
    defects: &Defects,
) -> Result<bool, ClientError> {
    match methods {
        Some(methods) if methods.contains(&"S256") => Ok(true),
        Some(methods)
            if defects.has(Defect::PKCE_METHOD_CASE_FOLDED)
                && methods
                    .iter()
                    .any(|method| method.eq_ignore_ascii_case("S256")) =>
        {
            Ok(true)
        }
        Some([]) if defects.has(Defect::PKCE_EMPTY_LIST_ACCEPTED) => Ok(true),
        None if defects.has(Defect::PKCE_SUPPORT_ASSUMED)
            || (openid && defects.has(Defect::PKCE_SUPPORT_ASSUMED_OPENID)) =>
        {
            Ok(true)
        }
        None if !revision.is_november_or_later() => Ok(true),
        Some(_) if defects.has(Defect::PKCE_DOWNGRADE) => Ok(false),
        _ => Err(ClientError::PkceUnsupported),
    }
}

fn default_endpoints(
    base: &str,
    prefix: &str,
    defects: &Defects,
) -> Result<ServerMetadata, ClientError> {
    let base = base.trim_end_matches('/');
    let at = |name: &'static str, path: &str| {
        url_rules::endpoint(&format!("{base}{prefix}/{path}"), name, defects)
    };
    Ok(ServerMetadata {
        issuer: base.to_owned(),
        authorization_endpoint: at("authorization", "authorize")?.into(),
        token_endpoint: at("token", "token")?,
        registration_endpoint: Some(at("registration", "register")?),
        advertises_iss: false,
        takes_client_documents: false,
        auth_methods: None,
        scopes: Scope::default(),
        protected_resources: None,
        s256: true,
        assumed: true,
        found_at: None,
    })
}

/// Whether clients can register at the default endpoint: only [`Defect::MARCH_DEFAULTS_FIRST`] asks.
async fn registers_at_default(run: &RunContext, origin: &str) -> bool {
    let request = registration::request_for_probe();
    run.http
        .post(format!("{origin}/register"))
        .json(&request)
        .send()
        .await
        .is_ok_and(|response| response.status().is_success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(issuer: &str, defects: &Defects) -> Vec<String> {
        places(&Url::parse(issuer).unwrap(), defects)
            .into_iter()
            .map(|(url, _)| url.path().to_owned())
            .collect()
    }

    #[test]
    fn the_places_and_their_order() {
        let none = Defects::none();
        let tenant = [
            "/.well-known/oauth-authorization-server/tenant1",
            "/.well-known/openid-configuration/tenant1",
            "/tenant1/.well-known/openid-configuration",
        ];
        assert_eq!(list("http://localhost:1/tenant1", &none), tenant);
        assert_eq!(list("http://localhost:1/tenant1/", &none), tenant);
        let root = [
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ];
        assert_eq!(list("http://localhost:1", &none), root);
        assert_eq!(list("http://localhost:1/", &none), root);
        assert_eq!(
            list("http://localhost:1", &Defects::only(Defect::OPENID_IGNORED)),
            root[..1]
        );
    }

    #[test]
    fn impossible_issuers() {
        let none = Defects::none();
        for issuer in [
            "http://localhost:1?x=1",
            "http://localhost:1#f",
            "ftp://localhost/as",
            "http://as.example",
            "https://u@as.example",
            "as",
            "",
        ] {
            assert!(issuer_url(issuer, &none).is_err(), "{issuer}");
        }
        for issuer in [
            "http://localhost:1",
            "http://127.0.0.1:1/a/",
            "http://[::1]:1",
            "https://as.example/a",
        ] {
            assert!(issuer_url(issuer, &none).is_ok(), "{issuer}");
        }
    }

    #[test]
    fn pkce_has_to_be_announced() {
        let none = Defects::none();
        let ask = |revision, methods: Option<&[&str]>| {
            pkce_support(revision, methods, false, &none).is_ok()
        };
        assert!(ask(ProtocolRevision::July2026, Some(&["plain", "S256"])));
        for methods in [None, Some(&[][..]), Some(&["plain"]), Some(&["s256"])] {
            assert!(!ask(ProtocolRevision::November2025, methods), "{methods:?}");
        }
        assert!(ask(ProtocolRevision::June2025, None));
        assert!(!ask(ProtocolRevision::June2025, Some(&["plain"])));
    }
}
