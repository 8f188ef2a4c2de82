//! What a report says of a client that a server refuses: what the client did, what the server
//! answered, and why.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use mcp_authspec::driver::{Context, FunctionClient};
use mcp_authspec::judge::Declared;
use mcp_authspec::report::{Report, RunDescription};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request as it is written. `HOST` in it stands for the server's host and port.
async fn send(context: &Context, request: &str) -> std::io::Result<String> {
    let address = context.url.trim_start_matches("http://");
    let (host, _) = address.split_once('/').unwrap_or((address, ""));
    let mut stream = TcpStream::connect(host).await?;
    let request = request.replace("HOST", host).replace('\n', "\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// What the report observes in `plain/flow` about a client that sends one request and ends.
fn observed(request: &'static str) -> String {
    let suite = Suite::embedded().unwrap();
    let client = FunctionClient::new(move |context: Context| async move {
        send(&context, request).await.map(|_| ())
    });
    let options = SuiteOptions {
        jobs: 1,
        seed: "refusals".to_owned(),
        ..SuiteOptions::new(Revision::LATEST)
    };
    let cases = suite.select(Revision::LATEST, &["plain/flow".to_owned()]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let record = runtime.block_on(run_suite(&cases, Arc::new(client), &options));
    let conclusions = record.conclude(&suite, &Declared::default());
    let about = RunDescription::new("a client", "refusals");
    let report = Report::new(&suite, &record, &conclusions, &about);
    let report = serde_json::to_value(&report).unwrap();
    let observed = report["failures"][0]["observed"].as_array();
    let lines = observed.expect("the client has failed").iter();
    lines
        .map(|line| format!("{}\n", line.as_str().unwrap()))
        .collect()
}

#[test]
fn a_request_for_another_host_is_told_with_its_host() {
    insta::assert_snapshot!(observed(
        "POST /mcp HTTP/1.1\nHost: elsewhere.example\nConnection: close\nContent-Length: 0\n\n"
    ));
}

#[test]
fn a_malformed_request_is_told_with_the_server_s_reason() {
    insta::assert_snapshot!(observed(
        "POST /mcp HTTP/1.1\nHost: HOST\nAuthorization: Bearer made-up\nConnection: close\n\
         Content-Type: application/json\nContent-Length: 2\n\n{}"
    ));
}

#[test]
fn a_client_that_got_metadata_has_not_stopped_before_it() {
    insta::assert_snapshot!(observed(
        "GET /.well-known/oauth-protected-resource/mcp HTTP/1.1\nHost: HOST\nConnection: close\n\n"
    ));
}
