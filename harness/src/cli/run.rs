//! `run`: from options to a client, a run, a report and an exit code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mcp_authspec::report::{About, Report};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Options, Progress, Suite, run_suite};
use tokio::sync::watch;

use super::output::Outputs;
use super::subject::Subject;
use super::{CliError, RunArguments};

/// How long one start of the client may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn run(arguments: RunArguments) -> Result<u8, CliError> {
    let suite = Suite::embedded()?;
    if arguments.timeout.is_some_and(|seconds| !(seconds.is_finite() && seconds > 0.0)) {
        return Err(CliError::Usage("--timeout: a number of seconds greater than 0\n  help: the default is 30".to_owned()));
    }
    let subject = Subject::of(&arguments)?;
    let revisions = subject.revisions(arguments.spec.as_deref())?;
    let outputs = Outputs::of(&arguments.report)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| CliError::Harness(e.to_string()))?;
    let reports = runtime.block_on(all_revisions(&suite, &arguments, &revisions, &subject))?;
    outputs.write(&reports)?;
    Ok(reports.iter().map(Report::exit_code).max().unwrap_or_default())
}

async fn all_revisions(
    suite: &Suite,
    arguments: &RunArguments,
    revisions: &[Revision],
    subject: &Subject,
) -> Result<Vec<Report>, CliError> {
    let (interrupt, interrupted) = watch::channel(false);
    tokio::spawn(async move {
        end_of_patience().await;
        let _ = interrupt.send(true);
        // a second signal ends the program at once
        end_of_patience().await;
        std::process::exit(130);
    });
    let mut reports = Vec::new();
    for &revision in revisions {
        let cases = suite.select(revision, &arguments.scenario);
        if cases.is_empty() {
            continue;
        }
        let seed = arguments.seed.clone().unwrap_or_else(fresh_seed);
        let options = Options {
            revision,
            jobs: arguments.jobs.or(subject.about.jobs).unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            timeout: arguments.timeout.map(Duration::from_secs_f64).or(subject.about.timeout).unwrap_or(TIMEOUT),
            seed: seed.clone(),
            declared: subject.declared.clone(),
            complete: arguments.scenario.is_empty(),
            keep: arguments.sandbox.keep.as_ref().map(|folder| folder.join(revision.as_str())),
        };
        let bar = Bar::new();
        let began = Instant::now();
        let record = run_suite(&cases, Arc::clone(&subject.client), &options, interrupted.clone(), &|progress| bar.tell(&progress)).await;
        bar.clear();
        let conclusions = record.conclude(suite, &subject.declared);
        let about = About {
            client: subject.name.clone(),
            rerun: format!("mcp-authspec run --spec {revision}{}", subject.rerun),
            seed,
            seconds: began.elapsed().as_secs_f64(),
            interrupted: *interrupted.borrow(),
            strict: arguments.strict,
            show_secrets: arguments.report.shows_secrets(),
        };
        reports.push(Report::new(suite, &record, &conclusions, &about));
        if about.interrupted {
            break;
        }
    }
    if reports.is_empty() {
        let patterns = arguments.scenario.join(", ");
        let spec = revisions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(CliError::Usage(format!(
            "no scenario of {spec} fits {patterns}\n  help: `mcp-authspec list --spec {}` shows them",
            revisions.first().copied().unwrap_or(Revision::LATEST)
        )));
    }
    Ok(reports)
}

/// A bar on a terminal, nothing in a pipe.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn tell(&self, progress: &Progress) {
        match progress {
            Progress::Planned(runs) => self.0.set_length(*runs as u64),
            Progress::Started(case) => self.0.set_message(case.clone()),
            Progress::Finished(_) => self.0.inc(1),
        }
    }

    fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Ctrl-C, or a polite request to end.
async fn end_of_patience() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Something no client can know beforehand.
fn fresh_seed() -> String {
    use std::hash::{BuildHasher, Hasher};
    // the standard library's hasher is keyed with random numbers of the operating system
    format!("{:016x}", std::collections::hash_map::RandomState::new().build_hasher().finish())
}
