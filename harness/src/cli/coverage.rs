//! `coverage`: runs the bundled client through every revision and shows what was checked.

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use mcp_authspec::driver::{Client, CommandClient, ReferenceClient};
use mcp_authspec::judge::Declared;
use mcp_authspec::report::Coverage;
use mcp_authspec::scenario::model::{Capability, Revision};
use mcp_authspec::suite::{Options, Shard, Suite, run_suite};

use reference_client::Kind;

use super::{CliError, print};

/// What fails for each defect; the self-test keeps it true.
const KILL_MATRIX: &str = include_str!("../../../fixtures/kill-matrix.toml");

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    Markdown,
    Json,
}

pub(super) fn coverage(form: Form) -> Result<u8, CliError> {
    let suite = Suite::embedded()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::Harness(e.to_string()))?;
    let mut runs = Vec::new();
    for &revision in Revision::ALL {
        let options = Options {
            revision,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            timeout: Duration::from_secs(30),
            grace: Duration::from_secs(3),
            seed: "coverage".to_owned(),
            declared: Declared::default(),
            complete: true,
            shard: Shard::WHOLE,
            keep: None,
        };
        for Bundled {
            client,
            declared,
            outside_only,
        } in clients()?
        {
            let options = Options {
                declared: declared.clone(),
                ..options.clone()
            };
            let (_open, interrupted) = tokio::sync::watch::channel(false);
            let mut cases = suite.select(revision, &[]);
            cases.retain(|case| !outside_only || case.needs.contains(&Capability::SeparateProcess));
            let record =
                runtime.block_on(run_suite(&cases, client, &options, interrupted, &|_| {}));
            runs.push(record.conclude(&suite, &declared));
        }
    }
    let coverage =
        Coverage::new(&suite, &runs, KILL_MATRIX).map_err(|e| CliError::Harness(e.to_string()))?;
    print(&match form {
        Form::Markdown => coverage.markdown(),
        Form::Json => format!(
            "{}\n",
            serde_json::to_string_pretty(&coverage)
                .map_err(|e| CliError::Harness(e.to_string()))?
        ),
    })
}

/// The bundled client in one of its forms.
struct Bundled {
    client: Arc<dyn Client>,
    declared: Declared,
    /// It runs only the cases that look at a program from outside.
    outside_only: bool,
}

/// The bundled client as every kind of application that it can be, and as a program of its own.
fn clients() -> Result<Vec<Bundled>, CliError> {
    let mut clients = Vec::new();
    for kind in [Kind::Terminal, Kind::App, Kind::Web] {
        let client = Arc::new(ReferenceClient::default().of_kind(kind));
        let (has, lacks) = client.capabilities();
        clients.push(Bundled {
            client,
            declared: Declared {
                has,
                lacks,
                ..Declared::default()
            },
            outside_only: false,
        });
    }
    let program = std::env::current_exe()
        .map_err(|e| CliError::Harness(format!("cannot find this program: {e}")))?;
    let words = vec![program.display().to_string(), "reference-client".to_owned()];
    let client = Arc::new(
        CommandClient::from_words(words, false).map_err(|e| CliError::Harness(e.to_string()))?,
    );
    let declared = Declared {
        has: ReferenceClient::default().capabilities().0,
        ..Declared::default()
    };
    clients.push(Bundled {
        client,
        declared,
        outside_only: true,
    });
    Ok(clients)
}
