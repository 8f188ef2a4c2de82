//! The suite as a `cargo test` target: one named test for each scenario and revision, with the
//! filters and options of any Rust test.
//!
//! Each test runs its case and the control twin, the same world without the misbehaviour; tests
//! with the same twin share its run. What is watched in every run is one more test,
//! `REVISION::watched`, which runs all cases that no other test has run yet in this process. Cases
//! that need a capability which the client is not said to have are ignored; `--include-ignored`
//! runs them anyway.
//!
//! | command | does |
//! | --- | --- |
//! | `cargo test --test conformance` | runs all |
//! | `cargo test --test conformance -- iss/` | runs the tests with `iss/` in their names |
//! | `cargo test --test conformance -- --list` | lists them; what a test is ignored for stands before its name |
//! | `cargo test --test conformance -- --exact 2026-07-28::plain/flow` | runs one |
//!
//! A failed test tells what the report of `mcp-authspec run` tells of a failure: the requirement,
//! its source, expected and observed, the messages, and how to run just this again.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, Semaphore, watch};
use tokio::task::JoinSet;

use crate::baseline::{Baseline, BaselineError, Outdated};
use crate::driver::{
    Client, ClientOutcome, Context, FunctionClient, RunOptions, run, run_as_guard_if_asked,
};
use crate::judge::{Declared, settled};
use crate::report::{About, Finding, Report, Style, findings, last_words};
use crate::requirements::Capability;
use crate::scenario::model::{Case, Revision};
use crate::suite::{Record, Suite, reason_not_to_run};
use crate::transcript::{Status, Transcript};

/// How long one start of the client may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What all random values are made from: the same in each run, so that a failure can be looked at
/// again.
const SEED: &str = "libtest";

/// Lines of a client's output that are shown where it did not end by itself.
const LAST_WORDS: usize = 8;

/// A client under test with what is said about it.
pub struct Subject {
    client: Arc<dyn Client>,
    revisions: Vec<Revision>,
    declared: Declared,
    timeout: Duration,
    strict: bool,
    baseline: Option<PathBuf>,
}

impl Subject {
    /// Any client of the library; an `async fn` becomes one by [`Subject::from`].
    pub fn new(client: impl Client + 'static) -> Self {
        let revisions = vec![Revision::LATEST];
        Self {
            client: Arc::new(client),
            revisions,
            declared: Declared::default(),
            timeout: TIMEOUT,
            strict: false,
            baseline: None,
        }
    }

    /// The revisions of MCP to test; without this, the newest.
    #[must_use]
    pub fn revisions(mut self, revisions: impl IntoIterator<Item = Revision>) -> Self {
        self.revisions = revisions.into_iter().collect();
        self
    }

    /// Declares capabilities. Cases that need others are ignored.
    #[must_use]
    pub fn has(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declared
            .has
            .extend(capabilities.into_iter().map(|c| c.to_string()));
        self
    }

    /// Declares that capabilities are lacking: what needs them is not applicable.
    #[must_use]
    pub fn lacks(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declared
            .lacks
            .extend(capabilities.into_iter().map(|c| c.to_string()));
        self
    }

    /// How long one start of the client may take; without this, 30 s. A start that takes longer
    /// fails its test.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// A file of known failures, each with a reason: they do not fail their tests. One that is gone
    /// does, so that the file stays true.
    ///
    /// The file is that of `mcp-authspec run --baseline`: `[known]`, and
    /// `"iss/two-values:iss-multiple-identifiers" = "issue 12"`. A relative path starts at the
    /// folder of the package, as tests do.
    #[must_use]
    pub fn baseline(self, file: impl Into<PathBuf>) -> Self {
        Self {
            baseline: Some(file.into()),
            ..self
        }
    }

    /// Makes a failed `SHOULD` fail its test.
    #[must_use]
    pub fn strict(self) -> Self {
        Self {
            strict: true,
            ..self
        }
    }
}

