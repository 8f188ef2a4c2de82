//! The whole suite: which cases there are, which of them a run takes, and the run itself with its
//! control twins.

mod following;
mod plan;
mod recorder;
mod shard;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use wildmatch::WildMatch;

use crate::driver::{Client, RunOptions, run};
use crate::judge::{Conclusions, Declared, Run, conclude, is_settled};
use crate::requirements::{Catalogue, CatalogueError};
use crate::scenario::model::{Case, Expectation, Revision};
use crate::scenario::{Applies, Known, ScenarioError, Vocabulary, load_file, load_monitors};
use crate::transcript::Transcript;
use following::{Decision, Seen};
use plan::{Job, Plan};

#[cfg(feature = "libtest")]
pub(crate) use plan::reason_not_to_run;

pub use following::{Flaky, Following, Weigh};
pub use plan::control_cases;
pub use recorder::Recorder;
pub use shard::{NoShard, Shard};

/// How long runs that are told to end may take until they are left alone.
const END_BOUND: Duration = Duration::from_secs(15);

/// Why a case was not run, when somebody ended the run.
pub(crate) const INTERRUPTED: &str = "the run was interrupted before";

/// All scenarios, monitors and requirements.
#[derive(Debug)]
pub struct Suite {
    pub cases: Vec<Case>,
    pub monitors: Vec<Expectation>,
    pub catalogue: Catalogue,
    /// Digests of the scenario files' texts, by what errors call the files.
    digests: BTreeMap<String, String>,
}

/// Why the suite could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A requirements file is wrong.
    #[error(transparent)]
    Requirements(#[from] CatalogueError),
    /// Scenario files are wrong: every error, with its line.
    #[error("{}", list(.0))]
    Scenarios(Vec<ScenarioError>),
}

/// The revisions in which a requirement binds.
fn applies(catalogue: &Catalogue) -> impl Fn(&str) -> Option<Applies> {
    |id| {
        let requirement = catalogue.get(id)?;
        Some(Applies {
            from: requirement.since,
            until: requirement.until.unwrap_or(Revision::LATEST),
        })
    }
}

/// `area/name`: the last two parts of the path, without the ending.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let area = path
        .parent()
        .and_then(Path::file_name)
        .map_or_else(|| "own".into(), |area| area.to_string_lossy());
    format!("{area}/{stem}")
}

