//! What the page and the API show of a session. The types are the format of the API, which
//! `docs/reference/live-api.yaml` describes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::choice::{Choice, OFFERED_CAPABILITIES, OfferedCapability};
use super::error::LiveError;
use super::instructions::{Instructions, expectation};
use super::live_run::{LiveRun, RunState, RunStateWord};
use super::live_service::LiveService;
use super::questions::{QUESTIONS, Question, open_question};
use super::run_verdict::{RunVerdict, VerdictWord};
use super::session::LiveSession;
use crate::report::{Diagram, draw_svg};
use crate::scenario::model::Revision;
use crate::suite::CasePlan;
use crate::transcript::Attestation;

/// A session, or what can be chosen if there is none yet.
#[derive(Debug, Serialize)]
pub(super) struct SessionView {
    pub(super) harness: &'static str,
    /// What was chosen.
    pub(super) choice: Option<Choice>,
    pub(super) offers: Offers,
    /// How many runs there are, and how many of them are over.
    pub(super) total: usize,
    pub(super) over: usize,
    /// How many cases of the plan need something that the client, or a person, does not have.
    pub(super) left_out: usize,
    pub(super) runs: Vec<RunLine>,
}

/// What can be chosen.
#[derive(Debug, Serialize)]
pub(super) struct Offers {
    revisions: Vec<Revision>,
    plans: Vec<PlanOffer>,
    capabilities: &'static [OfferedCapability],
    questions: &'static [Question],
}

/// A plan that can be chosen.
#[derive(Debug, Serialize)]
pub(super) struct PlanOffer {
    plan: CasePlan,
    about: &'static str,
}

/// A run in a list.
#[derive(Debug, Serialize)]
pub(super) struct RunLine {
    pub(super) number: usize,
    pub(super) case: String,
    pub(super) title: String,
    /// Whether it is only the control run of cases.
    pub(super) control: bool,
    pub(super) state: RunStateWord,
    pub(super) verdict: Option<VerdictWord>,
}

/// Everything about one run.
#[derive(Debug, Serialize)]
pub(super) struct RunView {
    #[serde(flatten)]
    pub(super) line: RunLine,
    /// Grows with every change. An answer that comes late has a smaller one.
    pub(super) as_of: u64,
    pub(super) why: String,
    pub(super) expectation: &'static str,
    /// The number of the control run that has to be finished before the run can prove anything.
    pub(super) control_run: Option<usize>,
    /// What is to be done now, if the run is open.
    pub(super) task: Option<Instructions>,
    /// The question that has to be answered before the run can be finished, if there is one.
    pub(super) needs_answer: Option<&'static str>,
    /// How many requests have come in.
    pub(super) requests: usize,
    pub(super) judged: Option<RunVerdict>,
    pub(super) note: String,
    pub(super) attested: Vec<Attestation>,
    /// What the harness failed with.
    pub(super) problem: Option<String>,
    /// The sequence diagram, as SVG.
    pub(super) diagram: Option<String>,
}

/// How much a plan is.
#[derive(Debug, Serialize)]
pub(super) struct PlanSize {
    /// Runs, control runs included.
    runs: usize,
    /// Starts of the client.
    starts: usize,
    /// Cases that cannot be run with such a client.
    left_out: usize,
}

impl LiveService {
    pub(super) fn view(&self) -> SessionView {
        let offers = Offers {
            revisions: Revision::ALL.to_vec(),
            plans: CasePlan::ALL
                .iter()
                .map(|plan| PlanOffer {
                    plan: *plan,
                    about: plan.about(),
                })
                .collect(),
            capabilities: OFFERED_CAPABILITIES,
            questions: QUESTIONS,
        };
        let session = self.session().ok();
        let runs = session.map_or_else(Vec::new, |session| session.lines());
        let is_over =
            |line: &&RunLine| matches!(line.state, RunStateWord::Finished | RunStateWord::Skipped);
        SessionView {
            harness: env!("CARGO_PKG_VERSION"),
            choice: session.map(|session| session.choice.clone()),
            offers,
            total: runs.len(),
            over: runs.iter().filter(is_over).count(),
            left_out: session.map_or(0, |session| session.not_run.len()),
            runs,
        }
    }

    /// How much the plan of a choice is.
    pub(super) fn measure(&self, choice: &Choice) -> Result<PlanSize, LiveError> {
        let planned = self.plan(&self.complete(choice))?;
        let starts = planned.runs.iter().map(|run| run.case.starts().count());
        Ok(PlanSize {
            runs: planned.runs.len(),
            starts: starts.sum(),
            left_out: planned.not_run.len(),
        })
    }
}

impl LiveSession {
    fn lines(&self) -> Vec<RunLine> {
        let runs = self.lock();
        let numbered = (1..).zip(runs.iter());
        numbered.map(|(number, run)| line(number, run)).collect()
    }

    /// Everything about one run.
    pub(super) fn view_run(&self, number: usize) -> Result<RunView, LiveError> {
        let as_of = *self.changes.borrow();
        let runs = self.lock();
        let run = number.checked_sub(1).and_then(|index| runs.get(index));
        let run = run.ok_or(LiveError::NoSuchRun { number })?;
        let case = &run.planned.case;
        let task = run.task();
        let so_far = task.as_ref().map(|task| task.transcript_so_far());
        let transcript = so_far.as_ref().or_else(|| run.transcript());
        let judged = match &so_far {
            Some(so_far) => self.judge().judge_open(run, &runs, so_far),
            None => run.verdict.clone(),
        };
        let diagram = transcript.and_then(|transcript| {
            let diagram = Diagram::new(transcript, &[]);
            // without participants there is nothing to draw
            let is_empty = diagram.participants.is_empty();
            draw_svg(&diagram).ok().filter(|_| !is_empty)
        });
        let open = run.open();
        Ok(RunView {
            line: line(number, run),
            as_of,
            why: case.why.clone(),
            expectation: expectation(case),
            control_run: missing_control(run, &runs),
            task: task.as_ref().map(|task| Instructions::new(case, task)),
            needs_answer: so_far
                .as_ref()
                .and_then(|so_far| open_question(so_far, &BTreeMap::new())),
            requests: transcript.map_or(0, |transcript| transcript.exchanges.len()),
            judged,
            note: run.note.clone(),
            attested: open
                .map(|open| &open.attested)
                .or(transcript.map(|transcript| &transcript.attested))
                .cloned()
                .unwrap_or_default(),
            problem: match &run.state {
                RunState::Failed(problem) => Some(problem.clone()),
                _ => None,
            },
            diagram,
        })
    }
}

fn line(number: usize, run: &LiveRun) -> RunLine {
    let case = &run.planned.case;
    RunLine {
        number,
        case: case.id.clone(),
        title: case.short_title().to_owned(),
        control: run.planned.is_control,
        state: run.state_word(),
        verdict: run.verdict.as_ref().map(|verdict| verdict.verdict),
    }
}

/// The number of the control run of this run, if it is not finished.
fn missing_control(run: &LiveRun, runs: &[LiveRun]) -> Option<usize> {
    let case = &run.planned.case;
    if case.deviations.is_empty() {
        return None;
    }
    let digest = case.world_digest();
    let is_control = |other: &LiveRun| other.planned.control_of.as_deref() == Some(&digest);
    let index = runs.iter().position(is_control)?;
    runs[index].transcript().is_none().then_some(index + 1)
}
