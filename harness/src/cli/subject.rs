//! The client under test: from options and a client file to something that can be run, with what is
//! declared about it.

use std::sync::Arc;
use std::time::Duration;

use mcp_authspec::driver::{
    Adapter, CapabilityStatus, Client, ClientFile, CommandClient, PersistentClient,
    ReferenceClient, probe,
};
use mcp_authspec::judge::Declared;
use mcp_authspec::scenario::model::{Case, Revision};
use tokio::sync::watch;

use super::client::capabilities;
use super::{CliError, RunArguments, revision};

/// The client under test and how it is called.
pub(super) struct Subject {
    pub(super) client: Arc<dyn Client>,
    /// The same, where one process serves many scenarios.
    persistent: Option<Arc<PersistentClient>>,
    /// The same, where it is worth a try before the run.
    probed: Option<CommandClient>,
    pub(super) about: ClientFile,
    pub(super) name: String,
    /// What comes behind the options in a command that makes this run again.
    pub(super) rerun: String,
    pub(super) declared: Declared,
}

impl Subject {
    pub(super) fn of(arguments: &RunArguments) -> Result<Self, CliError> {
        let about = arguments.client.described(arguments.sandbox.said())?;
        let mut declared = declared(&about);
        let rerun = arguments.client.again();
        let (mut persistent, mut probed) = (None, None);
        let (client, name): (Arc<dyn Client>, String) = match (&about.command, about.adapter) {
            (Some(command), adapter) => {
                let name = shlex::try_join(command.iter().map(String::as_str))
                    .unwrap_or_else(|_| command.join(" "));
                let client = CommandClient::new(&about)?;
                if adapter == Some(Adapter::Persistent) {
                    let client = Arc::new(PersistentClient::new(client)?);
                    persistent = Some(Arc::clone(&client));
                    (client, name)
                } else {
                    let official = adapter.unwrap_or(Adapter::Official) == Adapter::Official;
                    probed = (official && about.probe.unwrap_or(true)).then(|| client.clone());
                    (Arc::new(client), name)
                }
            }
            (None, Some(adapter)) => {
                let help = "help: write it after `--`, or as one string with --command";
                return Err(CliError::Usage(format!(
                    "the adapter `{adapter}` needs a client's command\n  {help}"
                )));
            }
            (None, None) => {
                let (client, name) = bundled(arguments.client.defect.as_deref())?;
                let (has, lacks) = client.capabilities();
                declared.has.extend(has);
                declared.lacks.extend(lacks);
                (Arc::new(client), name)
            }
        };
        Ok(Self {
            client,
            persistent,
            probed,
            name: about.name.clone().unwrap_or(name),
            about,
            rerun,
            declared,
        })
    }

    /// Hears what a persistent client says of itself.
    pub(super) async fn greet(&mut self, patience: Duration) -> Result<(), CliError> {
        let Some(client) = &self.persistent else {
            return Ok(());
        };
        let hello = client.greet(patience).await?;
        self.declared.has.extend(
            capabilities("the client's hello", &hello.capabilities)?
                .iter()
                .map(ToString::to_string),
        );
        Ok(())
    }

    /// Tries the client, and notes what cannot be asked of it.
    pub(super) async fn probe(
        &mut self,
        cases: &[&Case],
        revision: Revision,
        seed: &str,
        patience: Duration,
        interrupted: watch::Receiver<bool>,
    ) -> Result<(), CliError> {
        let Some(client) = self.probed.take() else {
            return Ok(());
        };
        let learned = probe(&client, cases, revision, seed, patience, interrupted)
            .await
            .map_err(|e| CliError::Harness(e.to_string()))?;
        for (need, why) in learned {
            if !self.declared.has.contains(need.as_str()) {
                self.declared.cannot.insert(need.to_string(), why);
            }
        }
        Ok(())
    }

    /// The revisions to run: the one asked for, or those that the client speaks, or the newest of
    /// them.
    pub(super) fn revisions(&self, asked: Option<&str>) -> Result<Vec<Revision>, CliError> {
        let spoken = self
            .about
            .spec
            .clone()
            .unwrap_or_else(|| Revision::ALL.to_vec());
        match asked {
            Some("all") => Ok(spoken),
            Some(word) => {
                let help = format!("help: the newest is {}", Revision::LATEST);
                Ok(vec![revision(word).map_err(|e| {
                    CliError::Usage(format!("--spec: {e}, all\n  {help}"))
                })?])
            }
            None => Ok(spoken.into_iter().max().into_iter().collect()),
        }
    }
}

fn declared(about: &ClientFile) -> Declared {
    let mut declared = Declared::default();
    for (word, known) in about.capabilities() {
        let word = word.to_string();
        match known {
            CapabilityStatus::Has => drop(declared.has.insert(word)),
            CapabilityStatus::Lacks => drop(declared.lacks.insert(word)),
            CapabilityStatus::CannotBeAsked(why) => drop(declared.cannot.insert(word, why)),
        }
    }
    declared
}

/// The bundled client, and what reports call it.
fn bundled(defect: Option<&str>) -> Result<(ReferenceClient, String), CliError> {
    let Some(name) = defect else {
        return Ok((
            ReferenceClient::default(),
            "the bundled reference client".to_owned(),
        ));
    };
    let help = "help: `mcp-authspec reference-client --list-defects` lists them";
    let defect = name
        .parse()
        .map_err(|_| CliError::Usage(format!("no defect is called `{name}`\n  {help}")))?;
    let client = ReferenceClient::with_defects(reference_client::Defects::only(defect));
    Ok((
        client,
        format!("the bundled reference client with the defect {name}"),
    ))
}
