//! The report of a run made by hand, in every form.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "report/fixture.rs"]
mod fixture;
#[path = "report/foreign_words.rs"]
mod foreign_words;

use fixture::{
    KNOWN, NEEDS_TLS, Run, about, case, conclusions, mixed_up, record, report, suite,
    without_version,
};
use mcp_authspec::Capability;
use mcp_authspec::judge::{Declared, Verdict};
use mcp_authspec::report::{
    Format, LabelledRun, Matrix, MatrixFilter, Report, RunDescription, RunOutcome, ShownRows,
    TextStyle, build_matrix, compare, explain_case, explain_requirement, list, render, suggest,
};
use mcp_authspec::scenario::model::{EventField, EventKind, Level, Revision};
use mcp_authspec::suite::{Record, Suite};
use mcp_authspec::transcript::Status;

/// A pass, failures of every level, silence, a crash, a time-out, a known failure, a case that was
/// not run.
fn failing_run(suite: &Suite) -> Record {
    let honest = |status| {
        let mut run = Run::of(case(suite, "plain/flow"), status);
        run.whole_flow("mcp");
        run.transcript
    };
    let mut silent = Run::of(
        case(suite, "iss/advertised-and-absent/left-out"),
        Status::TimedOut,
    );
    silent.challenged("mcp");
    let mut crashed = Run::of(
        case(suite, "iss/advertised-and-wrong/success"),
        Status::Crashed,
    );
    crashed.challenged("mcp");
    crashed.metadata("as");
    crashed.authorize("as", "mcp.resource", Some("wrong-iss"));
    let code = crashed.issue("as.code");
    crashed.callback(&code, "other.issuer");
    crashed.redeem("as", &code, "as.code#1");
    let words = "at start\n\nTraceback\n  in connect\nRuntimeError: the server said <no> to `me`";
    crashed.event(
        None,
        EventKind::Display,
        None,
        serde_json::json!({ "surface": "stderr", "contains": words }),
    );
    let mut twice = Run::of(
        case(suite, "authz/code-redeemed-once/connection-lost"),
        Status::Completed,
    );
    twice.challenged("mcp");
    twice.metadata("as");
    twice.authorize("as", "mcp.resource", None);
    let code = twice.issue("as.code");
    twice.callback(&code, "as.issuer");
    twice.redeem("as", &code, "as.code#1");
    twice
        .transcript
        .events
        .last_mut()
        .unwrap()
        .deviations
        .push("breakdown".into());
    twice.transcript.exchanges.last_mut().unwrap().status = None;
    twice.redeem("as", &code, "as.code#1");
    let mut known = Run::of(case(suite, KNOWN), Status::Completed);
    known.challenged("mcp");
    known.metadata("as");
    known.authorize("as", "mcp.resource", Some("twice"));
    let code = known.issue("as.code");
    known.callback(&code, "as.issuer");
    known.redeem("as", &code, "as.code#1");
    let fooled = mixed_up(case(suite, "iss/mix-up-relayed/announces-iss"), true);
    record(
        suite,
        vec![
            ("plain/flow", Ok(honest(Status::Completed))),
            (
                "authz/code-redeemed-once/connection-lost",
                Ok(twice.transcript),
            ),
            ("iss/advertised-and-absent/left-out", Ok(silent.transcript)),
            ("iss/advertised-and-wrong/success", Ok(crashed.transcript)),
            ("iss/mix-up-relayed/announces-iss", Ok(fooled)),
            (KNOWN, Ok(known.transcript)),
            ("tls/bad-certificate/expired", Err(NEEDS_TLS)),
        ],
    )
}

/// The same attack, withstood.
fn passing_run(suite: &Suite) -> Record {
    let mut honest = Run::of(case(suite, "plain/flow"), Status::Completed);
    honest.whole_flow("mcp");
    for event in &mut honest.transcript.events {
        if event.fields.get(EventField::CodeChallengeMethod).is_some() {
            event.fields.insert(EventField::CodeChallengeMethod, "S256");
        }
    }
    for exchange in &mut honest.transcript.exchanges {
        exchange.target = exchange.target.replace("=plain", "=S256");
    }
    let mut attacked = mixed_up(case(suite, "iss/mix-up-relayed/announces-iss"), false);
    attacked
        .events
        .retain(|event| event.kind != EventKind::AuthorizationRequest);
    record(
        suite,
        vec![
            ("plain/flow", Ok(honest.transcript)),
            ("iss/mix-up-relayed/announces-iss", Ok(attacked)),
        ],
    )
}

