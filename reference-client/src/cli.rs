//! The command line: the official contract in the environment, the MCP server's URL as last
//! argument.

use crate::{
    Config, Defect, Defects, Error, Kind, Store, System, defects, from_contract, persistent,
};
use clap::Parser;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// A conforming MCP client that can be broken in one named way at a time.
#[derive(Parser)]
#[command(name = "reference-client", version)]
struct Arguments {
    /// Break the client in this way (see --list-defects)
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<Defect>,
    /// Open no browser: load the authorization URL and read from the redirect what a browser would
    /// have brought, as test adapters do
    #[arg(long, conflicts_with = "persistent")]
    headless: bool,
    /// List all defects, with the requirements that they violate
    #[arg(long)]
    list_defects: bool,
    /// Keep registrations and tokens in this directory
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Serve one run after the other: a JSON line for each on standard input, and one on standard
    /// output
    #[arg(long, conflicts_with_all = ["list_defects", "store", "url"])]
    persistent: bool,
    /// The MCP server
    #[arg(required_unless_present_any = ["list_defects", "persistent"])]
    url: Option<String>,
}

/// Runs the client as a program: the first word is the program's name, the others its arguments.
/// Answers with the exit code: 0 the run succeeded, 1 it failed, 2 bad usage.
pub fn main(words: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = Arguments::parse_from(words);
    if arguments.persistent {
        return persistent::serve(&arguments.defects.into_iter().collect());
    }
    let Some(url) = arguments.url.filter(|_| !arguments.list_defects) else {
        list();
        return 0;
    };
    let defects: Defects = arguments.defects.into_iter().collect();
    match prepare(&url, arguments.store, defects) {
        Ok((config, store)) if arguments.headless => serve(
            &Config {
                kind: Kind::Headless,
                ..config
            },
            store,
        ),
        Ok((config, store)) => serve(&config, store),
        Err(error) => {
            eprintln!("error: {error}");
            2
        }
    }
}

fn prepare(
    url: &str,
    directory: Option<PathBuf>,
    defects: Defects,
) -> Result<(Config, Store), Error> {
    let config = from_contract(url, |name| std::env::var(name).ok(), defects)?;
    let store = open_store(
        directory.or_else(|| default_directory(|name| std::env::var_os(name))),
        &config.defects,
    )?;
    Ok((config, store))
}

/// The store in this directory, or in memory without one.
pub(crate) fn open_store(directory: Option<PathBuf>, defects: &Defects) -> Result<Store, Error> {
    let store = match directory {
        Some(directory) => Store::in_directory(directory)?,
        None => Store::in_memory(),
    };
    Ok(if defects.has(Defect::StoreReadable) {
        store.readable_by_everybody()
    } else {
        store
    })
}

fn serve(config: &Config, store: Store) -> u8 {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        eprintln!("error: the system gives no event loop");
        return 1;
    };
    let platform = Arc::new(System::from_environment(config.defects.clone()));
    match runtime.block_on(crate::run(config, platform, Arc::new(store))) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// `$XDG_STATE_HOME/reference-client`, or the like under `$HOME`.
pub(crate) fn default_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let directory = |name: &str| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = directory("XDG_STATE_HOME")
        .or_else(|| Some(directory("HOME")?.join(".local").join("state")))?;
    Some(state.join("reference-client"))
}

fn list() {
    for defect in defects() {
        println!(
            "{}: {} [{}]",
            defect.name,
            defect.summary,
            defect.breaks.join(" ")
        );
    }
}
