//! Commands and options, and what each command does.

mod baseline;
mod check;
mod client;
mod compare;
mod coverage;
mod generate;
mod output;
mod own;
mod progress;
mod record;
mod run;
mod sandbox;
mod saved;
mod schema;
mod signals;
mod subject;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use mcp_authspec::driver::{CommandError, HelloError};
use mcp_authspec::report::{explain_case, explain_requirement, list, list_official, suggest};
use mcp_authspec::saved::SavedError;
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Shard, Suite, SuiteError};

/// Exit code for bad usage and bad input files.
const BAD_INPUT: u8 = 2;
/// Exit code for a client that could not be run at all.
const CLIENT_NOT_RUN: u8 = 3;
/// Exit code for an error of the harness itself.
const HARNESS_ERROR: u8 = 4;

/// Does an MCP client implement authorization as the specification says, and does it survive
/// servers that cheat?
///
/// Starts mock authorization servers and MCP servers, some honest and some that misbehave in one
/// exact way, lets the client loose on them, and reports a verdict for each requirement of the
/// specification.
#[derive(Debug, Parser)]
#[command(name = "mcp-authspec", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

const AFTER_HELP: &str = "\
Exit codes: 0 all required checks pass; 1 a requirement failed or was not exercised; 2 bad usage or input; 3 the client could not be run; \
4 harness error; 130 interrupted, 143 told to end (what had finished is reported).

Examples:
  The whole suite against the bundled client:
    mcp-authspec
  Against a client of your own, whose last argument is the MCP server's URL:
    mcp-authspec run --spec 2025-11-25 -- node client.mjs
  One area, the URL in another place:
    mcp-authspec run --scenario 'iss/*' -- ./client {url} test-tool
  What a requirement says, and why:
    mcp-authspec explain iss-advertised-mismatch";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the suite against a client (this is what happens without a command, too)
    Run(Box<RunArguments>),
    /// Judge a saved run again: the same report and exit code, without running anything
    Judge(Box<saved::JudgeArguments>),
    /// Write reports of a saved run; exit code 0 if they could be written
    Report(Box<saved::JudgeArguments>),
    /// Join the parts of a run that were saved with `run --shard 1/5 --save FOLDER`, `--shard 2/5`,
    /// ...
    Merge {
        /// Folders of the parts
        #[arg(required = true, value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// Folder of the whole: empty, or not there yet
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
        /// The scenario files that the run was made with, if it was made with any of its own
        #[arg(long, value_name = "DIR")]
        scenarios: Vec<PathBuf>,
    },
    /// Show what changed between two runs: two versions of a client, or two revisions
    Compare(Box<compare::CompareArguments>),
    /// Known failures: bring them up to date, or check the file
    #[command(subcommand)]
    Baseline(baseline::BaselineCommand),
    /// List the scenarios of a revision
    List {
        /// The revision of MCP
        #[arg(long, value_name = "REVISION", default_value = "2026-07-28", value_parser = revision)]
        spec: Revision,
        /// Show which scenarios are the counterpart of each scenario of the official suite, and
        /// where a verdict differs on purpose
        #[arg(long, conflicts_with = "spec")]
        official: bool,
        /// A folder with scenario files of your own, listed with the others. Can be given more than
        /// once
        #[arg(long, value_name = "DIR")]
        scenarios: Vec<PathBuf>,
    },
    /// Show which scenarios check each requirement, and which defect proves that the check can fail
    Coverage {
        /// Form of the table
        #[arg(long, value_enum, default_value_t = coverage::Form::Markdown)]
        format: coverage::Form,
    },
    /// Check scenario files: every error with its place and what to do about it
    Check {
        /// Scenario files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of a format, so that editors complete and check it
    Schema {
        /// The format
        #[arg(value_enum, default_value_t = schema::Name::Scenario)]
        name: schema::Name,
    },
    /// Run the bundled client as a program of its own, to try how programs are driven
    /// (`--list-defects` shows how it can be broken)
    #[command(disable_help_flag = true)]
    ReferenceClient {
        /// Its options, and the MCP server's URL
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Tell what a scenario or requirement is about: what, why, source, how to rerun
    Explain {
        /// Id of a scenario (`iss/two-values`) or a requirement (`iss-advertised-mismatch`)
        id: String,
        /// A folder with scenario files of your own. Can be given more than once
        #[arg(long, value_name = "DIR")]
        scenarios: Vec<PathBuf>,
    },
    /// Print the completion script of a shell; put it where the shell looks for such scripts
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual: one page for all commands (`mcp-authspec man | man -l -`)
    Man,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Only scenarios whose id fits; `*` stands for anything. Can be given more than once
    #[arg(long, value_name = "GLOB")]
    scenario: Vec<String>,
    /// A folder with scenario files of your own, run with the others; their ids are FOLDER/FILE.
    /// Can be given more than once
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// Only this part of the scenarios, to share a run between machines: `2/5` is the second of
    /// five. A scenario is always in the same part; `merge` joins the parts that were saved with
    /// `--save`
    #[arg(long, value_name = "PART/PARTS")]
    shard: Option<Shard>,
    /// The revision of MCP: 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28 (draft), or all that the
    /// client speaks in turn [default: that of --requirements, else the newest that it speaks]
    #[arg(long, value_name = "REVISION")]
    spec: Option<String>,
    /// Score only what is in the frozen requirement set of this revision; what was added later is
    /// run and shown, and does not count
    #[arg(long, value_name = "REVISION", value_parser = revision)]
    requirements: Option<Revision>,
    /// Clients that run at the same time [default: what the client file says, else the number of
    /// processors]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Seconds that one start of the client may take; one that takes longer is killed, and its case
    /// fails. A client that has come to rest does not take so long: see --grace [default: what the
    /// client file says, else 30]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<f64>,
    #[command(flatten)]
    report: output::ReportArguments,
    #[command(flatten)]
    baseline: baseline::BaselineArgument,
    #[command(flatten)]
    record: record::RecordArguments,
    /// A failed SHOULD fails the run
    #[arg(long)]
    strict: bool,
    /// What all random values are made from; the report names it, so that a run can be repeated
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    #[command(flatten)]
    progress: progress::ProgressArguments,
    #[command(flatten)]
    sandbox: sandbox::SandboxArguments,
    #[command(flatten)]
    client: client::ClientArguments,
}

/// What went wrong before there was anything to report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A client file is wrong: every error with its place.
    #[error("{0}")]
    ClientFile(String),
    #[error(transparent)]
    Hello(#[from] HelloError),
    #[error("the built-in suite cannot be loaded:\n{0}")]
    Suite(#[from] SuiteError),
    #[error(
        "cannot write {what}: {source}\n  help: choose another place, or none to print the report"
    )]
    Write {
        what: String,
        source: std::io::Error,
    },
    /// Scenario files that the user wrote: every error with its place.
    #[error("--scenarios: not all of these files can be used\n{0}")]
    Scenarios(String),
    #[error("cannot read {path}: {source}")]
    Read {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Saved(#[from] SavedError),
    #[error("{0}")]
    Harness(String),
}

impl CliError {
    /// 2 for what the user can mend, 4 for what only we can. A client program that does not exist
    /// is 3: it could not be run.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_)
            | Self::ClientFile(_)
            | Self::Scenarios(_)
            | Self::Write { .. }
            | Self::Read { .. }
            | Self::Saved(_) => BAD_INPUT,
            Self::Command(CommandError::NoSuchProgram(_)) | Self::Hello(_) => CLIENT_NOT_RUN,
            Self::Command(_) => BAD_INPUT,
            Self::Suite(_) | Self::Harness(_) => HARNESS_ERROR,
        }
    }
}

