//! `run`: from options to a client, a run, a report and an exit code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mcp_authspec::report::{About, Report};
use mcp_authspec::requirements::RequirementSet;
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Options, Suite, follow_suite};
use tokio::sync::watch;

use super::output::Outputs;
use super::subject::Subject;
use super::{CliError, RunArguments, own};

/// How long one start of the client may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn run(arguments: RunArguments) -> Result<u8, CliError> {
    let suite = own::suite(&arguments.scenarios)?;
    if arguments.timeout.is_some_and(|seconds| !(seconds.is_finite() && seconds > 0.0)) {
        return Err(CliError::Usage("--timeout: a number of seconds greater than 0\n  help: the default is 30".to_owned()));
    }
    let subject = Subject::of(&arguments)?;
    // who asks for the requirements of a revision means that revision, if no other is named
    let asked = arguments.spec.as_deref().or(arguments.requirements.map(Revision::as_str));
    let revisions = subject.revisions(asked)?;
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
            grace: arguments.progress.grace,
            seed: seed.clone(),
            declared: subject.declared.clone(),
            complete: arguments.scenario.is_empty(),
            keep: arguments.sandbox.keep.as_ref().map(|folder| folder.join(revision.as_str())),
        };
        let watcher = arguments.progress.watcher();
        let began = Instant::now();
        let client = Arc::clone(&subject.client);
        let following = Some(arguments.progress.following(suite, arguments.strict));
        let record = follow_suite(&cases, client, &options, interrupted.clone(), &|p| watcher.tell(&p), following).await;
        watcher.clear();
        let mut conclusions = record.conclude(suite, &subject.declared);
        if let Some(set) = arguments.requirements {
            conclusions = conclusions.scored_by(&RequirementSet::of(set).map_err(|e| CliError::Harness(e.to_string()))?);
        }
        let about = About {
            client: subject.name.clone(),
            rerun: format!("mcp-authspec run --spec {revision}{}{}", options_kept(arguments), subject.rerun),
            seed,
            seconds: began.elapsed().as_secs_f64(),
            interrupted: *interrupted.borrow(),
            strict: arguments.strict,
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

/// Options that a command which repeats the run needs as well.
fn options_kept(arguments: &RunArguments) -> String {
    let folders = arguments.scenarios.iter().map(|folder| {
        let folder = folder.display().to_string();
        format!(" --scenarios {}", shlex::try_quote(&folder).map(|q| q.into_owned()).unwrap_or(folder))
    });
    let set = arguments.requirements.map(|set| format!(" --requirements {set}"));
    folders.chain(set).collect()
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
