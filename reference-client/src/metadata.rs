//! Authorization server metadata (RFC 8414, OpenID Connect Discovery): finds the document of an
//! issuer and validates it.

use crate::address::{self, ServerAddress};
use crate::config::Revision;
use crate::defect::{Defect, Defects};
use crate::document::Document;
use crate::error::Error;
use crate::registration;
use crate::run::Run;
use crate::scope::Scope;
use url::{Position, Url};

const WHAT: &str = "authorization server metadata";

/// An authorization server as its validated metadata describes it.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationServer {
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
impl AuthorizationServer {
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
    run: &Run,
    issuer: &str,
    token: Option<&str>,
) -> Result<AuthorizationServer, Error> {
    let url = issuer_url(issuer, run.defects())?;
    if run.has(Defect::EndpointsHardCoded) {
        return default_endpoints(&address::origin(&url), "", run.defects());
    }
    let mut last = Error::NoServerMetadata;
    for (place, kind) in places(&url, run.defects()) {
        match fetch(run, &place, kind, &[issuer], token).await {
            Ok(server) => return Ok(server),
            Err(error) => {
                run.tell(&format!("{WHAT}: {error}"));
                if run.has(Defect::MetadataFirstFinal) && !matches!(error, Error::Status(_, 404)) {
                    return Err(error);
                }
                if !matches!(error, Error::Status(..)) {
                    last = error;
                }
            }
        }
    }
    if run.has(Defect::DefaultsWithoutMetadata) {
        return default_endpoints(&address::origin(&url), "", run.defects());
    }
    Err(last)
}

