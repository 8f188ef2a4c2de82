//! `run`: from options to a client, a run, a report and an exit code.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mcp_authspec::driver::{Client, CommandClient, ReferenceClient};
use mcp_authspec::judge::Declared;
use mcp_authspec::report::{About, Report};
use mcp_authspec::requirements::Capability;
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Options, Progress, Suite, run_suite};
use tokio::sync::watch;

use super::output::Outputs;
use super::{CliError, RunArguments, revision};

pub(super) fn run(arguments: RunArguments) -> Result<u8, CliError> {
    let suite = Suite::embedded()?;
    let revisions = if arguments.spec == "all" {
        Revision::ALL.to_vec()
    } else {
        let one = revision(&arguments.spec)
            .map_err(|e| CliError::Usage(format!("--spec: {e}, all\n  help: the newest is {}", Revision::LATEST)))?;
        vec![one]
    };
    if !(arguments.timeout.is_finite() && arguments.timeout > 0.0) {
        return Err(CliError::Usage("--timeout: a number of seconds greater than 0\n  help: the default is 30".to_owned()));
    }
    let subject = Subject::of(&arguments)?;
    let outputs = Outputs::of(&arguments.report)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| CliError::Harness(e.to_string()))?;
    let reports = runtime.block_on(all_revisions(&suite, &arguments, &revisions, &subject))?;
    outputs.write(&reports)?;
    Ok(reports.iter().map(Report::exit_code).max().unwrap_or_default())
}

/// The client under test and how it is called.
struct Subject {
    client: Arc<dyn Client>,
    name: String,
    /// What comes behind the options in a command that makes this run again.
    rerun: String,
    declared: Declared,
}

impl Subject {
    fn of(arguments: &RunArguments) -> Result<Self, CliError> {
        let mut declared = Declared { has: words("--capability", &arguments.capability)?, lacks: words("--lacks", &arguments.lacks)? };
        if let Some(both) = declared.has.intersection(&declared.lacks).next() {
            return Err(CliError::Usage(format!("`{both}` is given to --capability and to --lacks\n  help: say one or the other")));
        }
        if let Some(line) = &arguments.command {
            let client = Arc::new(CommandClient::from_line(line, arguments.named)?);
            let quoted = shlex::try_quote(line).map(|q| q.into_owned()).unwrap_or_else(|_| line.clone());
            return Ok(Self { client, name: line.clone(), rerun: format!(" --command {quoted}"), declared });
        }
        if !arguments.client.is_empty() {
            let client = Arc::new(CommandClient::from_words(arguments.client.clone(), arguments.named)?);
            let name = shlex::try_join(arguments.client.iter().map(String::as_str)).unwrap_or_else(|_| arguments.client.join(" "));
            return Ok(Self { client, rerun: format!(" -- {name}"), name, declared });
        }
        declared.has.extend(ReferenceClient::capabilities());
        let (defects, name, rerun) = match &arguments.defect {
            None => (reference_client::Defects::none(), "the bundled reference client".to_owned(), String::new()),
            Some(name) => {
                let help = "help: `mcp-authspec reference-client --list-defects` lists them";
                let defect = name.parse().map_err(|_| CliError::Usage(format!("no defect is called `{name}`\n  {help}")))?;
                let called = format!("the bundled reference client with the defect {name}");
                (reference_client::Defects::only(defect), called, format!(" --defect {name}"))
            }
        };
        Ok(Self { client: Arc::new(ReferenceClient::with_defects(defects)), name, rerun, declared })
    }
}

fn words(option: &str, given: &[String]) -> Result<BTreeSet<String>, CliError> {
    let known = |word: &String| {
        word.parse::<Capability>()
            .map(|_| word.clone())
            .map_err(|e| CliError::Usage(format!("{option}: {e}\n  help: fixtures/requirements/README.md tells what each word means")))
    };
    given.iter().map(known).collect()
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
            jobs: arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            timeout: Duration::from_secs_f64(arguments.timeout),
            seed: seed.clone(),
            declared: subject.declared.clone(),
            complete: arguments.scenario.is_empty(),
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
        let spec = &arguments.spec;
        return Err(CliError::Usage(format!(
            "no scenario of {spec} fits {patterns}\n  help: `mcp-authspec list --spec {spec}` shows them"
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
