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
    run(Job {
        servers: context.servers,
        tools: context.call,
        at_once: context.at_once,
        version: context.revision.to_string(),
        credentials: context.credentials.map(|c| Credentials {
            client_id: c.client_id,
            client_secret: c.client_secret,
        }),
        folder: Some(context.storage),
        browser: Arc::new(move |url| {
            drop(browser.open(url));
            Ok(())
        }),
    })
    .await
}