impl<F, Fut, T, E> From<F> for Subject
where
    F: Fn(Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    T: Into<ClientOutcome>,
    E: Display,
{
    fn from(function: F) -> Self {
        Self::new(FunctionClient::new(function))
    }
}

/// Runs the suite as a test target with `harness = false`; the answer is what `main` returns. To be
/// called first in `main`.
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
/// /// Connects, lists the tools and calls those that are asked for; authorizes when a server wants it.
/// async fn drive(context: Context) -> Result<(), my_sdk::Error> {
///     for server in &context.servers {
///         let client = my_sdk::Client::connect(server, |url| drop(context.browser.open(url))).await?;
///         client.list_tools().await?;
///         for tool in &context.call {
///             client.call_tool(tool).await?;
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// Where nothing is declared, `libtest_main(drive)` is enough.
pub fn libtest_main(subject: impl Into<Subject>) -> ExitCode {
    // a client may be a program after all
    if let Some(code) = run_as_guard_if_asked() {
        return code;
    }
    let arguments = Arguments::from_args();
    let bench = match Bench::new(subject.into()) {
        Ok(bench) => Arc::new(bench),
        Err(problem) => {
            eprintln!("mcp-authspec: {problem}");
            return ExitCode::FAILURE;
        }
    };
    libtest_mimic::run(&arguments, bench.trials()).exit_code()
}

/// A run's transcript, once it was made; or what went wrong in the harness.
type Run = Arc<OnceCell<Result<Transcript, String>>>;

/// What all tests of a process share.
struct Bench {
    suite: Suite,
    subject: Subject,
    baseline: Option<Baseline>,
    runtime: Runtime,
    /// By revision, and case or digest of a control's world.
    runs: Mutex<BTreeMap<(Revision, String), Run>>,
    /// Never: who interrupts tests ends the process.
    interrupted: watch::Sender<bool>,
}

impl Bench {
    fn new(subject: Subject) -> Result<Self, String> {
        let suite = Suite::embedded().map_err(|error| error.to_string())?;
        let baseline = subject
            .baseline
            .as_ref()
            .map(|file| known_failures(file, &suite))
            .transpose()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            suite,
            subject,
            baseline,
            runtime,
            runs: Mutex::default(),
            interrupted: watch::channel(false).0,
        })
    }

    fn trials(self: Arc<Self>) -> Vec<Trial> {
        let mut trials = Vec::new();
        for &revision in &self.subject.revisions {
            for case in self.suite.select(revision, &[]) {
                let (bench, id) = (Arc::clone(&self), case.id.clone());
                let trial = Trial::test(format!("{revision}::{id}"), move || {
                    bench.check(revision, &id)
                });
                trials.push(match self.reason_to_ignore(case) {
                    Some(reason) => trial.with_kind(reason).with_ignored_flag(true),
                    None => trial,
                });
            }
            let bench = Arc::clone(&self);
            trials.push(Trial::test(format!("{revision}::watched"), move || {
                bench.check_what_is_watched(revision)
            }));
        }
        trials
    }

    fn reason_to_ignore(&self, case: &Case) -> Option<String> {
        let undeclared = || {
            case.needs.iter().find(|need| {
                !need.is_of_machine() && !self.subject.declared.has.contains(need.as_str())
            })
        };
        self.reason_not_to_run(case)
            .or_else(|| undeclared().map(|need| format!("needs `{need}`")))
    }

    fn reason_not_to_run(&self, case: &Case) -> Option<String> {
        reason_not_to_run(case, &*self.subject.client, &self.subject.declared)
    }

    // ------------------------------------------------------------ tests

    /// One case: its own checks, and how it ended.
    fn check(self: &Arc<Self>, revision: Revision, id: &str) -> Result<(), Failed> {
        let case = self
            .suite
            .cases
            .iter()
            .find(|case| case.id == id)
            .ok_or("there is no such case")?;
        if let Some(reason) = self.reason_not_to_run(case) {
            return Err(format!("not applicable: {reason}").into());
        }
        let record = self
            .runtime
            .block_on(self.record(revision, vec![case], false));
        let report = self.report(&record, |finding| !finding.monitor);
        let ended = report
            .cases
            .first()
            .filter(|case| case.baselined.is_none())
            .and_then(|case| match case.status {
                Some(Status::Completed) => None,
                other => Some(format!(
                    "the client did not end by itself: {}",
                    other.map_or("not run", Status::as_str)
                )),
            });
        let transcript = record
            .cases
            .first()
            .and_then(|(_, outcome)| outcome.as_ref().ok());
        failed(
            &report,
            ended,
            &transcript
                .map(|transcript| last_words(transcript, LAST_WORDS))
                .unwrap_or_default(),
        )
    }

    /// What is watched in every run of the revision.
    fn check_what_is_watched(self: &Arc<Self>, revision: Revision) -> Result<(), Failed> {
        let cases = self
            .suite
            .select(revision, &[])
            .into_iter()
            .filter(|case| self.reason_to_ignore(case).is_none())
            .collect();
        let record = self.runtime.block_on(self.record(revision, cases, true));
        failed(&self.report(&record, |finding| finding.monitor), None, &[])
    }

    /// A report with some of its findings only.
    fn report(&self, record: &Record, wanted: impl Fn(&Finding) -> bool) -> Report {
        let mut conclusions = record.conclude(&self.suite, &self.subject.declared);
        if let Some(baseline) = &self.baseline {
            baseline.apply(&self.suite, record.complete, &mut conclusions);
        }
        let about = About {
            client: "the client".to_owned(),
            rerun: String::new(),
            seed: SEED.to_owned(),
            shard: None,
            seconds: 0.0,
            interrupted: false,
            strict: self.subject.strict,
            show_secrets: false,
        };
        let mut report = Report::new(&self.suite, record, &conclusions, &about);
        report
            .failures
            .retain(|finding| wanted(finding) && finding.fails_the_run);
        for finding in &mut report.failures {
            let test = finding
                .case
                .as_deref()
                .filter(|_| !finding.monitor)
                .unwrap_or("watched");
            finding.rerun = format!(
                "cargo test{} -- --exact '{}::{test}'",
                target(),
                record.revision
            );
        }
        report
    }

    // ------------------------------------------------------------ runs

    /// The cases with their control twins.
    async fn record(
        self: &Arc<Self>,
        revision: Revision,
        cases: Vec<&Case>,
        complete: bool,
    ) -> Record {
        let places = Arc::new(Semaphore::new(
            std::thread::available_parallelism().map_or(1, usize::from),
        ));
        let mut running = JoinSet::new();
        for case in cases {
            let (bench, case, places) = (Arc::clone(self), case.clone(), Arc::clone(&places));
            running.spawn(async move {
                let _place = places.acquire_owned().await;
                let own = bench.transcript(revision, case.clone(), false).await;
                let control = match case.deviations.is_empty() {
                    true => None,
                    false => Some((
                        case.control(),
                        bench.transcript(revision, case.control(), true).await,
                    )),
                };
                (case, own, control)
            });
        }
        let mut record = Record {
            revision,
            complete,
            cases: Vec::new(),
            controls: BTreeMap::new(),
            faults: Vec::new(),
            flaky: Vec::new(),
        };
        while let Some(done) = running.join_next().await {
            let (case, own, control) = match done {
                Ok(done) => done,
                Err(panic) => {
                    record
                        .faults
                        .push(format!("a run that ended in a panic ({panic})"));
                    continue;
                }
            };
            let digest = case.world_digest();
            match (control, &own) {
                (Some((control, Ok(transcript))), _) => {
                    drop(record.controls.insert(digest, (control, transcript)))
                }
                (Some((control, Err(fault))), _) => {
                    record.faults.push(format!("{} ({fault})", control.id))
                }
                (None, Ok(transcript)) => drop(
                    record
                        .controls
                        .insert(digest, (case.clone(), transcript.clone())),
                ),
                (None, Err(_)) => {}
            }
            if let Err(fault) = &own {
                record.faults.push(format!("{} ({fault})", case.id));
            }
            record.cases.push((case, own));
        }
        record.cases.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        record
    }

    /// A run's transcript; of a control's world one for all cases that share it.
    async fn transcript(
        &self,
        revision: Revision,
        case: Case,
        control: bool,
    ) -> Result<Transcript, String> {
        let key = if control {
            case.world_digest()
        } else {
            case.id.clone()
        };
        let once = Arc::clone(
            self.runs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry((revision, key))
                .or_default(),
        );
        let made = once.get_or_init(|| async {
            let options = RunOptions {
                revision,
                seed: SEED.to_owned(),
                timeout: self.subject.timeout,
                grace: self.subject.timeout,
                settled,
                interrupted: self.interrupted.subscribe(),
                keep: None,
            };
            run(&case, control, &*self.subject.client, &options)
                .await
                .map_err(|error| error.to_string())
        });
        made.await.clone()
    }
}