fn console(report: &Report, style: &TextStyle) -> String {
    render(Format::Console, std::slice::from_ref(report), style).unwrap()
}

fn json(report: &Report) -> String {
    render(
        Format::Json,
        std::slice::from_ref(report),
        &TextStyle::default(),
    )
    .unwrap()
}

/// Every form, that for a console also in full.
fn every_rendering(reports: &[Report]) -> Vec<(Format, String)> {
    let verbose = TextStyle {
        verbose: true,
        width: 400,
        ..TextStyle::default()
    };
    let plain = Format::ALL.iter().map(|format| {
        (
            *format,
            render(*format, reports, &TextStyle::default()).unwrap(),
        )
    });
    plain
        .chain([(
            Format::Console,
            render(Format::Console, reports, &verbose).unwrap(),
        )])
        .collect()
}

#[test]
fn a_failing_run_on_a_console() {
    let suite = suite();
    insta::assert_snapshot!(
        "failing",
        without_version(&console(
            &report(&suite, &failing_run(&suite)),
            &TextStyle::default()
        ))
    );
}

#[test]
fn a_failing_run_in_full_on_a_narrow_console() {
    let suite = suite();
    let style = TextStyle {
        width: 72,
        verbose: true,
        ..TextStyle::default()
    };
    insta::assert_snapshot!(
        "failing-narrow-verbose",
        without_version(&console(&report(&suite, &failing_run(&suite)), &style))
    );
}

#[test]
fn a_passing_run_tells_an_attack() {
    let suite = suite();
    insta::assert_snapshot!(
        "passing",
        without_version(&console(
            &report(&suite, &passing_run(&suite)),
            &TextStyle::default()
        ))
    );
}

/// One screen for each thing that is wrong: the same in other cases, and another thing in the same
/// case, is not told in full again.
#[test]
fn what_fails_in_several_cases_is_told_once() {
    let suite = suite();
    let fooled = |id: &'static str, deviation: &str, gain: bool| {
        let mut run = Run::of(case(&suite, id), Status::Completed);
        run.challenged("mcp");
        run.metadata("as");
        run.authorize("as", "mcp.resource", Some(deviation));
        let code = run.issue("as.code");
        run.callback(&code, "as.issuer");
        run.redeem("as", &code, "as.code#1");
        if gain {
            run.event(
                Some("as"),
                EventKind::AttackerGain,
                None,
                serde_json::json!({ "what": "code-redeemed", "from": "as" }),
            );
        }
        (id, Ok(run.transcript))
    };
    let record = record(
        &suite,
        vec![
            fooled("iss/advertised-and-absent/left-out", "no-iss", false),
            fooled("iss/advertised-and-absent/empty", "no-iss", true),
            fooled("iss/two-values/right-then-wrong", "twice", false),
            fooled("iss/two-values/wrong-then-right", "twice", false),
        ],
    );
    let report = Report::new(
        &suite,
        &record,
        &record.conclude(&suite, &Declared::default()),
        &about(),
    );
    let text = console(
        &report,
        &TextStyle {
            width: 80,
            ..TextStyle::default()
        },
    );
    assert_eq!(text.matches("✗ MUST iss-advertised-absent").count(), 1);
    assert!(
        text.contains("  also in:  iss/advertised-and-absent/left-out"),
        "the one with the gain is told in full"
    );
    insta::assert_snapshot!("failing-in-several-cases", without_version(&text));
}

#[test]
fn json_holds_everything_and_can_be_read_back() {
    let suite = suite();
    let text = json(&report(&suite, &failing_run(&suite)));
    let again: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(json(&again), text);
    assert_eq!(
        console(&again, &TextStyle::default()),
        console(&report(&suite, &failing_run(&suite)), &TextStyle::default())
    );
    insta::assert_snapshot!("failing-json", without_version(&text));
}

