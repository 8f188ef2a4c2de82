//! The report of a run as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attested_answer::AttestedAnswer;
use super::finding::Finding;
use super::outcome::RunOutcome;
use super::silent_client::SilentClient;
use super::timeline::Timeline;
use super::timing::Timing;
use super::withstood_attack::WithstoodAttack;
use crate::judge::{
    BaselineOutcome, Baselined, CaseResult, CheckResult, MonitorResult, NotRunReason, Reason,
    Verdict,
};
use crate::report::model::printable_text::PrintableText;
use crate::requirements::{Area, Capability, Citation};
use crate::scenario::model::{Level, Revision};
use crate::suite::FlakyCase;
use crate::transcript::Status;

/// The version of the report's JSON form; grows when a reader of the old form would misread the new
/// one.
pub const FORMAT: u32 = 2;

/// A whole run, told. Holds no address of this machine, and no live secret unless that was asked
/// for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`]
    pub format: u32,
    /// Version of the harness that judged.
    pub harness: String,
    pub client: PrintableText,
    pub revision: Revision,
    /// The frozen requirement set that the run was scored by; `None`: everything counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement_set: Option<Revision>,
    pub seed: PrintableText,
    /// `2/5`: the part of all cases that was run; `None`: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    pub seconds: f64,
    pub interrupted: bool,
    pub strict: bool,
    pub summary: Summary,
    /// Every requirement that this run had a check for, in the order of the catalogue.
    pub requirements: Vec<RequirementRow>,
    pub cases: Vec<CaseResult>,
    /// Requirements that are watched in every run.
    pub monitors: Vec<MonitorResult>,
    /// What makes the run fail, then warnings.
    pub failures: Vec<Finding>,
    /// What happened in the cases that findings show, or in every case if the report is made in
    /// full.
    pub timelines: Vec<Timeline>,
    /// How long each run took: those of cases, then control runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timings: Vec<Timing>,
    /// Capabilities that the client is declared to lack although a transcript shows them.
    pub contradictions: Vec<Capability>,
    /// Cases and control runs in which the harness itself failed.
    pub harness_errors: Vec<PrintableText>,
    /// Cases that were not run, by reason.
    pub not_run: Vec<NotRun>,
    /// Cases that failed and then passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaky: Vec<FlakyCase>,
    /// Profiles of the run whose deployments have a fault that a right client refuses. The profile
    /// is built without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out_of_reach: Vec<OutOfReach>,
    /// The port on which the client always listens for its callback, if its runs took place one by
    /// one for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_callback_port: Option<u16>,
    /// Cases and control runs in which not all that the client wrote and left was searched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsearched_in: Vec<String>,
    /// Names that were asked for in private networks and that no party had, without those that
    /// contain a secret: these are findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_names: Vec<PrintableText>,
    /// What the person who drove the client says of the runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attested: Vec<AttestedAnswer>,
    /// Set if the client has sent nothing in any run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<SilentClient>,
    /// One attack that the client withstood.
    pub attack: Option<WithstoodAttack>,
    /// What the baseline came to, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineOutcome>,
}

/// The run in numbers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    pub cases_run: usize,
    pub cases_not_run: usize,
    /// Every verdict, those of requirements merged over all their checks.
    pub requirements: BTreeMap<Verdict, usize>,
    /// Requirements that fail (or are not exercised) as the baseline expects, and in no other way.
    /// They are counted above, too.
    #[serde(default)]
    pub baselined: usize,
    pub checks: BTreeMap<Verdict, BTreeMap<Level, usize>>,
}

/// What became of one requirement in the whole run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequirementRow {
    pub id: String,
    pub area: Area,
    /// That of the check which decided, where a case has another than the requirement.
    pub level: Level,
    /// The first of fail, not-exercised, pass, not-applicable that one of its checks has.
    pub verdict: Verdict,
    pub statement: String,
    pub source: Citation,
    /// Cases in which there was something to judge.
    pub cases: usize,
    /// Those of them (and control runs) in which it failed.
    pub failed_in: Vec<String>,
    /// Why it is not exercised or not applicable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// It is no part of the requirement set that the run was scored by.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
    /// It is good practice: a failure is shown apart and never fails a run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advice: bool,
    /// All that makes it fail is known; this is why the check that decided is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

/// Cases that were not run for the same reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotRun {
    pub reason: NotRunReason,
    pub cases: Vec<String>,
}

/// Servers that a right client refuses.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutOfReach {
    /// The case that is built without the fault.
    pub case: String,
    pub shaped_like: Vec<PrintableText>,
    /// The fault.
    pub because: PrintableText,
}

impl Report {
    /// What the run came to.
    pub fn outcome(&self) -> RunOutcome {
        let mut statuses = self.cases.iter().filter_map(|case| case.status);
        if self.interrupted {
            RunOutcome::Interrupted
        } else if !self.harness_errors.is_empty() {
            RunOutcome::HarnessError
        } else if statuses.all(|status| status == Status::SetupFailed)
            || self.silence.as_ref().is_some_and(|silence| silence.broken)
        {
            RunOutcome::NothingRan
        } else if self.failing().next().is_some()
            || !self.contradictions.is_empty()
            || !self.ended_by_force().is_empty()
            || self
                .baseline
                .as_ref()
                .is_some_and(|baseline| !baseline.outdated.is_empty())
            || self.strict && !self.flaky.is_empty()
        {
            RunOutcome::Failed
        } else {
            RunOutcome::Passed
        }
    }

    /// 0 all required checks pass, 1 a requirement failed, 3 the client could not be run, 4 harness
    /// error, 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        self.outcome().exit_code()
    }

    /// Requirements whose check makes the run fail, once for each check.
    pub fn failing(&self) -> impl Iterator<Item = &str> {
        let in_cases = self
            .cases
            .iter()
            .flat_map(|case| &case.checks)
            .filter(|c| c.fails_the_run(self.strict))
            .map(requirement_of);
        let in_all = self
            .monitors
            .iter()
            .filter(|m| m.fails_the_run(self.strict))
            .map(|m| m.requirement.as_str());
        in_cases.chain(in_all)
    }

    /// Cases whose client crashed, or had to be killed: never a success, whatever the checks say,
    /// unless the case is known to fail.
    pub fn ended_by_force(&self) -> Vec<&str> {
        self.cases
            .iter()
            .filter(|case| case.ended_by_force() && case.baselined.is_none())
            .map(|case| case.case.as_str())
            .collect()
    }
}

fn requirement_of(check: &CheckResult) -> &str {
    &check.requirement
}
