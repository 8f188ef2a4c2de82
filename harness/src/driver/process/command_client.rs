//! A client that is started by a command, with a process for each start.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Child;

use super::command::{ClientCommand, CommandError};
use super::guard::{ProcessInput, guarded_command};
use super::left_files::record_injected_files;
use super::placeholder::{PlaceholderValues, fill_placeholders};
use super::process_environment::ProcessEnvironment;
use super::sandbox::Sandbox;
use super::trusted_authority::TrustedAuthority;
use super::working_directory::WorkingDirectory;
use crate::driver::client_file::{Adapter, ClientFile, LinkHandling, StandardInput};
use crate::driver::launch::Launch;
use crate::driver::world_handle::WorldHandle;

/// A client that is started by a command.
#[derive(Debug, Clone)]
pub struct CommandClient {
    /// The command as the user wrote it.
    pub(in crate::driver) written: ClientCommand,
    /// The command with a place for the URL.
    command: ClientCommand,
    /// The same with the arguments for a client ID that was registered beforehand.
    with_credentials: ClientCommand,
    pub(super) setup: Vec<ClientCommand>,
    pub(super) teardown: Vec<ClientCommand>,
    pub(super) adapter: Adapter,
    /// The commands with which a user signs in.
    pub(super) login: Vec<ClientCommand>,
    /// Files to write, path and content.
    pub(super) files: BTreeMap<String, String>,
    /// What is typed when the client shows a text: prompt and answer.
    pub(super) answers: BTreeMap<String, String>,
    /// Whether sign-in links that the client prints are opened.
    pub(super) opens_links: bool,
    /// Whether the client gets a terminal.
    terminal: bool,
    /// Whether its standard input is closed, but for the commands that sign in.
    closes_input: bool,
    /// Whether the client is told the official name of each scenario.
    pub(in crate::driver) named: bool,
    environment: ProcessEnvironment,
}

/// What a process is started with besides its command.
#[derive(Debug, Default)]
pub(in crate::driver) struct SpawnOptions<'a> {
    /// What placeholders in the command and in variables stand for.
    pub(in crate::driver) values: &'a PlaceholderValues,
    /// The file mode creation mask.
    pub(in crate::driver) umask: Option<u32>,
    /// The variables of the contract between harness and client.
    pub(in crate::driver) contract: Vec<(&'static str, String)>,
    /// What the process has as its standard input.
    pub(in crate::driver) input: ProcessInput,
    /// The certificate authority that the process is to trust, if it is to meet one.
    pub(in crate::driver) authority: Option<&'a TrustedAuthority>,
}

impl CommandClient {
    /// The client that a client file describes.
    pub fn new(file: &ClientFile) -> Result<Self, CommandError> {
        let written = ClientCommand::new(file.command.as_deref().unwrap_or_default())?;
        let command = if file.mentions("{url}") {
            written.clone()
        } else {
            written.with_arguments(&["{url}".to_owned()])
        };
        let credentials = file.with_credentials.as_deref().unwrap_or_default();
        Ok(Self {
            with_credentials: command.with_arguments(credentials),
            written,
            command,
            setup: read_commands(file.setup.as_deref())?,
            login: read_commands(file.login.as_deref())?,
            files: file.files.clone(),
            answers: file.answers.clone(),
            opens_links: file.links == Some(LinkHandling::Open),
            teardown: read_commands(file.teardown.as_deref())?,
            adapter: file.adapter.unwrap_or(Adapter::Official),
            terminal: file.pty.unwrap_or(false),
            closes_input: file.stdin == Some(StandardInput::Closed),
            named: file.named.unwrap_or(false),
            environment: ProcessEnvironment {
                working_directory: file.cwd.clone().unwrap_or_default(),
                pass: file.pass_env.clone(),
                set: file.env.clone(),
            },
        })
    }

    /// A client of the official contract, from the words of its command.
    pub fn from_words(words: Vec<String>, named: bool) -> Result<Self, CommandError> {
        Self::new(&ClientFile {
            command: Some(words),
            named: Some(named),
            ..ClientFile::default()
        })
    }

    /// A client of the official contract, from its command in one string. The string is split as a
    /// shell would split it, but no shell runs it.
    pub fn from_line(line: &str, named: bool) -> Result<Self, CommandError> {
        let words =
            shlex::split(line).ok_or_else(|| CommandError::UnclosedQuote(line.to_owned()))?;
        Self::from_words(words, named)
    }

