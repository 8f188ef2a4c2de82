//! The statement of a certificate: an in-toto Statement 1.0 with the test-result predicate 0.1.
//! What these do not have a place for is in the member `mcpAuthspec`.

use serde::{Deserialize, Serialize};

use super::claim::{Claim, ClaimedLevel};
use crate::report::AttestedAnswer;

/// The type of the statement, and that of its predicate.
pub(super) const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
pub(super) const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// Who was tested, and what it has shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    #[serde(rename = "_type")]
    pub(super) statement_type: String,
    /// The saved run first, then the files of the client.
    pub subject: Vec<Artifact>,
    pub(super) predicate_type: String,
    pub predicate: TestResult,
}

/// A file and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    pub name: String,
    pub digest: Digests,
}

/// The digest of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    pub sha256: String,
}

/// The predicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestResult {
    /// `PASSED` if every revision reaches a level.
    pub result: ResultWord,
    /// By what was judged.
    pub configuration: Vec<RulesDescriptor>,
    /// `REVISION/REQUIREMENT` for each requirement that was met.
    pub passed_tests: Vec<String>,
    /// SHOULDs that were not met.
    pub warned_tests: Vec<String>,
    /// MUSTs that were not met or not exercised.
    pub failed_tests: Vec<String>,
    pub mcp_authspec: Details,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResultWord {
    Passed,
    Failed,
}

/// The rules: requirements, monitors and scenarios.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RulesDescriptor {
    pub name: String,
    pub digest: RulesDigest,
}

/// The digest of requirements and monitors, as saved runs name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RulesDigest {
    pub mcp_authspec_rules: String,
}

/// What only this program knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Details {
    /// The version of the program that was used.
    pub harness: String,
    pub client: TestedClient,
    pub claims: Vec<Claim>,
    /// What the person who drove the client says, and no server observed. No claim rests on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attested: Vec<AttestedAnswer>,
    /// The text that the run answers, if one was demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

/// What is said of the client. Nothing but the digests among the subjects ties a program to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestedClient {
    pub name: String,
    /// How it was started: the rest of the command `mcp-authspec run`.
    pub started: String,
    /// Whether a person drove it at a live page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub driven_by_person: bool,
    /// What it was declared to have and to lack.
    pub declared_has: Vec<String>,
    pub declared_lacks: Vec<String>,
}

impl Statement {
    /// `PASSED` if every revision reaches a level.
    pub(super) fn result_of(claims: &[Claim]) -> ResultWord {
        let reaches = |claim: &Claim| claim.level > ClaimedLevel::None;
        if !claims.is_empty() && claims.iter().all(reaches) {
            ResultWord::Passed
        } else {
            ResultWord::Failed
        }
    }
}
