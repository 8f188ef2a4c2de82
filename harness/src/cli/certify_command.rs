//! `certify`: makes a certificate of a saved run.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::console::{output_style, print};
use super::error::CliError;
use super::scenario_folders::load_suite;
use crate::certificate::{CertificateRequest, Statement, issue};

/// Options of `certify`.
#[derive(Debug, Args)]
pub(super) struct CertifyArguments {
    /// Folder of a whole run that was saved with `run --save`
    run: PathBuf,
    /// The folder of the certificate: empty, or to be created
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// Your private key: Ed25519 or ECDSA P-256 in PKCS #8, or an unencrypted Ed25519 key of
    /// OpenSSH. `openssl genpkey -algorithm ed25519 -out key.pem` makes one
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// A file of the client, such as its program or package: the certificate names its digest, and
    /// so says which version it is about. Can be given more than once
    #[arg(long, value_name = "FILE")]
    artifact: Vec<PathBuf>,
    /// The folders of scenario files that the run was made with, if there were any
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
}

pub(super) fn certify(arguments: &CertifyArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let statement = issue(
        &CertificateRequest {
            run: &arguments.run,
            into: &arguments.into,
            key: &arguments.key,
            artifacts: &arguments.artifact,
        },
        &suite,
    )?;
    let mut text = describe_claims(&statement);
    let into = arguments.into.display();
    let _ = writeln!(
        text,
        "Wrote {into}. Publish the folder; `mcp-authspec verify {into}` checks it."
    );
    print(&text)
}

/// What the certificate says of the client, a line for each revision.
pub(super) fn describe_claims(statement: &Statement) -> String {
    let details = &statement.predicate.mcp_authspec;
    let style = output_style(false);
    let mut text = format!("{}\n", details.client.name);
    for claim in &details.claims {
        let meaning = format!("{}: {}", claim.revision, claim.meaning);
        let _ = writeln!(text, "{}", style.wrapped(&meaning, "  ", "    "));
        for (level, counts) in [("MUST", claim.must), ("SHOULD", claim.should)] {
            let _ = writeln!(
                text,
                "    {level:<6} {} met, {} not met, {} not exercised",
                counts.passed, counts.failed, counts.not_exercised
            );
        }
    }
    text
}
