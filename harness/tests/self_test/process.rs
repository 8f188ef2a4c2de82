//! The bundled client as a program of its own gets the verdicts that it gets in this process, and a
//! few more.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::{Client, CommandClient, ReferenceClient};
use mcp_authspec::judge::{Conclusions, Declared, Verdict};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::transcript::Status;

use super::runs::{as_program, bundled, declared, with_client};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("process::same-verdicts-as-in-process", || {
            same_verdicts_as_in_process(as_program(None))
        }),
        Trial::test(
            "process::an-adapter-without-a-browser-and-of-which-nothing-is-declared",
            an_undeclared_adapter_passes,
        ),
        Trial::test("process::a-program-that-does-nothing", || {
            nothing_passes("true", Status::Completed)
        }),
        Trial::test("process::a-program-that-fails-at-start", || {
            nothing_passes("false", Status::Completed)
        }),
        Trial::test("process::a-program-that-dies", || {
            nothing_passes("sh -c 'kill -9 $$'", Status::Crashed)
        }),
    ]
}

type Verdicts = BTreeMap<(String, String), Verdict>;

fn verdicts(conclusions: &Conclusions) -> Verdicts {
    let cases = conclusions
        .cases
        .iter()
        .filter(|case| case.not_run.is_none());
    cases
        .flat_map(|case| {
            case.checks
                .iter()
                .map(|c| ((case.case.clone(), c.requirement.clone()), c.verdict))
        })
        .collect()
}

pub fn same_verdicts_as_in_process(program: Arc<dyn Client>) -> Result<(), Failed> {
    let inside = verdicts(&bundled(Revision::LATEST, ReferenceClient::default(), &[]));
    let outside = verdicts(&with_client(Revision::LATEST, program, declared(), &[]));
    let failed = outside
        .iter()
        .filter(|(_, v)| !matches!(v, Verdict::Pass | Verdict::NotApplicable));
    // no document can be had from a program, so those checks are not applicable there
    let differ = inside.iter().filter(|(check, v)| {
        outside
            .get(*check)
            .is_some_and(|o| o != *v && *o != Verdict::NotApplicable)
    });
    let problems: Vec<String> = failed
        .chain(differ)
        .map(|(check, v)| format!("{check:?} {v}"))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n").into())
    }
}

/// As most adapters are: nothing is declared, and no browser is opened. Nothing binding fails, and
/// nothing binding stays open.
fn an_undeclared_adapter_passes() -> Result<(), Failed> {
    let program = env!("CARGO_BIN_EXE_mcp-authspec");
    let run = Command::new(program)
        .args([
            "run",
            "--cwd",
            "sandbox",
            "--",
            program,
            "reference-client",
            "--headless",
        ])
        .output()?;
    if run.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&run.stdout).into_owned().into())
    }
}

fn nothing_passes(command: &str, status: Status) -> Result<(), Failed> {
    let client: Arc<dyn Client> =
        Arc::new(CommandClient::from_line(command, false).map_err(|e| e.to_string())?);
    let conclusions = with_client(
        Revision::LATEST,
        client,
        Declared::default(),
        &["iss/*".to_owned()],
    );
    let passed = conclusions
        .cases
        .iter()
        .flat_map(|case| &case.checks)
        .filter(|c| c.verdict == Verdict::Pass)
        .count();
    let otherwise = conclusions
        .cases
        .iter()
        .find(|case| case.status != Some(status));
    match (passed, otherwise) {
        (0, None) => Ok(()),
        (passed, otherwise) => Err(format!("{passed} checks passed; {otherwise:?}").into()),
    }
}
