//! The second stage of the judge: from the facts of all transcripts of a run to its verdicts. This
//! stage takes control runs, monitors, capabilities and levels into account.

use super::conclusions::Conclusions;
use super::evaluated_run::EvaluatedRun;
use super::judge_case::judge_case;
use super::judge_monitors::judge_monitors;
use super::run_evidence::RunEvidence;

/// Judges a run.
pub fn conclude(evidence: &RunEvidence<'_>) -> Conclusions {
    let run = EvaluatedRun::new(evidence);
    let cases = evidence
        .cases
        .iter()
        .zip(&run.case_facts)
        .map(|((case, outcome), facts)| judge_case(&run, case, *outcome, facts.as_ref()))
        .collect();
    let mut conclusions = Conclusions {
        revision: evidence.revision,
        requirement_set: None,
        cases,
        monitors: judge_monitors(&run),
        contradictions: run.capabilities.contradictions(),
        baseline: None,
    };
    conclusions.leave_later_unscored(evidence.catalogue);
    conclusions
}
