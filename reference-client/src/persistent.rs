//! Persistent mode: one process, a line of JSON for each run on standard input, and one on standard
//! output.
//!
//! Nothing outlives a run but what is stored in the folder that came with it.

use crate::cli::{default_directory, open_store};
use crate::{Defects, Error, System, from_contract};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::sync::Arc;
use tokio::runtime::Runtime;

const PROTOCOL: u32 = 1;

#[derive(Serialize)]
struct Hello {
    protocol: u32,
    name: &'static str,
    version: &'static str,
}

#[derive(Deserialize)]
struct Request {
    id: u64,
    url: String,
    scenario: String,
    protocol_version: String,
    context: serde_json::Value,
    environment: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Answer {
    id: u64,
    outcome: &'static str,
}

/// Serves until standard input ends. Answers with the exit code: 0 it ended, 1 the conversation
/// broke down, 2 a line was no request.
pub(crate) fn serve(defects: &Defects) -> u8 {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        eprintln!("error: the system gives no event loop");
        return 1;
    };
    if say(&Hello {
        protocol: PROTOCOL,
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    })
    .is_err()
    {
        return 1;
    }
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return 1 };
        let Ok(request) = serde_json::from_str::<Request>(&line) else {
            eprintln!("error: this line is no request");
            return 2;
        };
        let outcome = match drive(&runtime, &request, defects) {
            Ok(()) => "success",
            Err(_) => "failure",
        };
        if say(&Answer {
            id: request.id,
            outcome,
        })
        .is_err()
        {
            return 1;
        }
    }
    0
}

fn drive(runtime: &Runtime, request: &Request, defects: &Defects) -> Result<(), Error> {
    let variable = |name: &str| request.environment.get(name).map(OsString::from);
    let contract = |name: &str| match name {
        "MCP_CONFORMANCE_PROTOCOL_VERSION" => Some(request.protocol_version.clone()),
        "MCP_CONFORMANCE_SCENARIO" => Some(request.scenario.clone()),
        "MCP_CONFORMANCE_CONTEXT" => Some(request.context.to_string()),
        _ => None,
    };
    let config = from_contract(&request.url, contract, defects.clone())?;
    let store = open_store(default_directory(variable), defects)?;
    let platform = Arc::new(System::with_browser(variable("BROWSER"), defects.clone()));
    runtime.block_on(crate::run(&config, platform, Arc::new(store)))
}

fn say(line: &impl Serialize) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}
