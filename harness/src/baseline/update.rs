//! Brings a baseline up to date with what runs showed: entries whose failure is gone go, new
//! failures come in with a reason, and whatever stays keeps its reason and its comments.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

use super::apply::{Seen, Standing};
use super::error::BaselineError;
use super::read::{self, Line, is_reason};
use super::target::Target;
use super::{Baseline, Entry, is_official};
use crate::judge::{Conclusions, MonitorResult};
use crate::scenario::model::Revision;
use crate::suite::Suite;

/// What a new file begins with.
const HEAD: &str = "\
# Known failures: what does not hold yet, and why. A run with `--baseline` and this file passes with them, and fails with any other.
[known]
";

/// A monitor that fails in no more cases than this, and in most others not, gets an entry for each,
/// so that the rest stays watched.
const FEW: usize = 3;

/// One run to learn from: its verdicts, and whether it took in the whole suite.
#[derive(Debug, Clone, Copy)]
pub struct Learned<'a> {
    pub conclusions: &'a Conclusions,
    pub complete: bool,
}

/// How a baseline is to be brought up to date.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    pub suite: &'a Suite,
    /// One run for each revision.
    pub runs: &'a [Learned<'a>],
    /// Whether a failed `SHOULD` is a failure.
    pub strict: bool,
    /// The reason of new entries.
    pub reason: Option<&'a str>,
}

/// A baseline as it is to be written, and what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    pub text: String,
    pub changes: Vec<Change>,
}

/// One changed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Added {
        entry: String,
        revisions: Option<Vec<Revision>>,
    },
    Removed {
        entry: String,
        because: String,
    },
    /// It now names other revisions than before.
    Moved {
        entry: String,
        revisions: Option<Vec<Revision>>,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = |revisions: &Option<Vec<Revision>>| match revisions {
            Some(revisions) => format!(" in {}", words(revisions).join(", ")),
            None => String::new(),
        };
        match self {
            Self::Added { entry, revisions } => write!(f, "+ {entry}{}", within(revisions)),
            Self::Removed { entry, because } => write!(f, "- {entry}: {because}"),
            Self::Moved { entry, revisions } => {
                write!(
                    f,
                    "~ {entry}: expected{} now",
                    if revisions.is_some() {
                        within(revisions)
                    } else {
                        " in all revisions".to_owned()
                    }
                )
            }
        }
    }
}

/// Why a baseline could not be brought up to date. Nothing is written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// Only our own form can be written.
    #[error(
        "{0} has the form of the official suite, which has no place for reasons\n  help: keep a baseline of ours in a file of its own: known-failures.toml"
    )]
    OfficialForm(String),
    /// The file as it is cannot be read.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Wrong(Vec<BaselineError>),
    /// Somebody must say why this is known.
    #[error("these failures need a reason:\n{}\n  help: --reason \"why they are not mended yet, or where that is discussed\"", indented(.0))]
    NoReason(Vec<String>),
    /// Not a reason.
    #[error(
        "--reason: `{0}` is no reason\n  help: say why they are not mended yet, or where that is discussed"
    )]
    NotAReason(String),
}

/// Brings the text of a baseline (`None`: there is no file yet) up to date.
pub fn update(file: &str, text: Option<&str>, update: &Update<'_>) -> Result<Updated, UpdateError> {
    if is_official(file) {
        return Err(UpdateError::OfficialForm(file.to_owned()));
    }
    if let Some(reason) = update.reason.filter(|reason| !is_reason(reason)) {
        return Err(UpdateError::NotAReason(reason.to_owned()));
    }
    let text = text.unwrap_or(HEAD);
    let lines = read::lines(file, text).map_err(|error| UpdateError::Wrong(vec![error]))?;
    let document = text.parse().map_err(|error: toml_edit::TomlError| {
        UpdateError::Wrong(vec![read::not_toml(file, error.message())])
    })?;
    let mut writer = Writer {
        document,
        changes: Vec::new(),
        unexplained: Vec::new(),
        update,
    };
    let mut kept = writer.old(&lines);
    writer.new_ones(&mut kept);
    if !writer.unexplained.is_empty() {
        return Err(UpdateError::NoReason(writer.unexplained));
    }
    let text = writer.document.to_string();
    // what is left of the old file may be wrong in ways of its own
    Baseline::parse(file, &text, update.suite).map_err(UpdateError::Wrong)?;
    Ok(Updated {
        text,
        changes: writer.changes,
    })
}

