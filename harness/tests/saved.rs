//! Saved runs: judged again, joined, cut off, damaged; and the event stream.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::OnceLock;

use common::{command, run, text};
use mcp_authspec::judge::Declared;
use mcp_authspec::report::{Format, Report, TextStyle, render};
use mcp_authspec::saved::{SavedRun, WhatIf};
use mcp_authspec::suite::Suite;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use proptest::prelude::*;
use serde_json::Value as Json;

fn json(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

/// A folder, and paths in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What is said on standard error, without the folder's name.
    fn told(&self, output: &Output) -> String {
        text(&output.stderr).replace(self.0.path().to_str().unwrap(), "FOLDER")
    }
}

const BROKEN: [&str; 8] = [
    "--scenario",
    "iss/*",
    "--scenario",
    "plain/*",
    "--defect",
    "no-iss-check",
    "--seed",
    "s",
];

#[test]
fn the_same_verdicts_are_had_again() {
    let folder = Folder::new();
    let saved = folder.text("saved");
    let first = run(&[&["run", "--format", "json", "--save", &saved], &BROKEN[..]].concat());
    let again = run(&["judge", &saved, "--format", "json"]);
    assert_eq!(first.status.code(), Some(1));
    assert_eq!(again.status.code(), Some(1));
    assert!(first.stdout == again.stdout, "the reports differ");
    assert_eq!(run(&["report", &saved]).status.code(), Some(0));
    // nothing is overwritten
    let twice = run(&[&["run", "--save", &saved], &BROKEN[..]].concat());
    assert_eq!(twice.status.code(), Some(2));
    insta::assert_snapshot!("twice", folder.told(&twice));
}

#[test]
fn a_value_that_comes_back_in_another_case_is_found_in_a_saved_run_too() {
    let folder = Folder::new();
    let saved = folder.text("saved");
    let cases = ["--scenario", "plain/flow", "--scenario", "reg/dcr-only"];
    let defect = ["--defect", "state-of-fixed-seed", "--format", "json"];
    let failed_in = |output: &Output| {
        let report = json(output);
        let monitors = report["monitors"].as_array().unwrap();
        let is_state = |m: &&Json| m["requirement"] == "state-unpredictable-one-time";
        monitors.iter().find(is_state).unwrap()["failed_in"].clone()
    };
    let first = run(&[&["run", "--save", &saved], &cases[..], &defect].concat());
    let expected = serde_json::json!(["plain/flow", "reg/dcr-only"]);
    assert_eq!(failed_in(&first), expected);
    let again = run(&["judge", &saved, "--format", "json"]);
    assert!(first.stdout == again.stdout, "the reports differ");
    // in one case alone nothing comes back
    let alone = run(&[&["run", "--scenario", "plain/flow"], &defect[..]].concat());
    assert_eq!(failed_in(&alone), Json::Null);
    // a program that is started anew each time makes new values
    let program = [env!("CARGO_BIN_EXE_mcp-authspec"), "reference-client"];
    let anew = run(&[&["run", "--format", "json"], &cases[..], &["--"], &program].concat());
    assert_eq!(failed_in(&anew), Json::Null);
}

#[test]
fn runs_that_an_older_version_saved_have_no_times() {
    let folder = Folder::new();
    let saved = folder.text("saved");
    run(&["run", "--scenario", "plain/flow", "--save", &saved]);
    let file = folder.path("saved/2026-07-28/cases/plain.flow.json");
    let mut case: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(
        case["transcript"]
            .as_object_mut()
            .unwrap()
            .remove("durations")
            .is_some()
    );
    std::fs::write(&file, case.to_string()).unwrap();
    let judged = run(&["judge", &saved, "--format", "json"]);
    assert_eq!(judged.status.code(), Some(0));
    assert_eq!(json(&judged)["timings"], Json::Null);
}

#[test]
fn all_revisions_are_had_again() {
    let folder = Folder::new();
    let saved = folder.text("saved");
    let first = run(&[
        "run",
        "--spec",
        "all",
        "--scenario",
        "plain/*",
        "--format",
        "json",
        "--save",
        &saved,
    ]);
    assert_eq!(json(&first).as_array().unwrap().len(), 3);
    assert!(run(&["judge", &saved, "--format", "json"]).stdout == first.stdout);
}

