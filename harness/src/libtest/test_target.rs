//! The tests of the target, and what they share.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use super::Subject;
use crate::baseline::{Baseline, BaselineError, OutdatedEntry};
use crate::driver::run_as_guard_if_asked;
use crate::judge::NotRunReason;
use crate::machine::DescriptorLimit;
use crate::place::RunPlace;
use crate::report::{Finding, Report, RunDescription, TextStyle, last_words, render_findings};
use crate::report::{
    HELP_FOR_OUTDATED, describe_contradiction, describe_instead_of_failure, describe_not_run,
};
use crate::scenario::model::{Capability, Case, Revision};
use crate::suite::{
    Record, SharedRuns, Suite, SuiteError, SuiteOptions, SuiteRun, default_jobs, reason_not_to_run,
};
use crate::transcript::Status;

/// The seed of all random values. It is the same in each run, so that a failed test can be
/// repeated.
const SEED: &str = "libtest";

/// Lines of a client's output that are shown if it did not end by itself.
const OUTPUT_LINES_SHOWN: usize = 8;

/// Why the tests could not be set up.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error(transparent)]
    Suite(#[from] SuiteError),
    #[error("cannot read {file}: {source}")]
    ReadBaseline {
        file: String,
        source: std::io::Error,
    },
    #[error("{}", join_lines(.0))]
    Baseline(Vec<BaselineError>),
    #[error("cannot start the async runtime: {0}")]
    Runtime(std::io::Error),
}

