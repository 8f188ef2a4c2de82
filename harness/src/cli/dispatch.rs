//! Starts the command that the command line names.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use super::arguments::{Arguments, Command, ExplainArguments, ListArguments};
use super::baseline_command::{BaselineCommand, baseline};
use super::certify_command::certify;
use super::check_command::check;
use super::compare_command::compare;
use super::completions_and_manual::{completions, manual};
use super::console::{print, print_error, width};
use super::coverage_command::coverage;
use super::doctor_command::doctor;
use super::error::CliError;
use super::judge_command::{judge, merge, report};
use super::matrix_command::matrix;
use super::network_worker::serve_network;
use super::profiles_command::profiles;
use super::run_command::run;
use super::scenario_folders::load_suite;
use super::schema_command::schema;
use super::serve_command::serve;
use super::verify_command::verify_certificate;
use crate::machine::DescriptorLimit;
use crate::report::{
    explain_case, explain_requirement, list, list_official, reference_pages, suggest,
};
use crate::suite::Suite;

/// Does what the command line says, prints errors, and returns the exit code.
pub fn main() -> ExitCode {
    if let Some(code) = crate::driver::run_as_guard_if_asked() {
        return code;
    }
    let in_network = match crate::place::enter_private_network_if_asked() {
        Ok(in_network) => in_network,
        // it was told to whoever started this worker
        Err(_) => return ExitCode::SUCCESS,
    };
    DescriptorLimit::raise();
    let arguments = Arguments::parse();
    let result = if in_network {
        serve_in_network(arguments)
    } else {
        dispatch(arguments)
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            print_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Serves runs as a worker of the command that the arguments name.
fn serve_in_network(arguments: Arguments) -> Result<u8, CliError> {
    match arguments.command {
        None => serve_network(&arguments.run),
        Some(Command::Run(arguments)) => serve_network(&arguments),
        Some(Command::Baseline(BaselineCommand::Update { run, .. })) => serve_network(&run),
        Some(_) => Ok(0),
    }
}

/// Carries out the command and returns the exit code.
fn dispatch(arguments: Arguments) -> Result<u8, CliError> {
    match arguments.command {
        None => run(&arguments.run),
        Some(Command::Run(arguments)) => run(&arguments),
        Some(Command::Judge(arguments)) => judge(&arguments),
        Some(Command::Report(arguments)) => report(&arguments),
        Some(Command::Merge(arguments)) => merge(&arguments),
        Some(Command::Compare(arguments)) => compare(&arguments),
        Some(Command::Matrix(arguments)) => matrix(&arguments),
        Some(Command::Serve(arguments)) => serve(&arguments),
        Some(Command::Certify(arguments)) => certify(&arguments),
        Some(Command::Verify(arguments)) => verify_certificate(&arguments),
        Some(Command::Baseline(command)) => baseline(command),
        Some(Command::List(arguments)) => list_scenarios(&arguments),
        Some(Command::Profiles { format, scenarios }) => profiles(&load_suite(&scenarios)?, format),
        Some(Command::Coverage { format }) => coverage(format),
        Some(Command::Check { files }) => check(&files),
        Some(Command::Schema { name }) => schema(name),
        Some(Command::Doctor) => doctor(),
        Some(Command::ReferenceClient { arguments }) => Ok(run_reference_client(arguments)),
        Some(Command::Explain(arguments)) => explain(&arguments),
        Some(Command::Completions { shell }) => print(&completions(shell)?),
        Some(Command::Man) => print(&manual()?),
    }
}

fn list_scenarios(arguments: &ListArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    print(&if arguments.official {
        list_official(&suite, width())
    } else {
        let (plan, spec) = (arguments.plan, arguments.spec);
        let cases = plan.select(&suite, spec, arguments.variety, &|_| true);
        list(&cases, spec, width())
    })
}

fn run_reference_client(arguments: Vec<OsString>) -> u8 {
    let name = OsString::from("mcp-authspec reference-client");
    reference_client::cli::main(std::iter::once(name).chain(arguments))
}

fn explain(arguments: &ExplainArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    if let Some(folder) = &arguments.pages {
        return write_pages(&suite, folder);
    }
    let id = arguments.id.as_deref().unwrap_or_default();
    let profile = suite
        .cases
        .iter()
        .find(|case| case.profile_name() == Some(id));
    let id = profile.map_or(id, |case| case.id.as_str());
    let text = explain_case(&suite, id, width())
        .or_else(|| explain_requirement(&suite, id, width()))
        .ok_or_else(|| unknown_id(&suite, id))?;
    print(&text)
}

fn write_pages(suite: &Suite, folder: &Path) -> Result<u8, CliError> {
    for page in reference_pages(suite) {
        let path = folder.join(&page.path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|source| CliError::write(parent, source))?;
        std::fs::write(&path, &page.text).map_err(|source| CliError::write(&path, source))?;
    }
    Ok(0)
}

fn unknown_id(suite: &Suite, id: &str) -> CliError {
    let similar = suggest(suite, id);
    let help = if similar.is_empty() {
        "`mcp-authspec list` shows all scenarios".to_owned()
    } else {
        format!("did you mean {}?", similar.join(", "))
    };
    CliError::Usage(format!(
        "unknown scenario or requirement `{id}`\n  help: {help}"
    ))
}
