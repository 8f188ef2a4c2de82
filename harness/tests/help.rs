//! The help of every command at 80 columns, so that a change of what users can say shows in review.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are no tests to clippy

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

/// The commands that a help lists. Longer descriptions go on in lines that begin further to the
/// right.
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

/// The options of `run`, which other commands have, too.
fn options_of_run() -> String {
    let told = help(&["run"]);
    let (_, options) = told.split_once("Options:\n").unwrap();
    options.split_once("  -h, --help").unwrap().0.to_owned()
}

#[test]
fn the_help_of_every_command() {
    let options_of_run = options_of_run();
    let mut todo: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(words) = todo.pop() {
        let told = help(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let name = if words.is_empty() {
            "mcp-authspec".to_owned()
        } else {
            words.join("-")
        };
        let wide: Vec<&str> = told
            .lines()
            .filter(|line| line.chars().count() > COLUMNS)
            .collect();
        assert!(wide.is_empty(), "{name}: {wide:#?}");
        todo.extend(
            commands(&told)
                .into_iter()
                .map(|command| words.iter().cloned().chain([command]).collect()),
        );
        let told = if name == "run" {
            told
        } else {
            told.replace(&options_of_run, "      (the options of `run`)\n\n")
        };
        insta::assert_snapshot!(name.as_str(), told);
    }
}
