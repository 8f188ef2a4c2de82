//! The options about a client's surroundings: environment, working directory, and the folder in
//! which they are kept.

use std::path::PathBuf;

use clap::Args;

use crate::driver::{ClientFile, WorkingDirectory};

/// What a client process gets of the user's surroundings.
#[derive(Debug, Args)]
pub(super) struct SandboxArguments {
    /// Pass this environment variable on to the client; `*` stands for any text. Language, time
    /// zone, certificates and what interpreters need are always passed on
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
    /// Set an environment variable of the client
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_assignment)]
    env: Vec<(String, String)>,
    /// Where the client starts: a folder, `inherit` (the current folder: what `npm run` or `uv run`
    /// need), or `sandbox` (an empty folder of its own) [default: inherit]
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<WorkingDirectory>,
    /// Keep home, output and transcript of each run in a folder below this one
    #[arg(long, value_name = "FOLDER")]
    pub(super) keep: Option<PathBuf>,
}

/// A value of `--env` that is not NAME=VALUE.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected NAME=VALUE, such as LANG=C")]
struct InvalidAssignment;

impl SandboxArguments {
    /// The options as a client file would hold them.
    pub(super) fn as_client_file(&self) -> ClientFile {
        ClientFile {
            cwd: self.cwd.clone(),
            env: self.env.iter().cloned().collect(),
            pass_env: self.pass_env.clone(),
            ..ClientFile::default()
        }
    }
}

fn parse_assignment(text: &str) -> Result<(String, String), InvalidAssignment> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(InvalidAssignment),
    }
}
