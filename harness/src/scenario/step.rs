//! `[[step]]`: the timeline of starts of the client and honest changes of the world.

use super::keys::{self, words_of};
use super::model::RoleKind;
use super::model::{Capability, Change, Flow, SecretName, Start, Step, Value};
use super::node::{Entry, Node};
use super::pattern::PatternUse;
use super::reader::{CaseReader, TextUse};
use super::suggest;
use super::template::TemplateError;
use super::values::ReadValues;

pub(crate) const START: [&str; 8] = words_of(&keys::START);
pub(crate) const CHANGE: [&str; 3] = words_of(&keys::CHANGE);

/// Settings that decide about a party's addresses, or about its connections, when the world begins.
const FIXED_SETTINGS: &[&str] = &[
    "host",
    "address",
    "label",
    "takes_name_of",
    "hosted_on",
    "scheme",
    "certificate",
    "tls_versions",
    "http_versions",
    "up",
    "issuer_path",
    "endpoints",
    "endpoint_query",
    "endpoints_on",
    "client",
    "path",
    "query",
    "resource",
];

impl Start {
    /// The client is started once, towards one server, and does what it does.
    pub fn plain(server: &str) -> Self {
        Self {
            connect: vec![server.to_owned()],
            flow: Flow::Plain,
            url: None,
            call: None,
            at_once: false,
            twice: false,
            umask: None,
            verbose: false,
        }
    }
}

