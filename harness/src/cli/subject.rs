//! The client under test: from options and a client file to something that can be run, with what is declared about it.

use std::sync::Arc;

use mcp_authspec::driver::{Client, ClientFile, CommandClient, Known, ReferenceClient};
use mcp_authspec::judge::Declared;
use mcp_authspec::scenario::model::Revision;

use super::{CliError, RunArguments, revision};

/// The client under test and how it is called.
pub(super) struct Subject {
    pub(super) client: Arc<dyn Client>,
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
        let (client, name): (Arc<dyn Client>, String) = match &about.command {
            Some(command) => {
                let name = shlex::try_join(command.iter().map(String::as_str)).unwrap_or_else(|_| command.join(" "));
                (Arc::new(CommandClient::new(&about)?), name)
            }
            None => {
                declared.has.extend(ReferenceClient::capabilities());
                let (defects, name) = bundled(arguments.client.defect.as_deref())?;
                (Arc::new(ReferenceClient::with_defects(defects)), name)
            }
        };
        Ok(Self { client, name: about.name.clone().unwrap_or(name), about, rerun, declared })
    }

    /// The revisions to run: the one asked for, or those that the client speaks, or the newest of them.
    pub(super) fn revisions(&self, asked: Option<&str>) -> Result<Vec<Revision>, CliError> {
        let spoken = self.about.spec.clone().unwrap_or_else(|| Revision::ALL.to_vec());
        match asked {
            Some("all") => Ok(spoken),
            Some(word) => {
                let help = format!("help: the newest is {}", Revision::LATEST);
                Ok(vec![revision(word).map_err(|e| CliError::Usage(format!("--spec: {e}, all\n  {help}")))?])
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
            Known::Has => drop(declared.has.insert(word)),
            Known::Lacks => drop(declared.lacks.insert(word)),
            Known::CannotBeAsked(why) => drop(declared.cannot.insert(word, why)),
        }
    }
    declared
}

/// The bundled client's defects, and what reports call it.
fn bundled(defect: Option<&str>) -> Result<(reference_client::Defects, String), CliError> {
    let Some(name) = defect else { return Ok((reference_client::Defects::none(), "the bundled reference client".to_owned())) };
    let help = "help: `mcp-authspec reference-client --list-defects` lists them";
    let defect = name.parse().map_err(|_| CliError::Usage(format!("no defect is called `{name}`\n  {help}")))?;
    Ok((reference_client::Defects::only(defect), format!("the bundled reference client with the defect {name}")))
}
