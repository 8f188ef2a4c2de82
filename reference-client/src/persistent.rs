//! Persistent mode: one process serves many runs. For each run it reads a line of JSON from
//! standard input and writes one to standard output.
//!
//! No state outlives a run, except what the client stores in the directory that the run names.

use crate::contract::from_contract;
use crate::defect::Defects;
use crate::error::ClientError;
use crate::platform::SystemPlatform;
use crate::store_directory::{default_directory, open_store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::sync::Arc;
use tokio::runtime::Runtime;

const PROTOCOL: u32 = 1;

/// The first line that the client writes.
#[derive(Serialize)]
struct ServedClient {
    protocol: u32,
    name: &'static str,
    version: &'static str,
}

/// A line that asks for one run.
#[derive(Deserialize)]
struct ServedRun {
    id: u64,
    url: String,
    scenario: String,
    protocol_version: String,
    context: serde_json::Value,
    environment: BTreeMap<String, String>,
}

/// The line that reports how a run ended.
#[derive(Serialize)]
struct ServedOutcome {
    id: u64,
    outcome: &'static str,
}

/// Serves runs until standard input ends.
///
/// Returns the exit code: 0 if the input ended, 1 if reading or writing failed, 2 if a line was not
/// a valid request.
pub(crate) fn serve(defects: &Defects) -> u8 {
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
    let greeting = ServedClient {
        protocol: PROTOCOL,
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    };
    if write_line(&greeting).is_err() {
        return 1;
    }
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return 1 };
        let run = match serde_json::from_str::<ServedRun>(&line) {
            Ok(run) => run,
            Err(error) => {
                eprintln!("error: invalid request line: {error}");
                return 2;
            }
        };
        let outcome = match perform_run(&runtime, &run, defects) {
            Ok(()) => "success",
            Err(_) => "failure",
        };
        if write_line(&ServedOutcome {
            id: run.id,
            outcome,
        })
        .is_err()
        {
            return 1;
        }
    }
    0
}

fn perform_run(runtime: &Runtime, run: &ServedRun, defects: &Defects) -> Result<(), ClientError> {
    let variable = |name: &str| run.environment.get(name).map(OsString::from);
    let contract = |name: &str| match name {
        "MCP_CONFORMANCE_PROTOCOL_VERSION" => Some(run.protocol_version.clone()),
        "MCP_CONFORMANCE_SCENARIO" => Some(run.scenario.clone()),
        "MCP_CONFORMANCE_CONTEXT" => Some(run.context.to_string()),
        _ => None,
    };
    let config = from_contract(&run.url, contract, defects.clone())?;
    let store = open_store(default_directory(variable), defects)?;
    let browser = variable("BROWSER");
    let platform = Arc::new(SystemPlatform::with_browser(browser, defects.clone()));
    runtime.block_on(crate::client::run(&config, platform, Arc::new(store)))
}

fn write_line(line: &impl Serialize) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}
