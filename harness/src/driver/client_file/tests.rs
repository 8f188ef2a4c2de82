//! Tests of reading and merging client files.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::ClientFile;
use super::keys::KEYS;
use crate::driver::process::WorkingDirectory;
use crate::requirements::Capability;

const FULL: &str = r#"
name = "a client"
command = ["./bin/client", "--url={url}", "{here}/x"]
with_credentials = ["--id", "{client_id}", "--secret", "{client_secret}"]
setup = [["./bin/client", "add", "{url}"]]
login = [["./bin/client", "login"]]
files = { "{home}/.client/config.json" = "{\"url\": \"{url}\"}" }
teardown = [["rm", "-r", "{home}/x"]]
cwd = "sandbox"
env = { PORT = "{port}" }
pass_env = ["AWS_*"]
adapter = "none"
pty = true
stdin = "open"
answers = { "Continue? [Y/n]" = "y" }
links = "ignore"
probe = false
named = false
timeout = 20
jobs = 1
spec = ["2025-11-25", "2026-07-28"]
registration = ["dcr"]
kind = "native"
refresh = false
has = ["verbose"]
lacks = ["keeps-state"]
"#;

fn parse(text: &str) -> Result<ClientFile, String> {
    ClientFile::parse("client.toml", Path::new("/f"), text).map_err(|errors| {
        errors
            .iter()
            .map(|error| error.render(text))
            .collect::<Vec<_>>()
            .join("\n\n")
    })
}

#[test]
fn every_key_can_be_written() {
    let file = parse(FULL).unwrap();
    assert_eq!(
        file.command.as_ref().unwrap(),
        &["/f/./bin/client", "--url={url}", "/f/x"]
    );
    assert_eq!(file.setup.as_ref().unwrap()[0][0], "/f/./bin/client");
    assert_eq!(file.cwd, Some(WorkingDirectory::Own));
    assert_eq!(file.timeout, Some(Duration::from_secs(20)));
    assert!(
        KEYS.iter()
            .all(|(key, _)| FULL.contains(&format!("\n{key} = ")))
    );
}

#[test]
fn capabilities_follow_from_the_keys() {
    let file = parse(FULL).unwrap();
    let statuses: Vec<String> = file
        .capabilities()
        .iter()
        .map(|(capability, status)| format!("{capability}: {status:?}"))
        .collect();
    insta::assert_snapshot!(statuses.join("\n"));
}

#[test]
fn errors_show_the_place_and_the_remedy() {
    let errors: Vec<String> = [
        "comand = [\"x\"]",
        "command = \"x y\"",
        "command = []",
        "command = [\"x\", \"{ulr}\", 1]",
        "setup = [\"x\", \"{url}\"]",
        "env = { MCP_CONFORMANCE_SCENARIO = \"x\", \"A=\" = \"x\" }",
        "adapter = \"stido\"",
        "adapter = \"stdio\"\npty = true",
        "timeout = 0",
        "timeout = 1.5",
        "spec = []",
        "spec = [\"2025-11-26\"]",
        "registration = [\"cmid\"]",
        "kind = \"gui\"",
        "cwd = \"no/such/folder\"",
        "has = [\"cimd\"]\nlacks = [\"cimd\", \"telepathy\"]",
        "pty = \"yes\"",
        "name = ",
    ]
    .iter()
    .map(|text| parse(text).unwrap_err())
    .collect();
    insta::assert_snapshot!(errors.join("\n\n"));
}

#[test]
fn options_come_before_the_file() {
    let file =
        parse("name = \"b\"\nhas = [\"cimd\"]\nlacks = [\"dcr\"]\nenv = { A = \"1\", B = \"1\" }")
            .unwrap();
    let options =
        parse("lacks = [\"cimd\"]\nhas = [\"dcr\"]\nenv = { B = \"2\" }\npty = true").unwrap();
    let merged = options.with_defaults(file);
    assert_eq!(
        (merged.name.as_deref(), merged.pty),
        (Some("b"), Some(true))
    );
    assert_eq!(
        (merged.has, merged.lacks),
        ([Capability::Dcr].into(), [Capability::Cimd].into())
    );
    assert_eq!(
        merged.env,
        BTreeMap::from([
            ("A".to_owned(), "1".to_owned()),
            ("B".to_owned(), "2".to_owned())
        ])
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z_=\\[\\]{}\",. \n0-9]{0,80}") {
        let _ = parse(&text);
    }
}
