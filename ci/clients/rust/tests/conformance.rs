//! The suite on rmcp, in this process: a test for each scenario.

use std::process::ExitCode;
use std::sync::Arc;

use mcp_authspec::{Context, Subject, libtest_main};
use mcp_authspec_rmcp::{Credentials, Failure, Job, run};

fn main() -> ExitCode {
    libtest_main(Subject::from(drive))
}

async fn drive(context: Context) -> Result<(), Failure> {
    let browser = context.browser.clone();
    let provision = &context.provision;
    let credentials = provision.client_id().map(|client_id| Credentials {
        client_id: client_id.to_owned(),
        client_secret: provision.client_secret().map(str::to_owned),
    });
    run(Job {
        servers: context.servers,
        tools: context.call,
        at_once: context.at_once,
        version: context.revision.to_string(),
        credentials,
        folder: Some(context.storage),
        browser: Arc::new(move |url| {
            drop(browser.open(url));
            Ok(())
        }),
    })
    .await
}
