//! Verifies certificates: signature, digests, and the verdicts, which are judged again.

use std::path::{Path, PathBuf};

use super::archive::unpack;
use super::envelope::Envelope;
use super::error::CertificateError;
use super::file_names;
use super::freshness::check_secrets;
use super::issuer::{artifact, make_statement};
use super::statement::Statement;
use super::verifying_key::VerifyingKey;
use crate::saved::{SavedRun, WhatIf};
use crate::suite::Suite;

/// The greatest size of the files of a certificate, in bytes.
const MAX_FILE: u64 = 256 << 20;

/// What is to be verified.
#[derive(Debug)]
pub struct VerifyRequest<'a> {
    /// The folder of the certificate.
    pub folder: &'a Path,
    /// The file of the public key that the certificate has to be signed with; without it, the key
    /// in the folder.
    pub key: Option<&'a Path>,
    /// The text that the run has to answer.
    pub challenge: Option<&'a str>,
    /// Files that have to be those of the client.
    pub artifacts: &'a [PathBuf],
}

/// What a certificate proves.
#[derive(Debug)]
pub struct Verification {
    pub statement: Statement,
    /// The fingerprint of the key that signed.
    pub key: String,
    /// Whether the verifier named that key.
    pub key_is_given: bool,
    /// The number of random texts in secrets that follow from the seed of the run.
    pub secrets_checked: usize,
    /// The files of the client that are those of the statement.
    pub artifacts: Vec<String>,
}

/// Verifies a certificate.
pub fn verify(
    request: &VerifyRequest<'_>,
    suite: &Suite,
) -> Result<Verification, CertificateError> {
    if !request.folder.join(file_names::ENVELOPE).is_file() {
        return Err(CertificateError::NoCertificate(request.folder.to_owned()));
    }
    let key = read_key(request)?;
    let statement = open_envelope(request.folder, &key)?;
    let archive = read_bounded(&request.folder.join(file_names::RUN))?;
    if statement.subject.first() != Some(&artifact(file_names::RUN, &archive)) {
        return Err(CertificateError::Digest {
            file: file_names::RUN.to_owned(),
        });
    }
    let artifacts = check_artifacts(request.artifacts, &statement)?;
    let unpacked = tempfile::tempdir().map_err(|source| CertificateError::Write {
        path: std::env::temp_dir(),
        source,
    })?;
    unpack(
        &archive,
        &request.folder.join(file_names::RUN),
        unpacked.path(),
    )?;
    let run = SavedRun::read(unpacked.path(), suite, WhatIf::NotOffered)?;
    let secrets_checked = check_secrets(&run)?;
    let found = make_statement(run, suite, statement.subject.clone())?;
    check_is_same(&statement, &found)?;
    check_challenge(&statement, request.challenge)?;
    Ok(Verification {
        statement,
        key: key.fingerprint(),
        key_is_given: request.key.is_some(),
        secrets_checked,
        artifacts,
    })
}

/// The key that the verifier named. Otherwise that of the folder, which proves only that nobody
/// else has changed the certificate since.
fn read_key(request: &VerifyRequest<'_>) -> Result<VerifyingKey, CertificateError> {
    let beside = VerifyingKey::read(&request.folder.join(file_names::PUBLIC_KEY));
    match request.key {
        None => beside,
        Some(path) => {
            let given = VerifyingKey::read(path)?;
            let is_other = beside.is_ok_and(|beside| beside != given);
            if is_other {
                return Err(CertificateError::OtherKey);
            }
            Ok(given)
        }
    }
}

fn open_envelope(folder: &Path, key: &VerifyingKey) -> Result<Statement, CertificateError> {
    let path = folder.join(file_names::ENVELOPE);
    let not_a_certificate = |error: serde_json::Error| CertificateError::Form {
        path: path.clone(),
        problem: error.to_string(),
    };
    let text = read_bounded(&path)?;
    let envelope: Envelope = serde_json::from_slice(&text).map_err(not_a_certificate)?;
    let payload = envelope.open(key)?;
    serde_json::from_slice(&payload).map_err(not_a_certificate)
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let read = |source| CertificateError::Read {
        path: path.to_owned(),
        source,
    };
    let size = std::fs::metadata(path).map_err(read)?.len();
    if size > MAX_FILE {
        return Err(CertificateError::Archive {
            path: path.to_owned(),
            limit: MAX_FILE,
            problem: format!("{size} bytes"),
        });
    }
    std::fs::read(path).map_err(read)
}

