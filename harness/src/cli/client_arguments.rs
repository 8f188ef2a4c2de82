//! The options about the client under test. They take precedence over the same keys of a client
//! file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use reference_client::ReferenceClientKind;

use super::error::CliError;
use super::option_values::bundled_kinds;
use crate::driver::{Adapter, ClientFile, DeploymentKind, replace_here};
use crate::requirements::Capability;
use crate::scenario::model::Registration;

/// Options about the client under test. Each option has the name of a key of the client file, with
/// `-` for `_`.
#[derive(Debug, Args)]
pub(super) struct ClientArguments {
    /// A client file: TOML with the client's command and what is known about it (`mcp-authspec
    /// schema client`). Options take precedence over it
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,
    /// What the report calls the client
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The client's command as one string, split as a shell would split it; no shell runs it.
    /// Placeholders: {url}, {home}, {port} (a free one), {revision}, {here} (the current folder)
    #[arg(long, value_name = "COMMAND", conflicts_with = "words")]
    command: Option<String>,
    /// Arguments to add when the client is to use pre-registered credentials: {client_id},
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
    /// How the harness talks with the client: `official` (the official suite's contract),
    /// `persistent` (one process for all scenarios, see ci/clients/PERSISTENT.md), `none` (a
    /// program as it ships, which learns the URL only), `stdio` (it offers the server's tools on
    /// its standard input and output), or `agent` (an agent as it ships, with a scripted model in
    /// place of its own: {model_url}, {model_key}) [default: official]
    #[arg(long, value_name = "KIND")]
    adapter: Option<Adapter>,
    /// The same as `--adapter persistent`
    #[arg(long, conflicts_with_all = ["adapter", "defect"])]
    persistent: bool,
    /// Give the client a terminal
    #[arg(
        long,
        value_name = "BOOLEAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pty: Option<bool>,
    /// Before the run, start the adapter once with the name of a scenario that does not exist, to
    /// learn whether it runs at all and which kinds of flow it knows [default: true]
    #[arg(
        long,
        value_name = "BOOLEAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    probe: Option<bool>,
    /// Tell the client the official name of each scenario instead of only the kind of flow
    #[arg(
        long,
        value_name = "BOOLEAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    named: Option<bool>,
    /// How the client gets a client ID: `pre-registered`, `cimd`, `dcr`. It is taken to lack those
    /// that are not given. Can be given more than once
    #[arg(long, value_name = "METHOD")]
    registration: Vec<Registration>,
    /// Where the client runs: `native` (with a browser), `headless` (without one), or `hosted` (on
    /// a server)
    #[arg(long, value_name = "KIND")]
    kind: Option<DeploymentKind>,
    /// Whether the client uses refresh tokens
    #[arg(
        long,
        value_name = "BOOLEAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    refresh: Option<bool>,
    /// The client has this capability (`refresh`, `cimd`, `native`, ...). Capabilities that are not
    /// declared are learned from what the client does
    #[arg(long, value_name = "WORD", visible_alias = "has")]
    capability: Vec<String>,
    /// The client does not have this capability, so scenarios that need it are not applicable
    #[arg(long, value_name = "WORD")]
    lacks: Vec<String>,
    /// Test the bundled client with one defect (`mcp-authspec reference-client --list-defects`)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["client", "command", "words"])]
    pub(super) defect: Option<String>,
    /// Test the bundled client as this kind of application [default: terminal, or the kind that the
    /// defect is of]
    #[arg(
        long,
        value_name = "KIND",
        conflicts_with_all = ["client", "command", "words"],
        value_parser = bundled_kinds(),
    )]
    pub(super) bundled_as: Option<ReferenceClientKind>,
    /// The client's program and arguments; `{url}` or the last argument is the MCP server's URL.
    /// Without a program, the bundled client is tested
    #[arg(last = true, value_name = "CLIENT")]
    words: Vec<String>,
}

impl ClientArguments {
    /// Merges the options, the client file that other options amount to, and the client file that
    /// was given, in this order of precedence.
    pub(super) fn describe_client(
        &self,
        other_options: ClientFile,
    ) -> Result<ClientFile, CliError> {
        let options = self.as_client_file()?.with_defaults(other_options);
        let Some(path) = &self.client else {
            return reject_ineffective_keys(options);
        };
        let merged = options.with_defaults(read_client_file(path)?);
        if merged.command.is_none() {
            return Err(CliError::Usage(format!(
                "{} has no command\n  help: write `command = [\"program\", \"argument\"]` into it, \
                 or the command after `--`",
                path.display()
            )));
        }
        reject_ineffective_keys(merged)
    }

