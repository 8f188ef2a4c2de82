//! `verify`: checks a certificate.

use std::path::PathBuf;

use clap::Args;

use super::certify_command::describe_claims;
use super::console::{output_style, print};
use super::error::CliError;
use super::scenario_folders::load_suite;
use crate::certificate::{ResultWord, Verification, VerifyRequest, verify};
use crate::exit_code;

/// Options of `verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// Folder of the certificate
    folder: PathBuf,
    /// The public key that you know to be the implementer's, in PEM. Without it, the key beside the
    /// certificate is used, which anybody can have made
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The text that you asked the implementer to answer with `run --challenge`
    #[arg(long, value_name = "TEXT")]
    challenge: Option<String>,
    /// A file that has to be one of the client's. Can be given more than once
    #[arg(long, value_name = "FILE")]
    artifact: Vec<PathBuf>,
    /// The folders of scenario files that the run was made with, if there were any
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
}

pub(super) fn verify_certificate(arguments: &VerifyArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let verification = verify(
        &VerifyRequest {
            folder: &arguments.folder,
            key: arguments.key.as_deref(),
            challenge: arguments.challenge.as_deref(),
            artifacts: &arguments.artifact,
        },
        &suite,
    )?;
    let code = print(&describe(&verification))?;
    Ok(match verification.statement.predicate.result {
        ResultWord::Passed => code,
        ResultWord::Failed => exit_code::FAILED,
    })
}

/// What is proven, and what is not.
fn describe(verification: &Verification) -> String {
    let statement = &verification.statement;
    let details = &statement.predicate.mcp_authspec;
    let mut text = describe_claims(statement);
    text.push_str("Proven:\n");
    let mut proven = vec![
        format!(
            "the certificate is signed with the key {}",
            verification.key
        ),
        "the recorded run is the one that was signed, unchanged".to_owned(),
        format!(
            "judged again by mcp-authspec {} and its rules, the run shows exactly what is claimed",
            details.harness
        ),
        format!(
            "{} random texts in its secrets come from the seed that it names",
            verification.secrets_checked
        ),
    ];
    if let Some(challenge) = &details.challenge {
        proven.push(format!(
            "it was made after somebody had thought of the challenge `{challenge}`"
        ));
    }
    let artifacts = verification.artifacts.iter();
    proven.extend(artifacts.map(|name| format!("{name} is a file that the certificate names")));
    let mut open = vec!["that the program which was run is the one that is shipped"];
    if details.client.driven_by_person {
        open.push("what the client showed, left and ended with: a person drove it");
    }
    if !details.attested.is_empty() {
        open.push("what that person attests, which the certificate lists apart");
    }
    if !verification.key_is_given {
        open.push("who holds the key: compare it with one that you know, with --key");
    }
    if details.challenge.is_none() {
        open.push("when the run was made: ask for one with `run --challenge TEXT`");
    }
    if statement.subject.len() == 1 {
        open.push("which files the client consists of: none are named");
    }
    let style = output_style(false);
    let item = |line: &str| style.wrapped(line, "  ", "    ") + "\n";
    text.extend(proven.iter().map(|line| item(line)));
    text.push_str("Not proven:\n");
    text.extend(open.iter().map(|line| item(line)));
    text
}