#[test]
fn colours_only_when_asked_for() {
    let suite = suite();
    let report = report(&suite, &failing_run(&suite));
    let text = |colour| {
        console(
            &report,
            &TextStyle {
                colour,
                ..TextStyle::default()
            },
        )
    };
    assert!(!text(false).contains('\u{1b}'));
    let coloured = text(true);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        text(false)
    );
}

#[test]
fn a_failing_run_in_every_other_form() {
    let suite = suite();
    let report = report(&suite, &failing_run(&suite));
    for format in [
        Format::Junit,
        Format::Markdown,
        Format::Tap,
        Format::BadgeJson,
        Format::BadgeSvg,
        Format::Github,
    ] {
        let text = render(format, std::slice::from_ref(&report), &TextStyle::default()).unwrap();
        insta::assert_snapshot!(format!("failing-{format}"), without_version(&text));
    }
    let page = render(
        Format::Html,
        std::slice::from_ref(&report),
        &TextStyle::default(),
    )
    .unwrap();
    insta::assert_snapshot!(
        "failing-html",
        without_version(&without_style_and_script(&page))
    );
}

/// They are files of their own.
fn without_style_and_script(page: &str) -> String {
    let mut out = page.to_owned();
    for (begin, end) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("style-src '", "'; script"),
        ("script-src '", "'; img"),
    ] {
        let from = out.find(begin).unwrap() + begin.len();
        let to = from + out[from..].find(end).unwrap();
        out.replace_range(from..to, "…");
    }
    out
}

/// The failing run, and what became of it in a newer client that was seen in other cases: mended
/// here, broken there.
fn two_runs(suite: &Suite) -> (Report, Report) {
    let before = report(suite, &failing_run(suite));
    let mut later = failing_run(suite);
    let mended = mixed_up(case(suite, "iss/mix-up-relayed/announces-iss"), false);
    for (case, outcome) in &mut later.cases {
        match case.id.as_str() {
            "iss/mix-up-relayed/announces-iss" => *outcome = Ok(mended.clone()),
            "plain/flow" => outcome.as_mut().unwrap().events.truncate(5),
            _ => {}
        }
    }
    later
        .cases
        .retain(|(case, _)| case.id != "iss/advertised-and-absent/left-out");
    let mut new = Run::of(
        case(suite, "iss/advertised-and-wrong/error"),
        Status::Completed,
    );
    new.whole_flow("mcp");
    let new = record(
        suite,
        vec![("iss/advertised-and-wrong/error", Ok(new.transcript))],
    );
    later.cases.extend(new.cases);
    later.controls.extend(new.controls);
    let about = RunDescription {
        client: "node client.mjs | tee `log`".into(),
        shard: Some("2/5".into()),
        interrupted: true,
        ..about()
    };
    (
        before,
        Report::new(suite, &later, &conclusions(suite, &later), &about),
    )
}

#[test]
fn two_runs_side_by_side() {
    let suite = suite();
    let (before, after) = two_runs(&suite);
    let comparison = compare(&before, &after);
    insta::assert_snapshot!(
        "compare-console",
        comparison.console(&TextStyle {
            width: 80,
            ..TextStyle::default()
        })
    );
    insta::assert_snapshot!("compare-markdown", comparison.markdown());
    insta::assert_snapshot!(
        "compare-json",
        without_version(&(serde_json::to_string_pretty(&comparison).unwrap() + "\n"))
    );
    let coloured = comparison.console(&TextStyle {
        colour: true,
        ..TextStyle::default()
    });
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        comparison.console(&TextStyle::default())
    );
    let same = compare(&before, &before);
    assert!(same.changes.is_empty() && same.unchanged > 0);
}

/// The earlier and the later run of one client, and a run of another.
fn matrix_of_three(suite: &Suite) -> Matrix {
    let (before, after) = two_runs(suite);
    let other = Report {
        revision: Revision::ALL[2],
        ..before.clone()
    };
    let labelled = |label: Option<&str>, report| LabelledRun::Report {
        label: label.map(str::to_owned),
        report: Box::new(report),
    };
    let runs = vec![
        labelled(Some("sdk | <b>one</b>"), before),
        labelled(Some("sdk | <b>one</b>"), after),
        labelled(None, other),
    ];
    build_matrix(runs, &suite.catalogue)
}

