//! `run`: from options to a client, a run, a report and an exit code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mcp_authspec::baseline::Baseline;
use mcp_authspec::events::{self, Event};
use mcp_authspec::judge::Conclusions;
use mcp_authspec::report::{Report, RunDescription, RunOutcome};
use mcp_authspec::requirements::RequirementSet;
use mcp_authspec::saved::{Manifest, Planned, Saver, Shards};
use mcp_authspec::scenario::model::{Case, Revision};
use mcp_authspec::suite::{Options, Progress, Shard, Suite, follow_suite};
use tokio::sync::watch;

use super::output::Outputs;
use super::record::{Events, Interrupt, Recording};
use super::saved::Judged;
use super::subject::Subject;
use super::{CliError, RunArguments, own, signals};

/// How long one start of the client may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn run(arguments: RunArguments) -> Result<u8, CliError> {
    let suite = own::suite(&arguments.scenarios)?;
    let outputs = Outputs::of(&arguments.report)?;
    let ran = run_all(&suite, &arguments)?;
    let reports: Vec<Report> = ran.judged.iter().map(|one| one.report(&suite)).collect();
    outputs.write(&reports)?;
    ran.kept()?;
    let code = reports
        .iter()
        .map(Report::exit_code)
        .max()
        .unwrap_or_default();
    Ok(if code == RunOutcome::Interrupted.exit_code() {
        signals::exit_code().unwrap_or(code)
    } else {
        code
    })
}

/// What came of a run.
pub(super) struct Ran {
    pub(super) judged: Vec<Judged>,
    /// Why something of it could not be saved as was asked for.
    pub(super) unkept: Option<CliError>,
}

impl Ran {
    /// The results, if all was saved that was to be.
    pub(super) fn kept(self) -> Result<Vec<Judged>, CliError> {
        self.unkept.map_or(Ok(self.judged), Err)
    }
}

/// Runs the suite in all revisions that are asked for, and judges.
pub(super) fn run_all(suite: &Suite, arguments: &RunArguments) -> Result<Ran, CliError> {
    if arguments
        .timeout
        .is_some_and(|seconds| !(seconds.is_finite() && seconds > 0.0))
    {
        return Err(CliError::Usage(
            "--timeout: a number of seconds greater than 0\n  help: the default is 30".to_owned(),
        ));
    }
    let mut subject = Subject::of(arguments)?;
    // who asks for the requirements of a revision means that revision, if no other is named
    let asked = arguments
        .spec
        .as_deref()
        .or(arguments.requirements.map(Revision::as_str));
    let revisions = subject.revisions(asked)?;
    let baseline = arguments.baseline.load(suite)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::Harness(e.to_string()))?;
    let patience = timeout(arguments, &subject);
    runtime.block_on(subject.greet(patience))?;
    runtime.block_on(all_revisions(
        suite,
        arguments,
        &revisions,
        &mut subject,
        baseline.as_ref(),
    ))
}