/// Does what the command line says. The answer is the exit code.
pub(crate) fn dispatch(arguments: Arguments) -> Result<u8, CliError> {
    match arguments.command {
        None => run::run(arguments.run),
        Some(Command::Run(arguments)) => run::run(*arguments),
        Some(Command::Judge(arguments)) => saved::judge(&arguments),
        Some(Command::Report(arguments)) => saved::report(&arguments),
        Some(Command::Merge {
            folders,
            into,
            scenarios,
        }) => saved::merge(&folders, &into, &scenarios),
        Some(Command::Compare(arguments)) => compare::compare(&arguments),
        Some(Command::Baseline(command)) => baseline::baseline(command),
        Some(Command::List {
            spec,
            official,
            scenarios,
        }) => {
            let suite = own::suite(&scenarios)?;
            print(&if official {
                list_official(&suite, width())
            } else {
                list(&suite, spec, width())
            })
        }
        Some(Command::Coverage { format }) => coverage::coverage(format),
        Some(Command::Check { files }) => check::check(&files),
        Some(Command::Schema { name }) => schema::schema(name),
        Some(Command::ReferenceClient { arguments }) => {
            let name = OsString::from("mcp-authspec reference-client");
            Ok(reference_client::cli::main(
                std::iter::once(name).chain(arguments),
            ))
        }
        Some(Command::Explain { id, scenarios }) => {
            let suite = own::suite(&scenarios)?;
            let text = explain_case(&suite, &id, width())
                .or_else(|| explain_requirement(&suite, &id, width()));
            print(&text.ok_or_else(|| unknown(&suite, &id))?)
        }
        Some(Command::Completions { shell }) => print(&generate::completions(shell)?),
        Some(Command::Man) => print(&generate::manual()?),
    }
}

fn unknown(suite: &Suite, id: &str) -> CliError {
    let near = suggest(suite, id);
    let help = if near.is_empty() {
        "`mcp-authspec list` shows all scenarios".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    CliError::Usage(format!(
        "no scenario or requirement is called `{id}`\n  help: {help}"
    ))
}

fn revision(word: &str) -> Result<Revision, String> {
    if word == "draft" {
        Ok(Revision::LATEST)
    } else {
        word.parse()
            .map_err(|e: mcp_authspec::UnknownWord| e.to_string())
    }
}

/// Prints to standard output; a reader that has gone away is no error.
fn print(text: &str) -> Result<u8, CliError> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::Write {
            what: "standard output".to_owned(),
            source,
        }),
        _ => Ok(0),
    }
}

/// Columns of the terminal, or as many as read well where there is none.
fn width() -> usize {
    const WITHOUT_TERMINAL: usize = 100;
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        textwrap::termwidth()
    } else {
        WITHOUT_TERMINAL
    }
}