fn check_artifacts(
    files: &[PathBuf],
    statement: &Statement,
) -> Result<Vec<String>, CertificateError> {
    let mut found = Vec::new();
    for file in files {
        let content = read_bounded(file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let digest = artifact(&name, &content).digest;
        let subject = statement
            .subject
            .iter()
            .skip(1)
            .find(|s| s.digest == digest);
        match subject {
            Some(subject) => found.push(subject.name.clone()),
            None => {
                return Err(CertificateError::Digest {
                    file: file.display().to_string(),
                });
            }
        }
    }
    Ok(found)
}

/// Checks that the statement says what the run shows.
fn check_is_same(stated: &Statement, found: &Statement) -> Result<(), CertificateError> {
    if stated == found {
        return Ok(());
    }
    let summary = |statement: &Statement| {
        let claims = statement.predicate.mcp_authspec.claims.iter();
        let claims: Vec<String> = claims
            .map(|claim| format!("{}: {:?}, {:?}", claim.revision, claim.level, claim.must))
            .collect();
        claims.join("; ")
    };
    let (stated_text, found_text) = (summary(stated), summary(found));
    Err(if stated_text == found_text {
        CertificateError::Contradicted {
            stated: "something else of the client, the rules or a requirement".to_owned(),
            found: "what its report says".to_owned(),
        }
    } else {
        CertificateError::Contradicted {
            stated: stated_text,
            found: found_text,
        }
    })
}

fn check_challenge(statement: &Statement, wanted: Option<&str>) -> Result<(), CertificateError> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    let problem = match statement.predicate.mcp_authspec.challenge.as_deref() {
        Some(answered) if answered == wanted => return Ok(()),
        Some(answered) => format!("it answers `{answered}`"),
        None => "it answers none".to_owned(),
    };
    Err(CertificateError::Challenge { problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::claim::{Claim, ClaimedLevel, LevelCounts};
    use crate::certificate::statement::{
        Details, PREDICATE_TYPE, ResultWord, STATEMENT_TYPE, TestResult, TestedClient,
    };
    use crate::scenario::model::Revision;

    fn statement(level: ClaimedLevel, failed: usize) -> Statement {
        let must = LevelCounts {
            passed: 7,
            failed,
            ..LevelCounts::default()
        };
        Statement {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject: vec![artifact(file_names::RUN, b"run")],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: TestResult {
                result: ResultWord::Passed,
                configuration: Vec::new(),
                passed_tests: Vec::new(),
                warned_tests: Vec::new(),
                failed_tests: Vec::new(),
                mcp_authspec: Details {
                    harness: "1.0.0".to_owned(),
                    client: TestedClient {
                        name: "a client".to_owned(),
                        started: String::new(),
                        driven_by_person: false,
                        declared_has: Vec::new(),
                        declared_lacks: Vec::new(),
                    },
                    claims: vec![Claim {
                        revision: Revision::LATEST,
                        level,
                        meaning: String::new(),
                        must,
                        should: LevelCounts::default(),
                        extensions: std::collections::BTreeSet::new(),
                        cases_run: 3,
                        cases_not_run: 0,
                    }],
                    attested: Vec::new(),
                    challenge: None,
                },
            },
        }
    }

    #[test]
    fn a_claim_that_the_run_does_not_show_is_refuted() {
        let stated = statement(ClaimedLevel::Musts, 0);
        assert!(check_is_same(&stated, &stated).is_ok());
        let refuted = check_is_same(&stated, &statement(ClaimedLevel::None, 1)).unwrap_err();
        insta::assert_snapshot!(refuted.to_string());
        let mut renamed = stated.clone();
        renamed.predicate.mcp_authspec.client.name = "a better client".to_owned();
        assert!(check_is_same(&renamed, &stated).is_err());
    }
}
