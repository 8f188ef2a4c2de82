//! `coverage`: runs the bundled client through every revision and shows what was checked.

use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;
use reference_client::ReferenceClientKind;

use super::console::print;
use super::error::CliError;
use crate::driver::{Client, CommandClient, ReferenceClient};
use crate::judge::{Conclusions, Declared};
use crate::place::{PrivateNetwork, RunPlace};
use crate::report::Coverage;
use crate::scenario::model::{Capability, Revision};
use crate::suite::{Suite, SuiteOptions, run_suite};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CoverageFormat {
    Markdown,
    Json,
}

pub(super) fn coverage(format: CoverageFormat) -> Result<u8, CliError> {
    let suite = Suite::embedded()?;
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::harness)?;
    let mut runs = Vec::new();
    for &revision in Revision::ALL {
        for client in runtime.block_on(bundled_clients())? {
            runs.push(runtime.block_on(client.run(&suite, revision)));
        }
    }
    let coverage =
        Coverage::new(&suite, &runs, fixtures::KILL_MATRIX).map_err(CliError::harness)?;
    print(&match format {
        CoverageFormat::Markdown => coverage.markdown(),
        CoverageFormat::Json => {
            let json = serde_json::to_string_pretty(&coverage).map_err(CliError::harness)?;
            format!("{json}\n")
        }
    })
}

/// The bundled client in one of its forms.
struct BundledClient {
    client: Arc<dyn Client>,
    declared: Declared,
    place: RunPlace,
    /// It runs only the cases that need this; the others were run in another form.
    only_needing: Option<Capability>,
}

impl BundledClient {
    async fn run(self, suite: &Suite, revision: Revision) -> Conclusions {
        let mut cases = suite.select(revision, &[]);
        if let Some(need) = self.only_needing {
            cases.retain(|case| case.needs.contains(&need));
        }
        let options = SuiteOptions {
            seed: "coverage".to_owned(),
            declared: self.declared,
            complete: true,
            place: self.place,
            ..SuiteOptions::new(revision)
        };
        let record = run_suite(&cases, self.client, &options).await;
        record.conclude(suite, &options.declared)
    }
}

/// The bundled client as every kind of application that it can be, and as a program of its own.
async fn bundled_clients() -> Result<Vec<BundledClient>, CliError> {
    let program = std::env::current_exe()
        .map_err(|error| CliError::Harness(format!("cannot find this program: {error}")))?;
    let mut clients = Vec::new();
    for kind in [
        ReferenceClientKind::Terminal,
        ReferenceClientKind::App,
        ReferenceClientKind::Web,
        ReferenceClientKind::Agent,
    ] {
        let client = ReferenceClient::default().of_kind(kind);
        let (has, lacks) = client.capabilities();
        clients.push(BundledClient {
            place: place_for(&client, &program).await,
            client: Arc::new(client),
            declared: Declared {
                has,
                lacks,
                ..Declared::default()
            },
            only_needing: (kind == ReferenceClientKind::Agent).then_some(Capability::AsksModel),
        });
    }
    let words = vec![program.display().to_string(), "reference-client".to_owned()];
    let client = CommandClient::from_words(words, false).map_err(CliError::harness)?;
    clients.push(BundledClient {
        client: Arc::new(client),
        place: RunPlace::Loopback,
        declared: Declared {
            has: ReferenceClient::default().capabilities().0,
            ..Declared::default()
        },
        only_needing: Some(Capability::SeparateProcess),
    });
    Ok(clients)
}

/// A private network for the bundled client, if this machine can make one.
async fn place_for(client: &ReferenceClient, program: &Path) -> RunPlace {
    let mut arguments = vec!["run".into()];
    arguments.extend(client.options());
    let network = PrivateNetwork::new(program.to_owned(), arguments);
    match network.check().await {
        Ok(()) => RunPlace::Private(Arc::new(network)),
        Err(_) => RunPlace::Loopback,
    }
}
