//! `coverage`: runs the bundled client through every revision and shows what was checked.

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use mcp_authspec::driver::ReferenceClient;
use mcp_authspec::judge::Declared;
use mcp_authspec::report::Coverage;
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Options, Suite, run_suite};

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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| CliError::Harness(e.to_string()))?;
    let declared = Declared { has: ReferenceClient::capabilities().collect(), ..Declared::default() };
    let mut runs = Vec::new();
    for &revision in Revision::ALL {
        let options = Options {
            revision,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            timeout: Duration::from_secs(30),
            seed: "coverage".to_owned(),
            declared: declared.clone(),
            complete: true,
            keep: None,
        };
        let (_open, interrupted) = tokio::sync::watch::channel(false);
        let client = Arc::new(ReferenceClient::default());
        let record = runtime.block_on(run_suite(&suite.select(revision, &[]), client, &options, interrupted, &|_| {}));
        runs.push(record.conclude(&suite, &declared));
    }
    let coverage = Coverage::new(&suite, &runs, KILL_MATRIX).map_err(|e| CliError::Harness(e.to_string()))?;
    print(&match form {
        Form::Markdown => coverage.markdown(),
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&coverage).map_err(|e| CliError::Harness(e.to_string()))?),
    })
}
