//! A case's world in words: who is there, what misbehaves, what happens when.

use crate::report::wording::demands::describe_pattern;
use crate::scenario::model::{
    Action, AuthorizationServer, Case, Deviation, EventKind, EventName, McpServer, Moment, Party,
    Patch, Pattern, PrmPlace, Role, Step, Template, Value,
};

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

/// The misbehaviours, a line each.
pub(crate) fn deviations(case: &Case) -> Vec<String> {
    case.deviations.iter().map(deviation).collect()
}

fn deviation(deviation: &Deviation) -> String {
    let places = deviation.at.iter().map(|target| {
        let parts = [
            Some(target.party.as_str()),
            target.message.map(|m| m.as_str()),
            target.place.as_deref(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(".")
    });
    let mut text = format!(
        "`{}` at {}: {}",
        deviation.name,
        places.collect::<Vec<_>>().join(", "),
        action(&deviation.action)
    );
    if !deviation.filter.is_empty() {
        let event = EventName::Kind {
            party: None,
            kind: EventKind::Request,
        };
        text = format!(
            "{text}, in answer to a {}",
            describe_pattern(&Pattern {
                event,
                filter: deviation.filter.clone()
            })
        );
    }
    if let Some(after) = &deviation.after {
        text = format!("{text}, once there was a {}", describe_pattern(after));
    }
    match deviation.times {
        Some(1) => text.push_str(", once"),
        Some(times) => text = format!("{text}, {times} times"),
        None => {}
    }
    if deviation.trap {
        text.push_str(" (a trap: a conforming client never meets it)");
    }
    text
}

fn action(action: &Action) -> String {
    match action {
        Action::Settings(settings) => pairs("", settings),
        Action::Patch(patch) => of_patch(patch),
        Action::RelayBrowser { to, resource } => {
            let resource = resource
                .as_ref()
                .map(|r| format!(", with resource = {r}"))
                .unwrap_or_default();
            format!("sends the browser on to the authorization endpoint of `{to}`{resource}")
        }
        Action::ExtraCallback {
            moment,
            set,
            remove,
            append,
        } => {
            let moment = match moment {
                Moment::Before => "before the real one",
                Moment::After => "after the real one",
                Moment::Instead => "instead of the real one",
            };
            let changes = [
                pairs("with ", set),
                names("without ", remove),
                pairs("with one more ", append),
            ];
            let changes: Vec<String> = changes
                .into_iter()
                .filter(|change| !change.is_empty())
                .collect();
            format!(
                "a forged authorization response {moment} {}",
                changes.join(", ")
            )
            .trim_end()
            .to_owned()
        }
        Action::CrossResponses { between } => {
            format!("the responses of {} change places", list(between))
        }
    }
}

fn of_patch(patch: &Patch) -> String {
    let literal = |values: &[Template]| {
        values
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let mut said: Vec<String> = patch
        .status
        .map(|status| format!("answers with status {status}"))
        .into_iter()
        .collect();
    said.extend(
        patch
            .transport
            .map(|transport| format!("the answer is lost ({transport})")),
    );
    said.extend([
        pairs("", &patch.set),
        names("without ", &patch.remove),
        pairs("one more ", &patch.append),
    ]);
    said.extend(
        patch
            .raw
            .iter()
            .map(|(name, value)| format!("{name} = {value}, not encoded")),
    );
    said.extend(
        patch.forge.iter().map(|(name, claims)| {
            format!("{name} = a badly signed JWT that says {}", value(claims))
        }),
    );
    said.extend(patch.body.as_ref().map(|body| format!("body {body}")));
    said.extend(
        patch
            .headers
            .iter()
            .map(|(name, values)| format!("{name}: {}", literal(values))),
    );
    said.retain(|part| !part.is_empty());
    said.join(", ")
}

/// The timeline, a line each; nothing if it is just one plain start.
pub(crate) fn steps(case: &Case) -> Vec<String> {
    if let [Step::Start(start)] = case.steps.as_slice()
        && start.connect == ["mcp"]
        && start.call.is_none()
        && start.url.is_none()
    {
        return Vec::new();
    }
    case.steps.iter().map(step).collect()
}

fn step(step: &Step) -> String {
    match step {
        Step::Start(start) => {
            let mut text = format!(
                "the client is started ({}) towards {}",
                start.flow,
                list(&start.connect)
            );
            for more in [
                start
                    .url
                    .as_ref()
                    .map(|url| format!(", its URL spelled {url}")),
                start
                    .call
                    .as_ref()
                    .map(|tools| format!(", to call {}", list(tools))),
                start.at_once.then(|| ", all at once".to_owned()),
                start.umask.map(|umask| format!(", with umask {umask:03o}")),
                start.verbose.then(|| ", verbose".to_owned()),
                start
                    .after
                    .as_ref()
                    .map(|after| format!(", once there was a {}", describe_pattern(after))),
            ] {
                text.push_str(&more.unwrap_or_default());
            }
            text
        }
        Step::Change(change) => {
            let mut said: Vec<String> = change
                .set
                .iter()
                .map(|(party, name, v)| format!("{party}.{name} becomes {}", value(v)))
                .collect();
            said.extend(
                (!change.expire.is_empty()).then(|| format!("{} expires", list(&change.expire))),
            );
            said.extend(
                (!change.revoke.is_empty()).then(|| format!("{} is revoked", list(&change.revoke))),
            );
            format!(
                "at the first {}: {}",
                describe_pattern(&change.after),
                said.join(", ")
            )
        }
    }
}

fn pairs(words: &str, pairs: &[(String, Value)]) -> String {
    pairs
        .iter()
        .map(|(name, v)| format!("{words}{name} = {}", value(v)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn names(words: &str, names: &[String]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!("{words}{}", list(names))
    }
}

fn list(items: &[impl ToString]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(self::value).collect::<Vec<_>>().join(", ")
        ),
        Value::Table(members) => {
            format!(
                "{{{}}}",
                members
                    .iter()
                    .map(|(k, v)| format!("{k}: {}", self::value(v)))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
    }
}
