//! Which client is tested: options that say what a client file says, and come before it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use mcp_authspec::driver::{Adapter, ApplicationKind, ClientFile, replace_here};
use mcp_authspec::requirements::Capability;
use mcp_authspec::scenario::model::Registration;

use super::CliError;

/// What is said about the client under test. Each option has the name of a key of the client file,
/// `_` written as `-`.
#[derive(Debug, Args)]
pub(super) struct ClientArguments {
    /// A client file: TOML with the client's command and what is known about it (`mcp-authspec
    /// schema client`). Options come before it
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,
    /// What the report calls the client
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The client's command as one string, split as a shell would; no shell runs it. Placeholders:
    /// {url}, {home}, {port} (a free one), {revision}, {here} (the client file's folder)
    #[arg(long, value_name = "COMMAND", conflicts_with = "words")]
    command: Option<String>,
    /// Arguments to add when the client is to use credentials registered beforehand: {client_id},
    /// {client_secret}
    #[arg(long, value_name = "ARGUMENTS", allow_hyphen_values = true)]
    with_credentials: Option<String>,
    /// A command to run in the client's home before it is started towards a URL: adds {url} to its
    /// configuration, say. Can be given more than once
    #[arg(long, value_name = "COMMAND")]
    setup: Vec<String>,
    /// A command to run in the client's home after its last start. Can be given more than once
    #[arg(long, value_name = "COMMAND")]
    teardown: Vec<String>,
    /// How to talk with the client: `official` (the official suite's contract), `persistent` (one
    /// process for all scenarios, ci/clients/PERSISTENT.md tells how), `none` (a program as it
    /// ships: it learns the URL only), or `stdio` (it offers the server's tools on its standard
    /// input and output) [default: official]
    #[arg(long, value_name = "KIND")]
    adapter: Option<Adapter>,
    /// The same as `--adapter persistent`
    #[arg(long, conflicts_with_all = ["adapter", "defect"])]
    persistent: bool,
    /// Give the client a terminal
    #[arg(long, value_name = "BOOLEAN", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pty: Option<bool>,
    /// Before the run, start the adapter once with the name of a scenario that does not exist, to
    /// learn whether it runs at all and which kinds of flow it knows [default: true]
    #[arg(long, value_name = "BOOLEAN", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    probe: Option<bool>,
    /// Tell the client the official name of each scenario instead of only the kind of flow
    #[arg(long, value_name = "BOOLEAN", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    named: Option<bool>,
    /// How the client comes by a client ID: `pre-registered`, `cimd`, `dcr`. It lacks those that
    /// are not given. Can be given more than once
    #[arg(long, value_name = "METHOD")]
    registration: Vec<Registration>,
    /// Where the client runs: `native` (with a browser), `headless` (without), `hosted` (on a
    /// server)
    #[arg(long, value_name = "KIND")]
    kind: Option<ApplicationKind>,
    /// Whether the client uses refresh tokens
    #[arg(long, value_name = "BOOLEAN", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    refresh: Option<bool>,
    /// The client has this capability (`refresh`, `cimd`, `native`, ...). Undeclared ones are
    /// learned from what it shows
    #[arg(long, value_name = "WORD", visible_alias = "has")]
    capability: Vec<String>,
    /// The client does not have this capability: what needs it is not applicable
    #[arg(long, value_name = "WORD")]
    lacks: Vec<String>,
    /// Break the bundled client in one way (`mcp-authspec reference-client --list-defects`)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["client", "command", "words"])]
    pub(super) defect: Option<String>,
    /// The client's program and arguments; `{url}` or the last argument is the MCP server's URL.
    /// Without one: the bundled client
    #[arg(last = true, value_name = "CLIENT")]
    words: Vec<String>,
}