fn show(rows: ShownRows) -> MatrixFilter {
    MatrixFilter {
        areas: Vec::new(),
        levels: Vec::new(),
        rows,
    }
}

#[test]
fn many_runs_side_by_side() {
    let suite = suite();
    let matrix = show(ShownRows::All).apply(matrix_of_three(&suite));
    let style = TextStyle {
        width: 80,
        ..TextStyle::default()
    };
    insta::assert_snapshot!("matrix-console", matrix.console(&style));
    insta::assert_snapshot!("matrix-markdown", matrix.markdown());
    let coloured = matrix.console(&TextStyle {
        colour: true,
        ..style
    });
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    let without_padding: Vec<&str> = stripped.lines().map(str::trim_end).collect();
    assert_eq!(without_padding.join("\n") + "\n", matrix.console(&style));
    let html = matrix.html().unwrap();
    assert!(!html.contains("<b>one</b>"), "client names are escaped");
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/matrix.html"), html).unwrap();
}

#[test]
fn a_matrix_shows_only_the_rows_asked_for() {
    let suite = suite();
    let count = |rows| show(rows).apply(matrix_of_three(&suite)).rows.len();
    let all = count(ShownRows::All);
    let regressions = show(ShownRows::Regressions).apply(matrix_of_three(&suite));
    insta::assert_snapshot!(
        "matrix-regressions",
        regressions.console(&TextStyle::default())
    );
    assert!(count(ShownRows::Failures) < all);
    assert!(count(ShownRows::Differences) < all);
    let area = matrix_of_three(&suite).rows[0].area;
    let one_area = MatrixFilter {
        areas: vec![area],
        ..show(ShownRows::All)
    };
    let rows = one_area.apply(matrix_of_three(&suite)).rows;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.area == area));
}

#[test]
fn a_matrix_is_read_again_and_joined_with_others() {
    let suite = suite();
    let matrix = matrix_of_three(&suite);
    let json = serde_json::to_string(&matrix).unwrap();
    let read: Matrix = serde_json::from_str(&json).unwrap();
    assert_eq!(read, matrix);
    let twice = vec![
        LabelledRun::Matrix(read),
        LabelledRun::Matrix(matrix.clone()),
    ];
    let joined = build_matrix(twice, &suite.catalogue);
    assert_eq!(joined.columns.len(), 6);
    assert_eq!(joined.rows.len(), matrix.rows.len());
    for (joined, one) in joined.rows.iter().zip(&matrix.rows) {
        assert_eq!(
            joined.cells.get(&3),
            one.cells.get(&0),
            "{}",
            one.requirement
        );
    }
}

#[test]
fn a_part_of_a_run_is_called_one() {
    let suite = suite();
    let record = failing_run(&suite);
    let part = Report::new(
        &suite,
        &record,
        &conclusions(&suite, &record),
        &RunDescription {
            shard: Some("2/5".into()),
            ..about()
        },
    );
    for format in [
        Format::Console,
        Format::Json,
        Format::Junit,
        Format::Markdown,
        Format::Tap,
        Format::Html,
    ] {
        let text = render(format, std::slice::from_ref(&part), &TextStyle::default()).unwrap();
        assert!(
            ["part 2/5", "\"2/5\"", "part 2&#x2f;5"]
                .iter()
                .any(|words| text.contains(words)),
            "{format}"
        );
    }
}

/// Each run's time is told once: at the first requirement of its case.
#[test]
fn times_of_junit_add_up() {
    let suite = suite();
    let report = report(&suite, &failing_run(&suite));
    let text = render(
        Format::Junit,
        std::slice::from_ref(&report),
        &TextStyle::default(),
    )
    .unwrap();
    let sum = |element: &str| -> f64 {
        let of_element = text
            .lines()
            .filter(|line| line.contains(&format!("<{element} ")));
        of_element
            .map(|line| {
                line.split(" time=\"")
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap()
                    .parse::<f64>()
                    .unwrap()
            })
            .sum()
    };
    let ran: f64 = report.timings.iter().map(|timing| timing.seconds).sum();
    // milliseconds are told
    assert!(
        (sum("testcase") - ran).abs() < 0.02 && (sum("testsuite") - ran).abs() < 0.02,
        "{} {} {ran}",
        sum("testcase"),
        sum("testsuite")
    );
    // what was not measured is not told
    let unmeasured = Report {
        timings: Vec::new(),
        ..report
    };
    let text = render(
        Format::Junit,
        std::slice::from_ref(&unmeasured),
        &TextStyle::default(),
    )
    .unwrap();
    assert!(
        text.lines()
            .filter(|line| !line.contains("<testsuites "))
            .all(|line| !line.contains(" time=")),
        "{text}"
    );
}