/// A failed test with its findings as the console report tells them, and what else went wrong.
fn failed(report: &Report, ended: Option<String>, last_words: &[String]) -> Result<(), Failed> {
    let contradictions = report.contradictions.iter().cloned();
    let faults = report
        .harness_errors
        .iter()
        .map(|fault| format!("the harness failed in {fault}; please report this"));
    let outdated = report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.outdated)
        .map(|outdated| {
            let Outdated {
                entry,
                place,
                now,
                help,
            } = outdated;
            format!("{place}: `{entry}` is known to fail, and {now}\n  help: {help}")
        });
    let told = Some(findings(report, &Style::default())).filter(|text| !text.is_empty());
    // findings tell them, too
    let last_words = (ended.is_some() && told.is_none() && !last_words.is_empty())
        .then(|| format!("The client's last words:\n  {}", last_words.join("\n  ")));
    let all: Vec<String> = told
        .into_iter()
        .chain(ended)
        .chain(last_words)
        .chain(contradictions)
        .chain(outdated)
        .chain(faults)
        .collect();
    if all.is_empty() {
        Ok(())
    } else {
        Err(format!("\n{}\n", all.join("\n\n")).into())
    }
}

fn known_failures(file: &Path, suite: &Suite) -> Result<Baseline, String> {
    let shown = file.display().to_string();
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let told = |errors: Vec<BaselineError>| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    Baseline::parse(&shown, &text, suite).map_err(told)
}

/// ` --test NAME`, as far as this program's name tells: cargo adds a hash to that of a test target.
fn target() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            format!(" --test {name}")
        }
        _ => String::new(),
    }
}
