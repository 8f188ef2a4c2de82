//! The command line as its users meet it: exit codes, errors with a remedy, output forms,
//! interruption.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are no tests to clippy

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{command, run, text};

#[test]
fn the_bundled_client_passes_and_a_broken_one_does_not() {
    assert_eq!(run(&["--scenario", "iss/*"]).status.code(), Some(0));
    assert_eq!(
        run(&["run", "--scenario", "iss/*", "--defect", "no-iss-check"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn a_warning_fails_only_a_strict_run() {
    let defect = [
        "run",
        "--scenario",
        "state/wrong-state",
        "--scenario",
        "plain/*",
        "--defect",
        "state-unchecked",
    ];
    let lenient = run(&defect);
    assert_eq!(lenient.status.code(), Some(0), "{}", text(&lenient.stdout));
    assert_eq!(
        run(&[&defect[..], &["--strict"]].concat()).status.code(),
        Some(1)
    );
}

#[test]
fn bad_input_says_what_to_do() {
    let errors: Vec<String> = [
        &["explain", "iss/two-value"][..],
        &["run", "--scenario", "nothing/*"],
        &["run", "--spec", "2024-11-05"],
        &["run", "--defect", "no-such-defect"],
        &["run", "--capability", "telepathy"],
        &["run", "--capability", "cimd", "--lacks", "cimd"],
        &["run", "--timeout", "0"],
        &["run", "--command", "sh 'x"],
        &[
            "run",
            "--scenario",
            "plain/flow",
            "--output",
            "/no/such/folder/report.json",
        ],
        &["run", "--report", "yaml=report.yaml"],
        &["run", "--report", "json", "--report", "console"],
    ]
    .iter()
    .map(|arguments| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        format!(
            "$ mcp-authspec {}\n{}",
            arguments.join(" "),
            text(&output.stderr)
        )
    })
    .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let help = text(&run(&["--help"]).stdout);
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    // longer descriptions go on in lines that begin further to the right
    let commands: Vec<&str> = listed
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(commands.contains(&"explain"), "{help}");
    let manual = text(&run(&["man"]).stdout);
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&run(&["completions", shell]).stdout);
        assert!(
            commands.iter().all(|command| script.contains(command)),
            "{shell}"
        );
    }
    for command in commands.iter().filter(|command| **command != "help") {
        assert!(
            manual.contains(&format!(".SH \"MCP-AUTHSPEC {}\"", command.to_uppercase())),
            "{command}"
        );
    }
}

#[test]
fn a_client_that_cannot_be_run_is_exit_code_3() {
    assert_eq!(
        run(&["run", "--", "no-such-program-anywhere"])
            .status
            .code(),
        Some(3)
    );
}

#[test]
fn json_is_json_wherever_it_goes() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(
        run(&[
            "--scenario",
            "plain/flow",
            "--format",
            "json",
            "--output",
            path
        ])
        .status
        .code(),
        Some(0)
    );
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(report["cases"][0]["case"], "plain/flow");
    let all = run(&[
        "--scenario",
        "plain/flow",
        "--format",
        "json",
        "--spec",
        "all",
    ]);
    let reports: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    let revisions: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["revision"].as_str().unwrap())
        .collect();
    assert_eq!(
        revisions,
        ["2025-06-18", "2025-11-25", "2026-07-28"],
        "plain/flow uses resource metadata"
    );
}

#[test]
fn one_run_gives_several_reports() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let formats = [
        "json",
        "junit",
        "markdown",
        "tap",
        "html",
        "badge-json",
        "badge-svg",
    ];
    let reports: Vec<String> = formats
        .iter()
        .flat_map(|f| ["--report".to_owned(), format!("{f}={}", place(f).display())])
        .collect();
    let mut arguments = vec!["run", "--scenario", "iss/*", "--defect", "no-iss-check"];
    arguments.extend(reports.iter().map(String::as_str));
    let output = run(&arguments);
    assert!(
        text(&output.stdout).contains("Failed:"),
        "the usual report is printed as well"
    );
    let written = |name: &str| std::fs::read_to_string(place(name)).unwrap();
    let result: serde_json::Value = serde_json::from_str(&written("json")).unwrap();
    let schema: serde_json::Value =
        serde_json::from_str(&text(&run(&["schema", "result"]).stdout)).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&result)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(written("junit").contains("<failure type=\"fail\""));
    assert!(written("markdown").starts_with("## ❌"));
    assert!(written("tap").starts_with("TAP version 14\n1.."));
    assert!(written("html").starts_with("<!doctype html>"));
    assert!(written("badge-json").contains("\"schemaVersion\": 1"));
    assert!(written("badge-svg").starts_with("<svg "));
}