impl ClientArguments {
    /// What the options, these `more` among them, and the client file say together.
    pub(super) fn described(&self, more: ClientFile) -> Result<ClientFile, CliError> {
        let said = self.said()?.over(more);
        let Some(path) = &self.client else {
            return fit(said);
        };
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
            path: shown.clone(),
            source,
        })?;
        let folder = std::path::absolute(path).map_err(|source| CliError::Read {
            path: shown.clone(),
            source,
        })?;
        let file = ClientFile::parse(&shown, folder.parent().unwrap_or(&folder), &text).map_err(
            |errors| {
                let told: Vec<String> = errors.iter().map(|error| error.render(&text)).collect();
                CliError::ClientFile(format!("{shown} is no client file\n{}", told.join("\n")))
            },
        )?;
        let both = said.over(file);
        if both.command.is_none() {
            let help = "help: write `command = [\"program\", \"argument\"]` into it, or the command after `--`";
            return Err(CliError::Usage(format!("{shown} has no command\n  {help}")));
        }
        fit(both)
    }

    /// What comes behind `mcp-authspec run` in a command that tests the same client.
    pub(super) fn again(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut say = |name: &str, value: Option<String>| {
            words.extend(
                value
                    .into_iter()
                    .flat_map(|value| [format!("--{name}"), value]),
            )
        };
        say(
            "client",
            self.client.as_ref().map(|path| path.display().to_string()),
        );
        say("name", self.name.clone());
        say(
            "adapter",
            self.adapter
                .or(self.persistent.then_some(Adapter::Persistent))
                .map(|word| word.to_string()),
        );
        say("kind", self.kind.map(|word| word.to_string()));
        say("with-credentials", self.with_credentials.clone());
        for (name, values) in [
            ("setup", &self.setup),
            ("teardown", &self.teardown),
            ("capability", &self.capability),
            ("lacks", &self.lacks),
        ] {
            values
                .iter()
                .for_each(|value| say(name, Some(value.clone())));
        }
        self.registration
            .iter()
            .for_each(|method| say("registration", Some(method.to_string())));
        say("defect", self.defect.clone());
        say("command", self.command.clone());
        for (name, value) in [
            ("pty", self.pty),
            ("probe", self.probe),
            ("named", self.named),
            ("refresh", self.refresh),
        ] {
            words.extend(value.map(|value| format!("--{name}={value}")));
        }
        if !self.words.is_empty() {
            words.push("--".to_owned());
            words.extend(self.words.iter().cloned());
        }
        words
            .iter()
            .map(|word| format!(" {}", quoted(word)))
            .collect()
    }

    /// What the options say.
    fn said(&self) -> Result<ClientFile, CliError> {
        let (has, lacks) = (
            capabilities("--capability", &self.capability)?,
            capabilities("--lacks", &self.lacks)?,
        );
        if let Some(both) = has.intersection(&lacks).next() {
            return Err(CliError::Usage(format!(
                "`{both}` is given to --capability and to --lacks\n  help: say one or the other"
            )));
        }
        let folder =
            std::env::current_dir().map_err(|e| CliError::Harness(format!("where am I? {e}")))?;
        let line = |option, text: &String| split(option, text, &folder);
        let command = match (&self.command, self.words.as_slice()) {
            (Some(text), _) => Some(line("--command", text)?),
            (None, []) => None,
            (None, words) => Some(
                words
                    .iter()
                    .map(|word| replace_here(word, &folder))
                    .collect(),
            ),
        };
        let all = |option, texts: &[String]| -> Result<_, CliError> {
            let lines = texts
                .iter()
                .map(|text| line(option, text))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Some(lines).filter(|lines| !lines.is_empty()))
        };
        Ok(ClientFile {
            name: self.name.clone(),
            command,
            with_credentials: self
                .with_credentials
                .as_ref()
                .map(|text| line("--with-credentials", text))
                .transpose()?,
            setup: all("--setup", &self.setup)?,
            teardown: all("--teardown", &self.teardown)?,
            adapter: if self.persistent {
                Some(Adapter::Persistent)
            } else {
                self.adapter
            },
            pty: self.pty,
            probe: self.probe,
            named: self.named,
            registration: Some(self.registration.clone()).filter(|methods| !methods.is_empty()),
            kind: self.kind,
            refresh: self.refresh,
            has,
            lacks,
            ..ClientFile::default()
        })
    }
}

/// What is said in vain is a mistake.
fn fit(said: ClientFile) -> Result<ClientFile, CliError> {
    match said.ineffective_keys().first() {
        Some(ineffective) => Err(CliError::Usage(format!(
            "{ineffective}\n  help: leave it out, or choose another adapter"
        ))),
        None => Ok(said),
    }
}

/// Words of a command line. `{here}` is where this program was started.
fn split(option: &str, text: &str, folder: &Path) -> Result<Vec<String>, CliError> {
    let words = shlex::split(text).ok_or_else(|| {
        CliError::Usage(format!("{option} has an unclosed quote: {text}\n  help: it is split as a shell would, and no shell runs it"))
    })?;
    Ok(words
        .iter()
        .map(|word| replace_here(word, folder))
        .collect())
}

pub(super) fn capabilities(
    option: &str,
    given: &[String],
) -> Result<BTreeSet<Capability>, CliError> {
    let known = |word: &String| {
        word.parse::<Capability>().map_err(|e| {
            CliError::Usage(format!(
                "{option}: {e}\n  help: fixtures/requirements/README.md tells what each word means"
            ))
        })
    };
    given.iter().map(known).collect()
}

fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), |quoted| quoted.into_owned())
}
