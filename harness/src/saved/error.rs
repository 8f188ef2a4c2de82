//! Why a saved run cannot be written, read or joined: what, where, and what to do.

use std::path::PathBuf;

/// What is wrong with a saved run.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// There is something where the run is to be saved.
    #[error("{} is not empty\n  help: save each run in a folder of its own; nothing is overwritten", .0.display())]
    NotEmpty(PathBuf),
    #[error("cannot write {}: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} holds no saved run: there is no run.json in it\n  help: `mcp-authspec run --save {}` makes one", .0.display(), .0.display())]
    NothingSaved(PathBuf),
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// More than any run writes.
    #[error("{}: too large; all files of a run are at most {most} MiB\n  help: this was not written by `run --save`", path.display())]
    TooLarge { path: PathBuf, most: u64 },
    #[error("{}: {problem}\n  help: the file is damaged; a case whose file is taken away counts as not run", path.display())]
    Damaged { path: PathBuf, problem: String },
    /// Written by a newer program.
    #[error("{}: version {found} of the form, written by mcp-authspec {harness}; this is {own}, which reads version {known}\n  help: use the program that wrote it, or a newer one", path.display())]
    Format {
        path: PathBuf,
        found: u64,
        known: u32,
        harness: String,
        own: &'static str,
    },
    /// What was run is no longer what the suite says.
    #[error("{what} changed since this was saved by mcp-authspec {harness}, so that verdicts may differ\n  help: judge it with that version, or add --what-if to judge what happened then by what is required now", what = list(.changed))]
    Changed {
        changed: Vec<String>,
        harness: String,
    },
    /// Two runs that are no parts of one.
    #[error("{} and {} are no parts of one run: {difference}\n  help: shards differ in --shard only; `mcp-authspec compare` compares runs", one.display(), other.display())]
    NotOneRun {
        one: PathBuf,
        other: PathBuf,
        difference: String,
    },
    /// The same part twice.
    #[error("{} and {} both hold part {part} of {of}\n  help: name each part once", one.display(), other.display())]
    Twice {
        one: PathBuf,
        other: PathBuf,
        part: u32,
        of: u32,
    },
}

fn list(all: &[String]) -> String {
    const SOME: usize = 4;
    let shown = all
        .iter()
        .take(SOME)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if all.len() > SOME {
        format!("{shown} and {} more", all.len() - SOME)
    } else {
        shown
    }
}