#[test]
fn nothing_but_the_report_is_printed_into_a_pipe() {
    let output = run(&["--scenario", "plain/flow"]);
    assert_eq!(text(&output.stderr), "");
    assert!(
        !text(&output.stdout).contains('\u{1b}'),
        "no colour in a pipe"
    );
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = || {
        let output = run(&[
            "--scenario",
            "iss/two-values*",
            "--format",
            "json",
            "--seed",
            "s",
            "--jobs",
            "1",
        ]);
        let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["seconds"] = 0.into();
        report["timings"] = 0.into();
        report.to_string()
    };
    assert_eq!(report(), report());
}

#[test]
fn an_interrupted_run_reports_what_had_finished() {
    // one client at a time, and each says that it has started before it waits for ever
    let client = "echo started >&2; read -r forever";
    let mut child = command(&[
        "run",
        "--jobs",
        "1",
        "--scenario",
        "iss/*",
        "--",
        "sh",
        "-c",
        client,
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    while !has_children(child.id()) {
        std::thread::yield_now();
    }
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        lines.iter().any(|line| line.contains("interrupted")),
        "{lines:#?}"
    );
}

/// npm and `timeout` pass on what the terminal has sent already.
#[test]
fn a_second_signal_loses_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let [started, told, report] =
        ["started", "told", "report.json"].map(|name| folder.path().join(name));
    // a client that does not end when it is told to, and says so
    let client = format!(
        "trap ': > {}' TERM; : > {}; sleep 1000 & wait; sleep 1000",
        told.display(),
        started.display()
    );
    let reports = format!("json={}", report.display());
    let mut child = command(&[
        "run",
        "--probe=false",
        "--jobs",
        "1",
        "--scenario",
        "iss/*",
        "--report",
        &reports,
        "--",
        "sh",
        "-c",
        &client,
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    for sign in [&started, &told] {
        while !sign.exists() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        // where nobody waits for the client any more, there is nobody to tell
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT);
    }
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        lines.iter().any(|line| line.contains("interrupted")),
        "{lines:#?}"
    );
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(written["interrupted"], true);
}

#[test]
fn a_client_that_is_tried_before_the_run_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let client = format!(
        "trap '' TERM; echo $$ > {0}.new; mv {0}.new {0}; while :; do sleep 1000; done",
        started.display()
    );
    let mut child = command(&["run", "--scenario", "iss/*", "--", "sh", "-c", &client])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !started.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let client = std::fs::read_to_string(started).unwrap();
    assert!(
        !std::path::Path::new("/proc").join(client.trim()).exists(),
        "the client is left running"
    );
}

#[test]
fn what_cannot_be_kept_ends_the_run_and_loses_no_report() {
    let output = run(&["run", "--scenario", "iss/*", "--events", "/dev/full"]);
    let (told, error) = (text(&output.stdout), text(&output.stderr));
    assert!(told.contains("The run was interrupted."), "{told}");
    assert!(error.contains("/dev/full"), "{error}");
    assert!(
        !matches!(output.status.code(), Some(0 | 1)),
        "{:?}",
        output.status
    );
}

fn has_children(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    threads.flatten().any(|thread| {
        std::fs::read_to_string(thread.path().join("children"))
            .is_ok_and(|children| !children.trim().is_empty())
    })
}

#[test]
fn check_shows_the_line_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let good = "title = \"T\"\nwhy = \"W.\"\n[expect.iss-advertised-match]\neventually = \"as.token-request\"\n";
    std::fs::write(&file, good).unwrap();
    assert_eq!(
        run(&["check", file.to_str().unwrap()]).status.code(),
        Some(0)
    );
    std::fs::write(&file, good.replace("as.token-request", "as.token-reqest")).unwrap();
    let output = run(&["check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(
        text(&output.stdout).replace(folder.path().to_str().unwrap(), "FOLDER")
    );
}

/// The page that shows how to write a scenario, and the file that it writes.
#[test]
fn the_page_about_scenarios_does_what_it_says() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let page = std::fs::read_to_string(format!("{root}/scenarios/README.md")).unwrap();
    let folder = format!("{root}/fixtures/own-scenario");
    let file = format!("{folder}/iss-of-another-tenant.toml");
    let shown = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert_eq!(shown, std::fs::read_to_string(&file).unwrap());

    assert_eq!(run(&["check", &file]).status.code(), Some(0));
    let id = "own-scenario/iss-of-another-tenant";
    assert!(
        text(&run(&["explain", id, "--scenarios", &folder]).stdout).contains("no token-request")
    );
    assert!(text(&run(&["list", "--scenarios", &folder]).stdout).contains(id));
    let alone = [
        "run",
        "--scenarios",
        &folder,
        "--scenario",
        "own-scenario/*",
    ];
    assert_eq!(run(&alone).status.code(), Some(0));
    let broken = run(&[&alone[..], &["--defect", "no-iss-check"]].concat());
    assert_eq!(broken.status.code(), Some(1));
    assert!(text(&broken.stdout).contains("failed in own-scenario/iss-of-another-tenant"));
}