/// What a report says of the client, without what differs from run to run.
fn verdicts(report: &Json) -> Json {
    let mut report = report.clone();
    for name in ["seconds", "timings", "failures", "attack", "timelines"] {
        report[name] = Json::Null;
    }
    for check in report["cases"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|case| case["checks"].as_array_mut().unwrap())
    {
        check["evidence"] = Json::Null;
    }
    report
}

#[test]
fn parts_come_to_the_same_as_the_whole() {
    let folder = Folder::new();
    let whole = run(&[&["run", "--format", "json"], &BROKEN[..]].concat());
    let parts: Vec<String> = (1..=3).map(|part| folder.text(&part.to_string())).collect();
    for (part, place) in parts.iter().enumerate() {
        let shard = format!("{}/3", part + 1);
        let output = run(&[&["run", "--shard", &shard, "--save", place], &BROKEN[..]].concat());
        assert_eq!(output.status.code(), Some(1));
    }
    let into = folder.text("whole");
    let merged = run(&["merge", &parts[2], &parts[0], &parts[1], "--into", &into]);
    assert_eq!(merged.status.code(), Some(0), "{}", folder.told(&merged));
    let judged = run(&["judge", &into, "--format", "json"]);
    assert_eq!(verdicts(&json(&judged)), verdicts(&json(&whole)));
    assert_eq!(judged.status.code(), whole.status.code());

    let some = folder.text("some");
    assert_eq!(
        run(&["merge", &parts[0], &parts[1], "--into", &some])
            .status
            .code(),
        Some(0)
    );
    let other = folder.text("other");
    run(&["run", "--scenario", "plain/*", "--save", &other]);
    let refused = [
        run(&["merge", &parts[0], &parts[0], "--into", &folder.text("x")]),
        run(&["merge", &some, &parts[1], "--into", &folder.text("x")]),
        run(&["merge", &parts[0], &other, "--into", &folder.text("x")]),
        run(&[
            "merge",
            &parts[0],
            &folder.text("nowhere"),
            "--into",
            &folder.text("x"),
        ]),
        run(&["judge", &some, "--format", "json"]),
        run(&["run", "--shard", "4/3"]),
    ];
    insta::assert_snapshot!(
        "merge-errors",
        refused
            .iter()
            .map(|output| folder.told(output))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

// ------------------------------------------------------------ cut off

/// Ends a run with a signal when so many lines of its event stream were read. Nothing that had
/// finished by then is lost.
fn cut_off(signal: Signal, lines: usize) {
    let folder = Folder::new();
    let (saved, events) = (folder.text("saved"), folder.path("events"));
    nix::unistd::mkfifo(&events, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let all = [
        "run",
        "--scenario",
        "iss/*",
        "--scenario",
        "prm/*",
        "--scenario",
        "token/*",
        "--save",
        &saved,
        "--events",
    ];
    let mut child = command(&all)
        .arg(&events)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stream = BufReader::new(std::fs::File::open(&events).unwrap()).lines();
    // while nobody reads on, the run waits: the pipe does not hold all of the stream
    let seen: Vec<Json> = stream
        .by_ref()
        .take(lines)
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    stream.for_each(drop);
    let code = child.wait().unwrap().code();
    assert_eq!(
        code,
        match signal {
            Signal::SIGINT => Some(130),
            Signal::SIGTERM => Some(143),
            _ => None,
        }
    );
    let judged = run(&["judge", &saved, "--format", "json"]);
    assert_eq!(judged.status.code(), Some(130), "{}", folder.told(&judged));
    assert!(folder.told(&judged).contains("is incomplete"));
    let report = json(&judged);
    assert_eq!(report["interrupted"], true);
    let cases = report["cases"].as_array().unwrap();
    for line in seen
        .iter()
        .filter(|line| line["event"] == "finished" && line["control"] == false)
    {
        let case = cases
            .iter()
            .find(|case| case["case"] == line["case"])
            .unwrap();
        assert_eq!(case["status"], line["status"], "{} was lost", line["case"]);
    }
    assert!(
        cases
            .iter()
            .any(|case| case["not_run"]["cause"] == "interrupted")
    );
    let doubts = ["not-exercised", "not-applicable", "pass"];
    let checks = cases
        .iter()
        .flat_map(|case| case["checks"].as_array().unwrap());
    assert!(
        checks.into_iter().all(|check| check["level"] != "MUST"
            || doubts.contains(&check["verdict"].as_str().unwrap()))
    );
}

/// Numbers that look random and are the same in every run.
fn moments(seed: u32) -> impl Iterator<Item = usize> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(seed), next)
        .skip(1)
        .map(|state| 1 + (state >> 16) as usize % 60)
}

#[test]
fn ctrl_c_loses_nothing_that_had_finished() {
    moments(1)
        .take(3)
        .for_each(|lines| cut_off(Signal::SIGINT, lines));
}

#[test]
fn being_told_to_end_loses_nothing_that_had_finished() {
    moments(2)
        .take(3)
        .for_each(|lines| cut_off(Signal::SIGTERM, lines));
}

#[test]
fn being_killed_loses_nothing_that_had_finished() {
    moments(3)
        .take(4)
        .for_each(|lines| cut_off(Signal::SIGKILL, lines));
}

// ------------------------------------------------------------ damaged

#[test]
fn what_is_wrong_with_a_saved_run_is_told() {
    let folder = Folder::new();
    let saved = folder.text("saved");
    assert_eq!(
        run(&[
            "run",
            "--scenario",
            "plain/*",
            "--scenario",
            "state/*",
            "--save",
            &saved
        ])
        .status
        .code(),
        Some(0)
    );
    let mut told = Vec::new();
    let mut with = |file: &str, change: &dyn Fn(&str) -> String| {
        let path = folder.path("saved").join(file);
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(&before)).unwrap();
        let output = run(&["judge", &saved]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        told.push(folder.told(&output));
        std::fs::write(&path, before).unwrap();
    };
    let flow = "2026-07-28/cases/plain.flow.json";
    with(flow, &|text| {
        text[..text.len() / 2]
            .to_owned()
            .chars()
            .take(100)
            .collect()
    });
    with(flow, &|text| {
        text.replacen("\"format\":2", "\"format\":7", 1)
            .replace(env!("CARGO_PKG_VERSION"), "9.0.0")
    });
    with(flow, &|text| text.replacen("plain/flow", "plain/other", 1));
    with(flow, &|text| {
        text.replacen("\"exchange\":0", "\"exchange\":1000000", 1)
    });
    with("run.json", &|_| "{}".to_owned());
    with("run.json", &|text| {
        text.replacen("\"scenario\":\"", "\"scenario\":\"0", 1)
    });
    with("run.json", &|text| {
        text.replacen("\"rules\":\"", "\"rules\":\"0", 1)
    });
    let version = env!("CARGO_PKG_VERSION");
    let told = told
        .join("\n")
        .replace(&format!("mcp-authspec {version}"), "mcp-authspec VERSION")
        .replace(&format!("this is {version}"), "this is VERSION");
    let filters = vec![
        (r"line \d+ column \d+", "line N column N"),
        (r"there are \d+", "there are N"),
        (r"event \d+ is", "event N is"),
    ];
    insta::with_settings!({filters => filters}, {
        insta::assert_snapshot!("damaged", told);
    });
    // a case that is not there was not run
    std::fs::remove_file(folder.path("saved").join(flow)).unwrap();
    assert!(text(&run(&["judge", &saved]).stdout).contains("the run was interrupted before"));
}

/// A small saved run, once for all tests.
fn small() -> &'static (Folder, Suite) {
    static SMALL: OnceLock<(Folder, Suite)> = OnceLock::new();
    SMALL.get_or_init(|| {
        let folder = Folder::new();
        run(&[
            "run",
            "--scenario",
            "plain/flow",
            "--scenario",
            "iss/two-values/*",
            "--save",
            &folder.text("saved"),
        ]);
        (folder, Suite::embedded().unwrap())
    })
}

