//! One thing that went wrong, told so that it can be understood, checked against the specification
//! and run again.

use serde::{Deserialize, Serialize};

use crate::judge::{AttackerGain, Baselined, CaseResult, Reason, Stage, Verdict};
use crate::report::model::client_output::last_words;
use crate::report::model::diagram::Diagram;
use crate::report::model::evidence_exchange::proof;
use crate::report::model::last_refusal::last_refusal;
use crate::report::model::observation::observed;
use crate::report::model::printable_text::{PrintableText, printable_texts};
use crate::report::model::shown_run::ShownRun;
use crate::report::wording::demands::describe_demands;
use crate::report::wording::reasons::{describe_reason, describe_stop};
use crate::requirements::{Area, Citation, Requirement};
use crate::scenario::model::{Expectation, Level, Source};
use crate::scenario::without_control_suffix;
use crate::transcript::Status;

/// Lines of the client's output that are shown.
const LAST_WORDS: usize = 3;

/// A check that failed, or a `MUST` that was not exercised.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    pub verdict: Verdict,
    pub level: Level,
    /// Whether this makes the run fail; else it is a warning, or known.
    pub fails_the_run: bool,
    /// The baseline expects this failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
    pub requirement: String,
    pub area: Area,
    /// What is required.
    pub statement: String,
    /// The source says "must not" (or "should not").
    pub prohibits: bool,
    pub source: Citation,
    /// The case; absent for what is watched in every run and never showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<PrintableText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<PrintableText>,
    /// Whether a monitor found it, which watches every run.
    pub monitor: bool,
    /// Other cases in which the same monitor found it, or other variants of the variety.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The demands in words.
    pub expected: Vec<PrintableText>,
    /// What was seen instead.
    pub observed: Vec<PrintableText>,
    /// Whether `observed` says at which stage the client stopped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) observed_names_stage: bool,
    /// The exchanges that show it: method, address, the parameter in question, status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<PrintableText>,
    /// Why it is not exercised, or why the level is not the requirement's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// How the run ended, if not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How far the client got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stage>,
    /// The client's last words, if it did not reach its goal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<PrintableText>,
    /// What an attacker obtained, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<AttackerGain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagram: Option<Diagram>,
    /// Why several outcomes pass, or why the level differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<PrintableText>,
    /// Number of a position of ours (`fixtures/positions.toml`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The command that makes this case run again.
    pub rerun: PrintableText,
    /// Where the expectation is written: `scenarios/iss/two-values.toml:12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_source: Option<String>,
}

/// What a check came to, whoever made it.
pub(crate) struct JudgedRequirement<'a> {
    pub(crate) requirement: &'a Requirement,
    pub(crate) verdict: Verdict,
    pub(crate) level: Level,
    pub(crate) reason: Option<&'a Reason>,
    pub(crate) fails_the_run: bool,
    pub(crate) monitor: bool,
    pub(crate) baselined: Option<&'a Baselined>,
}

impl Finding {
    /// A finding without a run to show.
    pub(crate) fn new(
        judged: &JudgedRequirement<'_>,
        expectation: Option<&Expectation>,
        rerun: String,
    ) -> Self {
        let requirement = judged.requirement;
        Self {
            verdict: judged.verdict,
            level: judged.level,
            fails_the_run: judged.fails_the_run,
            baselined: judged.baselined.cloned(),
            requirement: requirement.id.clone(),
            area: requirement.area,
            statement: requirement.statement.clone(),
            prohibits: requirement.prohibits,
            source: requirement.source.clone(),
            case: None,
            title: None,
            why: None,
            monitor: judged.monitor,
            others: Vec::new(),
            expected: expectation
                .map(|e| printable_texts(describe_demands(&e.demands)))
                .unwrap_or_default(),
            observed: judged.reason.map(describe_reason).into_iter().collect(),
            observed_names_stage: judged
                .reason
                .is_some_and(|reason| reason.stopped().is_some()),
            exchanges: Vec::new(),
            reason: judged.reason.cloned(),
            status: None,
            stopped: None,
            said: Vec::new(),
            gains: Vec::new(),
            diagram: None,
            because: expectation
                .and_then(|e| e.because.as_ref())
                .map(PrintableText::from),
            position: expectation
                .and_then(|e| e.position)
                .or(requirement.position),
            rerun: rerun.into(),
            scenario_source: expectation.map(|e| place(&e.source)),
        }
    }

