//! The help of every command at 80 columns, so that a change of commands or options shows in
//! review.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Command, Stdio};

const COLUMNS: usize = 80;

fn help(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-authspec"));
    command
        .args(words)
        .arg("--help")
        .env("COLUMNS", COLUMNS.to_string())
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{words:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help text lists. Continuation lines of a description are indented further.
fn commands(help: &str) -> Vec<String> {
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| {
        line.strip_prefix("  ")?
            .split(' ')
            .next()
            .map(str::to_owned)
    });
    names
        .filter(|name| !name.is_empty() && name != "help")
        .collect()
}

/// The options of `run`, which other commands also have.
fn options_of_run() -> String {
    let help = help(&["run"]);
    let (_, options) = help.split_once("Options:\n").unwrap();
    options.split_once("  -h, --help").unwrap().0.to_owned()
}

#[test]
fn the_help_of_every_command_fits_80_columns() {
    let options_of_run = options_of_run();
    let mut to_visit: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(words) = to_visit.pop() {
        let text = help(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let name = if words.is_empty() {
            "mcp-authspec".to_owned()
        } else {
            words.join("-")
        };
        let too_wide: Vec<&str> = text
            .lines()
            .filter(|line| line.chars().count() > COLUMNS)
            .collect();
        assert!(too_wide.is_empty(), "{name}: {too_wide:#?}");
        to_visit.extend(
            commands(&text)
                .into_iter()
                .map(|command| words.iter().cloned().chain([command]).collect()),
        );
        let text = if name == "run" {
            text
        } else {
            text.replace(&options_of_run, "      (the options of `run`)\n\n")
        };
        insta::assert_snapshot!(name.as_str(), text);
    }
}
