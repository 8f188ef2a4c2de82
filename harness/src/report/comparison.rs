//! Two runs side by side: what got better, what got worse, between two versions of a client or two
//! revisions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::judge::Verdict;
use crate::report::format::style::TextStyle;
use crate::report::model::Report;
use crate::scenario::model::{Level, Revision};

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    pub before: ComparedRun,
    pub after: ComparedRun,
    /// Checks whose verdict differs, those that got worse first.
    pub changes: Vec<CheckChange>,
    /// Checks that both runs have, with the same verdict.
    pub unchanged: usize,
}

/// One of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedRun {
    pub client: String,
    pub revision: Revision,
    pub harness: String,
    pub exit_code: u8,
    /// The part of all cases that was run; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Whether it was ended before all was run.
    pub incomplete: bool,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeDirection {
    /// It fails, or is not exercised any more.
    Worse,
    Better,
    /// Neither: it came to apply, or ceased to.
    Other,
    /// Only the second run has it.
    New,
    /// Only the first run has it.
    Gone,
}

/// One check, in a case or (without one) watched in every run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckChange {
    pub turn: ChangeDirection,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    pub requirement: String,
    pub level: Level,
    pub before: Option<Verdict>,
    pub after: Option<Verdict>,
}

type Checks<'r> = BTreeMap<(Option<&'r str>, &'r str), (Verdict, Level)>;

/// Compares two runs. A pure function.
pub fn compare(before: &Report, after: &Report) -> Comparison {
    let (old, new) = (checks(before), checks(after));
    let mut changes = Vec::new();
    let mut unchanged = 0;
    let mut note = |place: &(Option<&str>, &str),
                    before: Option<Verdict>,
                    after: Option<Verdict>,
                    level: Level| {
        if before == after {
            unchanged += 1;
            return;
        }
        let case = place.0.map(str::to_owned);
        changes.push(CheckChange {
            turn: turn(before, after),
            case,
            requirement: place.1.to_owned(),
            level,
            before,
            after,
        });
    };
    for (place, (verdict, level)) in &old {
        let now = new.get(place);
        note(
            place,
            Some(*verdict),
            now.map(|(verdict, _)| *verdict),
            now.map_or(*level, |(_, level)| *level),
        );
    }
    for (place, (verdict, level)) in new.iter().filter(|(place, _)| !old.contains_key(*place)) {
        note(place, None, Some(*verdict), *level);
    }
    changes.sort_by(|a, b| {
        (a.turn, a.level, &a.case, &a.requirement).cmp(&(b.turn, b.level, &b.case, &b.requirement))
    });
    Comparison {
        before: side(before),
        after: side(after),
        changes,
        unchanged,
    }
}

fn side(report: &Report) -> ComparedRun {
    ComparedRun {
        client: report.client.to_string(),
        revision: report.revision,
        harness: report.harness.clone(),
        exit_code: report.exit_code(),
        shard: report.shard.clone(),
        incomplete: report.interrupted,
    }
}

fn checks(report: &Report) -> Checks<'_> {
    let own = report.cases.iter().flat_map(|case| {
        let checks = case.checks.iter().filter(|check| !check.monitor);
        checks.map(|check| {
            (
                (Some(case.case.as_str()), check.requirement.as_str()),
                (check.verdict, check.level),
            )
        })
    });
    let watched = report.monitors.iter().map(|monitor| {
        (
            (None, monitor.requirement.as_str()),
            (monitor.verdict, monitor.level),
        )
    });
    own.chain(watched).collect()
}

fn turn(before: Option<Verdict>, after: Option<Verdict>) -> ChangeDirection {
    let (Some(before), Some(after)) = (before, after) else {
        return if before.is_none() {
            ChangeDirection::New
        } else {
            ChangeDirection::Gone
        };
    };
    let rank = |verdict| match verdict {
        Verdict::Pass => Some(2),
        Verdict::NotExercised => Some(1),
        Verdict::Fail => Some(0),
        Verdict::NotApplicable => None,
    };
    match (rank(before), rank(after)) {
        (Some(before), Some(after)) if after < before => ChangeDirection::Worse,
        (Some(before), Some(after)) if after > before => ChangeDirection::Better,
        (None, Some(0)) => ChangeDirection::Worse,
        _ => ChangeDirection::Other,
    }
}

/// Changes that are listed: a title, and which.
type Group<'c> = (&'static str, Vec<&'c CheckChange>);

