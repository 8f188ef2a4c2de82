//! `[world]`: the parties, their settings, and the capabilities that these need.

use super::model::{Capability, Dpop, Host, Party, Registration, Role, Scheme, Value};
use super::model::{RoleKind, SettingError};
use super::node::{Entry, Node};
use super::reader::{CaseReader, TextUse};
use super::template::is_name;
use super::values::ReadValues;

/// Parties of every world.
const ALWAYS: [(&str, RoleKind); 2] = [
    ("as", RoleKind::AuthorizationServer),
    ("mcp", RoleKind::McpServer),
];

/// Names that mean something else in placeholders and events.
const RESERVED: [&str; 5] = ["canary", "event", "deviation", "original", "null"];

impl CaseReader<'_> {
    /// Reads `[world]`, if there is one.
    pub(crate) fn read_world(&mut self, world: Option<&Node>) {
        self.world = ALWAYS
            .iter()
            .map(|(name, role)| ((*name).to_owned(), Party::new(*name, *role)))
            .collect();
        let entries = world.map_or(&[][..], |world| self.table(world));
        for entry in entries {
            self.introduce(entry);
        }
        for entry in entries {
            let Some(mut party) = self.world.get(&entry.key).cloned() else {
                continue;
            };
            for setting in entry
                .value
                .as_table()
                .unwrap_or_default()
                .iter()
                .filter(|setting| setting.key != "is")
            {
                self.setting(&mut party, &setting.key, setting);
            }
            self.note_needs_of(&party);
            if party.hosted_on.is_some() {
                self.mentioned.insert(entry.key.clone());
            }
            self.world.insert(entry.key.clone(), party);
        }
        for entry in entries {
            self.check_hosting_circle(entry);
        }
    }

    /// Adds a party with its name and role, before settings of others can name it.
    fn introduce(&mut self, entry: &Entry) {
        let name = &entry.key;
        if !is_name(name) {
            self.problem(
                &entry.key_span,
                format!(
                    "`{name}`: the name of a party consists of lower case letters, digits and \
                 hyphens"
                ),
            );
        } else if RESERVED.contains(&name.as_str()) {
            self.problem(
                &entry.key_span,
                format!(
                    "`{name}` cannot be a party's name: it has a meaning in placeholders and events"
                ),
            );
        }
        let is = self
            .table(&entry.value)
            .iter()
            .find(|setting| setting.key == "is");
        match is {
            Some(is) => {
                if let Some(role) = self.word::<RoleKind>(&is.value) {
                    self.world.insert(name.clone(), Party::new(name, role));
                }
            }
            None if self.world.contains_key(name) => {}
            None => self.problem_with(
                &entry.key_span,
                format!("`is` is missing: the role of the party `{name}` is unknown"),
                "write `is = \"authorization server\"`, `\"identity provider\"`, `\"mcp server\"` \
                 or `\"web site\"`",
            ),
        }
    }

    /// Reads one setting and applies it.
    pub(crate) fn setting(
        &mut self,
        party: &mut Party,
        setting: &str,
        entry: &Entry,
    ) -> Option<Value> {
        // A setting that does not exist is one problem, whatever its value is.
        let value = self.value(&entry.value, TextUse::World)?;
        if let Err(error) = party.apply(setting, &value) {
            let span = if matches!(error, SettingError::NoSuchSetting { .. }) {
                &entry.key_span
            } else {
                &entry.value.span
            };
            match error.remedy() {
                Some(remedy) => self.problem_with(span, error.to_string(), remedy),
                None => self.problem(span, error.to_string()),
            }
            return None;
        }
        match setting {
            "hosted_on" | "endpoints_on" | "takes_name_of" => {
                self.party(entry.value.as_text()?, &entry.value.span)?;
            }
            "authorization_servers" => {
                for item in entry.value.as_list()? {
                    self.authorization_server(item);
                }
            }
            "scheme" if party.scheme == Scheme::Https => {
                self.needs.insert(Capability::TrustsGivenAuthority);
            }
            "host" if party.host == Some(Host::Named) => {
                self.needs.insert(Capability::PrivateNetwork);
            }
            _ => {}
        }
        Some(value)
    }

    fn authorization_server(&mut self, item: &Node) {
        let Some(name) = item.as_text() else { return };
        if let Some(role) = self.party(name, &item.span)
            && !role.is_authorization_server()
        {
            self.problem_with(
                &item.span,
                format!(
                    "expected an authorization server, and {name} is {}",
                    role.with_article()
                ),
                "to list something else, patch the metadata: `at = \"mcp.prm\"`, \
                 `set.authorization_servers = [...]`",
            );
        }
    }

    /// Notes the capabilities of clients that a party needs. Those of the machine are noted where
    /// the setting is read.
    fn note_needs_of(&mut self, party: &Party) {
        let dpop = match &party.role {
            Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
                if let [only] = server.registration.as_slice() {
                    self.needs.insert(match only {
                        Registration::PreRegistered => Capability::PreRegistration,
                        Registration::Cimd => Capability::Cimd,
                        Registration::Dcr => Capability::Dcr,
                    });
                }
                server.dpop
            }
            Role::McpServer(server) => server.dpop,
            Role::WebSite => Dpop::Off,
        };
        if dpop != Dpop::Off {
            self.needs.insert(Capability::Dpop);
        }
    }

    /// Refuses a party that is hosted on itself, directly or through others: it would have no
    /// origin.
    fn check_hosting_circle(&mut self, entry: &Entry) {
        let mut at = entry.key.as_str();
        for _ in 0..self.world.len() {
            match self
                .world
                .get(at)
                .and_then(|party| party.hosted_on.as_deref())
            {
                Some(host) if host == entry.key => {
                    self.problem(
                        &entry.key_span,
                        format!("`{}` is hosted on itself", entry.key),
                    );
                    return;
                }
                Some(host) => at = host,
                None => return,
            }
        }
    }
}