fn digest(text: &str) -> String {
    Sha256::digest(text)[..16]
        .iter()
        .fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn list(errors: &[ScenarioError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl Suite {
    /// The suite that is built in.
    pub fn embedded() -> Result<Self, SuiteError> {
        let files = scenarios::all();
        Self::load(files.iter().map(|(name, text)| (name.as_str(), *text)))
    }

    /// The cases of one scenario file that is not built in, checked against the built-in
    /// vocabulary, monitors and requirements. Their ids are made from `path`, errors call the file
    /// `shown`.
    pub fn read(
        &self,
        path: &Path,
        shown: &str,
        text: &str,
    ) -> Result<Vec<Case>, Vec<ScenarioError>> {
        let vocabulary = Vocabulary::parse(scenarios::VOCABULARY).map_err(|e| vec![e])?;
        let applies = applies(&self.catalogue);
        let known = Known {
            vocabulary: &vocabulary,
            monitors: &self.monitors,
            requirements: &applies,
        };
        load_file(&name_of(path), shown, text, &known)
    }

    /// The built-in vocabulary, monitors and requirements with these scenario files: names like
    /// `iss/two-values`, and texts.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SuiteError> {
        let catalogue = Catalogue::embedded()?;
        let vocabulary =
            Vocabulary::parse(scenarios::VOCABULARY).map_err(|e| SuiteError::Scenarios(vec![e]))?;
        let applies = applies(&catalogue);
        let monitors = load_monitors(
            "scenarios/monitors.toml",
            scenarios::MONITORS,
            &vocabulary,
            &applies,
        )
        .map_err(SuiteError::Scenarios)?;
        let known = Known {
            vocabulary: &vocabulary,
            monitors: &monitors,
            requirements: &applies,
        };
        let mut cases = Vec::new();
        let mut errors = Vec::new();
        let mut digests = BTreeMap::new();
        for (name, text) in files {
            let file = format!("scenarios/{name}.toml");
            digests.insert(file.clone(), digest(text));
            match load_file(name, &file, text, &known) {
                Ok(found) => cases.extend(found),
                Err(found) => errors.extend(found),
            }
        }
        drop(applies);
        if errors.is_empty() {
            Ok(Self {
                cases,
                monitors,
                catalogue,
                digests,
            })
        } else {
            Err(SuiteError::Scenarios(errors))
        }
    }

    /// The cases that say something in this revision, of those whose id fits one of the patterns
    /// (none: all).
    pub fn select(&self, revision: Revision, patterns: &[String]) -> Vec<&Case> {
        let patterns: Vec<WildMatch> = patterns.iter().map(|p| WildMatch::new(p)).collect();
        let wanted = |case: &Case| {
            let file = case.id.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
            patterns.is_empty()
                || patterns
                    .iter()
                    .any(|p| p.matches(&case.id) || p.matches(&file))
        };
        self.cases
            .iter()
            .filter(|case| wanted(case) && self.says_something(case, revision))
            .collect()
    }

    /// Notes the text of a scenario file that is not built in, for [`Suite::digest_of`] its cases.
    pub fn note_text(&mut self, file: &str, text: &str) {
        self.digests.insert(file.to_owned(), digest(text));
    }

    /// The digest of the text that a case was read from.
    pub fn digest_of(&self, case: &Case) -> &str {
        self.digests
            .get(&case.source.file)
            .map_or("", String::as_str)
    }

    /// The digest of all that decides about verdicts besides the scenarios: requirements, monitors,
    /// vocabulary.
    pub fn rules_digest(&self) -> String {
        let requirements: Vec<_> = self.catalogue.iter().collect();
        digest(&format!(
            "{requirements:?}\n{}\n{}",
            scenarios::MONITORS,
            scenarios::VOCABULARY
        ))
    }

    /// Whether a case's world makes sense in the revision and one of its requirements binds there.
    pub fn says_something(&self, case: &Case, revision: Revision) -> bool {
        case.applies_in(revision)
            && self.requirements_of(case).any(|id| {
                self.catalogue
                    .get(id)
                    .is_some_and(|r| r.applies_in(revision))
            })
    }

    /// The requirements that a case checks or watches.
    pub fn requirements_of<'a>(
        &self,
        case: &'a Case,
    ) -> impl Iterator<Item = &'a String> + use<'a> {
        case.expectations
            .iter()
            .flat_map(|e| std::iter::once(&e.requirement).chain(&e.also))
            .chain(&case.watch)
    }
}

/// How a run goes about it.
#[derive(Debug, Clone)]
pub struct Options {
    pub revision: Revision,
    /// Runs at a time.
    pub jobs: usize,
    /// How long one start of the client may take.
    pub timeout: Duration,
    /// How long a client must have been still until it is taken to have come to rest.
    pub grace: Duration,
    /// What all random values are made from.
    pub seed: String,
    /// What is said about the client beforehand.
    pub declared: Declared,
    /// Whether every case of the revision was selected.
    pub complete: bool,
    /// The part of the cases that this run takes.
    pub shard: Shard,
    /// Where to keep what is left of each run.
    pub keep: Option<PathBuf>,
}

/// What happens while a suite runs.
#[derive(Debug, Clone)]
pub enum Progress {
    /// So many runs are to come, control runs included.
    Planned(usize),
    /// A run has begun.
    Started(String),
    /// A run is over.
    Finished(String),
    /// A case failed these requirements. Told as soon as its control run is over, too.
    Failed(String, Vec<String>),
    /// A case failed, and is run again.
    Again(String),
}

/// All transcripts of a run.
#[derive(Debug)]
pub struct Record {
    pub revision: Revision,
    pub complete: bool,
    /// Each case with its transcript, or why there is none.
    pub cases: Vec<(Case, Result<Transcript, String>)>,
    /// Control runs by the digest of their world.
    pub controls: BTreeMap<String, (Case, Transcript)>,
    /// Worlds that could not be started: an error of ours, never a verdict.
    pub faults: Vec<String>,
    /// Cases that failed and then passed.
    pub flaky: Vec<Flaky>,
}

impl Record {
    /// Judges what was recorded.
    pub fn conclude(&self, suite: &Suite, declared: &Declared) -> Conclusions {
        conclude(&Run {
            revision: self.revision,
            catalogue: &suite.catalogue,
            monitors: &suite.monitors,
            declared,
            cases: self
                .cases
                .iter()
                .map(|(case, t)| (case, t.as_ref().map_err(Clone::clone)))
                .collect(),
            controls: self
                .controls
                .iter()
                .map(|(digest, (case, t))| (digest.clone(), (case, t)))
                .collect(),
            complete: self.complete,
        })
    }
}

/// Runs cases with their control twins. Ends early, with what it has, when `interrupted` becomes
/// true; when that is said again, at once, without waiting for clients to end.
pub async fn run_suite(
    cases: &[&Case],
    client: Arc<dyn Client>,
    options: &Options,
    interrupted: watch::Receiver<bool>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Record {
    follow_suite(cases, client, options, interrupted, progress, None).await
}

/// Returns when the run is asked to end once more: whoever does so does not want to wait.
async fn asked_again(interrupted: &mut watch::Receiver<bool>) {
    if interrupted.changed().await.is_err() {
        std::future::pending().await
    }
}

/// Runs cases with their control twins, and judges each as soon as it can be.
pub async fn follow_suite(
    cases: &[&Case],
    client: Arc<dyn Client>,
    options: &Options,
    mut interrupted: watch::Receiver<bool>,
    progress: &(dyn Fn(Progress) + Sync),
    following: Option<Following<'_>>,
) -> Record {
    let Plan {
        cases,
        not_run,
        jobs,
        honest,
    } = Plan::new(cases, options.shard, &*client, &options.declared);
    let mut outcomes: BTreeMap<String, Result<Transcript, String>> = not_run
        .into_iter()
        .map(|(case, reason)| (case, Err(reason)))
        .collect();
    progress(Progress::Planned(jobs.len()));

    let mut controls = BTreeMap::new();
    let mut faults = Vec::new();
    let places = Arc::new(Semaphore::new(options.jobs.max(1)));
    let mut running = JoinSet::new();
    let mut jobs = VecDeque::from(jobs);
    let mut seen =
        following.map(|following| Seen::new(following, options.revision, &options.declared));
    let mut to_judge: Vec<Case> = Vec::new();
    let (halt, halted) = watch::channel(false);
    let mut stopped = interrupted.borrow().then(|| INTERRUPTED.to_owned());
    while stopped.is_none() && !(jobs.is_empty() && running.is_empty()) {
        tokio::select! {
            biased;
            _ = interrupted.changed() => stopped = Some(INTERRUPTED.to_owned()),
            Some(done) = running.join_next() => {
                let (job, outcome, _place) = match done {
                    Ok(done) => done,
                    Err(panic) => {
                        faults.push(format!("a run that ended in a panic ({panic})"));
                        continue;
                    }
                };
                let Job { case, control }: Job = job;
                if let Some(seen) = &seen {
                    seen.record(&case, control.is_some(), &outcome);
                }
                progress(Progress::Finished(case.id.clone()));
                if let (Some(seen), Ok(transcript)) = (&mut seen, &outcome) {
                    stopped = seen.note(transcript);
                }
                match (control, outcome) {
                    (Some(digest), Ok(transcript)) => {
                        let resting = cases.iter().copied().filter(|other| !other.deviations.is_empty() && other.world_digest() == digest);
                        if seen.as_mut().is_some_and(|seen| seen.control(&case, &transcript, resting) == Decision::Again) {
                            progress(Progress::Again(case.id.clone()));
                            jobs.push_back(Job { case, control: Some(digest) });
                        } else {
                            controls.insert(digest, (case, transcript));
                        }
                    }
                    (None, Ok(transcript)) => {
                        outcomes.insert(case.id.clone(), Ok(transcript));
                        // those that are controls of others come first
                        let place = if case.deviations.is_empty() { 0 } else { to_judge.len() };
                        to_judge.insert(place, case);
                    }
                    (_, Err(fault)) => {
                        faults.push(format!("{} ({fault})", case.id));
                        outcomes.entry(case.id).or_insert(Err(fault));
                    }
                }
                let Some(seen) = &mut seen else { continue };
                for case in std::mem::take(&mut to_judge) {
                    let digest = case.world_digest();
                    let twin = honest.get(&digest).filter(|_| !case.deviations.is_empty());
                    let twin = twin.and_then(|id| Some((cases.iter().find(|c| c.id == *id)?, outcomes.get(id)?.as_ref().ok()?)));
                    let control = twin.map(|(case, t)| (*case, t)).or_else(|| controls.get(&digest).map(|(case, t)| (case, t)));
                    let Some(Ok(transcript)) = outcomes.get(&case.id) else { continue };
                    if control.is_none() && !case.deviations.is_empty() {
                        to_judge.push(case);
                        continue;
                    }
                    match seen.case(&case, transcript, control) {
                        Decision::Passed => {}
                        Decision::Failed(failed) => {
                            progress(Progress::Failed(case.id.clone(), failed));
                            if seen.fails_fast() && stopped.is_none() {
                                stopped = Some(format!("{} failed, and the first failure ends this run", case.id));
                            }
                        }
                        Decision::Again => {
                            progress(Progress::Again(case.id.clone()));
                            outcomes.remove(&case.id);
                            jobs.push_back(Job { case, control: None });
                        }
                    }
                }
            }
            Ok(place) = Arc::clone(&places).acquire_owned(), if !jobs.is_empty() => {
                let Some(job) = jobs.pop_front() else { continue };
                progress(Progress::Started(job.case.id.clone()));
                let client = Arc::clone(&client);
                let run_options = RunOptions {
                    revision: options.revision,
                    seed: options.seed.clone(),
                    timeout: options.timeout,
                    grace: options.grace,
                    settled: is_settled,
                    interrupted: halted.clone(),
                    keep: options.keep.clone(),
                };
                running.spawn(async move {
                    let outcome = run(&job.case, job.control.is_some(), &*client, &run_options).await;
                    // the place is free when the outcome has been taken note of: one job at a time
                    // means one after the other
                    (job, outcome.map_err(|error| error.to_string()), place)
                });
            }
            else => break,
        }
    }
    // what is cut off here says nothing, but it must not outlive the run
    let _ = halt.send(true);
    tokio::select! {
        () = async { while running.join_next().await.is_some() {} } => {}
        () = tokio::time::sleep(END_BOUND) => {}
        () = asked_again(&mut interrupted) => {}
    }
    running.shutdown().await;
    let not_run = stopped.clone().unwrap_or_else(|| INTERRUPTED.to_owned());
    let transcript_of = |case: &Case| {
        outcomes
            .get(&case.id)
            .cloned()
            .unwrap_or_else(|| Err(not_run.clone()))
    };
    let cases: Vec<(Case, Result<Transcript, String>)> = cases
        .iter()
        .map(|case| ((*case).clone(), transcript_of(case)))
        .collect();
    for (digest, id) in honest {
        if let Some((case, Ok(transcript))) = cases.iter().find(|(case, _)| case.id == id) {
            controls.insert(digest, (case.clone(), transcript.clone()));
        }
    }
    let flaky = seen.map(Seen::flaky).unwrap_or_default();
    let complete = options.complete && options.shard.is_whole() && stopped.is_none();
    Record {
        revision: options.revision,
        complete,
        cases,
        controls,
        faults,
        flaky,
    }
}