struct Writer<'a> {
    document: DocumentMut,
    changes: Vec<Change>,
    /// Entries that nobody gave a reason for.
    unexplained: Vec<String>,
    update: &'a Update<'a>,
}

impl Writer<'_> {
    /// Keeps, moves or takes out what is there. The answer is what stays.
    fn old(&mut self, lines: &[Line]) -> Vec<Entry> {
        let mut kept = Vec::new();
        for line in lines {
            let target = match Target::parse(&line.written, self.update.suite) {
                Ok(target) => target,
                Err(gone) => {
                    self.remove(&line.written, gone.problem);
                    continue;
                }
            };
            let found = self.found(&target);
            let revisions = match &line.revisions {
                None if found.gone.is_empty() => None,
                None if found.fails.is_empty() => Some(Vec::new()),
                None => Some(
                    target
                        .revisions(self.update.suite)
                        .into_iter()
                        .filter(|r| !found.gone.contains_key(r))
                        .collect(),
                ),
                Some(before) => {
                    let stay = before
                        .iter()
                        .filter(|r| !found.gone.contains_key(r))
                        .chain(&found.fails);
                    Some(stay.copied().collect::<BTreeSet<_>>().into_iter().collect())
                }
            };
            if revisions.as_ref().is_some_and(Vec::is_empty) {
                let because = found
                    .gone
                    .into_values()
                    .next()
                    .unwrap_or_else(|| "it names no revision".to_owned());
                self.remove(&line.written, because);
                continue;
            }
            let reason = match self.update.reason {
                _ if is_reason(&line.reason) => line.reason.clone(),
                Some(reason) => reason.to_owned(),
                None => {
                    self.unexplained.push(line.written.clone());
                    continue;
                }
            };
            if revisions != line.revisions || reason != line.reason {
                self.write(&line.written, &reason, revisions.as_deref());
            }
            if revisions != line.revisions {
                self.changes.push(Change::Moved {
                    entry: line.written.clone(),
                    revisions: revisions.clone(),
                });
            }
            kept.push(Entry {
                written: line.written.clone(),
                line: line.line,
                target,
                reason,
                revisions,
            });
        }
        kept
    }

    /// Adds what fails and is not expected yet.
    fn new_ones(&mut self, kept: &mut Vec<Entry>) {
        for written in self.unexpected(kept) {
            let Ok(target) = Target::parse(&written, self.update.suite) else {
                continue;
            };
            let found = self.found(&target);
            let revisions =
                (!found.gone.is_empty()).then(|| found.fails.iter().copied().collect::<Vec<_>>());
            let Some(reason) = self.update.reason else {
                self.unexplained.push(written);
                continue;
            };
            let narrower: Vec<String> = kept
                .iter()
                .filter(|old| target.includes(&old.target))
                .map(|old| old.written.clone())
                .collect();
            for old in narrower {
                kept.retain(|entry| entry.written != old);
                self.remove(&old, format!("`{written}` covers it"));
            }
            self.write(&written, reason, revisions.as_deref());
            self.changes.push(Change::Added {
                entry: written,
                revisions,
            });
        }
    }

    /// Names for all failures that no entry expects.
    fn unexpected(&self, kept: &[Entry]) -> Vec<String> {
        let baseline = Baseline {
            file: String::new(),
            entries: kept.to_vec(),
            notes: Vec::new(),
        };
        let mut names: Vec<String> = Vec::new();
        let mut add = |name: String| {
            if !names.contains(&name) {
                names.push(name);
            }
        };
        for run in self.update.runs {
            let mut conclusions = run.conclusions.clone();
            baseline.apply(self.update.suite, run.complete, &mut conclusions);
            let mut forced = BTreeSet::new();
            for case in conclusions
                .cases
                .iter()
                .filter(|case| case.ended_by_force() && case.baselined.is_none())
            {
                forced.insert(case.case.as_str());
                add(case.case.clone());
            }
            for case in conclusions
                .cases
                .iter()
                .filter(|case| !forced.contains(case.case.as_str()))
            {
                for check in case
                    .checks
                    .iter()
                    .filter(|check| !check.monitor && check.fails_the_run(self.update.strict))
                {
                    add(format!("{}:{}", case.case, check.requirement));
                }
            }
            for monitor in conclusions
                .monitors
                .iter()
                .filter(|monitor| monitor.fails_the_run(self.update.strict))
            {
                names_of(monitor).into_iter().for_each(&mut add);
            }
        }
        // a failure of the whole, and of a part of it, is one
        let whole: BTreeSet<String> = names
            .iter()
            .filter(|name| !name.contains(':'))
            .cloned()
            .collect();
        names.retain(|name| {
            !name.split_once(':').is_some_and(|(scenario, requirement)| {
                whole.contains(scenario) || whole.contains(requirement)
            })
        });
        names
    }

    /// What the runs say of a target, by revision.
    fn found(&self, target: &Target) -> Found {
        let mut found = Found::default();
        for Learned {
            conclusions,
            complete,
        } in self.update.runs
        {
            match (Seen {
                suite: self.update.suite,
                conclusions,
                complete: *complete,
            })
            .standing(target)
            {
                Standing::Fails => {
                    found.fails.insert(conclusions.revision);
                }
                Standing::Gone(now) => {
                    found.gone.insert(conclusions.revision, now);
                }
                Standing::Unknown => {}
            }
        }
        found
    }

    // ------------------------------------------------------------ the text

    fn remove(&mut self, written: &str, because: String) {
        if let Some(known) = self.known() {
            known.remove(written);
        }
        self.changes.push(Change::Removed {
            entry: written.to_owned(),
            because,
        });
    }

    fn write(&mut self, written: &str, reason: &str, revisions: Option<&[Revision]>) {
        let Some(known) = self.known() else { return };
        let mut value = match revisions {
            None => Value::from(reason),
            Some(revisions) => {
                let mut table = InlineTable::new();
                table.insert("reason", reason.into());
                table.insert(
                    "spec",
                    words(revisions).into_iter().collect::<Array>().into(),
                );
                Value::from(table)
            }
        };
        // the comment behind the old value
        if let Some(suffix) = known
            .get(written)
            .and_then(Item::as_value)
            .and_then(|old| old.decor().suffix())
            .cloned()
        {
            value.decor_mut().set_prefix(" ");
            value.decor_mut().set_suffix(suffix);
        }
        known.insert(written, Item::Value(value));
    }

    fn known(&mut self) -> Option<&mut dyn TableLike> {
        self.document
            .entry("known")
            .or_insert_with(toml_edit::table)
            .as_table_like_mut()
    }
}

/// What runs say of one target.
#[derive(Default)]
struct Found {
    fails: BTreeSet<Revision>,
    /// With what happens instead.
    gone: BTreeMap<Revision, String>,
}

/// A requirement that is watched in every run: itself, or the few cases in which it fails.
fn names_of(monitor: &MonitorResult) -> Vec<String> {
    let unknown = monitor
        .failed_in
        .iter()
        .filter(|case| !monitor.known_in.contains(case));
    let cases: BTreeSet<&str> = unknown
        .map(|case| case.strip_suffix(" (control)").unwrap_or(case))
        .collect();
    if cases.is_empty() || cases.len() > FEW || cases.len() * 2 > monitor.spoke_in {
        return vec![monitor.requirement.clone()];
    }
    cases
        .into_iter()
        .map(|case| format!("{case}:{}", monitor.requirement))
        .collect()
}

fn words(revisions: &[Revision]) -> Vec<&'static str> {
    revisions.iter().map(|revision| revision.as_str()).collect()
}

fn indented(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
