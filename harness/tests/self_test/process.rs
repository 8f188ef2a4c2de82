//! The bundled client as a program of its own gets the same verdicts as in this process, and a few
//! more.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::{Client, CommandClient, ReferenceClient};
use mcp_authspec::judge::{Conclusions, Declared, Verdict};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::transcript::Status;

use super::runs::{client_program, declared_capabilities, run_client, run_reference_client};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("process::same-verdicts-as-in-process", || {
            check_same_verdicts(client_program(None))
        }),
        Trial::test(
            "process::an-adapter-without-a-browser-and-of-which-nothing-is-declared",
            an_undeclared_adapter_passes,
        ),
        Trial::test("process::a-program-that-does-nothing", || {
            check_program_passes_nothing("true", Status::Completed)
        }),
        Trial::test("process::a-program-that-fails-at-start", || {
            check_program_passes_nothing("false", Status::Completed)
        }),
        Trial::test("process::a-program-that-dies", || {
            check_program_passes_nothing("sh -c 'kill -9 $$'", Status::Crashed)
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

pub fn check_same_verdicts(program: Arc<dyn Client>) -> Result<(), Failed> {
    let inside = verdicts(&run_reference_client(
        Revision::LATEST,
        ReferenceClient::default(),
        &[],
    ));
    let outside = verdicts(&run_client(
        Revision::LATEST,
        program,
        declared_capabilities(),
        &[],
    ));
    let failed = outside
        .iter()
        .filter(|(_, v)| !matches!(v, Verdict::Pass | Verdict::NotApplicable));
    // A program provides no metadata document, so checks of the document are not applicable.
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

/// Like most adapters, this one declares nothing and opens no browser. No requirement fails, and
/// none that applies is left unexercised.
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

fn check_program_passes_nothing(command: &str, status: Status) -> Result<(), Failed> {
    let client: Arc<dyn Client> =
        Arc::new(CommandClient::from_line(command, false).map_err(|e| e.to_string())?);
    let conclusions = run_client(
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
        .find(|case| case.not_run.is_none() && case.status != Some(status));
    match (passed, otherwise) {
        (0, None) => Ok(()),
        (passed, otherwise) => Err(format!("{passed} checks passed; {otherwise:?}").into()),
    }
}