/// Reads, judges and tells a run that somebody has tampered with.
fn tampered(suite: &Suite, folder: &Path) {
    let Ok(run) = SavedRun::read(folder, suite, WhatIf::Allowed) else {
        return;
    };
    for revision in &run.revisions {
        let conclusions = revision.record.conclude(suite, &Declared::default());
        let report = Report::new(suite, &revision.record, &conclusions, &revision.about);
        let style = TextStyle {
            verbose: true,
            ..TextStyle::default()
        };
        render(Format::Console, std::slice::from_ref(&report), &style).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_damage_is_survived(
        at in 0.0..1.0_f64,
        length in 0_usize..40,
        put in "[0-9a-z\"{}\\[\\],:-]{0,6}",
        file in 0_usize..3,
    ) {
        let (small, suite) = small();
        let copy = Folder::new();
        let names = [
            "run.json",
            "2026-07-28/cases/plain.flow.json",
            "2026-07-28/cases/iss.two-values.right-then-wrong.json",
            "2026-07-28/cases/iss.two-values.wrong-then-right.json",
            "2026-07-28/end.json",
        ];
        let file = names[file];
        for name in names {
            let to = copy.path("saved").join(name);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            let mut text = std::fs::read(small.path("saved").join(name)).unwrap();
            if name == file {
                let from = (at * text.len() as f64) as usize;
                let to = (from + length).min(text.len());
                text.splice(from..to, put.bytes());
            }
            std::fs::write(to, text).unwrap();
        }
        tampered(suite, &copy.path("saved"));
    }
}

#[test]
fn a_pipe_or_a_device_is_no_file() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("saved")).unwrap();
    nix::unistd::mkfifo(
        &folder.path("saved/run.json"),
        nix::sys::stat::Mode::S_IRWXU,
    )
    .unwrap();
    assert_eq!(
        run(&["judge", &folder.text("saved")]).status.code(),
        Some(2)
    );
    std::fs::remove_file(folder.path("saved/run.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path("saved/run.json")).unwrap();
    assert_eq!(
        run(&["judge", &folder.text("saved")]).status.code(),
        Some(2)
    );
}

// ------------------------------------------------------------ events

#[test]
fn every_line_of_the_stream_fits_its_schema() {
    let folder = Folder::new();
    let events = folder.text("events");
    run(&[&["run", "--events", &events, "--shard", "1/2"], &BROKEN[..]].concat());
    let schema = json(&run(&["schema", "events"]));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let text = std::fs::read_to_string(&events).unwrap();
    let lines: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        let errors: Vec<String> = validator
            .iter_errors(line)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
    }
    let count = |event: &str| lines.iter().filter(|line| line["event"] == event).count();
    assert_eq!((count("planned"), count("done")), (1, 1));
    assert_eq!(lines[0]["event"], "planned");
    assert_eq!(lines.last().unwrap()["event"], "done");
    assert_eq!(
        (Json::from(count("started")), Json::from(count("finished"))),
        (lines[0]["runs"].clone(), lines[0]["runs"].clone())
    );
    assert_eq!(Json::from(count("judged")), lines[0]["cases"]);
}