/// The authorization server of 2025-03-26: at the MCP server's own origin, with default endpoints
/// if it has no metadata.
pub(crate) async fn discover_at_origin(
    run: &Run,
    server: &ServerAddress,
    token: Option<&str>,
) -> Result<AuthorizationServer, Error> {
    let origin = server.origin();
    let defaults_at = if run.has(Defect::MarchPathKept) {
        format!("{origin}{}", server.url.path())
    } else {
        origin.clone()
    };
    let place = match () {
        () if run.has(Defect::MarchPathInserted) => format!(
            "{origin}/.well-known/oauth-authorization-server{}",
            server.url.path()
        ),
        () => format!("{defaults_at}/.well-known/oauth-authorization-server"),
    };
    let place = Url::parse(&place).map_err(|_| Error::NoServerMetadata)?;
    if run.has(Defect::MarchDefaultsFirst) && registers_at_default(run, &origin).await {
        return default_endpoints(&origin, "", run.defects());
    }
    // The base URL may be written with a slash or without; both lead to this document.
    match fetch(
        run,
        &place,
        Kind::OAuth,
        &[&origin, &format!("{origin}/")],
        token,
    )
    .await
    {
        Err(Error::Status(_, 400..=499)) if !run.has(Defect::MarchNoDefaults) => {
            let prefix = if run.has(Defect::MarchOtherDefaults) {
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
/// [`Defect::IssRereadMetadata`] does at the callback.
pub(crate) async fn reread(run: &Run, server: &AuthorizationServer) -> Option<AuthorizationServer> {
    let document = Document::fetch(run.http.get(server.found_at.clone()?), WHAT)
        .await
        .ok()?;
    let mut now = server.clone();
    now.issuer = document.text("issuer")?.to_owned();
    now.token_endpoint = Url::parse(document.text("token_endpoint")?).ok()?;
    Some(now)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    OAuth,
    Openid,
    /// The root document asked for an issuer with a path: [`Defect::RootForTenant`].
    Landlord,
}

/// An issuer is an https URL (http on this machine) without query and fragment.
fn issuer_url(issuer: &str, defects: &Defects) -> Result<Url, Error> {
    let url = Url::parse(issuer).map_err(|_| Error::IssuerForm)?;
    let any = defects.has(Defect::IssuerFormUnchecked);
    let scheme = address::is_https_or_loopback(&url)
        || any
        || (url.scheme() == "http" && defects.has(Defect::IssuerHttp));
    let query = url.query().is_none() || any || defects.has(Defect::IssuerQuery);
    let fragment = url.fragment().is_none() || any || defects.has(Defect::IssuerFragment);
    let user = url.username().is_empty() && url.password().is_none();
    if scheme && query && fragment && user {
        Ok(url)
    } else {
        Err(Error::IssuerForm)
    }
}

/// The well-known places, in the order in which they are asked.
fn places(issuer: &Url, defects: &Defects) -> Vec<(Url, Kind)> {
    let origin = address::origin(issuer);
    let path = match issuer.path() {
        path if defects.has(Defect::IssuerSlashInUrl) => path,
        path => path.trim_end_matches('/'),
    };
    let at = |text: String, kind: Kind| Url::parse(&text).ok().map(|url| (url, kind));
    let oauth = at(
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        Kind::OAuth,
    );
    let inserted = at(
        format!("{origin}/.well-known/openid-configuration{path}"),
        Kind::Openid,
    );
    let appended = at(
        format!("{origin}{path}/.well-known/openid-configuration"),
        Kind::Openid,
    );
    let tenant = !path.is_empty();
    let mut places = Vec::new();
    if defects.has(Defect::VendorSuffix) {
        places.push(at(
            format!("{origin}/.well-known/mcp-authorization-server{path}"),
            Kind::OAuth,
        ));
    }
    if defects.has(Defect::RootForTenant) && tenant {
        places.push(at(
            format!("{origin}/.well-known/oauth-authorization-server"),
            Kind::Landlord,
        ));
    }
    let inserted = inserted.filter(|_| {
        !(defects.has(Defect::NoOpenid) || (tenant && defects.has(Defect::NoOpenidInserted)))
    });
    let appended = appended.filter(|_| {
        tenant && !defects.has(Defect::NoOpenid) && !defects.has(Defect::NoOpenidAppended)
    });
    places.extend(match () {
        () if defects.has(Defect::OpenidFirst) => [inserted, appended, oauth],
        () if defects.has(Defect::OpenidAppendedFirst) => [oauth, appended, inserted],
        () => [oauth, inserted, appended],
    });
    places.into_iter().flatten().collect()
}

async fn fetch(
    run: &Run,
    place: &Url,
    kind: Kind,
    issuers: &[&str],
    token: Option<&str>,
) -> Result<AuthorizationServer, Error> {
    let mut request = run.http.get(place.clone());
    if run.config.revision == Revision::March2025 && !run.has(Defect::MarchNoVersion) {
        request = request.header("MCP-Protocol-Version", run.config.revision.as_str());
    }
    if run.has(Defect::BearerEverywhere)
        && let Some(token) = token
    {
        request = request.bearer_auth(token);
    }
    let document = Document::fetch(request, WHAT).await?;
    let issuer = check_issuer(run, &document, kind, issuers)?;
    let server = read(&document, issuer, place, run)?;
    if server.advertises_iss {
        run.blunders().any_server_advertised_iss = true;
    }
    Ok(server)
}

/// The document has to name exactly the issuer that its address was made from (RFC 8414 section
/// 3.3).
fn check_issuer(
    run: &Run,
    document: &Document,
    kind: Kind,
    issuers: &[&str],
) -> Result<String, Error> {
    let defects = run.defects();
    let expected = issuers.first().copied().unwrap_or_default();
    let Some(issuer) = document.text("issuer") else {
        let lenient = defects.has(Defect::IssuerOptional) || defects.has(Defect::IssuerUnchecked);
        return if lenient {
            Ok(expected.to_owned())
        } else {
            Err(Error::Malformed(WHAT))
        };
    };
    let unslashed = |text: &str| text.trim_end_matches('/').to_owned();
    let same = issuers.contains(&issuer)
        && !(defects.has(Defect::IssuerSlashDropped) && expected.ends_with('/'))
        || defects.has(Defect::IssuerUnchecked)
        || (defects.has(Defect::IssuerSlashDropped) && issuer == unslashed(expected))
        || (defects.has(Defect::IssuerUncheckedOpenid) && kind == Kind::Openid)
        || (defects.has(Defect::IssuerNormalisedSlash) && unslashed(issuer) == unslashed(expected))
        || (defects.has(Defect::IssuerNormalisedCase)
            && Url::parse(issuer)
                .is_ok_and(|url| Url::parse(expected).is_ok_and(|own| own == url)))
        || kind == Kind::Landlord;
    if !same {
        if !defects.has(Defect::IssuerMismatchWarned) {
            return Err(Error::IssuerMismatch);
        }
        run.platform
            .print_error("warning: the authorization server's metadata names another issuer");
    }
    Ok(issuer.to_owned())
}

fn read(
    document: &Document,
    issuer: String,
    place: &Url,
    run: &Run,
) -> Result<AuthorizationServer, Error> {
    let defects = run.defects();
    let listed = |name: &str| {
        document
            .text(name)
            .map(|text| on_issuer_host(text, &issuer, defects))
    };
    let authorization_endpoint =
        listed("authorization_endpoint").ok_or(Error::Endpoint("authorization"))?;
    if !defects.has(Defect::EndpointSchemeUnchecked) {
        address::endpoint(&authorization_endpoint, "authorization", defects)?;
    }
    let token_endpoint = address::endpoint(
        &listed("token_endpoint").ok_or(Error::Endpoint("token"))?,
        "token",
        defects,
    )?;
    let registration_endpoint = listed("registration_endpoint")
        .map(|text| address::endpoint(&text, "registration", defects))
        .transpose()?;
    let s256 = pkce_support(
        run.config.revision,
        document
            .texts("code_challenge_methods_supported")
            .as_deref(),
        is_openid(place),
        defects,
    )?;
    Ok(AuthorizationServer {
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

/// An endpoint as it was published; only [`Defect::EndpointsOnIssuerHost`] moves it.
fn on_issuer_host(text: &str, issuer: &str, defects: &Defects) -> String {
    let moved = || {
        let url = Url::parse(text)
            .ok()
            .filter(address::is_https_or_loopback)?;
        Some(format!(
            "{}{}",
            address::origin(&Url::parse(issuer).ok()?),
            &url[Position::BeforePath..]
        ))
    };
    moved()
        .filter(|_| defects.has(Defect::EndpointsOnIssuerHost))
        .unwrap_or_else(|| text.to_owned())
}

fn takes_client_documents(document: &Document, defects: &Defects) -> bool {
    const NAME: &str = "client_id_metadata_document_supported";
    let anything_but_false = || {
        document
            .members
            .get(NAME)
            .is_some_and(|value| *value != serde_json::Value::Bool(false))
    };
    document.is_true(NAME) || (defects.has(Defect::CimdFlagAny) && anything_but_false())
}

fn is_openid(place: &Url) -> bool {
    place.path().contains("openid-configuration")
}

/// S256 has to be listed. Before 2025-11-25 a missing list says nothing.
fn pkce_support(
    revision: Revision,
    methods: Option<&[&str]>,
    openid: bool,
    defects: &Defects,
) -> Result<bool, Error> {
    match methods {
        Some(methods) if methods.contains(&"S256") => Ok(true),
        Some(methods)
            if defects.has(Defect::PkceMethodFolded)
                && methods
                    .iter()
                    .any(|method| method.eq_ignore_ascii_case("S256")) =>
        {
            Ok(true)
        }
        Some([]) if defects.has(Defect::PkceEmptyList) => Ok(true),
        None if defects.has(Defect::PkceAssumed)
            || (openid && defects.has(Defect::PkceAssumedOpenid)) =>
        {
            Ok(true)
        }
        None if !revision.is_november_or_later() => Ok(true),
        Some(_) if defects.has(Defect::PkceDowngrade) => Ok(false),
        _ => Err(Error::PkceUnsupported),
    }
}

fn default_endpoints(
    base: &str,
    prefix: &str,
    defects: &Defects,
) -> Result<AuthorizationServer, Error> {
    let base = base.trim_end_matches('/');
    let at = |name: &'static str, path: &str| {
        address::endpoint(&format!("{base}{prefix}/{path}"), name, defects)
    };
    Ok(AuthorizationServer {
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

/// Whether clients can register at the default endpoint: only [`Defect::MarchDefaultsFirst`] asks.
async fn registers_at_default(run: &Run, origin: &str) -> bool {
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
            list("http://localhost:1", &Defects::only(Defect::NoOpenid)),
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
        assert!(ask(Revision::July2026, Some(&["plain", "S256"])));
        for methods in [None, Some(&[][..]), Some(&["plain"]), Some(&["s256"])] {
            assert!(!ask(Revision::November2025, methods), "{methods:?}");
        }
        assert!(ask(Revision::June2025, None));
        assert!(!ask(Revision::June2025, Some(&["plain"])));
    }
}
