//! Clients from a file and from options: what is set up around them, how the harness talks to them,
//! and what it learns about them before the run.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;
use std::process::Output;

use common::{PROGRAM, text};

fn run(arguments: &[&str]) -> Output {
    common::run(&[&["run"], arguments].concat())
}

/// Writes a client file into a new folder.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.toml");
    std::fs::write(&path, text).unwrap();
    let shown = path.to_str().unwrap().to_owned();
    (folder, shown)
}

fn passes(arguments: &[&str]) {
    let output = run(arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn errors_of_a_client_file_show_the_place_and_the_remedy() {
    let (folder, path) = file(
        "command = [\"sh\"]\nadaptor = \"stdio\"\nenv = { MCP_CONFORMANCE_CONTEXT = \"{}\" }\n",
    );
    let output = run(&["--client", &path]);
    assert_eq!(output.status.code(), Some(2));
    let hidden = |text: String, folder: &Path| text.replace(folder.to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(hidden(text(&output.stderr), folder.path()));
    let (folder, path) = file("kind = \"native\"\n");
    insta::assert_snapshot!(hidden(
        text(&run(&["--client", &path]).stderr),
        folder.path()
    ));
}

#[test]
fn a_client_can_read_the_url_from_its_configuration_and_run_in_a_terminal() {
    let (_folder, path) = file(&format!(
        r#"
name = "configured"
command = [
  "sh",
  "-c",
  "test -t 1 && exec '{PROGRAM}' reference-client \"$(cat \"$HOME/servers\")\"",
]
setup = [["sh", "-c", "echo \"$0\" >\"$HOME/servers\"", "{{url}}"]]
teardown = [["sh", "-c", "rm \"$0/servers\"", "{{home}}"]]
adapter = "none"
pty = true
cwd = "sandbox"
spec = ["2026-07-28"]
"#
    ));
    let keep = tempfile::tempdir().unwrap();
    let output = run(&[
        "--client",
        &path,
        "--scenario",
        "plain/flow",
        "--format",
        "json",
        "--keep",
        keep.path().to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["client"], &report["revision"]),
        (&"configured".into(), &"2026-07-28".into())
    );
    let home = keep.path().join("2026-07-28/plain-flow/home");
    assert!(home.is_dir() && !home.join("servers").exists(), "torn down");
}

#[test]
fn a_setup_command_that_fails_ends_the_run_with_exit_code_3() {
    let setup = "sh -c 'echo no such server >&2; exit 3'";
    let output = run(&[
        "--scenario",
        "plain/flow",
        "--probe=false",
        "--setup",
        setup,
        "--",
        PROGRAM,
        "reference-client",
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
}

#[test]
fn every_option_of_a_file_works_on_the_command_line() {
    let command = format!("'{PROGRAM}' reference-client {{url}}");
    let words = [
        "--scenario",
        "plain/flow",
        "--name",
        "mine",
        "--command",
        &command,
        "--with-credentials",
        "--id {client_id}",
        "--setup",
        "true",
        "--teardown",
        "true",
        "--cwd",
        "sandbox",
        "--env",
        "A={home}",
        "--pass-env",
        "LANG",
        "--adapter",
        "none",
        "--pty=false",
        "--probe=false",
        "--named=false",
        "--timeout",
        "20",
        "--jobs",
        "1",
        "--spec",
        "2026-07-28",
        "--registration",
        "dcr",
        "--registration",
        "cimd",
        "--kind",
        "native",
        "--refresh=true",
        "--has",
        "serves-pages",
        "--lacks",
        "keeps-state",
    ];
    passes(&words);
}

#[test]
fn flows_whose_name_an_adapter_rejects_are_not_applicable() {
    let client = "case $MCP_CONFORMANCE_SCENARIO in \
                  auth/metadata-default) exec \"$0\" reference-client \"$@\" ;; \
                  *) exit 1 ;; esac";
    let scenarios = [
        "--scenario",
        "plain/flow",
        "--scenario",
        "reg/pre-registered-only",
        "--format",
        "json",
    ];
    let report = |more: &[&str]| {
        let output = run(&[&scenarios[..], more, &["--", "sh", "-c", client, PROGRAM]].concat());
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let told = report(&[])["not_run"].to_string();
    assert!(
        told.contains(
            "the adapter fails on `auth/pre-registration` as it does on a name that does not exist"
        ),
        "{told}"
    );
    let unprobed = report(&["--probe=false"])["not_run"].to_string();
    assert!(!unprobed.contains("the adapter fails"), "{unprobed}");
}

#[test]
fn a_client_that_is_idle_after_an_error_counts_as_stopped() {
    let client = [
        "sh",
        "-c",
        "\"$0\" reference-client \"$@\"; exec sleep 1000",
        PROGRAM,
    ];
    let run = run(&[
        &[
            "--scenario",
            "iss/error-of-the-right-server",
            "--grace",
            "1",
            "--format",
            "json",
            "--",
        ],
        &client[..],
    ]
    .concat());
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let statuses: Vec<_> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["status"].as_str())
        .collect();
    assert_eq!(statuses, [Some("quiet"); 3]);
}

#[test]
fn one_extension_can_be_asked_for() {
    let output = run(&["--extension", "workload", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cases = report["cases"].as_array().unwrap();
    let is_about_it = |case: &serde_json::Value| {
        let id = case["case"].as_str().unwrap_or_default();
        id.starts_with("ext-wif/")
    };
    assert!(!cases.is_empty() && cases.iter().all(is_about_it));
    let unknown = run(&["--extension", "magic"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_client_without_extensions_gets_one_line_about_them() {
    let mut arguments = vec!["--scenario", "ext-*", "--scenario", "plain/flow"];
    for extension in ["client-credentials", "dpop", "enterprise", "workload"] {
        arguments.extend(["--lacks", extension]);
    }
    let output = text(&run(&arguments).stdout);
    let about_extensions: Vec<&str> = output
        .lines()
        .filter(|line| line.contains("extensions"))
        .collect();
    assert_eq!(about_extensions.len(), 1, "{output}");
    assert!(about_extensions[0].contains("that the client does not have"));
}

/// An agent that is configured by a file, signs in by a command of its own on a terminal, asks a
/// question first, and finds its standard input closed afterwards.
#[test]
fn an_agent_is_driven_by_a_scripted_model() {
    let (_folder, path) = file(&format!(
        r#"
name = "an agent"
command = [
  "sh",
  "-c",
  '''
    test -f "$HOME/agreed" && ! read line && . "$HOME/.agent/config" &&
    exec "$0" reference-client --model-url "$model" "$url"
  ''',
  "{PROGRAM}",
]
login = [
  [
    "sh",
    "-c",
    '''
      test -t 0 && printf 'Continue? ' && read answer &&
      test "$answer" = yes && touch "$HOME/agreed"
    ''',
  ],
  ["false"],
]
adapter = "agent"
pty = true
stdin = "closed"
cwd = "sandbox"
spec = ["2026-07-28"]
answers = {{ "Continue?" = "yes" }}
env = {{ MODEL_KEY = "{{model_key}}" }}

[files]
"{{home}}/.agent/config" = """
model={{model_url}}/v1
url={{url}}
"""
"#
    ));
    passes(&["--client", &path, "--scenario", "plain/flow"]);
    passes(&["--client", &path, "--scenario", "bcp/agent-keeps-secrets/*"]);
    let checked = common::run(&["check", &path]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
}

#[test]
fn a_client_file_is_checked_before_anything_is_started() {
    let (folder, path) = file("command = [\"sh\"]\nadapter = \"agent\"\n");
    let output = common::run(&["check", &path]);
    assert_eq!(output.status.code(), Some(2));
    let shown = text(&output.stdout).replace(folder.path().to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(shown);
}