#[test]
fn own_scenarios_that_cannot_be_taken_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = "title = \"T\"\nwhy = \"W.\"\n[expect.iss-advertised-match]\neventually = \"as.token-request\"\n";
    for name in ["broken", "empty", "plain"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    std::fs::write(at("broken/one.toml"), good.replace("match]", "mtach]")).unwrap();
    std::fs::write(at("broken/two.toml"), good.replace("title", "tittle")).unwrap();
    std::fs::write(at("plain/flow.toml"), good).unwrap();
    let told: Vec<String> = ["broken", "empty", "plain", "missing"]
        .iter()
        .map(|name| {
            let output = run(&["run", "--scenarios", at(name).to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(2), "{name}");
            format!(
                "$ mcp-authspec run --scenarios {name}\n{}",
                text(&output.stderr)
            )
        })
        .collect();
    insta::assert_snapshot!(
        told.join("\n")
            .replace(folder.path().to_str().unwrap(), "FOLDER")
    );
}

#[test]
fn what_is_not_in_the_frozen_set_is_shown_and_does_not_count() {
    let broken = [
        "run",
        "--spec",
        "2026-07-28",
        "--scenario",
        "iss/advertised-and-wrong/success",
        "--defect",
        "no-iss-check",
    ];
    assert_eq!(run(&broken).status.code(), Some(1));
    let lenient = run(&[&broken[..], &["--requirements", "2025-11-25"]].concat());
    assert_eq!(lenient.status.code(), Some(0), "{}", text(&lenient.stdout));
    let told = text(&lenient.stdout);
    assert!(
        told.contains("scored by the frozen requirement set of 2025-11-25"),
        "{told}"
    );
    assert!(
        told.contains("iss-advertised-mismatch") && told.contains("(unscored)"),
        "{told}"
    );
    assert_eq!(
        run(&[&broken[..], &["--requirements", "2026-07-28"]].concat())
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn the_requirements_of_a_revision_mean_that_revision() {
    let output = run(&[
        "run",
        "--requirements",
        "2025-11-25",
        "--scenario",
        "plain/flow",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (
            report["revision"].as_str(),
            report["requirement_set"].as_str()
        ),
        (Some("2025-11-25"), Some("2025-11-25"))
    );
}

#[test]
fn a_schema_is_printed_for_each_name() {
    for arguments in [
        &["schema"][..],
        &["schema", "scenario"],
        &["schema", "monitors"],
    ] {
        let schema: serde_json::Value = serde_json::from_slice(&run(arguments).stdout).unwrap();
        let said = schema["definitions"]["expectations"].to_string();
        assert!(
            said.contains("iss-advertised-mismatch"),
            "editors complete the requirements: {arguments:?}"
        );
    }
    let client: serde_json::Value =
        serde_json::from_slice(&run(&["schema", "client"]).stdout).unwrap();
    assert!(client["properties"]["command"]["description"].is_string());
    assert_eq!(run(&["schema", "scenarios"]).status.code(), Some(2));
}

#[test]
fn coverage_tells_of_every_requirement() {
    let output = run(&["coverage", "--format", "json"]);
    let coverage: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let requirements = coverage["requirements"].as_array().unwrap();
    assert!(requirements.len() >= 306);
    let unproven = requirements
        .iter()
        .filter(|r| r["state"] == "covered" && r["defects"].as_array().unwrap().is_empty());
    let unproven: Vec<&str> = unproven.map(|r| r["id"].as_str().unwrap()).collect();
    assert!(unproven.is_empty(), "no defect fails {unproven:?}");
    let state = |id: &str| {
        requirements
            .iter()
            .find(|r| r["id"] == id)
            .map(|r| r["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(
        state("tls-certificates-validated").as_deref(),
        Some("needs-tls")
    );
    assert_eq!(
        state("bcp-ssrf-redirects").as_deref(),
        Some("needs-private-network")
    );
    assert_eq!(state("march-oauth21").as_deref(), Some("excluded"));
    for (group, all) in [
        ("by_tier", requirements.len()),
        ("by_level", requirements.len()),
        ("by_area", requirements.len()),
    ] {
        let counts = coverage["totals"][group]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|counts| counts.as_object().unwrap().values());
        assert_eq!(
            counts.map(|count| count.as_u64().unwrap()).sum::<u64>(),
            all as u64,
            "{group}"
        );
    }
    assert_eq!(
        coverage["totals"]["by_revision"].as_object().unwrap().len(),
        4
    );
}

#[test]
fn the_official_suite_has_its_counterparts() {
    let listed = text(&run(&["list", "--official"]).stdout);
    assert!(
        listed.contains("auth/iss-wrong-issuer\n    iss/advertised-and-wrong/success"),
        "{listed}"
    );
}
