//! The client under test: from options and a client file to something that can be run, with the
//! capabilities that are declared for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::client_arguments::{ClientArguments, parse_capabilities};
use super::error::CliError;
use super::option_values::parse_revision;
use super::run_arguments::RunArguments;
use crate::driver::{
    Adapter, CapabilityStatus, Client, ClientFile, CommandClient, PersistentClient,
    ReferenceClient, probe,
};
use crate::judge::Declared;
use crate::scenario::model::{Case, Revision};
use crate::suite::{DEFAULT_TIMEOUT, default_jobs};

/// The client under test with its name and declarations.
pub(super) struct ClientUnderTest {
    pub(super) client: Arc<dyn Client>,
    /// The same client, if one process serves many scenarios.
    persistent: Option<Arc<PersistentClient>>,
    /// The same client, if it is probed before the run.
    to_probe: Option<CommandClient>,
    description: ClientFile,
    /// The name in reports.
    pub(super) name: String,
    /// The options that test the same client, as the end of a command `mcp-authspec run`.
    pub(super) rerun: String,
    pub(super) declared: Declared,
}

impl ClientUnderTest {
    pub(super) fn new(arguments: &RunArguments) -> Result<Self, CliError> {
        let description = arguments
            .client
            .describe_client(arguments.sandbox.as_client_file())?;
        let rerun = arguments.client.command_line();
        let mut client = match (&description.command, description.adapter) {
            (Some(command), _) => {
                let name = shlex::try_join(command.iter().map(String::as_str))
                    .unwrap_or_else(|_| command.join(" "));
                Self::program(description, name, rerun)
            }
            (None, Some(adapter)) => Err(CliError::Usage(format!(
                "the adapter `{adapter}` needs a client's command\n  \
                 help: write it after `--`, or as one string with --command"
            ))),
            (None, None) => Self::bundled(description, &arguments.client, rerun),
        }?;
        let asked_for = arguments.extension.iter().map(|e| e.capability());
        let asked_for = asked_for.map(|capability| capability.to_string());
        client.declared.has.extend(asked_for);
        Ok(client)
    }

    /// A program with its adapter.
    fn program(description: ClientFile, name: String, rerun: String) -> Result<Self, CliError> {
        let program = CommandClient::new(&description)?;
        let adapter = description.adapter.unwrap_or(Adapter::Official);
        let (mut persistent, mut to_probe) = (None, None);
        let client: Arc<dyn Client> = if adapter == Adapter::Persistent {
            let client = Arc::new(PersistentClient::new(program)?);
            persistent = Some(Arc::clone(&client));
            client
        } else {
            let probes = adapter == Adapter::Official && description.probe.unwrap_or(true);
            to_probe = probes.then(|| program.clone());
            Arc::new(program)
        };
        Ok(Self {
            client,
            persistent,
            to_probe,
            name: description.name.clone().unwrap_or(name),
            declared: declared_in(&description),
            description,
            rerun,
        })
    }

    /// The bundled client, with a defect if one is named.
    fn bundled(
        description: ClientFile,
        arguments: &ClientArguments,
        rerun: String,
    ) -> Result<Self, CliError> {
        let (mut client, name) = bundled_client(arguments.defect.as_deref())?;
        if let Some(kind) = arguments.bundled_as {
            client = client.of_kind(kind);
        }
        let (has, lacks) = client.capabilities();
        let mut declared = declared_in(&description);
        declared.has.extend(has);
        declared.lacks.extend(lacks);
        Ok(Self {
            client: Arc::new(client),
            persistent: None,
            to_probe: None,
            name: description.name.clone().unwrap_or(name),
            description,
            rerun,
            declared,
        })
    }

    /// Starts a persistent client and learns the capabilities in its hello.
    pub(super) async fn exchange_hello(&mut self, timeout: Duration) -> Result<(), CliError> {
        let Some(client) = &self.persistent else {
            return Ok(());
        };
        let hello = client.greet(timeout).await?;
        let capabilities = parse_capabilities("the client's hello", &hello.capabilities)?;
        self.declared
            .has
            .extend(capabilities.iter().map(ToString::to_string));
        Ok(())
    }

    /// Starts the client once to learn which kinds of flow it knows, and declares those that it
    /// does not know.
    pub(super) async fn probe(
        &mut self,
        cases: &[&Case],
        revision: Revision,
        seed: &str,
        timeout: Duration,
        interrupted: watch::Receiver<bool>,
    ) -> Result<(), CliError> {
        let Some(client) = self.to_probe.take() else {
            return Ok(());
        };
        let unavailable = probe(&client, cases, revision, seed, timeout, interrupted)
            .await
            .map_err(CliError::harness)?;
        for (need, why) in unavailable {
            if !self.declared.has.contains(need.as_str()) {
                self.declared.cannot.insert(need.to_string(), why);
            }
        }
        Ok(())
    }

    /// The revisions to run: the requested one, all that the client speaks, or the newest of them.
    pub(super) fn revisions(&self, requested: Option<&str>) -> Result<Vec<Revision>, CliError> {
        let spoken = self
            .description
            .spec
            .clone()
            .unwrap_or_else(|| Revision::ALL.to_vec());
        match requested {
            Some("all") => Ok(spoken),
            Some(word) => {
                let revision = parse_revision(word).map_err(|error| {
                    CliError::Usage(format!(
                        "--spec: {error}, all\n  help: the newest is {}",
                        Revision::LATEST
                    ))
                })?;
                Ok(vec![revision])
            }
            None => Ok(spoken.into_iter().max().into_iter().collect()),
        }
    }

    /// How long one start of the client may take.
    pub(super) fn timeout(&self, arguments: &RunArguments) -> Duration {
        arguments
            .timeout
            .map(|seconds| seconds.0)
            .or(self.description.timeout)
            .unwrap_or(DEFAULT_TIMEOUT)
    }

    /// How many clients run at the same time.
    pub(super) fn jobs(&self, arguments: &RunArguments) -> usize {
        arguments
            .jobs
            .or(self.description.jobs)
            .unwrap_or_else(default_jobs)
    }
}

/// The capabilities that options and client file declare.
fn declared_in(description: &ClientFile) -> Declared {
    let mut declared = Declared::default();
    for (word, known) in description.capabilities() {
        let word = word.to_string();
        match known {
            CapabilityStatus::Has => drop(declared.has.insert(word)),
            CapabilityStatus::Lacks => drop(declared.lacks.insert(word)),
            CapabilityStatus::CannotBeAsked(why) => drop(declared.cannot.insert(word, why)),
        }
    }
    declared
}

/// The bundled client and its name in reports.
fn bundled_client(defect: Option<&str>) -> Result<(ReferenceClient, String), CliError> {
    let name = "the bundled reference client";
    let Some(word) = defect else {
        return Ok((ReferenceClient::default(), name.to_owned()));
    };
    let defect = word.parse().map_err(|_| {
        CliError::Usage(format!(
            "unknown defect `{word}`\n  \
             help: `mcp-authspec reference-client --list-defects` lists them"
        ))
    })?;
    let client = ReferenceClient::with_defects(reference_client::Defects::only(defect));
    Ok((client, format!("{name} with the defect {word}")))
}
