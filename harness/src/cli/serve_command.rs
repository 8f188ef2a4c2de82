//! `serve`: a live page for a client that a person drives.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::sync::watch;

use super::console::print;
use super::error::CliError;
use super::option_values::Seconds;
use super::run_command::fresh_seed;
use super::run_recording::Interrupt;
use super::scenario_folders::load_suite;
use super::signals::{exit_code_of_signal, listen_for_signals};
use crate::certificate::seed_of_challenge;
use crate::exit_code::INTERRUPTED;
use crate::live::{LivePage, LiveService, LiveSettings, bind_page};

/// Options of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Where the run is saved: an empty folder, or one to be created
    #[arg(long, value_name = "FOLDER", default_value = "mcp-authspec-live")]
    save: PathBuf,
    /// Go on with the run that is saved there
    #[arg(long)]
    resume: bool,
    /// Address of the page, on this machine; port 0 stands for any free one
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        value_parser = parse_loopback
    )]
    listen: SocketAddr,
    /// Seconds after which a world is shut down that nobody has finished
    #[arg(long, value_name = "SECONDS", default_value = "3600")]
    ttl: Seconds,
    /// Only cases of the plan whose id matches; `*` stands for any text. Can be given more than
    /// once
    #[arg(long, value_name = "GLOB")]
    scenario: Vec<String>,
    /// A folder with scenario files of your own. Can be given more than once
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// The text from which all random values are derived
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// Answer a challenge: all secrets of the mock servers follow from this text
    /// (`mcp-authspec verify --challenge`)
    #[arg(long, value_name = "TEXT", conflicts_with = "seed")]
    challenge: Option<String>,
}

pub(super) fn serve(arguments: &ServeArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let challenge = arguments.challenge.as_deref().map(seed_of_challenge);
    let seed = challenge.or_else(|| arguments.seed.clone());
    let service = LiveService::new(
        suite,
        LiveSettings {
            folder: arguments.save.clone(),
            patterns: arguments.scenario.clone(),
            seed: seed.map_or_else(fresh_seed, Ok)?,
            ttl: arguments.ttl.0,
        },
    );
    if arguments.resume {
        service.resume()?;
    } else {
        check_folder(arguments)?;
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::harness)?;
    let served = runtime.block_on(async {
        let page = bind_page(Arc::new(service), arguments.listen).await?;
        let folder = arguments.save.display();
        print(&format!(
            "The page is at {}\nThe run is saved in {folder}. Ctrl-C ends the page; \
             `mcp-authspec serve --resume --save {folder}` goes on.\n",
            page.url()
        ))?;
        serve_until_interrupted(page).await
    });
    // connections that stay open must not keep the program from ending
    runtime.shutdown_background();
    served
}

async fn serve_until_interrupted(page: LivePage) -> Result<u8, CliError> {
    let interrupt: Interrupt = Arc::new(watch::channel(false).0);
    let mut interrupted = interrupt.subscribe();
    listen_for_signals(interrupt).map_err(CliError::harness)?;
    tokio::select! {
        served = page.serve() => served?,
        _ = interrupted.wait_for(|interrupted| *interrupted) => {}
    }
    // the page has no other end, so this is no failure
    Ok(exit_code_of_signal()
        .filter(|code| *code != INTERRUPTED)
        .unwrap_or(0))
}

/// Says what to do about a folder that holds a run already, before the person has chosen anything.
fn check_folder(arguments: &ServeArguments) -> Result<(), CliError> {
    let entries = std::fs::read_dir(&arguments.save);
    if entries.is_ok_and(|mut entries| entries.next().is_some()) {
        let folder = arguments.save.display();
        return Err(CliError::Usage(format!(
            "the folder {folder} is not empty\n  help: go on with the run in it with --resume, or \
             choose another folder with --save"
        )));
    }
    Ok(())
}

fn parse_loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "expected an address with a port, such as 127.0.0.1:8080".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("expected an address of this machine, such as 127.0.0.1:8080".to_owned())
    }
}
