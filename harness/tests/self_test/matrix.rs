//! The kill matrix: which checks fail for which defect. Every failure must be listed, and every
//! listed check must fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::ReferenceClient;
use mcp_authspec::judge::{Conclusions, Verdict};
use mcp_authspec::scenario::model::{Capability, Revision, scenario_of};
use reference_client::{DefectInfo, defects};
use serde::Deserialize;

use super::runs::{
    SUITE, client_program, declared_capabilities, run_client, run_defect_everywhere,
    run_reference_client,
};
use super::sample;

/// The row of each defect.
pub type Matrix = BTreeMap<String, Row>;

/// For each requirement, the checks that no defect fails, and the reason.
type ChecksWithoutDefect = BTreeMap<String, CheckWithoutDefect>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckWithoutDefect {
    cases: BTreeSet<String>,
    because: String,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The revision in which the defect is tested.
    pub revision: String,
    /// Requirements that fail in every case that exercises them.
    #[serde(default)]
    pub everywhere: BTreeSet<String>,
    /// Requirements that fail only in these cases.
    #[serde(default)]
    pub r#in: BTreeMap<String, BTreeSet<String>>,
}

pub static MATRIX: LazyLock<Matrix> = LazyLock::new(|| {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    toml::from_str(&text).expect("fixtures/kill-matrix.toml is a table per defect")
});

fn path() -> PathBuf {
    fixture("kill-matrix.toml")
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name)
}

pub fn trials(full: bool) -> Vec<Trial> {
    let test = |info: &'static DefectInfo| {
        Trial::test(format!("defect::{}", info.name), move || {
            check_row(info, full)
        })
    };
    let mut trials: Vec<Trial> = defects().map(test).collect();
    trials.push(Trial::test(
        "matrix::every-check-can-fail",
        every_check_can_fail,
    ));
    trials.push(Trial::test(
        "matrix::every-row-is-a-defect",
        every_row_is_a_defect,
    ));
    trials
}

fn check_row(info: &DefectInfo, full: bool) -> Result<(), Failed> {
    let listed = MATRIX
        .get(info.name)
        .ok_or("the kill matrix has no row for this defect")?;
    if !full {
        let differences = sample::find_differences(info, listed)?;
        let describe = |problems: Vec<String>| format!("{}\n{}", info.summary, problems.join("\n"));
        return if differences.is_empty() {
            Ok(())
        } else {
            Err(describe(differences).into())
        };
    }
    let found = observe_row(info);
    if *listed == found {
        return Ok(());
    }
    let show = |row: &Row| format_row(info.name, row);
    Err(format!(
        "{}\nthe kill matrix says\n{}\nthe run says\n{}",
        info.summary,
        show(listed),
        show(&found)
    )
    .into())
}

