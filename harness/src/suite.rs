//! The whole suite: which cases there are, which of them a run takes, and the run itself with its control twins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use wildmatch::WildMatch;

use crate::driver::{Client, RunOptions, run};
use crate::judge::{Conclusions, Declared, Run, conclude};
use crate::requirements::{Catalogue, CatalogueError};
use crate::scenario::model::{Case, Expectation, Need, Revision};
use crate::scenario::{Applies, Known, ScenarioError, Vocabulary, load_file, load_monitors};
use crate::transcript::Transcript;
use crate::world::not_built_yet;

/// Why a case was not run that would have been, had nobody ended the run.
pub const INTERRUPTED: &str = "the run was interrupted before";

/// All scenarios, monitors and requirements.
#[derive(Debug)]
pub struct Suite {
    pub cases: Vec<Case>,
    pub monitors: Vec<Expectation>,
    pub catalogue: Catalogue,
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
        Some(Applies { from: requirement.since, until: requirement.until.unwrap_or(Revision::LATEST) })
    }
}

/// `area/name`: the last two parts of the path, without the ending.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let area = path.parent().and_then(Path::file_name).map_or_else(|| "own".into(), |area| area.to_string_lossy());
    format!("{area}/{stem}")
}

fn list(errors: &[ScenarioError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Suite {
    /// The suite that is built in.
    pub fn embedded() -> Result<Self, SuiteError> {
        let files = scenarios::all();
        Self::load(files.iter().map(|(name, text)| (name.as_str(), *text)))
    }

    /// The cases of one scenario file that is not built in, checked against the built-in vocabulary, monitors and requirements.
    pub fn read(&self, path: &Path, text: &str) -> Result<Vec<Case>, Vec<ScenarioError>> {
        let vocabulary = Vocabulary::parse(scenarios::VOCABULARY).map_err(|e| vec![e])?;
        let applies = applies(&self.catalogue);
        let known = Known { vocabulary: &vocabulary, monitors: &self.monitors, requirements: &applies };
        load_file(&name_of(path), &path.display().to_string(), text, &known)
    }

    /// The built-in vocabulary, monitors and requirements with these scenario files: names like `iss/two-values`, and texts.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SuiteError> {
        let catalogue = Catalogue::embedded()?;
        let vocabulary = Vocabulary::parse(scenarios::VOCABULARY).map_err(|e| SuiteError::Scenarios(vec![e]))?;
        let applies = applies(&catalogue);
        let monitors =
            load_monitors("scenarios/monitors.toml", scenarios::MONITORS, &vocabulary, &applies).map_err(SuiteError::Scenarios)?;
        let known = Known { vocabulary: &vocabulary, monitors: &monitors, requirements: &applies };
        let mut cases = Vec::new();
        let mut errors = Vec::new();
        for (name, text) in files {
            match load_file(name, &format!("scenarios/{name}.toml"), text, &known) {
                Ok(found) => cases.extend(found),
                Err(found) => errors.extend(found),
            }
        }
        drop(applies);
        if errors.is_empty() { Ok(Self { cases, monitors, catalogue }) } else { Err(SuiteError::Scenarios(errors)) }
    }

    /// The cases that say something in this revision, of those whose id fits one of the patterns (none: all).
    pub fn select(&self, revision: Revision, patterns: &[String]) -> Vec<&Case> {
        let patterns: Vec<WildMatch> = patterns.iter().map(|p| WildMatch::new(p)).collect();
        let wanted = |case: &Case| {
            let file = case.id.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
            patterns.is_empty() || patterns.iter().any(|p| p.matches(&case.id) || p.matches(&file))
        };
        self.cases.iter().filter(|case| wanted(case) && self.says_something(case, revision)).collect()
    }

    /// Whether a case's world makes sense in the revision and one of its requirements binds there.
    pub fn says_something(&self, case: &Case, revision: Revision) -> bool {
        case.applies_in(revision) && self.requirements_of(case).any(|id| self.catalogue.get(id).is_some_and(|r| r.applies_in(revision)))
    }

    /// The requirements that a case checks or watches.
    pub fn requirements_of<'a>(&self, case: &'a Case) -> impl Iterator<Item = &'a String> + use<'a> {
        case.expectations.iter().flat_map(|e| std::iter::once(&e.requirement).chain(&e.also)).chain(&case.watch)
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
    /// What all random values are made from.
    pub seed: String,
    /// What is said about the client beforehand.
    pub declared: Declared,
    /// Whether every case of the revision was selected.
    pub complete: bool,
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
}

impl Record {
    /// Judges what was recorded.
    pub fn conclude(&self, suite: &Suite, declared: &Declared) -> Conclusions {
        conclude(&Run {
            revision: self.revision,
            catalogue: &suite.catalogue,
            monitors: &suite.monitors,
            declared,
            cases: self.cases.iter().map(|(case, t)| (case, t.as_ref().map_err(Clone::clone))).collect(),
            controls: self.controls.iter().map(|(digest, (case, t))| (digest.clone(), (case, t))).collect(),
            complete: self.complete,
        })
    }
}

/// What is to be run: a scored case, or the control world of some.
struct Job {
    case: Case,
    control: Option<String>,
}

/// Runs cases with their control twins. Ends early, with what it has, when `interrupted` becomes true.
pub async fn run_suite(
    cases: &[&Case],
    client: Arc<dyn Client>,
    options: &Options,
    mut interrupted: watch::Receiver<bool>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Record {
    let mut outcomes: BTreeMap<String, Result<Transcript, String>> = BTreeMap::new();
    let mut jobs = Vec::new();
    for case in cases {
        match reason_not_to_run(case, &*client, &options.declared) {
            Some(reason) => {
                outcomes.insert(case.id.clone(), Err(reason));
            }
            None => jobs.push(Job { case: (*case).clone(), control: None }),
        }
    }
    let honest: BTreeMap<String, String> =
        jobs.iter().filter(|j| j.case.deviations.is_empty()).map(|j| (j.case.world_digest(), j.case.id.clone())).collect();
    let wanted: BTreeMap<String, Case> = jobs
        .iter()
        .filter(|j| !j.case.deviations.is_empty())
        .map(|j| (j.case.world_digest(), &j.case))
        .filter(|(digest, _)| !honest.contains_key(digest))
        .map(|(digest, case)| (digest, case.control()))
        .collect();
    jobs.extend(wanted.into_iter().map(|(digest, case)| Job { case, control: Some(digest) }));
    progress(Progress::Planned(jobs.len()));

    let mut controls = BTreeMap::new();
    let mut faults = Vec::new();
    let places = Arc::new(Semaphore::new(options.jobs.max(1)));
    let mut running = JoinSet::new();
    let mut jobs = jobs.into_iter();
    let mut stopped = *interrupted.borrow();
    while !stopped && (jobs.len() > 0 || !running.is_empty()) {
        tokio::select! {
            biased;
            _ = interrupted.changed() => stopped = true,
            Some(done) = running.join_next() => {
                let (job, outcome) = match done {
                    Ok(done) => done,
                    Err(panic) => {
                        faults.push(format!("a run that ended in a panic ({panic})"));
                        continue;
                    }
                };
                let Job { case, control }: Job = job;
                progress(Progress::Finished(case.id.clone()));
                match (control, outcome) {
                    (Some(digest), Ok(transcript)) => {
                        controls.insert(digest, (case, transcript));
                    }
                    (None, Ok(transcript)) => {
                        outcomes.insert(case.id, Ok(transcript));
                    }
                    (_, Err(fault)) => {
                        faults.push(format!("{} ({fault})", case.id));
                        outcomes.entry(case.id).or_insert(Err(fault));
                    }
                }
            }
            Ok(place) = Arc::clone(&places).acquire_owned(), if jobs.len() > 0 => {
                let Some(job) = jobs.next() else { continue };
                progress(Progress::Started(job.case.id.clone()));
                let client = Arc::clone(&client);
                let run_options = RunOptions {
                    revision: options.revision,
                    seed: options.seed.clone(),
                    timeout: options.timeout,
                    keep: options.keep.clone(),
                };
                running.spawn(async move {
                    let outcome = run(&job.case, job.control.is_some(), &*client, &run_options).await;
                    drop(place);
                    (job, outcome.map_err(|error| error.to_string()))
                });
            }
            else => break,
        }
    }
    running.shutdown().await;
    let transcript_of = |case: &Case| outcomes.get(&case.id).cloned().unwrap_or_else(|| Err(INTERRUPTED.to_owned()));
    let cases: Vec<(Case, Result<Transcript, String>)> = cases.iter().map(|case| ((*case).clone(), transcript_of(case))).collect();
    for (digest, id) in honest {
        if let Some((case, Ok(transcript))) = cases.iter().find(|(case, _)| case.id == id) {
            controls.insert(digest, (case.clone(), transcript.clone()));
        }
    }
    Record { revision: options.revision, complete: options.complete && !stopped, cases, controls, faults }
}

/// Why a case is not run: the machine, this version, or the client is not up to it.
fn reason_not_to_run(case: &Case, client: &dyn Client, declared: &Declared) -> Option<String> {
    if let Some((need, why)) = case.needs.iter().find_map(|need| Some((need, declared.lacking(need.as_str())?))) {
        return Some(format!("needs `{need}`, {why}"));
    }
    if case.needs.contains(&Need::SeparateProcess) && !client.is_separate_process() {
        return Some("needs separate-process".to_owned());
    }
    not_built_yet(case)
}