// ------------------------------------------------------------ baseline

#[test]
fn a_baseline_is_made_from_a_saved_run_and_lets_the_next_one_pass() {
    let folder = Folder::new();
    let (saved, known) = (folder.text("saved"), folder.text("known-failures.toml"));
    run(&[&["run", "--save", &saved], &BROKEN[..]].concat());
    assert_eq!(
        run(&["baseline", "update", "--baseline", &known, "--from", &saved])
            .status
            .code(),
        Some(2),
        "a reason is needed"
    );
    assert!(!folder.path("known-failures.toml").exists());
    let updated = run(&[
        "baseline",
        "update",
        "--baseline",
        &known,
        "--from",
        &saved,
        "--reason",
        "issue 7",
    ]);
    assert_eq!(updated.status.code(), Some(0), "{}", folder.told(&updated));
    assert_eq!(run(&["baseline", "check", &known]).status.code(), Some(0));
    assert_eq!(
        run(&["judge", &saved, "--baseline", &known]).status.code(),
        Some(0)
    );
    assert_eq!(
        run(&[&["run", "--baseline", &known], &BROKEN[..]].concat())
            .status
            .code(),
        Some(0)
    );
    // mended, and nobody has told the baseline
    let mended = run(&["run", "--scenario", "iss/*", "--baseline", &known]);
    assert_eq!(mended.status.code(), Some(1));
    assert!(
        text(&mended.stdout).contains("known-failures.toml:4"),
        "{}",
        text(&mended.stdout)
    );
    run(&[
        "baseline",
        "update",
        "--baseline",
        &known,
        "--scenario",
        "iss/*",
    ]);
    assert_eq!(
        run(&["run", "--scenario", "iss/*", "--baseline", &known])
            .status
            .code(),
        Some(0)
    );
    std::fs::write(&known, "[known]\n\"iss/nothing\" = \"x\"\n").unwrap();
    let wrong = run(&["run", "--baseline", &known]);
    assert_eq!(wrong.status.code(), Some(2));
    // how many scenarios there are is no part of the message that is looked at here
    insta::with_settings!({filters => vec![(r"nearest of \d+", "nearest of [N]")]}, {
        insta::assert_snapshot!("wrong-baseline", folder.told(&wrong));
    });
}