/// Some defect fails each requirement that a scenario or monitor checks, and each single check of a
/// scenario, unless `fixtures/checks-without-defect.toml` gives a reason.
fn every_check_can_fail() -> Result<(), Failed> {
    let killed: BTreeSet<&String> = MATRIX
        .values()
        .flat_map(|row| row.everywhere.iter().chain(row.r#in.keys()))
        .collect();
    let everywhere: BTreeSet<&String> = MATRIX.values().flat_map(|row| &row.everywhere).collect();
    let in_case = |requirement: &str, case: &str| {
        MATRIX
            .values()
            .any(|row| row.r#in.get(requirement).is_some_and(|c| c.contains(case)))
    };
    let mut problems: BTreeSet<String> = BTreeSet::new();
    let mut never_failed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for &revision in Revision::ALL {
        for case in run_reference_client(revision, ReferenceClient::default(), &[]).cases {
            for check in case
                .checks
                .iter()
                .filter(|check| check.verdict == Verdict::Pass)
            {
                if !killed.contains(&check.requirement) {
                    problems.insert(format!("no defect fails {}", check.requirement));
                } else if !(check.monitor
                    || is_variant(&case.case)
                    || everywhere.contains(&check.requirement)
                    || in_case(&check.requirement, &case.case))
                {
                    never_failed
                        .entry(check.requirement.clone())
                        .or_default()
                        .insert(case.case.clone());
                }
            }
        }
    }
    for file in variety_files() {
        if !killed_in(&file) {
            problems.insert(format!("no defect fails in a variant of {file}"));
        }
    }
    let path = fixture("checks-without-defect.toml");
    let listed: ChecksWithoutDefect = toml::from_str(&std::fs::read_to_string(&path)?)?;
    for (requirement, entry) in &listed {
        if !entry.because.ends_with('.') {
            problems.insert(format!("{requirement}: `because` is not a sentence"));
        }
    }
    let cases = |requirement: &String| {
        listed
            .get(requirement)
            .map(|entry| entry.cases.clone())
            .unwrap_or_default()
    };
    for requirement in never_failed.keys().chain(listed.keys()) {
        let (found, listed) = (
            never_failed.get(requirement).cloned().unwrap_or_default(),
            cases(requirement),
        );
        problems.extend(found.difference(&listed).map(|case| {
            format!(
                "no defect fails {requirement} in {case}, and {} gives no reason",
                path.display()
            )
        }));
        problems.extend(listed.difference(&found).map(|case| {
            format!(
                "{} lists {requirement} in {case}, which some defect fails",
                path.display()
            )
        }));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.into_iter().collect::<Vec<_>>().join("\n").into())
    }
}

/// Whether a case is a variant of a variety or a profile. Defects are asked of these as a whole.
fn is_variant(id: &str) -> bool {
    let case = SUITE.cases.iter().find(|case| case.id == id);
    case.is_some_and(|case| case.variety.is_some() || case.profile.is_some())
}

/// The files of varieties.
fn variety_files() -> BTreeSet<String> {
    let variants = SUITE.cases.iter().filter(|case| case.variety.is_some());
    variants.map(|case| case.scenario().to_owned()).collect()
}

/// Whether the kill matrix lists a failure in one of the cases of a file.
fn killed_in(file: &str) -> bool {
    let mut listed = MATRIX.values().flat_map(|row| row.r#in.values()).flatten();
    listed.any(|case| scenario_of(case) == file)
}

fn every_row_is_a_defect() -> Result<(), Failed> {
    let unknown: Vec<&String> = MATRIX
        .keys()
        .filter(|name| defects().all(|d| d.name != name.as_str()))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(format!("unknown defects in the kill matrix: {unknown:?}").into())
    }
}

/// The comment above the matrix.
const HEADER: &str = "\
# The kill matrix: the checks that fail when the reference client has one defect.
# `KILL_MATRIX=write cargo test --test self_test` writes it;
# read the difference before you commit it.
# `everywhere`: fails in every case that exercises the requirement. `in`: fails in these cases only.
";

/// Runs the defects whose names contain `filter`, or every defect, and writes what failed. Rows of
/// other defects stay as they are.
pub fn write(filter: Option<&str>) -> Result<String, String> {
    let mut text = HEADER.to_owned();
    let next = Mutex::new(defects().enumerate());
    let rows = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((number, info)) =
                        next.lock().map(|mut n| n.next()).unwrap_or_default()
                    else {
                        return;
                    };
                    let is_wanted = filter.is_none_or(|filter| info.name.contains(filter));
                    let known = MATRIX.get(info.name).filter(|_| !is_wanted);
                    let row = known.cloned().unwrap_or_else(|| observe_row(info));
                    if let Ok(mut rows) = rows.lock() {
                        rows.insert(number, format_row(info.name, &row));
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

/// The row of a defect, in the newest revision in which it fails anything. If it fails nothing in
/// this process, the client runs as a program of its own.
fn observe_row(info: &DefectInfo) -> Row {
    if needs_separate_process(info) {
        let (everywhere, r#in) = summarise_failures(&run_as_program(info.name));
        return Row {
            revision: Revision::LATEST.to_string(),
            everywhere,
            r#in,
        };
    }
    let mut found = Row {
        revision: Revision::LATEST.to_string(),
        ..Row::default()
    };
    for &revision in Revision::ALL.iter().rev() {
        if !info.breaks.iter().any(|id| {
            SUITE
                .catalogue
                .get(id)
                .is_some_and(|r| r.applies_in(revision))
        }) {
            continue;
        }
        let (everywhere, r#in) = summarise_failures(&run_defect_everywhere(revision, info));
        found = Row {
            revision: revision.to_string(),
            everywhere,
            r#in,
        };
        if !(found.everywhere.is_empty() && found.r#in.is_empty()) {
            return found;
        }
    }
    let (everywhere, r#in) = summarise_failures(&run_as_program(info.name));
    Row {
        everywhere,
        r#in,
        ..found
    }
}

/// Whether all requirements that a defect breaks are checked only in cases that need a program.
pub fn needs_separate_process(info: &DefectInfo) -> bool {
    let mut checked = SUITE
        .cases
        .iter()
        .filter(|case| {
            SUITE
                .requirements_of(case)
                .any(|id| info.breaks.contains(&id.as_str()))
        })
        .peekable();
    checked.peek().is_some()
        && checked.all(|case| case.needs.contains(&Capability::SeparateProcess))
}

/// Runs the cases that need a program, because they look at files, arguments or child processes.
pub fn run_as_program(defect: &str) -> Conclusions {
    let cases = SUITE
        .cases
        .iter()
        .filter(|case| case.needs.contains(&Capability::SeparateProcess))
        .map(|case| case.id.clone())
        .collect::<Vec<_>>();
    run_client(
        Revision::LATEST,
        client_program(Some(defect)),
        declared_capabilities(),
        &cases,
    )
}

/// For each requirement, the cases in which it failed and those in which it was exercised.
#[derive(Default)]
pub struct Observed {
    pub failed: BTreeMap<String, BTreeSet<String>>,
    pub exercised: BTreeMap<String, BTreeSet<String>>,
}

impl Observed {
    pub fn of(conclusions: &Conclusions) -> Self {
        let mut observed = Self::default();
        for case in &conclusions.cases {
            for check in &case.checks {
                if matches!(check.verdict, Verdict::Pass | Verdict::Fail) {
                    observed
                        .exercised
                        .entry(check.requirement.clone())
                        .or_default()
                        .insert(case.case.clone());
                }
                if check.verdict == Verdict::Fail {
                    observed
                        .failed
                        .entry(check.requirement.clone())
                        .or_default()
                        .insert(case.case.clone());
                }
            }
        }
        // Monitors watch control runs, too, which are not cases.
        for monitor in &conclusions.monitors {
            for control in monitor
                .failed_in
                .iter()
                .filter(|case| case.ends_with(CONTROL))
            {
                observed
                    .failed
                    .entry(monitor.requirement.clone())
                    .or_default()
                    .insert(control.clone());
                observed
                    .exercised
                    .entry(monitor.requirement.clone())
                    .or_default()
                    .insert(control.clone());
            }
        }
        observed
    }
}

/// What the name of a control run ends with.
pub const CONTROL: &str = " (control)";

fn summarise_failures(
    conclusions: &Conclusions,
) -> (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>) {
    let Observed {
        mut failed,
        exercised,
    } = Observed::of(conclusions);
    let everywhere: BTreeSet<String> = failed
        .iter()
        .filter(|(id, cases)| cases.len() > 1 && exercised.get(*id) == Some(cases))
        .map(|(id, _)| id.clone())
        .collect();
    failed.retain(|id, _| !everywhere.contains(id));
    (everywhere, failed)
}

fn format_row(name: &str, row: &Row) -> String {
    let list = |words: &BTreeSet<String>| {
        words
            .iter()
            .map(|w| format!("\"{w}\""))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut out = format!("\n[{name}]\nrevision = \"{}\"\n", row.revision);
    if !row.everywhere.is_empty() {
        let _ = writeln!(out, "everywhere = [{}]", list(&row.everywhere));
    }
    for (id, cases) in &row.r#in {
        let _ = writeln!(out, "in.{id} = [{}]", list(cases));
    }
    out
}
