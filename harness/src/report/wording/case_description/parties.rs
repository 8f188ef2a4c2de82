//! Who is there: the parties of a world, and what is special about each.

use crate::report::wording::case_description::values::list;
use crate::scenario::model::{AuthorizationServer, Case, McpServer, Party, PrmPlace, Role};

/// The parties, a line each: what they are, and what is special about them.
pub(crate) fn parties(case: &Case) -> Vec<String> {
    case.world.values().map(party).collect()
}

fn party(party: &Party) -> String {
    let kind = party.role.kind().with_article();
    let mut said = vec![if party.hostile {
        format!("{kind}, hostile")
    } else {
        kind.to_owned()
    }];
    let unusual = Party::new(party.name.clone(), party.role.kind());
    said.extend(
        party
            .hosted_on
            .as_ref()
            .map(|host| format!("on the origin of `{host}`")),
    );
    said.extend(party.host.map(|host| format!("host {host}")));
    said.extend((party.scheme != unusual.scheme).then(|| format!("scheme {}", party.scheme)));
    said.extend(
        (party.certificate != unusual.certificate)
            .then(|| format!("certificate {}", party.certificate)),
    );
    said.extend((!party.up).then(|| "down".to_owned()));
    match &party.role {
        Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
            said.extend(of_authorization_server(server))
        }
        Role::McpServer(server) => said.extend(of_mcp_server(server)),
        Role::WebSite => {}
    }
    format!("`{}`: {}", party.name, said.join(", "))
}

/// Settings that are not the usual ones.
fn of_authorization_server(server: &AuthorizationServer) -> Vec<String> {
    let usual = AuthorizationServer::default();
    let mut out = Vec::new();
    let mut tell = |differs: bool, text: String| out.extend(differs.then_some(text));
    tell(
        server.issuer_path != usual.issuer_path,
        format!("issuer path {}", server.issuer_path),
    );
    tell(
        server.metadata_at != usual.metadata_at,
        format!("metadata at {}", list(&server.metadata_at)),
    );
    tell(
        server.endpoints != usual.endpoints,
        format!("endpoints {}", server.endpoints),
    );
    tell(
        server.registration != usual.registration,
        format!("registration {}", list(&server.registration)),
    );
    tell(server.client.is_some(), "given credentials".to_owned());
    tell(
        server.client_auth != usual.client_auth,
        format!("client authentication {}", list(&server.client_auth)),
    );
    tell(
        server.client_secret_lifetime.is_some(),
        format!(
            "secrets live {} s",
            server.client_secret_lifetime.unwrap_or_default()
        ),
    );
    tell(
        server.consent != usual.consent,
        format!("consent {}", server.consent),
    );
    tell(server.iss != usual.iss, format!("iss {}", server.iss));
    tell(server.pkce != usual.pkce, format!("PKCE {}", server.pkce));
    tell(
        server.scopes_supported.is_some(),
        format!(
            "scopes {}",
            list(server.scopes_supported.as_deref().unwrap_or_default())
        ),
    );
    tell(
        server.refresh != usual.refresh,
        format!("refresh tokens {}", server.refresh),
    );
    tell(
        server.resource_indicators != usual.resource_indicators,
        format!("resource indicators {}", server.resource_indicators),
    );
    tell(
        server.token_format != usual.token_format,
        format!("tokens {}", server.token_format),
    );
    tell(
        server.grants != usual.grants,
        format!("grants {}", list(&server.grants)),
    );
    tell(server.dpop != usual.dpop, format!("DPoP {}", server.dpop));
    out
}

fn of_mcp_server(server: &McpServer) -> Vec<String> {
    let usual = McpServer::default();
    let mut out = Vec::new();
    let mut tell = |differs: bool, text: String| out.extend(differs.then_some(text));
    tell(server.path != usual.path, format!("at {}", server.path));
    tell(
        server.resource.is_some(),
        format!(
            "resource {}",
            server
                .resource
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        ),
    );
    let places = server.prm_at.iter().map(|place| match place {
        PrmPlace::Path => "path".to_owned(),
        PrmPlace::Root => "root".to_owned(),
        PrmPlace::Named(path) => path.clone(),
    });
    tell(
        server.prm_at != usual.prm_at,
        format!("metadata at {}", list(&places.collect::<Vec<_>>())),
    );
    tell(
        server.challenge != usual.challenge,
        format!("challenge {}", server.challenge),
    );
    tell(
        server.challenge_scope.is_some(),
        format!(
            "challenge with scope {}",
            server.challenge_scope.as_deref().unwrap_or_default()
        ),
    );
    tell(
        server.scopes_supported.is_some(),
        format!(
            "scopes {}",
            list(server.scopes_supported.as_deref().unwrap_or_default())
        ),
    );
    for (tool, scopes) in &server.tool_scopes {
        tell(true, format!("tool {tool} takes {}", list(scopes)));
    }
    let trusted = &server.authorization_servers;
    tell(
        *trusted != usual.authorization_servers,
        format!("authorization servers {}", list(trusted)),
    );
    tell(
        server.answers != usual.answers,
        format!("answers {}", server.answers),
    );
    tell(
        server.session != usual.session,
        "without sessions".to_owned(),
    );
    tell(server.dpop != usual.dpop, format!("DPoP {}", server.dpop));
    out
}
