//! Errors about saved runs.

use std::path::PathBuf;

use super::difference::RunDifference;

/// Why a saved run cannot be written, read, judged or merged.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    #[error(
        "{} is not empty\n  help: save each run in a folder of its own; nothing is overwritten",
        .0.display()
    )]
    NotEmpty(PathBuf),
    #[error("cannot write {}: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{} holds no saved run: it has no run.json\n  help: `mcp-authspec run --save {}` saves one",
        .0.display(),
        .0.display()
    )]
    NothingSaved(PathBuf),
    #[error("no saved run to merge\n  help: name the folders of the shards")]
    NothingToMerge,
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The files are larger than those of any run.
    #[error(
        "{} is too large: the files of a run have at most {most} MiB together\n  \
         help: check whether `run --save` wrote this file",
        path.display()
    )]
    TooLarge { path: PathBuf, most: u64 },
    #[error(
        "{} is damaged: {damage}\n  \
         help: remove the file; its case then counts as not run",
        path.display()
    )]
    Damaged { path: PathBuf, damage: Damage },
    /// Another version of the harness wrote the file.
    #[error(
        "{} has version {found} of the format and was written by mcp-authspec {harness}; \
         this is mcp-authspec {own}, which reads versions {oldest} to {newest}\n  \
         help: use the mcp-authspec that wrote it, or a newer one",
        path.display()
    )]
    Format {
        path: PathBuf,
        found: u64,
        oldest: u32,
        newest: u32,
        harness: String,
        own: &'static str,
    },
    /// The suite is not the one that was run, so that verdicts may differ.
    #[error(
        "{} changed since mcp-authspec {harness} saved this run, so verdicts may differ\n  \
         help: {remedy}",
        list_changes(.changes)
    )]
    Changed {
        changes: Vec<SuiteChange>,
        harness: String,
        remedy: ChangedRemedy,
    },
    /// The run was saved in a former format, whose digests of the suite are made in another way.
    #[error(
        "this run was saved in version {format} of the format, which does not tell whether the \
         suite changed since, so verdicts may differ\n  help: {remedy}"
    )]
    FormerFormat { format: u32, remedy: ChangedRemedy },
    #[error(
        "{} and {} are not shards of one run: {difference}\n  \
         help: shards differ in --shard only; to compare two runs, use `mcp-authspec compare`",
        one.display(),
        other.display()
    )]
    NotOneRun {
        one: PathBuf,
        other: PathBuf,
        difference: RunDifference,
    },
    #[error(
        "{} and {} both hold shard {shard} of {of}\n  help: name each shard once",
        one.display(),
        other.display()
    )]
    SameShard {
        one: PathBuf,
        other: PathBuf,
        shard: u32,
        of: u32,
    },
}

/// What to do about a saved run if the suite may have changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangedRemedy {
    #[error("add --what-if to judge it by today's suite, or use the mcp-authspec that saved it")]
    WhatIf,
    #[error("use the mcp-authspec that saved it, or save a new run")]
    OtherVersion,
}

/// What is wrong with a file of a saved run.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error(transparent)]
    Json(serde_json::Error),
    #[error("it holds the case `{found}` instead of `{expected}`")]
    OtherCase { found: String, expected: String },
    #[error("its transcript is one of the case `{found}` instead of `{expected}`")]
    TranscriptOfOtherCase { found: String, expected: String },
    #[error("its transcript has version {found} of the format instead of {expected}")]
    TranscriptFormat { found: u32, expected: u32 },
    #[error("event {event} refers to exchange {exchange}, but there are {exchanges} exchanges")]
    MissingExchange {
        event: usize,
        exchange: usize,
        exchanges: usize,
    },
}

/// A part of the suite that is not as it was when a run was saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuiteChange {
    #[error("the requirements, monitors or vocabulary")]
    Rules,
    #[error("scenario {0}")]
    Scenario(String),
}

fn list_changes(changes: &[SuiteChange]) -> String {
    const LISTED: usize = 4;
    let listed: Vec<String> = changes
        .iter()
        .take(LISTED)
        .map(ToString::to_string)
        .collect();
    let listed = listed.join(", ");
    match changes.len().checked_sub(LISTED) {
        None | Some(0) => listed,
        Some(more) => format!("{listed} and {more} more"),
    }
}
