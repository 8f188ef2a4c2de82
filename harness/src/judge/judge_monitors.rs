//! Judges the requirements that monitors watch, over all runs together.

use super::check_outcome::CheckOutcome;
use super::evaluated_run::EvaluatedRun;
use super::facts::Facts;
use super::monitor_result::MonitorResult;
use super::reason::Reason;
use super::ruling::Ruling;
use super::verdict::Verdict;
use crate::scenario::model::Expectation;

/// The result of every requirement that a monitor watches and that binds in the revision.
pub(super) fn judge_monitors(run: &EvaluatedRun<'_>) -> Vec<MonitorResult> {
    let runs = all_runs(run);
    run.evidence
        .monitors
        .iter()
        .flat_map(|monitor| monitor.requirements())
        .filter_map(|id| judge_monitored(run, id, &runs))
        .collect()
}

/// The facts of all cases, and of the control runs that are no cases themselves, by case id.
fn all_runs<'r>(run: &'r EvaluatedRun<'_>) -> Vec<(&'r str, &'r Facts)> {
    let evidence = run.evidence;
    let cases = evidence
        .cases
        .iter()
        .zip(&run.case_facts)
        .filter_map(|((case, _), facts)| Some((case.id.as_str(), facts.as_ref()?)));
    let is_case = |id: &str| evidence.cases.iter().any(|(case, _)| case.id == id);
    let controls = evidence
        .controls
        .values()
        .zip(run.control_facts.values())
        .map(|((case, _), facts)| (case.id.as_str(), facts))
        .filter(|(id, _)| !is_case(id));
    cases.chain(controls).collect()
}

/// Whether no run could have shown anything about a requirement, because a person drove the client
/// in all of them.
fn is_unobserved(run: &EvaluatedRun<'_>, id: &str) -> bool {
    let monitors = run.evidence.monitors.iter();
    let mut meant = monitors.filter(|monitor| monitor.requirements().any(|other| other == id));
    meant.all(Expectation::rests_on_clients_machine)
        && run
            .evidence
            .transcripts()
            .all(|transcript| transcript.driven_by_person)
}

fn judge_monitored(
    run: &EvaluatedRun<'_>,
    id: &str,
    runs: &[(&str, &Facts)],
) -> Option<MonitorResult> {
    let (requirement, level) = run.binding_requirement(id)?;
    let mut spoke_in = 0;
    let mut failed_in = Vec::new();
    for (case, facts) in runs {
        let judged = facts.monitors.iter().find(|check| {
            check
                .requirements
                .iter()
                .any(|requirement| requirement == id)
        });
        let Some(check) = judged else { continue };
        spoke_in += 1;
        if check.outcomes.contains(&CheckOutcome::Violated) {
            failed_in.push((*case).to_owned());
        }
    }
    let (verdict, reason) = if !failed_in.is_empty() {
        (Verdict::Fail, None)
    } else if spoke_in > 0 {
        (Verdict::Pass, None)
    } else if is_unobserved(run, id) {
        (Verdict::NotApplicable, Some(Reason::NotObserved))
    } else if run.evidence.complete {
        (Verdict::NotExercised, Some(Reason::NothingToJudge))
    } else {
        (
            Verdict::NotApplicable,
            Some(Reason::NothingToJudgeInSelection),
        )
    };
    let ruling = Ruling {
        verdict,
        level,
        reason,
    };
    let ruling = ruling.adjust_to_capabilities(requirement, &run.capabilities);
    Some(MonitorResult {
        requirement: id.to_owned(),
        verdict: ruling.verdict,
        level: ruling.level,
        reason: ruling.reason,
        spoke_in,
        failed_in,
        unscored: false,
        advice: requirement.is_advice(),
        known_in: Vec::new(),
        baselined: None,
    })
}
