//! The client as a program: one job from the command line and the environment, or one after the
//! other in persistent mode.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use mcp_authspec_rmcp::{Credentials, Failure, Job, run};
use serde_json::{Value, json};

fn main() -> ExitCode {
    if std::env::var_os("MCP_AUTHSPEC_PERSISTENT").is_some() {
        return serve();
    }
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: mcp-authspec-rmcp SERVER_URL");
        return ExitCode::FAILURE;
    };
    let context = variable("MCP_CONFORMANCE_CONTEXT")
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let version = variable("MCP_CONFORMANCE_PROTOCOL_VERSION").unwrap_or_default();
    match attempt(&url, &context, &version, variable) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", one_line(&*failure));
            ExitCode::FAILURE
        }
    }
}

/// Persistent mode (../PERSISTENT.md): reads a line of JSON for each job, and writes one.
fn serve() -> ExitCode {
    let write_line = |line: Value| {
        println!("{line}");
        let _ = std::io::stdout().flush();
    };
    write_line(json!({
        "protocol": 1, "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION"),
        "capabilities": ["speaks-2025-03-26", "verbose"],
    }));
    for line in std::io::stdin().lock().lines() {
        let Some(request) = line
            .ok()
            .and_then(|line| serde_json::from_str::<Value>(&line).ok())
        else {
            return ExitCode::FAILURE;
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let variable = |name: &str| text(&request["environment"][name]);
        let (url, version) = (
            text(&request["url"]).unwrap_or_default(),
            text(&request["protocol_version"]).unwrap_or_default(),
        );
        let outcome = attempt(&url, &request["context"], &version, variable);
        write_line(match outcome {
            Ok(()) => json!({"id": request["id"], "outcome": "success"}),
            Err(failure) => {
                json!({"id": request["id"], "outcome": "failure", "message": one_line(&*failure)})
            }
        });
    }
    ExitCode::SUCCESS
}

/// Runs one job, in a runtime of its own.
fn attempt(
    url: &str,
    context: &Value,
    version: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    let extra = &context["authspec"];
    let texts = |value: &Value| {
        value.as_array().map(|all| {
            all.iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        })
    };
    let verbose = extra["verbose"] == true;
    let browser = variable("BROWSER").unwrap_or_else(|| "xdg-open".to_owned());
    let job = Job {
        servers: texts(&extra["servers"]).unwrap_or_else(|| vec![url.to_owned()]),
        tools: texts(&extra["call"]).unwrap_or_else(|| vec!["test-tool".to_owned()]),
        at_once: extra["at_once"] == true,
        version: version.to_owned(),
        credentials: context["client_id"].as_str().map(|client_id| Credentials {
            client_id: client_id.to_owned(),
            client_secret: context["client_secret"].as_str().map(str::to_owned),
        }),
        folder: state_folder(variable),
        browser: Arc::new(move |url| open(&browser, url)),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .finish();
    let _logging = verbose.then(|| tracing::subscriber::set_default(subscriber));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(job))
}

fn state_folder(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let state = variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&variable("HOME")?).join(".local/state")))?;
    Some(state.join(env!("CARGO_PKG_NAME")))
}

/// Starts the browser without a shell and without this process's streams.
fn open(browser: &str, url: &str) -> Result<(), Failure> {
    let mut command = Command::new(browser);
    command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
        .spawn()
        .map_err(|error| format!("cannot open the browser: {error}"))?;
    Ok(())
}

/// A failure and its causes in one line. The text may come from a server, so control characters
/// must not reach a terminal.
fn one_line(failure: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(
        Some(failure),
        |error: &&(dyn std::error::Error + 'static)| (*error).source(),
    )
    .map(ToString::to_string);
    let text = causes.collect::<Vec<_>>().join(": ");
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    words
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(500)
        .collect()
}