#[test]
fn several_revisions_are_one_document() {
    let suite = suite();
    let (failing, passing) = (
        report(&suite, &failing_run(&suite)),
        report(&suite, &passing_run(&suite)),
    );
    let both = [
        Report {
            revision: Revision::ALL[2],
            ..failing
        },
        passing,
    ];
    for (format, text) in every_rendering(&both) {
        match format {
            Format::Json => {
                assert_eq!(serde_json::from_str::<Vec<Report>>(&text).unwrap().len(), 2)
            }
            Format::Junit => assert_eq!(text.matches("<testsuites").count(), 1),
            Format::Html => assert_eq!(text.matches("<html").count(), 1),
            Format::Tap => assert_eq!(
                text.lines().filter(|line| line.starts_with("1..")).count(),
                1
            ),
            Format::BadgeJson | Format::BadgeSvg => {
                assert!(text.contains("1 of 2 revisions pass"), "{text}")
            }
            Format::Console | Format::Markdown | Format::Github => {
                assert!(
                    both.iter()
                        .all(|report| text.contains(report.revision.as_str()))
                )
            }
        }
    }
}

#[test]
fn json_fits_its_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/schemas/result.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let suite = suite();
    let (failing, passing) = (
        report(&suite, &failing_run(&suite)),
        report(&suite, &passing_run(&suite)),
    );
    for reports in [
        std::slice::from_ref(&failing),
        std::slice::from_ref(&passing),
        &[failing.clone(), passing.clone()],
    ] {
        let json =
            serde_json::from_str(&render(Format::Json, reports, &TextStyle::default()).unwrap())
                .unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&json)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let wrong = serde_json::json!({ "format": mcp_authspec::report::FORMAT, "client": 7 });
    assert!(!validator.is_valid(&wrong));
}

/// `xmllint` checks against our schema of the common form where it is installed; what is counted is
/// compared everywhere.
#[test]
fn junit_is_what_ci_systems_read() {
    let suite = suite();
    let both = [
        report(&suite, &failing_run(&suite)),
        report(&suite, &passing_run(&suite)),
    ];
    for reports in [
        &both[..1],
        &both[1..],
        &[
            Report {
                revision: Revision::ALL[2],
                ..both[0].clone()
            },
            both[1].clone(),
        ],
    ] {
        let text = render(Format::Junit, reports, &TextStyle::default()).unwrap();
        check_xml(&text);
        let counted = |name: &str| {
            let sum = |line: &str| {
                line.split(&format!(" {name}=\""))
                    .nth(1)
                    .and_then(|rest| rest.split('"').next()?.parse::<usize>().ok())
            };
            let of_suites: usize = text
                .lines()
                .filter(|line| line.contains("<testsuite "))
                .filter_map(sum)
                .sum();
            let of_all = text
                .lines()
                .find(|line| line.contains("<testsuites "))
                .and_then(sum);
            assert!(of_all.is_none_or(|all| all == of_suites), "{name}");
            of_suites
        };
        assert_eq!(counted("tests"), text.matches("<testcase ").count());
        assert_eq!(counted("failures"), text.matches("<failure ").count());
        assert_eq!(counted("errors"), text.matches("<error ").count());
        assert_eq!(counted("skipped"), text.matches("<skipped ").count());
        xmllint(&text);
    }
}

fn xmllint(text: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/junit.xsd");
    match std::process::Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema", schema])
        .arg(file.path())
        .output()
    {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(_) => eprintln!("xmllint is not installed: the schema is not checked"),
    }
}

