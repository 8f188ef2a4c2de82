//! Descriptions of what an update changes in a baseline.

use super::reasons::describe_instead_of_failure;
use crate::baseline::{EntryChange, RemovalCause};
use crate::scenario::model::Revision;

/// One line for each change, such as `+ iss/two-values:iss-advertised-mismatch in 2026-07-28`.
pub fn describe_entry_change(change: &EntryChange) -> String {
    match change {
        EntryChange::Added { entry, revisions } => match revisions {
            Some(revisions) => format!("+ {entry} in {}", join_revisions(revisions)),
            None => format!("+ {entry}"),
        },
        EntryChange::Removed { entry, cause } => {
            format!("- {entry}: {}", describe_removal(cause))
        }
        EntryChange::RevisionsChanged { entry, revisions } => {
            let revisions = match revisions {
                Some(revisions) => join_revisions(revisions),
                None => "all revisions".to_owned(),
            };
            format!("~ {entry}: expected in {revisions} now")
        }
    }
}

fn describe_removal(cause: &RemovalCause) -> String {
    match cause {
        RemovalCause::Invalid { problem } => problem.to_string(),
        RemovalCause::NoRevision => "it names no revision".to_owned(),
        RemovalCause::FailureGone(now) => describe_instead_of_failure(now),
        RemovalCause::CoveredBy { entry } => format!("`{entry}` covers it"),
    }
}

fn join_revisions(revisions: &[Revision]) -> String {
    let words: Vec<&str> = revisions.iter().map(|revision| revision.as_str()).collect();
    words.join(", ")
}