    /// The same client in another environment.
    #[must_use]
    pub fn with_environment(self, environment: ProcessEnvironment) -> Self {
        Self {
            environment,
            ..self
        }
    }

    /// The same client. `named`: it is told the official name of each scenario instead of only the
    /// kind of flow.
    #[must_use]
    pub(in crate::driver) fn with_names(&self, named: bool) -> Self {
        Self {
            named,
            ..self.clone()
        }
    }

    /// What the client itself has as its standard input.
    pub(super) fn input(&self) -> ProcessInput {
        if self.closes_input {
            ProcessInput::Closed
        } else {
            self.login_input()
        }
    }

    /// What the commands that sign in have as their standard input.
    pub(super) fn login_input(&self) -> ProcessInput {
        if self.terminal {
            ProcessInput::Terminal
        } else {
            ProcessInput::Pipe
        }
    }

    /// The command for a start of the client.
    pub(super) fn command_for(&self, launch: &Launch) -> &ClientCommand {
        if launch.provision.client_id().is_some() {
            &self.with_credentials
        } else {
            &self.command
        }
    }

    /// Starts a program under a guard, in the client's environment and in a sandbox.
    pub(in crate::driver) fn spawn(
        &self,
        command: &ClientCommand,
        sandbox: &Sandbox,
        options: &SpawnOptions<'_>,
    ) -> std::io::Result<Child> {
        let environment = &self.environment;
        let program = command.program.as_os_str();
        let mut process = guarded_command(program, options.umask, options.input)?;
        let arguments = command.arguments(options.values);
        let set = environment
            .set
            .iter()
            .map(|(name, value)| (name, fill_placeholders(value, options.values)));
        let authority = options
            .authority
            .into_iter()
            .flat_map(TrustedAuthority::variables);
        let contract = options.contract.iter().map(|(name, value)| (*name, value));
        process
            .args(
                arguments
                    .iter()
                    .map(|argument| environment.argument(argument)),
            )
            .env_clear()
            .envs(environment.passed_variables(std::env::vars_os()))
            .envs(authority)
            .envs(set)
            .envs(self.home_variables(sandbox))
            .envs(contract)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match &environment.working_directory {
            WorkingDirectory::Inherited => {}
            WorkingDirectory::Own => drop(process.current_dir(sandbox.working_directory())),
            WorkingDirectory::At(folder) => drop(process.current_dir(folder)),
        }
        process.spawn()
    }

    /// The variables that make a client live in a sandbox. Those that the user sets stay, `PATH`
    /// apart, whose browsers must be ours.
    pub(in crate::driver) fn home_variables(
        &self,
        sandbox: &Sandbox,
    ) -> impl Iterator<Item = (&'static str, OsString)> {
        let set = &self.environment.set;
        let path = set
            .get("PATH")
            .map(OsString::from)
            .or_else(|| std::env::var_os("PATH"));
        sandbox
            .variables(path)
            .into_iter()
            .filter(|(name, _)| *name == "PATH" || !set.contains_key(*name))
    }

    /// Records in the world in which files of the client something was found.
    pub(in crate::driver) async fn record_files(&self, sandbox: &Sandbox, world: &WorldHandle) {
        match &self.environment.working_directory {
            WorkingDirectory::Own => {}
            WorkingDirectory::At(folder) => record_injected_files(folder, world),
            WorkingDirectory::Inherited => record_injected_files(Path::new("."), world),
        }
        sandbox.record_files(world).await;
    }
}

fn read_commands(commands: Option<&[Vec<String>]>) -> Result<Vec<ClientCommand>, CommandError> {
    commands
        .unwrap_or_default()
        .iter()
        .map(|words| ClientCommand::new(words))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn arguments(file: &ClientFile) -> Vec<String> {
        let client = CommandClient::new(file).unwrap();
        client.command.arguments(&[("url", "U".to_owned())])
    }

    #[test]
    fn the_url_is_the_last_argument_unless_a_placeholder_takes_it() {
        let with_command = |command: &[&str]| ClientFile {
            command: Some(words(command)),
            ..ClientFile::default()
        };
        let plain = with_command(&["sh", "-c", "a b"]);
        assert_eq!(arguments(&plain), ["-c", "a b", "U"]);
        let placed = with_command(&["sh", "--url={url}", "x"]);
        assert_eq!(arguments(&placed), ["--url=U", "x"]);
        let set_up = ClientFile {
            setup: Some(vec![words(&["sh", "add", "{url}"])]),
            ..with_command(&["sh", "x"])
        };
        assert_eq!(arguments(&set_up), ["x"]);
    }
}
