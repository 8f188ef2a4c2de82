//! A client file: how a client is started, what happens around it, and what is said about it. The
//! command line says the same with options of the same names, which come before what the file says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::driver::process::WorkingDirectory;
use crate::requirements::Capability;
use crate::scenario::model::{Registration, Revision};
use crate::words::words;

words! {
    /// How the harness and the client talk.
    pub enum Adapter {
        /// The official suite's contract: the URL as an argument, `MCP_CONFORMANCE_*` in the
        /// environment.
        Official = "official",
        /// One process takes scenario after scenario: a JSON line each way.
        Persistent = "persistent",
        /// A program as it ships: it learns the URL, and nothing else.
        None = "none",
        /// A program that offers the MCP server's tools on its own standard input and output: the
        /// harness calls them there.
        Stdio = "stdio",
    }
}

words! {
    /// Where the client runs, and whether a person sits in front of it.
    pub enum ApplicationKind {
        /// On the user's machine, with a browser.
        Native = "native",
        /// Without a browser: it opens none and listens for no callback.
        Headless = "headless",
        /// On a server, for many users.
        Hosted = "hosted",
    }
}

/// What is known about a client before it is started. What is absent is left to the next source, or
/// to the default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientFile {
    /// What reports call the client.
    pub name: Option<String>,
    /// Program and arguments. Without `{url}` in it, the URL is the last argument.
    pub command: Option<Vec<String>>,
    /// Arguments that are added when the client is to use credentials registered beforehand.
    pub with_credentials: Option<Vec<String>>,
    /// Commands that run in the client's home before it is started towards a URL.
    pub setup: Option<Vec<Vec<String>>>,
    /// Commands that run in the client's home after its last start.
    pub teardown: Option<Vec<Vec<String>>>,
    /// Where the client is started.
    pub cwd: Option<WorkingDirectory>,
    /// Environment variables to set.
    pub env: BTreeMap<String, String>,
    /// Environment variables of the user's to pass on; `*` stands for anything.
    pub pass_env: Vec<String>,
    pub adapter: Option<Adapter>,
    /// Whether the client is given a terminal.
    pub pty: Option<bool>,
    /// Whether the adapter is tried once before the run.
    pub probe: Option<bool>,
    /// Whether the client is told the official name of each scenario.
    pub named: Option<bool>,
    /// How long one start may take.
    pub timeout: Option<Duration>,
    /// How many of it may run at the same time.
    pub jobs: Option<usize>,
    /// The revisions that it speaks.
    pub spec: Option<Vec<Revision>>,
    /// How it comes by a client ID.
    pub registration: Option<Vec<Registration>>,
    pub kind: Option<ApplicationKind>,
    /// Whether it uses refresh tokens.
    pub refresh: Option<bool>,
    pub has: BTreeSet<Capability>,
    pub lacks: BTreeSet<Capability>,
}

/// Keys of a client file, in the order in which they are best written, and what each says.
pub(super) const KEYS: [(&str, &str); 20] = [
    ("name", "What reports call the client."),
    (
        "command",
        "Program and arguments; no shell is involved. A program with a slash in its name is looked for beside this file. Without {url} \
                 in command, setup or env, the URL is the last argument.",
    ),
    (
        "with_credentials",
        "Arguments that are added when the client is to use credentials registered beforehand: {client_id}, {client_secret}.",
    ),
    (
        "setup",
        "Commands that run in the client's home before it is started towards a URL, once for each URL.",
    ),
    (
        "teardown",
        "Commands that run in the client's home after its last start.",
    ),
    (
        "cwd",
        "Where the client starts: a folder as seen from this file's, `inherit` (where the suite was started), or `sandbox` (an empty \
             folder of its own).",
    ),
    ("env", "Environment variables to set."),
    (
        "pass_env",
        "Environment variables to pass on from the user's; `*` stands for anything.",
    ),
    (
        "adapter",
        "How the suite talks with the client: the official suite's contract, one process for all scenarios (ci/clients/PERSISTENT.md), \
                 nothing but the URL, or tool calls on its standard input and output.",
    ),
    ("pty", "Whether the client is given a terminal."),
    (
        "probe",
        "Whether the adapter is tried once before the run, with the name of a scenario that does not exist.",
    ),
    (
        "named",
        "Whether the client is told the official name of each scenario instead of only the kind of flow.",
    ),
    ("timeout", "Seconds that one start may take."),
    ("jobs", "How many of the client may run at the same time."),
    (
        "spec",
        "The revisions that the client speaks. The newest is run, and with `--spec all` each.",
    ),
    (
        "registration",
        "How the client comes by a client ID. It lacks the methods that are not written.",
    ),
    (
        "kind",
        "Where the client runs: on the user's machine with a browser, without a browser, or on a server.",
    ),
    ("refresh", "Whether the client uses refresh tokens."),
    (
        "has",
        "Capabilities that the client has. Undeclared ones are learned from what it shows.",
    ),
    (
        "lacks",
        "Capabilities that the client does not have: what needs them is not applicable.",
    ),
];

/// The longest time-out, in seconds.
pub(super) const LONGEST_TIMEOUT: i64 = 3600;
/// The most clients at the same time.
pub(super) const MOST_JOBS: i64 = 1024;