fn join_lines(errors: &[BaselineError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Runs the suite as a test target with `harness = false`, and returns the exit code for `main`.
/// Call it first in `main`.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use mcp_authspec::{Capability, Context, Revision, Subject, libtest_main};
/// # mod my_sdk {
/// #     pub type Error = std::io::Error;
/// #     pub struct Client;
/// #     impl Client {
/// #         pub async fn connect(_: &str, _: impl Fn(&str)) -> Result<Self, Error> { Ok(Self) }
/// #         pub async fn list_tools(&self) -> Result<(), Error> { Ok(()) }
/// #         pub async fn call_tool(&self, _: &str) -> Result<(), Error> { Ok(()) }
/// #     }
/// # }
///
/// fn main() -> ExitCode {
///     let subject = Subject::from(drive)
///         .revisions([Revision::November2025, Revision::July2026])
///         .has([Capability::Refresh])
///         .baseline("tests/known-failures.toml");
///     libtest_main(subject)
/// }
///
/// /// Connects, lists the tools and calls the given ones; authorizes when a server asks for it.
/// async fn drive(context: Context) -> Result<(), my_sdk::Error> {
///     for server in &context.servers {
///         let client = my_sdk::Client::connect(server, |url|
/// drop(context.browser.open(url))).await?;         client.list_tools().await?;         for tool in
/// &context.call {             client.call_tool(tool).await?;         }     }     Ok(()) }
/// ```
///
/// Without declarations, `libtest_main(drive)` is enough.
pub fn libtest_main(subject: impl Into<Subject>) -> ExitCode {
    // if the client is a program, this process may have been started to guard it
    if let Some(code) = run_as_guard_if_asked() {
        return code;
    }
    DescriptorLimit::raise();
    let arguments = Arguments::from_args();
    match ConformanceTests::new(subject.into()) {
        Ok(tests) => libtest_mimic::run(&arguments, Arc::new(tests).trials()).exit_code(),
        Err(error) => {
            // this function is the whole program, so no caller could print the error
            eprintln!("mcp-authspec: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The tests, with what they share.
struct ConformanceTests {
    suite: Suite,
    subject: Subject,
    baseline: Option<Baseline>,
    runtime: Runtime,
    /// The runs of cases and control runs that tests have made so far.
    runs: Arc<SharedRuns>,
}

impl ConformanceTests {
    fn new(subject: Subject) -> Result<Self, SetupError> {
        let suite = Suite::embedded()?;
        let baseline = subject
            .baseline
            .as_ref()
            .map(|file| read_baseline(file, &suite))
            .transpose()?;
        Ok(Self {
            suite,
            subject,
            baseline,
            runtime: Runtime::new().map_err(SetupError::Runtime)?,
            runs: Arc::default(),
        })
    }

    fn trials(self: Arc<Self>) -> Vec<Trial> {
        let mut trials = Vec::new();
        for &revision in &self.subject.revisions {
            for case in self.suite.select(revision, &[]) {
                let (tests, id) = (Arc::clone(&self), case.id.clone());
                let trial = Trial::test(format!("{revision}::{id}"), move || {
                    tests.check_case(revision, &id)
                });
                trials.push(match self.reason_to_ignore(case) {
                    Some(reason) => trial.with_kind(reason).with_ignored_flag(true),
                    None => trial,
                });
            }
            let tests = Arc::clone(&self);
            trials.push(Trial::test(format!("{revision}::watched"), move || {
                tests.check_monitors(revision)
            }));
        }
        trials
    }

    fn reason_to_ignore(&self, case: &Case) -> Option<String> {
        // the case itself shows whether the client calls tools
        let is_seen_later =
            |need: &Capability| need.is_of_machine() || *need == Capability::CallsTools;
        let undeclared = || {
            case.needs.iter().find(|need| {
                !is_seen_later(need) && !self.subject.declared.has.contains(need.as_str())
            })
        };
        self.reason_not_to_run(case)
            .map(|reason| describe_not_run(&reason).to_string())
            .or_else(|| undeclared().map(|need| format!("needs `{need}`")))
    }

    fn reason_not_to_run(&self, case: &Case) -> Option<NotRunReason> {
        reason_not_to_run(
            case,
            &*self.subject.client,
            &self.subject.declared,
            &RunPlace::Loopback,
        )
    }

    /// Checks one case: its own requirements, and whether the client ended by itself.
    fn check_case(&self, revision: Revision, id: &str) -> Result<(), Failed> {
        let case = self
            .suite
            .cases
            .iter()
            .find(|case| case.id == id)
            .ok_or_else(|| format!("unknown case `{id}`"))?;
        if let Some(reason) = self.reason_not_to_run(case) {
            return Err(format!("not applicable: {}", describe_not_run(&reason)).into());
        }
        // one job, because libtest already runs several tests at the same time
        let record = self.run_cases(revision, &[case], 1, false);
        let report = self.report(&record, |finding| !finding.monitor);
        let transcript = record
            .cases
            .first()
            .and_then(|(_, outcome)| outcome.as_ref().ok());
        let output = transcript
            .map(|transcript| last_words(transcript, OUTPUT_LINES_SHOWN))
            .unwrap_or_default();
        to_test_result(&report, forced_end(&report), &output)
    }

    /// Checks the requirements that are watched in every run of the revision.
    fn check_monitors(&self, revision: Revision) -> Result<(), Failed> {
        let cases: Vec<&Case> = self
            .suite
            .select(revision, &[])
            .into_iter()
            .filter(|case| self.reason_to_ignore(case).is_none())
            .collect();
        let record = self.run_cases(revision, &cases, default_jobs(), true);
        to_test_result(&self.report(&record, |finding| finding.monitor), None, &[])
    }

    /// Runs cases with their control runs, and reuses runs that other tests have made.
    fn run_cases(
        &self,
        revision: Revision,
        cases: &[&Case],
        jobs: usize,
        complete: bool,
    ) -> Record {
        let options = SuiteOptions {
            jobs,
            timeout: self.subject.timeout,
            // a client that is at rest is given the whole time-out
            grace: self.subject.timeout,
            seed: SEED.to_owned(),
            declared: self.subject.declared.clone(),
            complete,
            ..SuiteOptions::new(revision)
        };
        let run = SuiteRun::new(cases, Arc::clone(&self.subject.client), &options)
            .share_runs(Arc::clone(&self.runs));
        self.runtime.block_on(run.run())
    }

    /// A report with the wanted findings that fail the run.
    fn report(&self, record: &Record, is_wanted: impl Fn(&Finding) -> bool) -> Report {
        let mut conclusions = record.conclude(&self.suite, &self.subject.declared);
        if let Some(baseline) = &self.baseline {
            baseline.apply(&self.suite, record.complete, &mut conclusions);
        }
        let about = RunDescription {
            strict: self.subject.strict,
            ..RunDescription::new("the client", SEED)
        };
        let mut report = Report::new(&self.suite, record, &conclusions, &about);
        report
            .failures
            .retain(|finding| is_wanted(finding) && finding.fails_the_run);
        for finding in &mut report.failures {
            let test = finding
                .case
                .as_deref()
                .filter(|_| !finding.monitor)
                .unwrap_or("watched");
            let rerun = format!(
                "cargo test{} -- --exact '{}::{test}'",
                test_option(),
                record.revision
            );
            finding.rerun = rerun.into();
        }
        report
    }
}

/// Says how the client ended if it did not end by itself, unless that is a known failure.
fn forced_end(report: &Report) -> Option<String> {
    let case = report
        .cases
        .first()
        .filter(|case| case.baselined.is_none())?;
    let status = match case.status {
        Some(Status::Completed) => return None,
        Some(status) => status.as_str(),
        None => "not run",
    };
    Some(format!("the client did not end by itself: {status}"))
}

/// Fails the test with the findings as the console report shows them, and what else went wrong.
fn to_test_result(
    report: &Report,
    forced_end: Option<String>,
    output: &[String],
) -> Result<(), Failed> {
    let contradictions = report
        .contradictions
        .iter()
        .map(|capability| describe_contradiction(*capability));
    let faults = report
        .harness_errors
        .iter()
        .map(|fault| format!("the harness failed in {fault}; please report this"));
    let outdated = report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.outdated)
        .map(describe_outdated_entry);
    let findings =
        Some(render_findings(report, &TextStyle::default())).filter(|text| !text.is_empty());
    // findings show the client's output, too
    let output = (forced_end.is_some() && findings.is_none() && !output.is_empty())
        .then(|| format!("The client's last output:\n  {}", output.join("\n  ")));
    let problems: Vec<String> = findings
        .into_iter()
        .chain(forced_end)
        .chain(output)
        .chain(contradictions)
        .chain(outdated)
        .chain(faults)
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("\n{}\n", problems.join("\n\n")).into())
    }
}

fn describe_outdated_entry(outdated: &OutdatedEntry) -> String {
    let OutdatedEntry { entry, place, now } = outdated;
    let now = describe_instead_of_failure(now);
    format!("{place}: `{entry}` is known to fail, and {now}\n  help: {HELP_FOR_OUTDATED}")
}

fn read_baseline(file: &Path, suite: &Suite) -> Result<Baseline, SetupError> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| SetupError::ReadBaseline {
        file: shown.clone(),
        source,
    })?;
    Baseline::parse(&shown, &text, suite).map_err(SetupError::Baseline)
}

/// ` --test NAME`, from the name of this program: cargo adds a hash to that of a test target.
fn test_option() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            format!(" --test {name}")
        }
        _ => String::new(),
    }
}
