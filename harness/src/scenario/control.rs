//! Control runs: a case without its deviations, and the digest that tells which cases have the same
//! world, so that one control run serves them all.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::digest::short_digest;

use super::model::{
    Case, EventName, FieldMatch, Flow, Matcher, Part, Party, Pattern, Placeholder, Role, RoleKind,
    Step, Template, Value,
};

/// The end of the id of a control run.
const CONTROL_SUFFIX: &str = " (control)";

/// The id of the case that a control run belongs to; other ids stay as they are.
pub fn without_control_suffix(id: &str) -> &str {
    id.strip_suffix(CONTROL_SUFFIX).unwrap_or(id)
}

/// The version of [`WorldData`]. It grows when the same data gets another meaning.
const WORLD_DATA_VERSION: u32 = 1;

/// What [`Case::world_digest`] is made from, as JSON. The types of the model write all their
/// fields, so that a new setting cannot be forgotten.
#[derive(Serialize)]
struct WorldData<'c> {
    version: u32,
    steps: &'c [Step],
    goal: &'c Option<Pattern>,
    about_calls: bool,
    parties: Vec<Party>,
}

impl Case {
    /// The control case: this case without misbehaviour, and without anything that is expected of
    /// it.
    pub fn control(&self) -> Self {
        Self {
            id: format!("{}{CONTROL_SUFFIX}", self.id),
            official: Vec::new(),
            official_differs: None,
            watch: Vec::new(),
            deviations: Vec::new(),
            expectations: Vec::new(),
            ..self.clone()
        }
    }

    /// A digest of what runs without deviations: steps, goal, and the parties that the client can
    /// meet, with all settings.
    ///
    /// Cases whose worlds differ never share one. It does not depend on expectations, deviations,
    /// needs or revisions. No file holds it, so its form can change at any time.
    pub fn world_digest(&self) -> String {
        let parties = self.reachable().map(|party| Party {
            host: Some(party.effective_host()),
            ..party.clone()
        });
        let world = WorldData {
            version: WORLD_DATA_VERSION,
            steps: &self.steps,
            goal: &self.goal,
            about_calls: self.about_calls,
            parties: parties.collect(),
        };
        // the types of the model have no maps with other keys than texts, so this always succeeds
        short_digest(serde_json::to_string(&world).unwrap_or_default())
    }

    /// Parties that steps and goal name, and those that these lead to.
    fn reachable(&self) -> impl Iterator<Item = &Party> {
        let mut named = PartyCollector {
            case: self,
            found: BTreeSet::new(),
        };
        self.steps.iter().for_each(|step| named.step(step));
        self.goal.iter().for_each(|goal| named.pattern(goal));
        loop {
            let before = named.found.clone();
            for party in before.iter().filter_map(|name| self.world.get(*name)) {
                named.neighbours(party);
            }
            if named.found.len() == before.len() {
                break;
            }
        }
        let found = named.found;
        self.world
            .values()
            .filter(move |party| found.contains(party.name.as_str()))
    }
}

/// MCP servers that the client is started towards and that no client can authorize at; a problem
/// where a control run is needed.
pub(crate) fn without_authorization_server(case: &Case) -> Vec<String> {
    let is_up = |name: &String| case.world.get(name).is_none_or(|party| party.up);
    let stuck = |server: &&String| match case.world.get(*server).map(|party| &party.role) {
        Some(Role::McpServer(mcp)) => !mcp.authorization_servers.iter().any(is_up),
        _ => false,
    };
    if case.deviations.is_empty() {
        return Vec::new();
    }
    case.starts()
        .flat_map(|start| &start.connect)
        .filter(stuck)
        .cloned()
        .collect()
}

/// Collects the parties that something names.
struct PartyCollector<'c> {
    case: &'c Case,
    found: BTreeSet<&'c str>,
}

impl<'c> PartyCollector<'c> {
    fn name(&mut self, name: &str) {
        if let Some((name, _)) = self.case.world.get_key_value(name) {
            self.found.insert(name);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Start(start) => {
                start.connect.iter().for_each(|name| self.name(name));
                start.url.iter().for_each(|url| self.template(url));
                if start.flow == Flow::Enterprise {
                    self.identity_providers();
                }
            }
            Step::Change(change) => {
                self.pattern(&change.after);
                for (party, _, value) in &change.set {
                    self.name(party);
                    self.value(value);
                }
                change
                    .expire
                    .iter()
                    .chain(&change.revoke)
                    .for_each(|secret| self.name(&secret.party));
            }
        }
    }

    /// Adds the identity providers: a client of a company is handed what its user has there.
    fn identity_providers(&mut self) {
        let parties = self.case.world.values();
        let providers = parties.filter(|p| p.role.kind() == RoleKind::IdentityProvider);
        self.found
            .extend(providers.map(|party| party.name.as_str()));
    }

    /// Adds the parties to which a party sends the client, and those that share its origin.
    fn neighbours(&mut self, party: &'c Party) {
        let others = [&party.hosted_on, &party.takes_name_of];
        others
            .into_iter()
            .flatten()
            .for_each(|other| self.name(other));
        for guest in self
            .case
            .world
            .values()
            .filter(|guest| guest.hosted_on.as_deref() == Some(&party.name))
        {
            self.name(&guest.name);
        }
        match &party.role {
            Role::McpServer(mcp) => {
                mcp.authorization_servers
                    .iter()
                    .for_each(|name| self.name(name));
                mcp.resource
                    .iter()
                    .for_each(|resource| self.template(resource));
            }
            Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
                server.endpoints_on.iter().for_each(|host| self.name(host));
                if let Some(client) = &server.client {
                    self.template(&client.id);
                    self.template(&client.secret);
                }
            }
            Role::WebSite => {}
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        if let EventName::Kind {
            party: Some(party), ..
        } = &pattern.event
        {
            self.name(party);
        }
        pattern.filter.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &FieldMatch) {
        for matcher in &field.matchers {
            match matcher {
                Matcher::Equals(value) | Matcher::Not(value) => self.value(value),
                Matcher::OneOf(values) | Matcher::Includes(values) | Matcher::SameSet(values) => {
                    values.iter().for_each(|v| self.value(v))
                }
                Matcher::Contains(text) | Matcher::StartsWith(text) => self.template(text),
                Matcher::Present(_)
                | Matcher::Sent(_)
                | Matcher::Fresh(_)
                | Matcher::Unshared(_)
                | Matcher::LooksRandom(_)
                | Matcher::Length(..)
                | Matcher::Charset(_) => {}
            }
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.template(text),
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Table(entries) => entries.iter().for_each(|(_, value)| self.value(value)),
            Value::Integer(_) | Value::Boolean(_) => {}
        }
    }

    /// Placeholders name parties; so do whole texts (`as2`) and names of secrets (`as2.code`).
    fn template(&mut self, text: &Template) {
        for part in &text.0 {
            match part {
                Part::Literal(text) => self.name(text.split('.').next().unwrap_or_default()),
                Part::Placeholder {
                    what: Placeholder::PartyValue { party, .. },
                    ..
                } => self.name(party),
                Part::Placeholder {
                    what: Placeholder::Secret(secret),
                    ..
                } => self.name(&secret.party),
                Part::Placeholder { .. } => {}
            }
        }
    }
}
