//! `run`: from options to a client, a run, reports and an exit code.

use std::sync::Arc;

use tokio::sync::watch;

use super::client_under_test::ClientUnderTest;
use super::error::CliError;
use super::judged_revision::{highest_exit_code, report_for};
use super::profiles_command::cases_of_profiles;
use super::report_output::ReportDestinations;
use super::revision_run::RevisionRunner;
use super::run_arguments::{NetworkOption, RunArguments};
use super::run_recording::{EventStream, Interrupt};
use super::scenario_folders::load_suite;
use super::signals::{exit_code_of_signal, listen_for_signals};
use crate::baseline::Baseline;
use crate::driver::Client;
use crate::exit_code;
use crate::machine::DescriptorLimit;
use crate::place::{PlaceError, PrivateNetwork, RunPlace};
use crate::report::Report;
use crate::requirements::RequirementSet;
use crate::saved::{JudgedRevision, Manifest, PlannedRevision, Saver, Shards};
use crate::scenario::model::{Capability, Case, Revision};
use crate::suite::{PlannedClient, Suite};

pub(super) fn run(arguments: &RunArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let destinations = ReportDestinations::new(&arguments.report)?;
    let completed = run_and_judge(&suite, arguments)?;
    let reports: Vec<Report> = completed
        .judged
        .iter()
        .map(|revision| report_for(revision, &suite, &destinations))
        .collect();
    destinations.write(&reports)?;
    completed.into_saved()?;
    let code = highest_exit_code(&reports);
    Ok(if code == exit_code::INTERRUPTED {
        exit_code_of_signal().unwrap_or(code)
    } else {
        code
    })
}

/// The results of a run of one or more revisions.
pub(super) struct CompletedRun {
    judged: Vec<JudgedRevision>,
    /// The error that kept transcripts or events from being saved.
    save_error: Option<CliError>,
}

impl CompletedRun {
    /// The results, if everything was saved that the user wanted to be saved.
    pub(super) fn into_saved(self) -> Result<Vec<JudgedRevision>, CliError> {
        self.save_error.map_or(Ok(self.judged), Err)
    }
}

/// Runs the suite in all requested revisions, and judges.
pub(super) fn run_and_judge(
    suite: &Suite,
    arguments: &RunArguments,
) -> Result<CompletedRun, CliError> {
    let mut client = ClientUnderTest::new(arguments)?;
    // a requirement set implies its revision, unless another revision is requested
    let requested = arguments
        .spec
        .as_deref()
        .or(arguments.requirements.map(Revision::as_str));
    let revisions = client.revisions(requested)?;
    let baseline = arguments.baseline.load(suite)?;
    check_machine(&*client.client)?;
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::harness)?;
    let timeout = client.timeout(arguments);
    runtime.block_on(client.exchange_hello(timeout))?;
    let selections = select_cases(suite, arguments, &client, &revisions)?;
    runtime.block_on(run_revisions(
        suite,
        arguments,
        &selections,
        &mut client,
        baseline.as_ref(),
    ))
}

/// Checks that the machine has what every run needs. What is missing here would be missing in each
/// run, and no run could be judged.
fn check_machine(client: &dyn Client) -> Result<(), CliError> {
    if let Some(limit) = DescriptorLimit::of_this_process() {
        limit.check()?;
    }
    if client.is_separate_process() {
        drop(tempfile::tempdir().map_err(CliError::temporary_folder)?);
    }
    Ok(())
}

/// The cases of one revision.
type Selection<'s> = (Revision, Vec<&'s Case>);

/// Selects the cases of each revision, and leaves out revisions without any.
fn select_cases<'s>(
    suite: &'s Suite,
    arguments: &RunArguments,
    client: &ClientUnderTest,
    revisions: &[Revision],
) -> Result<Vec<Selection<'s>>, CliError> {
    let mut patterns = arguments.patterns();
    patterns.extend(cases_of_profiles(suite, &arguments.profile)?);
    let planned = PlannedClient {
        declared: &client.declared,
        is_separate_process: client.client.is_separate_process(),
        is_driven_by_person: false,
    };
    let can_run = |case: &Case| planned.can_run(case);
    let select = |revision| match arguments.plan {
        Some(plan) => plan.select(suite, revision, arguments.variety, &can_run),
        None => suite.select_variety(revision, &patterns, arguments.variety),
    };
    let selections: Vec<Selection<'s>> = revisions
        .iter()
        .map(|revision| (*revision, select(*revision)))
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    if selections.is_empty() {
        let names: Vec<String> = revisions.iter().map(ToString::to_string).collect();
        return Err(CliError::Usage(format!(
            "no scenario of {} matches {}\n  help: `mcp-authspec list --spec {}` lists them",
            names.join(", "),
            patterns.join(", "),
            revisions.first().copied().unwrap_or(Revision::LATEST)
        )));
    }
    Ok(selections)
}

