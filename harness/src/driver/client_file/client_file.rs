//! What is declared about a client before it is started.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::adapter::Adapter;
use super::deployment::DeploymentKind;
use super::link_handling::LinkHandling;
use super::standard_input::StandardInput;
use crate::driver::process::WorkingDirectory;
use crate::requirements::Capability;
use crate::scenario::model::{Registration, Revision};

/// What is declared about a client before it is started: in a client file, or by options of the
/// same names. A value that is absent comes from the next source, or is the default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientFile {
    /// The name of the client in reports.
    pub name: Option<String>,
    /// Program and arguments. Without `{url}` in it, the URL is the last argument.
    pub command: Option<Vec<String>>,
    /// Arguments that are added when the client is to use a client ID that was registered
    /// beforehand.
    pub with_credentials: Option<Vec<String>>,
    /// Commands that run in the client's home before it is first started with a URL.
    pub setup: Option<Vec<Vec<String>>>,
    /// Files that are written before the client is first started with a URL: path and content.
    pub files: BTreeMap<String, String>,
    /// Commands with which a user signs in. They may fail.
    pub login: Option<Vec<Vec<String>>>,
    /// Commands that run in the client's home after its last start.
    pub teardown: Option<Vec<Vec<String>>>,
    /// Where the client starts.
    pub cwd: Option<WorkingDirectory>,
    /// Environment variables to set.
    pub env: BTreeMap<String, String>,
    /// The user's environment variables to pass on; `*` matches any characters.
    pub pass_env: Vec<String>,
    /// How the harness and the client communicate.
    pub adapter: Option<Adapter>,
    /// Whether the client gets a terminal.
    pub pty: Option<bool>,
    /// What the client finds on its standard input.
    pub stdin: Option<StandardInput>,
    /// What is typed when the client shows a text: prompt and answer.
    pub answers: BTreeMap<String, String>,
    /// What happens with sign-in links that the client prints.
    pub links: Option<LinkHandling>,
    /// Whether the adapter is tried before the run.
    pub probe: Option<bool>,
    /// Whether the client is told the official name of each scenario.
    pub named: Option<bool>,
    /// How long one start may take.
    pub timeout: Option<Duration>,
    /// How many processes of the client may run at the same time.
    pub jobs: Option<usize>,
    /// The revisions that the client speaks.
    pub spec: Option<Vec<Revision>>,
    /// How the client gets a client ID.
    pub registration: Option<Vec<Registration>>,
    /// Where the client runs.
    pub kind: Option<DeploymentKind>,
    /// Whether the client uses refresh tokens.
    pub refresh: Option<bool>,
    /// Capabilities that the client has.
    pub has: BTreeSet<Capability>,
    /// Capabilities that the client does not have.
    pub lacks: BTreeSet<Capability>,
}

impl ClientFile {
    /// These values, and where there is none, those of `defaults`. `defaults` cannot take away a
    /// capability that is declared here.
    #[must_use]
    pub fn with_defaults(self, defaults: Self) -> Self {
        Self {
            has: &(&defaults.has - &self.lacks) | &self.has,
            lacks: &(&defaults.lacks - &self.has) | &self.lacks,
            env: defaults.env.into_iter().chain(self.env).collect(),
            files: defaults.files.into_iter().chain(self.files).collect(),
            answers: defaults.answers.into_iter().chain(self.answers).collect(),
            login: self.login.or(defaults.login),
            stdin: self.stdin.or(defaults.stdin),
            links: self.links.or(defaults.links),
            pass_env: defaults.pass_env.into_iter().chain(self.pass_env).collect(),
            name: self.name.or(defaults.name),
            command: self.command.or(defaults.command),
            with_credentials: self.with_credentials.or(defaults.with_credentials),
            setup: self.setup.or(defaults.setup),
            teardown: self.teardown.or(defaults.teardown),
            cwd: self.cwd.or(defaults.cwd),
            adapter: self.adapter.or(defaults.adapter),
            pty: self.pty.or(defaults.pty),
            probe: self.probe.or(defaults.probe),
            named: self.named.or(defaults.named),
            timeout: self.timeout.or(defaults.timeout),
            jobs: self.jobs.or(defaults.jobs),
            spec: self.spec.or(defaults.spec),
            registration: self.registration.or(defaults.registration),
            kind: self.kind.or(defaults.kind),
            refresh: self.refresh.or(defaults.refresh),
        }
    }
}
