//! The suite as a test target, with the bundled reference client as the client under test:
//! `cargo run --example libtest --features libtest -- iss`.
//!
//! In your own crate, put this into `tests/conformance.rs`, with `harness = false` for the target
//! in `Cargo.toml`.

use std::process::ExitCode;
use std::sync::Arc;

use mcp_authspec::{Capability, Context, Subject, libtest_main};
use reference_client::{BrowserClosed, ClientConfig, Platform, Store};

fn main() -> ExitCode {
    libtest_main(Subject::from(client).has([
        Capability::Refresh,
        Capability::KeepsState,
        Capability::SeveralServers,
    ]))
}

/// Runs the client with the servers, the browser and the storage folder of the context.
async fn client(context: Context) -> Result<(), reference_client::ClientError> {
    let revision = context
        .revision
        .as_str()
        .parse()
        .map_err(|_| reference_client::ClientError::Internal)?;
    let config = ClientConfig {
        servers: context.servers.clone(),
        call: context.call.clone(),
        at_once: context.at_once,
        ..ClientConfig::new(revision, &context.url)
    };
    let store = Store::in_directory(&context.storage)?;
    reference_client::run(&config, Arc::new(SuitePlatform(context)), Arc::new(store)).await
}

/// Connects the client with the suite: its browser, and its output.
struct SuitePlatform(Context);

impl Platform for SuitePlatform {
    fn open_url(&self, url: &str) -> std::io::Result<BrowserClosed> {
        let window = self.0.browser.open(url);
        Ok(Box::pin(async move {
            window.await;
            None
        }))
    }

    fn print(&self, line: &str) {
        self.0.show(line);
    }

    fn print_error(&self, line: &str) {
        self.0.show(line);
    }
}