impl Comparison {
    fn of(&self, turn: ChangeDirection) -> impl Iterator<Item = &CheckChange> {
        self.changes
            .iter()
            .filter(move |change| change.turn == turn)
    }

    /// What a reader wants to see one by one. What is new and passes, and what is gone, is only
    /// counted.
    fn groups(&self) -> Vec<Group<'_>> {
        let failing = self
            .of(ChangeDirection::New)
            .filter(|change| change.after == Some(Verdict::Fail));
        let groups = [
            ("Worse", self.of(ChangeDirection::Worse).collect()),
            ("New, and failing", failing.collect()),
            ("Better", self.of(ChangeDirection::Better).collect()),
            (
                "Otherwise",
                self.of(ChangeDirection::Other).collect::<Vec<_>>(),
            ),
        ];
        groups
            .into_iter()
            .filter(|(_, changes)| !changes.is_empty())
            .collect()
    }

    fn in_numbers(&self) -> String {
        let count = |turn| self.of(turn).count();
        format!(
            "{} worse, {} better, {} otherwise, {} new, {} gone, {} unchanged",
            count(ChangeDirection::Worse),
            count(ChangeDirection::Better),
            count(ChangeDirection::Other),
            count(ChangeDirection::New),
            count(ChangeDirection::Gone),
            self.unchanged
        )
    }

    /// For a terminal or a log.
    pub fn console(&self, style: &TextStyle) -> String {
        let sides = [("before: ", &self.before), ("after:  ", &self.after)];
        let mut text: String = sides
            .map(|(label, side)| style.wrapped(&side.to_string(), label, "        ") + "\n")
            .concat();
        for (title, changes) in self.groups() {
            let _ = writeln!(text, "\n{}", style.bold(title));
            for change in changes {
                let said = format!(
                    "{} {} {}: {}",
                    change.level,
                    change.requirement,
                    change.place(),
                    change.verdicts()
                );
                let lines = style.wrapped(&said, "  ", "      ");
                let _ = writeln!(
                    text,
                    "{}",
                    match (change.turn, change.level) {
                        (ChangeDirection::Worse | ChangeDirection::New, Level::Must) =>
                            style.bad(&lines),
                        (ChangeDirection::Worse | ChangeDirection::New, _) => style.odd(&lines),
                        (ChangeDirection::Better, _) => style.good(&lines),
                        (ChangeDirection::Other | ChangeDirection::Gone, _) => lines,
                    }
                );
            }
        }
        let _ = writeln!(text, "\n{}", style.wrapped(&self.in_numbers(), "", "  "));
        text
    }

    /// For a pull request or a job summary.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "| | run |\n| --- | --- |\n| before | {} |\n| after | {} |\n\n{}\n",
            cell(&self.before),
            cell(&self.after),
            self.in_numbers()
        );
        for (title, changes) in self.groups() {
            let _ = write!(
                text,
                "\n### {title}\n\n\
                 | level | requirement | where | verdict |\n\
                 | --- | --- | --- | --- |\n"
            );
            for change in changes {
                let case = change
                    .case
                    .as_ref()
                    .map_or_else(|| "all runs".to_owned(), |case| format!("`{case}`"));
                let _ = writeln!(
                    text,
                    "| {} | `{}` | {case} | {} |",
                    change.level,
                    change.requirement,
                    change.verdicts()
                );
            }
        }
        text
    }
}

/// A client's command may hold anything.
fn cell(side: &ComparedRun) -> String {
    side.to_string()
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('`', "\\`")
        .replace(['\n', '\r'], " ")
}

impl std::fmt::Display for ComparedRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = self
            .shard
            .as_ref()
            .map(|shard| format!(", part {shard}"))
            .unwrap_or_default();
        let incomplete = if self.incomplete { ", incomplete" } else { "" };
        write!(
            f,
            "{} against MCP {} (exit code {}{part}{incomplete})",
            self.client, self.revision, self.exit_code
        )
    }
}

impl CheckChange {
    fn place(&self) -> String {
        self.case
            .as_ref()
            .map_or_else(|| "in all runs".to_owned(), |case| format!("in {case}"))
    }

    fn verdicts(&self) -> String {
        let word = |verdict: Option<Verdict>| verdict.map_or("absent", Verdict::as_str);
        format!("{} → {}", word(self.before), word(self.after))
    }
}