impl CaseReader<'_> {
    /// All steps, a plain start first where none is written.
    pub(crate) fn steps(&mut self, node: Option<&Node>) -> Vec<Step> {
        let items = node.map_or(&[][..], |node| self.list(node));
        let mut steps: Vec<_> = items.iter().filter_map(|item| self.step(item)).collect();
        let starts = |item: &Node| item.get("connect").is_some();
        if let Some(first) = items.first()
            && !starts(first)
            && items.iter().any(starts)
        {
            let remedy = "write `[[step]]` with `connect = [\"mcp\"]` first";
            self.problem_with(
                &first.span,
                "the first step does not start the client, but a later one does",
                remedy,
            );
        }
        if !items.iter().any(starts) {
            steps.insert(0, Step::Start(Start::plain("mcp")));
            self.mentioned.insert("mcp".to_owned());
        }
        steps
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let entries = self.table(node);
        let keys: Vec<_> = ["after"]
            .iter()
            .chain(&START)
            .chain(&CHANGE)
            .copied()
            .collect();
        self.only_keys(entries, &keys, "a step");
        let starting = node.get("connect").is_some();
        let (kind, foreign) = if starting {
            ("starts the client", &CHANGE[..])
        } else {
            ("without `connect` changes the world", &START[..])
        };
        for key in entries
            .iter()
            .filter(|entry| foreign.contains(&entry.key.as_str()))
        {
            self.problem_with(
                &key.key_span,
                format!("`{}` has no place in a step that {kind}", key.key),
                "a step starts the client (`connect`) or changes the world, not both",
            );
        }
        if starting {
            self.start(node).map(Step::Start)
        } else {
            self.change(node).map(Step::Change)
        }
    }

    /// Notes the parties that the client meets in this kind of flow without a word about them: it
    /// is handed what its user has at the identity provider.
    fn note_parties_of(&mut self, flow: Flow) {
        if flow == Flow::Enterprise {
            let parties = self.world.values();
            let providers = parties.filter(|p| p.role.kind() == RoleKind::IdentityProvider);
            let names: Vec<String> = providers.map(|party| party.name.clone()).collect();
            self.mentioned.extend(names);
        }
    }

    fn start(&mut self, node: &Node) -> Option<Start> {
        let before = self.problems.len();
        let connect = node
            .get("connect")
            .map(|connect| self.servers(connect))
            .unwrap_or_default();
        let flow = node
            .get("flow")
            .and_then(|flow| self.word::<Flow>(&flow.value))
            .unwrap_or(Flow::Plain);
        let url = node
            .get("url")
            .and_then(|url| self.template(&url.value, TextUse::World));
        let call = node.get("call").map(|call| self.texts(&call.value));
        let at_once = node
            .get("at_once")
            .and_then(|yes| self.boolean(&yes.value))
            .unwrap_or(false);
        let twice = node
            .get("twice")
            .and_then(|yes| self.boolean(&yes.value))
            .unwrap_or(false);
        let umask = node.get("umask").and_then(|umask| self.umask(&umask.value));
        let verbose = node
            .get("verbose")
            .and_then(|yes| self.boolean(&yes.value))
            .unwrap_or(false);

        let start = Start {
            connect,
            flow,
            url,
            call,
            at_once,
            twice,
            umask,
            verbose,
        };
        self.note_parties_of(flow);
        self.note_needs_of_start(&start);
        (self.problems.len() == before).then_some(start)
    }

    /// Notes what a client must be able to do to be started so.
    fn note_needs_of_start(&mut self, start: &Start) {
        self.needs.extend(start.flow.need());
        if start.connect.len() > 1 {
            self.needs.insert(if start.at_once {
                Capability::ServersAtOnce
            } else {
                Capability::SeveralServers
            });
        }
        if start.call.is_some() {
            self.needs.insert(if start.at_once {
                Capability::CallsAtOnce
            } else {
                Capability::NamedTools
            });
        }
        if start.umask.is_some() {
            self.needs.insert(Capability::SeparateProcess);
        }
        if start.verbose {
            self.needs.insert(Capability::Verbose);
        }
    }

    fn change(&mut self, node: &Node) -> Option<Change> {
        let before = self.problems.len();
        let after = match node.get("after") {
            Some(after) => self.pattern(&after.value, PatternUse::CONTROL_TOO, &[]),
            None => {
                self.problem_with(
                    &node.span,
                    "`after` is missing: a change of the world waits for an event",
                    "write `after = \"mcp.call-accepted\"`",
                );
                None
            }
        };
        let set: Vec<_> = node
            .get("set")
            .map_or(&[][..], |set| self.table(&set.value))
            .iter()
            .filter_map(|entry| self.changed_setting(entry))
            .collect();
        let expire = self.secret_names(node.get("expire"));
        let revoke = self.secret_names(node.get("revoke"));
        if self.problems.len() == before && set.is_empty() && expire.is_empty() && revoke.is_empty()
        {
            self.problem_with(
                &node.span,
                "the step does nothing",
                format!(
                    "write `connect` to start the client, or {}",
                    suggest::list(&CHANGE)
                ),
            );
        }
        if self.problems.len() > before {
            None
        } else {
            Some(Change {
                after: after?,
                set,
                expire,
                revoke,
            })
        }
    }

    /// `"mcp.authorization_servers" = ["as2"]`
    fn changed_setting(&mut self, entry: &Entry) -> Option<(String, String, Value)> {
        let Some((name, setting)) = entry.key.split_once('.') else {
            self.problem_with(
                &entry.key_span,
                format!(
                    "`{}` is not the name of a setting, PARTY.SETTING",
                    entry.key
                ),
                "write `set = { \"mcp.session\" = false }`, the key in quotes",
            );
            return None;
        };
        self.party(name, &entry.key_span)?;
        let mut party = self.world.get(name).cloned()?;
        let before = party.clone();
        let value = self.setting(&mut party, setting, entry)?;
        if FIXED_SETTINGS.contains(&setting) {
            self.problem_with(
                &entry.key_span,
                format!("`{setting}` cannot change while the world runs"),
                "write it into `[world]`",
            );
        } else if party == before && !self.changed_settings.contains(&entry.key) {
            self.problem_with(
                &entry.value.span,
                format!("`{}` has this value already", entry.key),
                "set another value, or leave the step out",
            );
        }
        self.changed_settings.insert(entry.key.clone());
        Some((name.to_owned(), setting.to_owned(), value))
    }

    fn secret_names(&mut self, entry: Option<&Entry>) -> Vec<SecretName> {
        entry
            .map_or(&[][..], |entry| self.list(&entry.value))
            .iter()
            .filter_map(|item| self.secret_name(item))
            .collect()
    }

    fn secret_name(&mut self, node: &Node) -> Option<SecretName> {
        let name: SecretName = match self.text(node)?.parse() {
            Ok(name) => name,
            Err(error) => {
                let text = node.as_text().unwrap_or_default();
                match error {
                    TemplateError::UnknownPlaceholder(_) => {
                        self.problem_with(
                            &node.span,
                            format!("`{text}` is not the name of a secret, PARTY.SECRET"),
                            "write `as.access_token`",
                        );
                    }
                    error => self.template_problem(&node.span, &error),
                }
                return None;
            }
        };
        let role = self.party(&name.party, &node.span)?;
        let revocable: Vec<&str> = role.revocable_secrets().collect();
        if !revocable.contains(&name.kind.as_str()) {
            let problem = if role.secrets().contains(&name.kind.as_str()) {
                "cannot revoke the secret"
            } else {
                "issues no secret"
            };
            let remedy = suggest::instead(&name.kind, revocable.iter().copied());
            self.problem_with(
                &node.span,
                format!("{} {problem} `{}`", name.party, name.kind),
                remedy,
            );
            return None;
        }
        Some(name)
    }

    fn servers(&mut self, connect: &Entry) -> Vec<String> {
        let items = self.list(&connect.value);
        if items.is_empty() {
            self.problem_with(
                &connect.value.span,
                "`connect` is empty: the client needs a server to connect to",
                "write `connect = [\"mcp\"]`",
            );
        }
        let names: Vec<_> = items
            .iter()
            .filter_map(|item| Some((item, self.named_party(item)?)))
            .collect();
        for (item, name) in &names {
            let role = self.world.get(name).map(|party| party.role.kind());
            if let Some(role) = role.filter(|role| *role != RoleKind::McpServer) {
                self.problem(
                    &item.span,
                    format!(
                        "cannot connect to {name}: expected an MCP server, and it is {}",
                        role.with_article()
                    ),
                );
            }
        }
        names.into_iter().map(|(_, name)| name).collect()
    }

    fn texts(&mut self, node: &Node) -> Vec<String> {
        self.list(node)
            .iter()
            .filter_map(|item| self.text(item).map(str::to_owned))
            .collect()
    }

    fn umask(&mut self, node: &Node) -> Option<u32> {
        let text = self.text(node)?;
        let umask = (text.len() == 3)
            .then(|| u32::from_str_radix(text, 8).ok())
            .flatten()
            .filter(|_| !text.starts_with('+'));
        if umask.is_none() {
            self.problem_with(
                &node.span,
                format!("invalid umask `{text}`: expected three octal digits"),
                "write `umask = \"022\"`",
            );
        }
        umask
    }
}

impl Flow {
    /// The capability that this kind of flow takes.
    pub const fn need(self) -> Option<Capability> {
        match self {
            Self::Plain => None,
            Self::PreRegistration => Some(Capability::PreRegistration),
            Self::ClientCredentialsSecret | Self::ClientCredentialsJwt => {
                Some(Capability::ClientCredentials)
            }
            Self::Enterprise => Some(Capability::Enterprise),
            Self::Workload => Some(Capability::Workload),
            Self::Dpop => Some(Capability::Dpop),
        }
    }
}
