//! Makes certificates.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::archive::pack;
use super::claim::Claim;
use super::envelope::Envelope;
use super::error::CertificateError;
use super::file_names;
use super::freshness::challenge_of_seed;
use super::key_file::read_signing_key;
use super::page::{render_badge, render_page};
use super::run_extent::RunExtent;
use super::statement::{
    Artifact, Details, Digests, PREDICATE_TYPE, RulesDescriptor, RulesDigest, STATEMENT_TYPE,
    Statement, TestResult, TestedClient,
};
use crate::judge::Verdict;
use crate::report::Report;
use crate::saved::{SavedRun, WhatIf};
use crate::scenario::model::Level;
use crate::suite::Suite;

/// What a certificate is to be made of.
#[derive(Debug)]
pub struct CertificateRequest<'a> {
    /// The folder of a run that was saved with `run --save`.
    pub run: &'a Path,
    /// The folder of the certificate: empty, or to be created.
    pub into: &'a Path,
    /// The file of the private key.
    pub key: &'a Path,
    /// Files of the client, of which the certificate names the digests.
    pub artifacts: &'a [PathBuf],
}

/// Writes the certificate of a saved run.
pub fn issue(
    request: &CertificateRequest<'_>,
    suite: &Suite,
) -> Result<Statement, CertificateError> {
    let key = read_signing_key(request.key)?;
    check_is_empty(request.into)?;
    let run = SavedRun::read(request.run, suite, WhatIf::NotOffered)?;
    check_is_whole(&run)?;
    let archive = pack(request.run)?;
    let artifacts = request.artifacts.iter();
    let artifacts = artifacts
        .map(|file| artifact_of_file(file))
        .collect::<Result<Vec<_>, _>>()?;
    let mut subject = vec![artifact(file_names::RUN, &archive)];
    subject.extend(artifacts);
    let statement = make_statement(run, suite, subject)?;
    let payload = serde_json::to_vec_pretty(&statement).map_err(|_| CertificateError::Signing)?;
    let envelope = Envelope::sign(&payload, &key)?;
    let envelope = serde_json::to_vec_pretty(&envelope).map_err(|_| CertificateError::Signing)?;
    let public_key = key.verifying_key()?;
    let files: [(&str, Vec<u8>); 5] = [
        (file_names::RUN, archive),
        (file_names::PUBLIC_KEY, public_key.to_pem().into_bytes()),
        (
            file_names::PAGE,
            render_page(&statement, &public_key.fingerprint())?.into_bytes(),
        ),
        (file_names::BADGE, render_badge(&statement)?.into_bytes()),
        (file_names::ENVELOPE, envelope),
    ];
    write_files(request.into, &files)?;
    Ok(statement)
}

/// The statement that the run supports.
pub(super) fn make_statement(
    run: SavedRun,
    suite: &Suite,
    subject: Vec<Artifact>,
) -> Result<Statement, CertificateError> {
    let manifest = run.manifest.clone();
    let judged = run.judge(suite)?;
    let reports: Vec<Report> = judged.iter().map(|one| one.report(suite)).collect();
    let claims: Vec<Claim> = judged
        .iter()
        .zip(&reports)
        .map(|(one, report)| Claim::of(report, RunExtent::of(&one.record, &manifest, suite)))
        .collect();
    let words = |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect();
    let challenge = match manifest.seeds.as_slice() {
        [seed] => challenge_of_seed(seed).map(str::to_owned),
        _ => None,
    };
    Ok(Statement {
        statement_type: STATEMENT_TYPE.to_owned(),
        subject,
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate: TestResult {
            result: Statement::result_of(&claims),
            configuration: vec![RulesDescriptor {
                name: format!("mcp-authspec {}", manifest.harness),
                digest: RulesDigest {
                    mcp_authspec_rules: manifest.rules.clone(),
                },
            }],
            passed_tests: requirements(&reports, |_, verdict| verdict == Verdict::Pass),
            warned_tests: requirements(&reports, |level, verdict| {
                level == Level::Should && verdict == Verdict::Fail
            }),
            failed_tests: requirements(&reports, |level, verdict| {
                level == Level::Must && matches!(verdict, Verdict::Fail | Verdict::NotExercised)
            }),
            mcp_authspec: Details {
                harness: manifest.harness,
                client: TestedClient {
                    name: manifest.client,
                    started: manifest.rerun,
                    driven_by_person: manifest.driven_by_person,
                    declared_has: words(&manifest.declared.has),
                    declared_lacks: words(&manifest.declared.lacks),
                },
                claims,
                attested: reports
                    .iter()
                    .flat_map(|report| report.attested.clone())
                    .collect(),
                challenge,
            },
        },
    })
}

fn requirements(reports: &[Report], is_meant: impl Fn(Level, Verdict) -> bool) -> Vec<String> {
    let rows = reports.iter().flat_map(|report| {
        let rows = report.requirements.iter();
        rows.map(move |row| (report.revision, row))
    });
    rows.filter(|(_, row)| !row.unscored && !row.advice && is_meant(row.level, row.verdict))
        .map(|(revision, row)| format!("{revision}/{}", row.id))
        .collect()
}

fn check_is_whole(run: &SavedRun) -> Result<(), CertificateError> {
    let problem = if !run.manifest.shards.are_all() {
        Some("it holds a part of a run only; `mcp-authspec merge` joins parts")
    } else if !run.is_whole() {
        Some("it ended before all of its cases were run")
    } else {
        None
    };
    problem.map_or(Ok(()), |problem| {
        Err(CertificateError::NotWhole {
            problem: problem.to_owned(),
        })
    })
}

/// Checks that nothing would be overwritten.
fn check_is_empty(folder: &Path) -> Result<(), CertificateError> {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if is_empty {
        Ok(())
    } else {
        Err(CertificateError::NotEmpty(folder.to_owned()))
    }
}

/// A file of the client, with its digest.
fn artifact_of_file(path: &Path) -> Result<Artifact, CertificateError> {
    let content = std::fs::read(path).map_err(|source| CertificateError::Read {
        path: path.to_owned(),
        source,
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(artifact(&name, &content))
}

/// A file of this content.
pub(super) fn artifact(name: &str, content: &[u8]) -> Artifact {
    Artifact {
        name: name.to_owned(),
        digest: Digests {
            sha256: format!("{:x}", Sha256::digest(content)),
        },
    }
}

fn write_files(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), CertificateError> {
    let write = |path: &Path, source| CertificateError::Write {
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(|source| write(folder, source))?;
    for (name, content) in files {
        let path = folder.join(name);
        std::fs::write(&path, content).map_err(|source| write(&path, source))?;
    }
    Ok(())
}