async fn all_revisions(
    suite: &Suite,
    arguments: &RunArguments,
    revisions: &[Revision],
    subject: &mut Subject,
    baseline: Option<&Baseline>,
) -> Result<Ran, CliError> {
    let interrupt: Interrupt = Arc::new(watch::channel(false).0);
    let interrupted = interrupt.subscribe();
    signals::listen(Arc::clone(&interrupt)).map_err(|e| CliError::Harness(e.to_string()))?;
    let seed = arguments.seed.clone().unwrap_or_else(fresh_seed);
    let shard = arguments.shard.unwrap_or(Shard::WHOLE);
    let selections: Vec<(Revision, Vec<&Case>)> = revisions
        .iter()
        .map(|revision| (*revision, suite.select(*revision, &arguments.scenario)))
        .collect();
    let selections: Vec<_> = selections
        .into_iter()
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    if selections.is_empty() {
        let patterns = arguments.scenario.join(", ");
        let spec = revisions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        return Err(CliError::Usage(format!(
            "no scenario of {spec} fits {patterns}\n  help: `mcp-authspec list --spec {}` shows them",
            revisions.first().copied().unwrap_or(Revision::LATEST)
        )));
    }
    if let Some((revision, cases)) = selections.first() {
        subject
            .probe(
                cases,
                *revision,
                &seed,
                timeout(arguments, subject),
                interrupted.clone(),
            )
            .await?;
    }
    let subject = &*subject;
    let events = Events::open(arguments.record.events.as_ref())?;
    let saver = match &arguments.record.save {
        Some(folder) => Some(Saver::create(
            folder,
            &manifest(suite, arguments, subject, &seed, &selections),
        )?),
        None => None,
    };
    let set = arguments
        .requirements
        .map(RequirementSet::of)
        .transpose()
        .map_err(|e| CliError::Harness(e.to_string()))?;
    let (mut judged, mut unkept) = (Vec::new(), None);
    for (revision, cases) in selections {
        let options = Options {
            revision,
            jobs: arguments
                .jobs
                .or(subject.about.jobs)
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            timeout: timeout(arguments, subject),
            grace: arguments.progress.grace,
            seed: seed.clone(),
            declared: subject.declared.clone(),
            complete: arguments.scenario.is_empty(),
            shard,
            keep: arguments
                .sandbox
                .keep
                .as_ref()
                .map(|folder| folder.join(revision.as_str())),
        };
        let watcher = arguments.progress.watcher();
        let recording = Recording::new(revision, saver.as_ref(), &events, Arc::clone(&interrupt));
        let began = Instant::now();
        let meanwhile = |conclusions: &mut Conclusions| {
            weigh(suite, set.as_ref(), baseline, false, conclusions)
        };
        let following = Some(arguments.progress.following(
            suite,
            arguments.strict,
            &meanwhile,
            &recording,
        ));
        let tell = |progress: Progress| {
            watcher.tell(&progress);
            match &progress {
                Progress::Planned(runs) => recording.tell(Event::Planned {
                    format: events::FORMAT,
                    harness: env!("CARGO_PKG_VERSION"),
                    client: &subject.name,
                    seed: &seed,
                    shard: arguments.shard.map(|shard| shard.to_string()),
                    cases: cases.iter().filter(|case| shard.has(&case.id)).count(),
                    runs: *runs,
                }),
                Progress::Started(case) => recording.tell(Event::Started { case }),
                _ => {}
            }
        };
        let record = follow_suite(
            &cases,
            Arc::clone(&subject.client),
            &options,
            interrupted.clone(),
            &tell,
            following,
        )
        .await;
        watcher.clear();
        let mut conclusions = record.conclude(suite, &subject.declared);
        weigh(
            suite,
            set.as_ref(),
            baseline,
            record.complete,
            &mut conclusions,
        );
        let about = RunDescription {
            client: subject.name.clone(),
            rerun: format!(
                "mcp-authspec run --spec {revision}{}{}",
                options_kept(arguments),
                subject.rerun
            ),
            seed: seed.clone(),
            shard: arguments
                .shard
                .filter(|shard| !shard.is_whole())
                .map(|shard| shard.to_string()),
            seconds: began.elapsed().as_micros() as f64 / 1e6,
            interrupted: *interrupted.borrow(),
            strict: arguments.strict,
            show_secrets: arguments.report.shows_secrets(),
        };
        let saved = saver.as_ref().map_or(Ok(()), |saver| {
            saver.end(&record, about.seconds, about.interrupted)
        });
        let one = Judged {
            record,
            conclusions,
            about,
        };
        recording.tell(Event::done(&one.report(suite)));
        unkept = recording.failure().or(saved.err().map(CliError::from));
        let stop = one.about.interrupted;
        judged.push(one);
        if stop || unkept.is_some() {
            break;
        }
    }
    Ok(Ran { judged, unkept })
}

/// Says which failures count: by the requirement set, and by the baseline.
fn weigh(
    suite: &Suite,
    set: Option<&RequirementSet>,
    baseline: Option<&Baseline>,
    complete: bool,
    conclusions: &mut Conclusions,
) {
    if let Some(set) = set {
        conclusions.score_by(set);
    }
    if let Some(baseline) = baseline {
        baseline.apply(suite, complete, conclusions);
    }
}

fn timeout(arguments: &RunArguments, subject: &Subject) -> Duration {
    arguments
        .timeout
        .map(Duration::from_secs_f64)
        .or(subject.about.timeout)
        .unwrap_or(TIMEOUT)
}

/// Options that a command which repeats the run needs as well.
fn options_kept(arguments: &RunArguments) -> String {
    let folders = arguments.scenarios.iter().map(|folder| {
        let folder = folder.display().to_string();
        format!(
            " --scenarios {}",
            shlex::try_quote(&folder)
                .map(|q| q.into_owned())
                .unwrap_or(folder)
        )
    });
    let set = arguments
        .requirements
        .map(|set| format!(" --requirements {set}"));
    folders.chain(set).collect()
}

/// What is to be run, for a run that is saved.
fn manifest(
    suite: &Suite,
    arguments: &RunArguments,
    subject: &Subject,
    seed: &str,
    selections: &[(Revision, Vec<&Case>)],
) -> Manifest {
    let complete = arguments.scenario.is_empty();
    let planned = |(revision, cases): &(Revision, Vec<&Case>)| {
        Planned::new(
            suite,
            *revision,
            complete,
            cases,
            &*subject.client,
            &subject.declared,
        )
    };
    Manifest {
        format: Manifest::FORMAT,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        rules: suite.rules_digest(),
        client: subject.name.clone(),
        rerun: format!("{}{}", options_kept(arguments), subject.rerun),
        requirements: arguments.requirements,
        declared: subject.declared.clone(),
        strict: arguments.strict,
        seeds: vec![seed.to_owned()],
        timeout: timeout(arguments, subject).as_secs_f64(),
        shards: Shards::one(arguments.shard.unwrap_or(Shard::WHOLE)),
        revisions: selections.iter().map(planned).collect(),
    }
}

/// Something no client can know beforehand.
fn fresh_seed() -> String {
    use std::hash::{BuildHasher, Hasher};
    // the standard library's hasher is keyed with random numbers of the operating system
    format!(
        "{:016x}",
        std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish()
    )
}
