//! The commands, and the options of those that have few.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::baseline_command::BaselineCommand;
use super::certify_command::CertifyArguments;
use super::compare_command::CompareArguments;
use super::coverage_command::CoverageFormat;
use super::judge_command::{JudgeArguments, MergeArguments};
use super::matrix_command::MatrixArguments;
use super::option_values::{parse_plan, parse_revision, parse_variety};
use super::profiles_command::ProfilesFormat;
use super::run_arguments::RunArguments;
use super::schema_command::SchemaName;
use super::serve_command::ServeArguments;
use super::verify_command::VerifyArguments;
use crate::exit_code;
use crate::scenario::model::{Revision, VarietyChoice};
use crate::suite::CasePlan;

/// Does an MCP client implement authorization as the specification says, and does it survive
/// servers that cheat?
///
/// Starts mock authorization servers and MCP servers, of which some are honest and some misbehave
/// in one exact way, runs the client against them, and reports a verdict for each requirement of
/// the specification.
#[derive(Debug, Parser)]
#[command(
    name = "mcp-authspec",
    version,
    args_conflicts_with_subcommands = true,
    after_help = help_footer()
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: RunArguments,
}

const EXAMPLES: &str = "\
Examples:
  The whole suite against the bundled client:
    mcp-authspec
  Against another client, whose last argument is the MCP server's URL:
    mcp-authspec run --spec 2025-11-25 -- node client.mjs
  One area, with the URL in another place:
    mcp-authspec run --scenario 'iss/*' -- ./client {url} test-tool
  What a requirement says, and why:
    mcp-authspec explain iss-advertised-mismatch";

/// The exit codes with their meaning, and examples.
fn help_footer() -> String {
    let codes: Vec<String> = exit_code::MEANINGS
        .iter()
        .map(|(code, meaning)| format!("{code} {meaning}"))
        .collect();
    format!("Exit codes: {}.\n\n{EXAMPLES}", codes.join("; "))
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the suite against a client (the default without a command)
    Run(Box<RunArguments>),
    /// Judge a saved run again: the same report and exit code, without running anything
    Judge(Box<JudgeArguments>),
    /// Write reports of a saved run; exit code 0 if they could be written
    Report(Box<JudgeArguments>),
    /// Join the parts of a run that were saved with `run --shard 1/5 --save FOLDER`, `--shard 2/5`,
    /// ...
    Merge(MergeArguments),
    /// Show what changed between two runs: two versions of a client, or two revisions
    Compare(Box<CompareArguments>),
    /// Show many runs side by side: each requirement against each client and revision
    Matrix(Box<MatrixArguments>),
    /// Show a page on which a person tests a client that no command can start
    Serve(ServeArguments),
    /// Make a signed certificate of a saved run, which others can check
    Certify(CertifyArguments),
    /// Check a certificate: signature, digests, and every verdict, which is judged again
    Verify(VerifyArguments),
    /// Update or check a baseline, the file of known failures
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// List the scenarios of a revision
    List(ListArguments),
    /// List the profiles: servers shaped like deployments that people meet, with what is known of
    /// these and where it is documented
    Profiles {
        /// Format of the list
        #[arg(long, value_enum, default_value_t = ProfilesFormat::Console)]
        format: ProfilesFormat,
        /// A folder with scenario files of your own. Can be given more than once
        #[arg(long, value_name = "DIR")]
        scenarios: Vec<PathBuf>,
    },
    /// Show which scenarios check each requirement, and which defect proves that the check can fail
    Coverage {
        /// Format of the table
        #[arg(long, value_enum, default_value_t = CoverageFormat::Markdown)]
        format: CoverageFormat,
    },
    /// Check scenario files and client files, and show every error with its place and what to do
    /// about it
    Check {
        /// Scenario files and client files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of a format, so that editors complete and check it
    Schema {
        /// The format
        #[arg(value_enum, default_value_t = SchemaName::Scenario)]
        name: SchemaName,
    },
    /// Say what this machine can do for a run, and what to do about what it cannot
    Doctor,
    /// Run the bundled client as a program of its own, to try how programs are run
    /// (`--list-defects` lists the defects that it can be given)
    #[command(disable_help_flag = true)]
    ReferenceClient {
        /// Its options, and the MCP server's URL
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Explain a scenario or requirement: what it is, why, its source, and how to run it
    Explain(ExplainArguments),
    /// Print the completion script of a shell; put it where the shell looks for such scripts
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual: one page for all commands (`mcp-authspec man | man -l -`)
    Man,
}

/// Options of `list`.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The revision of MCP
    #[arg(
        long,
        value_name = "REVISION",
        default_value_t = Revision::LATEST,
        value_parser = parse_revision
    )]
    pub(super) spec: Revision,
    /// Which variants of varieties are listed
    #[arg(
        long,
        value_name = "WHICH",
        default_value_t = VarietyChoice::Usual,
        value_parser = parse_variety
    )]
    pub(super) variety: VarietyChoice,
    /// Which cases: `short`, the smallest selection found that exercises every MUST; `attacks`,
    /// those in which servers cheat; or `full`
    #[arg(long, value_name = "NAME", value_parser = parse_plan, default_value_t = CasePlan::Full)]
    pub(super) plan: CasePlan,
    /// Show which scenarios are the counterpart of each scenario of the official suite, and where a
    /// verdict differs on purpose
    #[arg(long, conflicts_with = "spec")]
    pub(super) official: bool,
    /// A folder with scenario files of your own, listed with the others. Can be given more than
    /// once
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Vec<PathBuf>,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// Id of a scenario (`iss/two-values`) or a requirement (`iss-advertised-mismatch`)
    #[arg(required_unless_present = "pages")]
    pub(super) id: Option<String>,
    /// Write a Markdown page for every requirement and every scenario into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "id")]
    pub(super) pages: Option<PathBuf>,
    /// A folder with scenario files of your own. Can be given more than once
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Vec<PathBuf>,
}
