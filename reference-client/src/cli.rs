//! The command line. It follows the contract of the official conformance suite: settings come from
//! the environment, and the MCP server's URL is the last argument.

use crate::config::{ClientConfig, ModelAddress};
use crate::contract::from_contract;
use crate::defect::{Defect, Defects, defects};
use crate::error::ClientError;
use crate::persistent;
use crate::platform::SystemPlatform;
use crate::reference_client_kind::ReferenceClientKind;
use crate::store::Store;
use crate::store_directory::{default_directory, open_store};
use clap::Parser;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// A conforming MCP client that can be broken in one named way at a time.
#[derive(Parser)]
#[command(name = "reference-client", version)]
struct ReferenceClientArguments {
    /// Break the client in this way (see --list-defects)
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<Defect>,
    /// Open no browser: load the authorization URL and read the response from the redirect, as test
    /// adapters do
    #[arg(long, conflicts_with = "persistent")]
    headless: bool,
    /// Use this URL as that of the client's metadata document
    #[arg(long, value_name = "URL", conflicts_with = "persistent")]
    client_metadata_url: Option<String>,
    /// Always listen for the callback on this port. Without it, any free port will do
    #[arg(long, value_name = "PORT", conflicts_with = "persistent")]
    callback_port: Option<u16>,
    /// Be an agent: call the tools that the model at this base URL asks for (Chat Completions). The
    /// key is in MODEL_KEY
    #[arg(long, value_name = "URL", conflicts_with = "persistent")]
    model_url: Option<String>,
    /// List all defects, with the requirements that they violate
    #[arg(long)]
    list_defects: bool,
    /// Keep registrations and tokens in this directory
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Serve one run after the other: read a JSON line for each run from standard input, and write
    /// one to standard output
    #[arg(long, conflicts_with_all = ["list_defects", "store", "url"])]
    persistent: bool,
    /// URL of the MCP server
    #[arg(required_unless_present_any = ["list_defects", "persistent"])]
    url: Option<String>,
}

/// Runs the client as a program. The first word is the program's name, the others are its
/// arguments.
///
/// Returns the exit code: 0 if the run succeeded, 1 if it failed, 2 if the usage was wrong.
pub fn main(words: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = ReferenceClientArguments::parse_from(words);
    let defects: Defects = arguments.defects.into_iter().collect();
    if arguments.persistent {
        return persistent::serve(&defects);
    }
    let Some(url) = arguments.url.filter(|_| !arguments.list_defects) else {
        print_defects();
        return 0;
    };
    match prepare(&url, arguments.store, defects) {
        Ok((mut config, store)) => {
            config.client_metadata_url = arguments.client_metadata_url;
            config.callback_port = arguments.callback_port;
            if let Some(url) = arguments.model_url {
                let key = std::env::var("MODEL_KEY").unwrap_or_default();
                config.application = ReferenceClientKind::Agent;
                config.model = Some(ModelAddress { url, key });
            }
            if arguments.headless {
                config.application = ReferenceClientKind::Headless;
            }
            run_once(&config, store)
        }
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
) -> Result<(ClientConfig, Store), ClientError> {
    let config = from_contract(url, |name| std::env::var(name).ok(), defects)?;
    let directory = directory.or_else(|| default_directory(|name| std::env::var_os(name)));
    let store = open_store(directory, &config.defects)?;
    Ok((config, store))
}

fn run_once(config: &ClientConfig, store: Store) -> u8 {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start the async runtime: {error}");
            return 1;
        }
    };
    let platform = Arc::new(SystemPlatform::from_environment(config.defects.clone()));
    match runtime.block_on(crate::client::run(config, platform, Arc::new(store))) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// Prints the list. A reader that closes the pipe early, such as `head`, is no error.
fn print_defects() {
    let mut output = std::io::stdout().lock();
    for defect in defects() {
        let broken = defect.breaks.join(" ");
        if writeln!(output, "{}: {} [{broken}]", defect.name, defect.summary).is_err() {
            return;
        }
    }
}