/// Pages for `ci/html-check.mjs`, which opens them in a browser.
#[test]
fn pages_for_the_browser() {
    let suite = suite();
    let (failing, passing) = (
        report(&suite, &failing_run(&suite)),
        report(&suite, &passing_run(&suite)),
    );
    let several = [
        Report {
            revision: Revision::ALL[2],
            ..failing.clone()
        },
        passing.clone(),
    ];
    let hostile = foreign_words::hostile_run(&suite);
    for (name, reports) in [
        ("failing", &[failing][..]),
        ("passing", &[passing]),
        ("several", &several),
        ("hostile", &[hostile]),
    ] {
        let page = render(Format::Html, reports, &TextStyle::default()).unwrap();
        std::fs::write(format!("{}/{name}.html", env!("CARGO_TARGET_TMPDIR")), page).unwrap();
    }
}

/// Well-formed: every element is closed, every attribute and text is escaped.
fn check_xml(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                assert!(element.attributes().all(|attribute| attribute.is_ok()));
            }
            _ => {}
        }
    }
}

#[test]
fn exit_codes() {
    let suite = suite();
    let passing = report(&suite, &passing_run(&suite));
    assert_eq!(
        (passing.outcome(), passing.exit_code()),
        (RunOutcome::Passed, 0)
    );
    assert_eq!(report(&suite, &failing_run(&suite)).exit_code(), 1);

    let with_status = |status: Status| {
        let mut report = passing.clone();
        for case in &mut report.cases {
            case.status = Some(status);
        }
        report
    };
    assert_eq!(with_status(Status::SetupFailed).exit_code(), 3);
    assert_eq!(
        with_status(Status::TimedOut).exit_code(),
        1,
        "a time-out is never a success"
    );
    assert_eq!(with_status(Status::Crashed).exit_code(), 1);
    assert_eq!(
        Report {
            harness_errors: vec!["plain/flow".into()],
            ..passing.clone()
        }
        .exit_code(),
        4
    );
    assert_eq!(
        Report {
            interrupted: true,
            ..passing.clone()
        }
        .exit_code(),
        130
    );
    assert_eq!(
        Report {
            contradictions: vec![Capability::Dcr],
            ..passing.clone()
        }
        .exit_code(),
        1
    );
    assert_eq!(
        Report {
            cases: Vec::new(),
            ..passing.clone()
        }
        .exit_code(),
        3,
        "silence is never a pass"
    );

    let mut warned = passing;
    for check in warned
        .cases
        .iter_mut()
        .flat_map(|case| &mut case.checks)
        .take(1)
    {
        (check.verdict, check.level) = (Verdict::Fail, Level::Should);
    }
    assert_eq!(warned.exit_code(), 0);
    assert_eq!(
        Report {
            strict: true,
            ..warned
        }
        .exit_code(),
        1
    );
}

#[test]
fn explanations() {
    let suite = Suite::embedded().unwrap();
    insta::assert_snapshot!(
        "explain-case",
        explain_case(&suite, "iss/mix-up-relayed/does-not-announce-iss", 100).unwrap()
    );
    insta::assert_snapshot!(
        "explain-file",
        explain_case(&suite, "iss/advertised-and-wrong", 100).unwrap()
    );
    insta::assert_snapshot!(
        "explain-requirement",
        explain_requirement(&suite, "iss-advertised-mismatch", 100).unwrap()
    );
    assert!(explain_case(&suite, "iss-advertised-mismatch", 100).is_none());
    assert!(explain_requirement(&suite, "iss/two-values", 100).is_none());
    assert_eq!(
        suggest(&suite, "iss-advertized-mismatch"),
        ["iss-advertised-mismatch"]
    );
    assert!(
        suggest(&suite, "mix-up")
            .iter()
            .all(|id| id.contains("mix-up"))
    );
    assert!(suggest(&suite, "xyzzy").is_empty());
}

#[test]
fn everything_can_be_explained_and_listed() {
    let suite = Suite::embedded().unwrap();
    for width in [20, 80] {
        assert!(suite.cases.iter().all(|case| {
            explain_case(&suite, &case.id, width).is_some_and(|text| text.contains("Run it:"))
        }));
        assert!(
            suite
                .catalogue
                .iter()
                .all(|requirement| explain_requirement(&suite, &requirement.id, width).is_some())
        );
    }
    for revision in Revision::ALL {
        let text = list(&suite.select(*revision, &[]), *revision, 100);
        assert!(
            suite
                .select(*revision, &[])
                .iter()
                .all(|case| text.contains(&case.id))
        );
    }
}