impl ClientFile {
    /// What this says, and where it says nothing, what the other says. A capability that this one
    /// has, the other cannot take away.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let kept =
            |mine: &BTreeSet<_>, theirs: BTreeSet<_>, not: &BTreeSet<_>| &(&theirs - not) | mine;
        Self {
            has: kept(&self.has, below.has, &self.lacks),
            lacks: kept(&self.lacks, below.lacks, &self.has),
            env: below.env.into_iter().chain(self.env).collect(),
            pass_env: below.pass_env.into_iter().chain(self.pass_env).collect(),
            name: self.name.or(below.name),
            command: self.command.or(below.command),
            with_credentials: self.with_credentials.or(below.with_credentials),
            setup: self.setup.or(below.setup),
            teardown: self.teardown.or(below.teardown),
            cwd: self.cwd.or(below.cwd),
            adapter: self.adapter.or(below.adapter),
            pty: self.pty.or(below.pty),
            probe: self.probe.or(below.probe),
            named: self.named.or(below.named),
            timeout: self.timeout.or(below.timeout),
            jobs: self.jobs.or(below.jobs),
            spec: self.spec.or(below.spec),
            registration: self.registration.or(below.registration),
            kind: self.kind.or(below.kind),
            refresh: self.refresh.or(below.refresh),
        }
    }

    /// What is said in vain.
    pub fn ineffective_keys(&self) -> Vec<IneffectiveKey> {
        let adapter = self.adapter.unwrap_or(Adapter::Official);
        let persistent = adapter == Adapter::Persistent;
        let said = [
            (
                "pty",
                self.pty == Some(true) && (persistent || adapter == Adapter::Stdio),
            ),
            ("setup", self.setup.is_some() && persistent),
            ("teardown", self.teardown.is_some() && persistent),
            (
                "with_credentials",
                self.with_credentials.is_some() && persistent,
            ),
        ];
        said.into_iter()
            .filter(|(_, vain)| *vain)
            .map(|(key, _)| IneffectiveKey { key, adapter })
            .collect()
    }
}

/// A key that means nothing with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` means nothing to a client with the adapter `{adapter}`")]
pub struct IneffectiveKey {
    pub key: &'static str,
    pub adapter: Adapter,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const FULL: &str = r#"
name = "a client"
command = ["./bin/client", "--url={url}", "{here}/x"]
with_credentials = ["--id", "{client_id}", "--secret", "{client_secret}"]
setup = [["./bin/client", "add", "{url}"]]
teardown = [["rm", "-r", "{home}/x"]]
cwd = "sandbox"
env = { PORT = "{port}" }
pass_env = ["AWS_*"]
adapter = "none"
pty = true
probe = false
named = false
timeout = 20
jobs = 1
spec = ["2025-11-25", "2026-07-28"]
registration = ["dcr"]
kind = "native"
refresh = false
has = ["verbose"]
lacks = ["keeps-state"]
"#;

    fn parse(text: &str) -> Result<ClientFile, String> {
        ClientFile::parse("client.toml", Path::new("/f"), text).map_err(|errors| {
            errors
                .iter()
                .map(|e| e.render(text))
                .collect::<Vec<_>>()
                .join("\n\n")
        })
    }

    #[test]
    fn every_key_can_be_written() {
        let file = parse(FULL).unwrap();
        assert_eq!(
            file.command.as_ref().unwrap(),
            &["/f/./bin/client", "--url={url}", "/f/x"]
        );
        assert_eq!(file.setup.as_ref().unwrap()[0][0], "/f/./bin/client");
        assert_eq!(file.cwd, Some(WorkingDirectory::Own));
        assert_eq!(file.timeout, Some(Duration::from_secs(20)));
        assert!(
            KEYS.iter()
                .all(|(key, _)| FULL.contains(&format!("\n{key} = ")))
        );
    }

    #[test]
    fn what_is_lacked_has_a_reason() {
        let file = parse(FULL).unwrap();
        let told: Vec<String> = file
            .capabilities()
            .iter()
            .map(|(word, known)| format!("{word}: {known:?}"))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn errors_show_the_place_and_the_remedy() {
        let errors: Vec<String> = [
            "comand = [\"x\"]",
            "command = \"x y\"",
            "command = []",
            "command = [\"x\", \"{ulr}\", 1]",
            "setup = [\"x\", \"{url}\"]",
            "env = { MCP_CONFORMANCE_SCENARIO = \"x\", \"A=\" = \"x\" }",
            "adapter = \"stido\"",
            "adapter = \"stdio\"\npty = true",
            "timeout = 0",
            "timeout = 1.5",
            "spec = []",
            "spec = [\"2025-11-26\"]",
            "registration = [\"cmid\"]",
            "kind = \"gui\"",
            "cwd = \"no/such/folder\"",
            "has = [\"cimd\"]\nlacks = [\"cimd\", \"telepathy\"]",
            "pty = \"yes\"",
            "name = ",
        ]
        .iter()
        .map(|text| parse(text).unwrap_err())
        .collect();
        insta::assert_snapshot!(errors.join("\n\n"));
    }

    #[test]
    fn what_is_said_later_comes_first() {
        let below = parse(
            "name = \"b\"\nhas = [\"cimd\"]\nlacks = [\"dcr\"]\nenv = { A = \"1\", B = \"1\" }",
        )
        .unwrap();
        let above =
            parse("lacks = [\"cimd\"]\nhas = [\"dcr\"]\nenv = { B = \"2\" }\npty = true").unwrap();
        let both = above.over(below);
        assert_eq!((both.name.as_deref(), both.pty), (Some("b"), Some(true)));
        assert_eq!(
            (both.has, both.lacks),
            ([Capability::Dcr].into(), [Capability::Cimd].into())
        );
        assert_eq!(
            both.env,
            BTreeMap::from([
                ("A".to_owned(), "1".to_owned()),
                ("B".to_owned(), "2".to_owned())
            ])
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[a-z_=\\[\\]{}\",. \n0-9]{0,80}") {
            let _ = parse(&text);
        }
    }
}