async fn run_revisions(
    suite: &Suite,
    arguments: &RunArguments,
    selections: &[Selection<'_>],
    client: &mut ClientUnderTest,
    baseline: Option<&Baseline>,
) -> Result<CompletedRun, CliError> {
    let interrupt: Interrupt = Arc::new(watch::channel(false).0);
    listen_for_signals(Arc::clone(&interrupt)).map_err(CliError::harness)?;
    let seed = arguments.chosen_seed().map_or_else(fresh_seed, Ok)?;
    if let Some((revision, cases)) = selections.first() {
        let timeout = client.timeout(arguments);
        client
            .probe(cases, *revision, &seed, timeout, interrupt.subscribe())
            .await?;
    }
    let place = open_place(arguments, selections).await?;
    let saver = match &arguments.record.save {
        Some(folder) => {
            let manifest = manifest(suite, arguments, client, &seed, selections, &place);
            Some(Saver::create(folder, &manifest)?)
        }
        None => None,
    };
    let requirement_set = arguments
        .requirements
        .map(RequirementSet::of)
        .transpose()
        .map_err(CliError::harness)?;
    let runner = RevisionRunner {
        suite,
        arguments,
        client,
        baseline,
        requirement_set,
        seed,
        place,
        saver,
        events: EventStream::create(arguments.record.events.as_ref())?,
        interrupt,
    };
    let mut completed = CompletedRun {
        judged: Vec::new(),
        save_error: None,
    };
    for (revision, cases) in selections {
        let (judged, save_error) = runner.run(*revision, cases).await;
        let interrupted = judged.about.interrupted;
        completed.judged.push(judged);
        completed.save_error = save_error;
        if interrupted || completed.save_error.is_some() {
            break;
        }
    }
    Ok(completed)
}

/// Makes a private network if the user wants one and a case needs it.
async fn open_place(
    arguments: &RunArguments,
    selections: &[Selection<'_>],
) -> Result<RunPlace, CliError> {
    let mut cases = selections.iter().flat_map(|(_, cases)| cases);
    let is_needed = cases.any(|case| case.needs.contains(&Capability::PrivateNetwork));
    if arguments.network == NetworkOption::Loopback || !is_needed {
        return Ok(RunPlace::Loopback);
    }
    let program = std::env::current_exe().map_err(CliError::harness)?;
    let network = PrivateNetwork::new(program, std::env::args_os().skip(1).collect());
    match network.check().await {
        Ok(()) => Ok(RunPlace::Private(Arc::new(network))),
        Err(error) if arguments.network == NetworkOption::Private => Err(CliError::Usage(format!(
            "this machine makes no private network: {error}\n  help: {}",
            PlaceError::REMEDY
        ))),
        Err(error) => Ok(RunPlace::NoPrivateNetwork {
            problem: error.to_string(),
        }),
    }
}

/// The manifest of a run that is saved.
fn manifest(
    suite: &Suite,
    arguments: &RunArguments,
    client: &ClientUnderTest,
    seed: &str,
    selections: &[Selection<'_>],
    place: &RunPlace,
) -> Manifest {
    let complete = arguments.is_complete();
    let planned = |(revision, cases): &Selection<'_>| {
        PlannedRevision::new(
            suite,
            *revision,
            complete,
            cases,
            &*client.client,
            &client.declared,
            place,
        )
    };
    Manifest {
        format: Manifest::FORMAT,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        rules: suite.rules_digest().to_owned(),
        client: client.name.clone(),
        rerun: format!("{}{}", arguments.options_to_repeat(), client.rerun),
        requirements: arguments.requirements,
        plan: arguments.plan,
        driven_by_person: false,
        declared: client.declared.clone(),
        strict: arguments.strict,
        seeds: vec![seed.to_owned()],
        timeout: client.timeout(arguments).as_secs_f64(),
        shards: Shards::one(arguments.shard()),
        revisions: selections.iter().map(planned).collect(),
    }
}

/// A seed that no client can know beforehand.
pub(super) fn fresh_seed() -> Result<String, CliError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(CliError::harness)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}