    /// The same, seen in this run.
    pub(crate) fn seen(mut self, scene: &ShownRun<'_>, expectation: Option<&Expectation>) -> Self {
        let transcript = scene.transcript;
        self.case = Some(scene.case.id.clone());
        self.title = Some(PrintableText::from(&scene.case.title));
        self.why = Some(PrintableText::from(&scene.case.why));
        self.status = Some(transcript.status).filter(|status| *status != Status::Completed);
        self.stopped = Some(scene.stage);
        if scene.stage != Stage::Goal {
            self.said = printable_texts(last_words(transcript, LAST_WORDS));
        }
        self.gains = scene.gains.clone();
        if self.verdict == Verdict::Fail {
            let seen = expectation
                .map(|e| observed(e, scene))
                .filter(|seen| !seen.lines.is_empty());
            self.observed_names_stage = match &seen {
                Some(seen) => seen.name_stage,
                None => scene.stage != Stage::Goal,
            };
            self.observed = match seen {
                Some(seen) => printable_texts(seen.lines),
                None => vec![describe_stop(scene.stage).into()],
            };
            self.exchanges = expectation
                .map(|e| printable_texts(proof(e, scene)))
                .unwrap_or_default();
        }
        if scene.stage != Stage::Goal {
            let refusal = last_refusal(transcript);
            self.observed.extend(refusal.map(PrintableText::from));
        }
        if !transcript.exchanges.is_empty() {
            self.diagram = Some(Diagram::new(transcript, scene.evidence));
        }
        self
    }

    /// Whether another finding is the same check under the name of another requirement.
    pub(crate) fn same_check(&self, other: &Self) -> bool {
        self.case.is_some()
            && (
                &self.case,
                self.verdict,
                self.monitor,
                &self.scenario_source,
            ) == (
                &other.case,
                other.verdict,
                other.monitor,
                &other.scenario_source,
            )
            && self.expected == other.expected
    }
}

/// What a case result says of its run.
pub(crate) fn stage_of(result: &CaseResult) -> Stage {
    result.stopped.unwrap_or(Stage::Nothing)
}

pub(crate) fn place(source: &Source) -> String {
    format!("{}:{}", source.file, source.line)
}

/// The command for one case: `--scenario` goes before the client's own words.
pub(crate) fn rerun(command: &str, case: Option<&str>) -> String {
    let Some(case) = case else {
        return command.to_owned();
    };
    let case = without_control_suffix(case);
    let client = [" -- ", " --command "]
        .iter()
        .filter_map(|words| command.find(words))
        .min()
        .unwrap_or(command.len());
    format!(
        "{} --scenario {case}{}",
        &command[..client],
        &command[client..]
    )
}

#[cfg(test)]
mod tests {
    use super::rerun;

    #[test]
    fn the_scenario_goes_before_the_client() {
        let again = |command| rerun(command, Some("iss/two-values/both"));
        assert_eq!(
            again("mcp-authspec run -- node a.mjs -- x"),
            "mcp-authspec run --scenario iss/two-values/both -- node a.mjs -- x"
        );
        assert_eq!(
            again("mcp-authspec run --command 'a -- b'"),
            "mcp-authspec run --scenario iss/two-values/both --command 'a -- b'"
        );
        assert_eq!(
            again("mcp-authspec run"),
            "mcp-authspec run --scenario iss/two-values/both"
        );
        assert_eq!(
            rerun("mcp-authspec run", Some("plain/flow (control)")),
            "mcp-authspec run --scenario plain/flow"
        );
        assert_eq!(rerun("mcp-authspec run", None), "mcp-authspec run");
    }
}
