//! Edits the text of a baseline and keeps its comments.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

use super::baseline::BaselineEntry;
use super::baseline_target::BaselineTarget;
use super::entry_change::{EntryChange, RemovalCause};
use super::standing::{JudgedRun, Standing};
use super::toml_format::{Line, is_reason};
use super::unexpected_failures::name_unexpected_failures;
use super::update::{Update, Updated};
use super::update_error::UpdateError;
use crate::judge::InsteadOfFailure;
use crate::scenario::model::Revision;

/// A baseline that is being edited.
pub(super) struct BaselineEditor<'a> {
    document: DocumentMut,
    changes: Vec<EntryChange>,
    /// Entries that need a reason and have none.
    without_reason: Vec<String>,
    update: &'a Update<'a>,
}

/// What the runs show about one target.
#[derive(Default)]
struct Findings {
    failing: BTreeSet<Revision>,
    /// The revisions in which nothing fails.
    gone: BTreeMap<Revision, InsteadOfFailure>,
}

impl<'a> BaselineEditor<'a> {
    pub(super) fn new(document: DocumentMut, update: &'a Update<'a>) -> Self {
        Self {
            document,
            changes: Vec::new(),
            without_reason: Vec::new(),
            update,
        }
    }

    /// Keeps, changes or removes each entry. Returns those that stay.
    pub(super) fn update_entries(&mut self, lines: &[Line]) -> Vec<BaselineEntry> {
        lines
            .iter()
            .filter_map(|line| self.update_entry(line))
            .collect()
    }

    fn update_entry(&mut self, line: &Line) -> Option<BaselineEntry> {
        let target = match BaselineTarget::parse(&line.written, self.update.suite) {
            Ok(target) => target,
            Err(problem) => {
                self.remove(&line.written, RemovalCause::Invalid { problem });
                return None;
            }
        };
        let findings = self.findings_about(&target);
        let revisions = self.updated_revisions(line, &target, &findings);
        if revisions.as_ref().is_some_and(Vec::is_empty) {
            let cause = match findings.gone.into_values().next() {
                Some(now) => RemovalCause::FailureGone(now),
                None => RemovalCause::NoRevision,
            };
            self.remove(&line.written, cause);
            return None;
        }
        let reason = match self.update.reason {
            _ if is_reason(&line.reason) => line.reason.clone(),
            Some(reason) => reason.to_owned(),
            None => {
                self.without_reason.push(line.written.clone());
                return None;
            }
        };
        if revisions != line.revisions || reason != line.reason {
            self.write(&line.written, &reason, revisions.as_deref());
        }
        if revisions != line.revisions {
            self.changes.push(EntryChange::RevisionsChanged {
                entry: line.written.clone(),
                revisions: revisions.clone(),
            });
        }
        Some(BaselineEntry {
            written: line.written.clone(),
            line: line.line,
            target,
            reason,
            revisions,
        })
    }

    /// The revisions in which an entry is still expected to fail; `None` for all.
    fn updated_revisions(
        &self,
        line: &Line,
        target: &BaselineTarget,
        findings: &Findings,
    ) -> Option<Vec<Revision>> {
        let is_gone = |revision: &Revision| findings.gone.contains_key(revision);
        match &line.revisions {
            None if findings.gone.is_empty() => None,
            None if findings.failing.is_empty() => Some(Vec::new()),
            None => {
                let possible = target.revisions(self.update.suite);
                Some(
                    possible
                        .into_iter()
                        .filter(|revision| !is_gone(revision))
                        .collect(),
                )
            }
            Some(before) => {
                let remaining: BTreeSet<Revision> = before
                    .iter()
                    .filter(|revision| !is_gone(revision))
                    .chain(&findings.failing)
                    .copied()
                    .collect();
                Some(remaining.into_iter().collect())
            }
        }
    }

    /// Adds an entry for each failure that no entry expects.
    pub(super) fn add_entries(&mut self, entries: &mut Vec<BaselineEntry>) {
        for name in name_unexpected_failures(self.update, entries) {
            let Ok(target) = BaselineTarget::parse(&name, self.update.suite) else {
                continue;
            };
            let Some(reason) = self.update.reason else {
                self.without_reason.push(name);
                continue;
            };
            let findings = self.findings_about(&target);
            let failing: Vec<Revision> = findings.failing.into_iter().collect();
            let revisions = (!findings.gone.is_empty()).then_some(failing);
            let (covered, kept): (Vec<BaselineEntry>, Vec<BaselineEntry>) = entries
                .drain(..)
                .partition(|entry| target.includes(&entry.target));
            *entries = kept;
            for entry in covered {
                let entry_that_covers = name.clone();
                let cause = RemovalCause::CoveredBy {
                    entry: entry_that_covers,
                };
                self.remove(&entry.written, cause);
            }
            self.write(&name, reason, revisions.as_deref());
            self.changes.push(EntryChange::Added {
                entry: name,
                revisions,
            });
        }
    }

    /// The updated baseline, unless an entry has no reason.
    pub(super) fn finish(self) -> Result<Updated, UpdateError> {
        if !self.without_reason.is_empty() {
            return Err(UpdateError::MissingReason(self.without_reason));
        }
        Ok(Updated {
            text: self.document.to_string(),
            changes: self.changes,
        })
    }

    fn findings_about(&self, target: &BaselineTarget) -> Findings {
        let mut findings = Findings::default();
        for learned in self.update.runs {
            let revision = learned.conclusions.revision;
            let run = JudgedRun {
                suite: self.update.suite,
                conclusions: learned.conclusions,
                complete: learned.complete,
            };
            match run.standing(target) {
                Standing::Fails => {
                    findings.failing.insert(revision);
                }
                Standing::Gone(now) => {
                    findings.gone.insert(revision, now);
                }
                Standing::Unknown => {}
            }
        }
        findings
    }

    fn remove(&mut self, entry: &str, cause: RemovalCause) {
        if let Some(table) = self.known_table() {
            table.remove(entry);
        }
        self.changes.push(EntryChange::Removed {
            entry: entry.to_owned(),
            cause,
        });
    }

    /// Writes an entry, and keeps the comment on its line.
    fn write(&mut self, entry: &str, reason: &str, revisions: Option<&[Revision]>) {
        let Some(table) = self.known_table() else {
            return;
        };
        let mut value = match revisions {
            None => Value::from(reason),
            Some(revisions) => {
                let words: Array = revisions.iter().map(|revision| revision.as_str()).collect();
                let mut table = InlineTable::new();
                table.insert("reason", reason.into());
                table.insert("spec", words.into());
                Value::from(table)
            }
        };
        let old = table.get(entry).and_then(Item::as_value);
        if let Some(comment) = old.and_then(|old| old.decor().suffix()).cloned() {
            value.decor_mut().set_prefix(" ");
            value.decor_mut().set_suffix(comment);
        }
        table.insert(entry, Item::Value(value));
    }

    fn known_table(&mut self) -> Option<&mut dyn TableLike> {
        self.document
            .entry("known")
            .or_insert_with(toml_edit::table)
            .as_table_like_mut()
    }
}