    /// The options that test the same client, as the end of a command `mcp-authspec run`.
    pub(super) fn command_line(&self) -> String {
        let client = self.client.as_ref().map(|path| path.display().to_string());
        let persistent = self.persistent.then_some(Adapter::Persistent);
        let adapter = self.adapter.or(persistent).map(|word| word.to_string());
        let kind = self.kind.map(|word| word.to_string());
        let options = [
            ("client", client),
            ("name", self.name.clone()),
            ("adapter", adapter),
            ("kind", kind),
            ("with-credentials", self.with_credentials.clone()),
        ];
        let methods = self.registration.iter().map(ToString::to_string).collect();
        let lists = [
            ("setup", self.setup.clone()),
            ("teardown", self.teardown.clone()),
            ("capability", self.capability.clone()),
            ("lacks", self.lacks.clone()),
            ("registration", methods),
        ];
        let choices = [
            ("defect", self.defect.clone()),
            (
                "bundled-as",
                self.bundled_as.map(|kind| kind.as_str().to_owned()),
            ),
            ("command", self.command.clone()),
        ];
        let flags = [
            ("pty", self.pty),
            ("probe", self.probe),
            ("named", self.named),
            ("refresh", self.refresh),
        ];
        let lists = lists
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name, Some(value))));
        let with_value = options
            .into_iter()
            .chain(lists)
            .chain(choices)
            .filter_map(|(name, value)| Some([format!("--{name}"), value?]))
            .flatten();
        let flags = flags
            .into_iter()
            .filter_map(|(name, value)| Some(format!("--{name}={}", value?)));
        let program = (!self.words.is_empty()).then(|| "--".to_owned());
        with_value
            .chain(flags)
            .chain(program)
            .chain(self.words.iter().cloned())
            .map(|word| format!(" {}", quote_word(&word)))
            .collect()
    }

    /// The options as a client file would hold them.
    fn as_client_file(&self) -> Result<ClientFile, CliError> {
        let has = parse_capabilities("--capability", &self.capability)?;
        let lacks = parse_capabilities("--lacks", &self.lacks)?;
        if let Some(word) = has.intersection(&lacks).next() {
            return Err(CliError::Usage(format!(
                "`{word}` is given to both --capability and --lacks\n  help: give it to one of them"
            )));
        }
        let folder = std::env::current_dir().map_err(|error| {
            CliError::Harness(format!("cannot determine the current folder: {error}"))
        })?;
        let split = |option, text: &String| split_command(option, text, &folder);
        let command = match (&self.command, self.words.as_slice()) {
            (Some(text), _) => Some(split("--command", text)?),
            (None, []) => None,
            (None, words) => Some(
                words
                    .iter()
                    .map(|word| replace_here(word, &folder))
                    .collect(),
            ),
        };
        let split_all = |option, texts: &[String]| -> Result<_, CliError> {
            let commands = texts
                .iter()
                .map(|text| split(option, text))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Some(commands).filter(|commands| !commands.is_empty()))
        };
        Ok(ClientFile {
            name: self.name.clone(),
            command,
            with_credentials: self
                .with_credentials
                .as_ref()
                .map(|text| split("--with-credentials", text))
                .transpose()?,
            setup: split_all("--setup", &self.setup)?,
            teardown: split_all("--teardown", &self.teardown)?,
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

pub(super) fn read_client_file(path: &Path) -> Result<ClientFile, CliError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| CliError::read(path, source))?;
    let path = std::path::absolute(path).map_err(|source| CliError::read(path, source))?;
    let folder = path.parent().unwrap_or(&path);
    ClientFile::parse(&shown, folder, &text).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(|error| error.render(&text)).collect();
        CliError::ClientFile(format!(
            "invalid client file {shown}\n{}",
            errors.join("\n")
        ))
    })
}

/// Keys that have no effect with the adapter are an error, because their author expects one.
fn reject_ineffective_keys(client: ClientFile) -> Result<ClientFile, CliError> {
    match client.ineffective_keys().first() {
        Some(key) => Err(CliError::Usage(format!(
            "{key}\n  help: leave it out, or choose another adapter"
        ))),
        None => Ok(client),
    }
}

/// Splits a command line into words. `{here}` becomes the current folder.
fn split_command(option: &str, text: &str, folder: &Path) -> Result<Vec<String>, CliError> {
    let words = shlex::split(text).ok_or_else(|| {
        CliError::Usage(format!(
            "{option} has an unclosed quote: {text}\n  \
             help: it is split as a shell would split it, and no shell runs it"
        ))
    })?;
    Ok(words
        .iter()
        .map(|word| replace_here(word, folder))
        .collect())
}

/// Parses the capabilities that `source` (an option, or the client) names.
pub(super) fn parse_capabilities(
    source: &str,
    words: &[String],
) -> Result<BTreeSet<Capability>, CliError> {
    let parse = |word: &String| {
        Capability::parse_of_client(word).map_err(|error| {
            CliError::Usage(format!(
                "{source}: {error}\n  help: fixtures/requirements/README.md explains each word"
            ))
        })
    };
    words.iter().map(parse).collect()
}

fn quote_word(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), |quoted| quoted.into_owned())
}
