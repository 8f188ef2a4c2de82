//! The options of `run`.

use std::path::PathBuf;

use clap::Args;

use super::baseline_arguments::BaselineArguments;
use super::client_arguments::ClientArguments;
use super::extension::Extension;
use super::option_values::{Seconds, parse_extension, parse_plan, parse_revision, parse_variety};
use super::progress_arguments::ProgressArguments;
use super::report_output::ReportArguments;
use super::run_recording::RecordArguments;
use super::sandbox_arguments::SandboxArguments;
use crate::certificate::seed_of_challenge;
use crate::scenario::model::{Revision, VarietyChoice};
use crate::suite::{CasePlan, DEFAULT_TIMEOUT, Shard};

/// Where scenarios run that need names and addresses of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum NetworkOption {
    /// In a private network if this machine can make one; else they are not applicable
    #[default]
    Auto,
    /// Nowhere: they are not applicable
    Loopback,
    /// In a private network; it is an error if this machine cannot make one
    Private,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Only scenarios whose id matches; `*` stands for any text. Can be given more than once
    #[arg(long, value_name = "GLOB")]
    pub(super) scenario: Vec<String>,
    /// Only against servers of this shape: the flow of an honest world with servers that are shaped
    /// like real deployments (`mcp-authspec profiles` lists them). `*` stands for any text. Can be
    /// given more than once
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    pub(super) profile: Vec<String>,
    /// Which cases: `short`, the smallest selection found that exercises every MUST that applies to
    /// the client; `attacks`, those in which servers cheat; or `full`
    #[arg(
        long,
        value_name = "NAME",
        value_parser = parse_plan,
        conflicts_with_all = ["scenario", "profile", "extension"]
    )]
    pub(super) plan: Option<CasePlan>,
    /// Only the scenarios about this extension: `client-credentials`, `enterprise`, `dpop` or
    /// `workload`. The client is taken to have it, so what it does not do counts. Can be given more
    /// than once; with --scenario, both are run
    #[arg(long, value_name = "NAME", value_parser = parse_extension)]
    pub(super) extension: Vec<Extension>,
    /// A folder with scenario files of your own, run with the others; their ids are FOLDER/FILE.
    /// Can be given more than once
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Vec<PathBuf>,
    /// Only this part of the scenarios, to divide a run between machines: `2/5` is the second of
    /// five. A scenario is always in the same part; `merge` joins the parts that were saved with
    /// `--save`
    #[arg(long, value_name = "PART/PARTS")]
    pub(super) shard: Option<Shard>,
    /// Which variants of varieties are run, cases that differ in one legal spelling or habit:
    /// `none`, `usual`, or `all` with rare ones and combinations
    #[arg(
        long,
        value_name = "WHICH",
        default_value_t = VarietyChoice::Usual,
        value_parser = parse_variety
    )]
    pub(super) variety: VarietyChoice,
    #[arg(long, value_name = "REVISION", help = spec_help())]
    pub(super) spec: Option<String>,
    /// Score only the requirements in the frozen requirement set of this revision; those that were
    /// added later are run and shown, and do not count
    #[arg(long, value_name = "REVISION", value_parser = parse_revision)]
    pub(super) requirements: Option<Revision>,
    /// Number of clients that run at the same time [default: that of the client file, else the
    /// number of processors]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    #[arg(long, value_name = "SECONDS", help = timeout_help())]
    pub(super) timeout: Option<Seconds>,
    #[command(flatten)]
    pub(super) report: ReportArguments,
    #[command(flatten)]
    pub(super) baseline: BaselineArguments,
    #[command(flatten)]
    pub(super) record: RecordArguments,
    /// Where scenarios run that need names and addresses of their own
    #[arg(long, value_name = "PLACE", value_enum, default_value_t)]
    pub(super) network: NetworkOption,
    /// A failed SHOULD fails the run
    #[arg(long)]
    pub(super) strict: bool,
    /// The text from which all random values are derived; the report names it, so that a run can be
    /// repeated
    #[arg(long, value_name = "TEXT")]
    pub(super) seed: Option<String>,
    /// Answer a challenge: all secrets of the mock servers follow from this text, so that a run
    /// that was made before somebody thought of it has others (`mcp-authspec verify --challenge`)
    #[arg(long, value_name = "TEXT", conflicts_with = "seed")]
    pub(super) challenge: Option<String>,
    #[command(flatten)]
    pub(super) progress: ProgressArguments,
    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
    #[command(flatten)]
    pub(super) client: ClientArguments,
}

impl RunArguments {
    /// The part of the scenarios to run.
    pub(super) fn shard(&self) -> Shard {
        self.shard.unwrap_or(Shard::WHOLE)
    }

    /// The seed that the user chose, if any.
    pub(super) fn chosen_seed(&self) -> Option<String> {
        let challenge = self.challenge.as_deref().map(seed_of_challenge);
        challenge.or_else(|| self.seed.clone())
    }

    /// Whether the run contains everything that can decide about a requirement.
    pub(super) fn is_complete(&self) -> bool {
        self.patterns().is_empty()
            && self.profile.is_empty()
            && self.variety != VarietyChoice::None
            && self.plan.is_none_or(|plan| plan == CasePlan::Full)
    }

    /// The patterns of the scenarios to run; none stands for all.
    pub(super) fn patterns(&self) -> Vec<String> {
        let extensions = self.extension.iter().map(|extension| extension.scenarios());
        self.scenario.iter().cloned().chain(extensions).collect()
    }

    /// The options that a command which repeats the run needs besides those about the client.
    pub(super) fn options_to_repeat(&self) -> String {
        let folders = self.scenarios.iter().map(|folder| {
            let folder = folder.display().to_string();
            let quoted = shlex::try_quote(&folder).map(|quoted| quoted.into_owned());
            format!(" --scenarios {}", quoted.unwrap_or(folder))
        });
        let set = self
            .requirements
            .map(|set| format!(" --requirements {set}"));
        let variety = (self.variety != VarietyChoice::default())
            .then(|| format!(" --variety {}", self.variety));
        let extensions = self.extension.iter();
        let extensions = extensions.map(|e| format!(" --capability {}", e.capability()));
        folders
            .chain(set)
            .chain(variety)
            .chain(extensions)
            .collect()
    }
}

fn spec_help() -> String {
    let revisions: Vec<&str> = Revision::ALL
        .iter()
        .map(|revision| revision.as_str())
        .collect();
    format!(
        "The revision of MCP: {} (draft), or `all` for each that the client speaks \
         [default: that of --requirements, else the newest that the client speaks]",
        revisions.join(", ")
    )
}

fn timeout_help() -> String {
    format!(
        "Seconds that one start of the client may take. A client that takes longer is killed, and \
         its case fails; one that is at rest is ended earlier, see --grace [default: that of the \
         client file, else {}]",
        Seconds(DEFAULT_TIMEOUT)
    )
}
