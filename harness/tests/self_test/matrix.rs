//! The kill matrix: which checks fail for which defect. Both ways: what fails must be listed, what is listed must fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use libtest_mimic::{Failed, Trial};
use mcp_authspec::judge::{Conclusions, Verdict};
use mcp_authspec::scenario::model::{Need, Revision};
use reference_client::{DefectInfo, Defects, defects};
use serde::Deserialize;

use super::runs::{SUITE, as_program, bundled, declared, with_client};

/// Defect -> what fails.
type Matrix = BTreeMap<String, Row>;

#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The revision that the defect is run in.
    revision: String,
    /// Requirements that fail wherever they are exercised.
    #[serde(default)]
    everywhere: BTreeSet<String>,
    /// Requirements that fail in just these cases.
    #[serde(default)]
    r#in: BTreeMap<String, BTreeSet<String>>,
}

static MATRIX: LazyLock<Matrix> = LazyLock::new(|| {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    toml::from_str(&text).expect("fixtures/kill-matrix.toml is a table per defect")
});

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/kill-matrix.toml")
}

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> =
        defects().iter().map(|info| Trial::test(format!("defect::{}", info.name), move || is_as_listed(info))).collect();
    trials.push(Trial::test("matrix::every-check-can-fail", every_check_can_fail));
    trials.push(Trial::test("matrix::every-row-is-a-defect", every_row_is_a_defect));
    trials
}

fn is_as_listed(info: &DefectInfo) -> Result<(), Failed> {
    let listed = MATRIX.get(info.name).ok_or("the kill matrix has no row for this defect")?;
    let found = row(info);
    if *listed == found {
        return Ok(());
    }
    let show = |row: &Row| toml_of(info.name, row);
    Err(format!("{}\nthe kill matrix says\n{}\nthe run says\n{}", info.summary, show(listed), show(&found)).into())
}

/// Every requirement that a scenario or monitor checks is failed by some defect, or the check is one that cannot fail.
fn every_check_can_fail() -> Result<(), Failed> {
    let killed: BTreeSet<&String> = MATRIX.values().flat_map(|row| row.everywhere.iter().chain(row.r#in.keys())).collect();
    let mut checked: BTreeSet<String> = BTreeSet::new();
    for &revision in Revision::ALL {
        let conclusions = bundled(revision, Defects::none());
        let passed = conclusions.cases.into_iter().flat_map(|c| c.checks).filter(|c| c.verdict == Verdict::Pass);
        checked.extend(passed.map(|c| c.requirement));
    }
    let immortal: Vec<String> = checked.into_iter().filter(|r| !killed.contains(r)).collect();
    if immortal.is_empty() { Ok(()) } else { Err(format!("no defect fails: {}", immortal.join(", ")).into()) }
}

fn every_row_is_a_defect() -> Result<(), Failed> {
    let strangers: Vec<&String> = MATRIX.keys().filter(|name| defects().iter().all(|d| d.name != name.as_str())).collect();
    if strangers.is_empty() { Ok(()) } else { Err(format!("no such defects: {strangers:?}").into()) }
}

/// Runs every defect and writes what failed.
pub fn write() -> Result<String, String> {
    let mut text = String::from(
        "# The kill matrix: what fails when the reference client is broken in one way. Written by `KILL_MATRIX=write cargo test --test self_test`;\n# read the difference before you commit it. `everywhere`: fails in every case that exercises it. `in`: fails in just these cases.\n",
    );
    let next = Mutex::new(defects().iter().enumerate());
    let rows = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((number, info)) = next.lock().map(|mut n| n.next()).unwrap_or_default() else { return };
                    let row = row(info);
                    if let Ok(mut rows) = rows.lock() {
                        rows.insert(number, toml_of(info.name, &row));
                    }
                }
            });
        }
    });
    for row in rows.into_inner().map_err(|e| e.to_string())?.values() {
        text.push_str(row);
    }
    std::fs::write(path(), text).map_err(|e| e.to_string())?;
    Ok(path().display().to_string())
}

/// What a defect fails, in the newest revision in which it fails anything; where nothing shows in this process, in its own.
fn row(info: &DefectInfo) -> Row {
    let defect = info.name.parse().expect("the table's names parse");
    let mut found = Row { revision: Revision::LATEST.to_string(), ..Row::default() };
    for &revision in Revision::ALL.iter().rev() {
        if !info.breaks.iter().any(|id| SUITE.catalogue.get(id).is_some_and(|r| r.applies_in(revision))) {
            continue;
        }
        let (everywhere, r#in) = failures(&bundled(revision, Defects::only(defect)));
        found = Row { revision: revision.to_string(), everywhere, r#in };
        if !(found.everywhere.is_empty() && found.r#in.is_empty()) {
            return found;
        }
    }
    let (everywhere, r#in) = failures(&in_its_own_process(info.name));
    Row { everywhere, r#in, ..found }
}

/// What shows only from outside: files, arguments, child processes.
fn in_its_own_process(defect: &str) -> Conclusions {
    let cases =
        SUITE.cases.iter().filter(|case| case.needs.contains(&Need::SeparateProcess)).map(|case| case.id.clone()).collect::<Vec<_>>();
    with_client(Revision::LATEST, as_program(Some(defect)), declared(), &cases)
}

fn failures(conclusions: &Conclusions) -> (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>) {
    let mut failed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut exercised: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in &conclusions.cases {
        for check in &case.checks {
            if matches!(check.verdict, Verdict::Pass | Verdict::Fail) {
                exercised.entry(check.requirement.clone()).or_default().insert(case.case.clone());
            }
            if check.verdict == Verdict::Fail {
                failed.entry(check.requirement.clone()).or_default().insert(case.case.clone());
            }
        }
    }
    // control runs are watched too, and are no cases
    for monitor in &conclusions.monitors {
        for control in monitor.failed_in.iter().filter(|case| case.ends_with("(control)")) {
            failed.entry(monitor.requirement.clone()).or_default().insert(control.clone());
            exercised.entry(monitor.requirement.clone()).or_default().insert(control.clone());
        }
    }
    let everywhere: BTreeSet<String> =
        failed.iter().filter(|(id, cases)| cases.len() > 1 && exercised.get(*id) == Some(cases)).map(|(id, _)| id.clone()).collect();
    failed.retain(|id, _| !everywhere.contains(id));
    (everywhere, failed)
}

fn toml_of(name: &str, row: &Row) -> String {
    let list = |words: &BTreeSet<String>| words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ");
    let mut out = format!("\n[{name}]\nrevision = \"{}\"\n", row.revision);
    if !row.everywhere.is_empty() {
        let _ = writeln!(out, "everywhere = [{}]", list(&row.everywhere));
    }
    for (id, cases) in &row.r#in {
        let _ = writeln!(out, "in.{id} = [{}]", list(cases));
    }
    out
}
