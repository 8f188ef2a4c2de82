//! Options about a client's surroundings: environment, working directory, what is kept.

use std::path::PathBuf;

use clap::Args;
use mcp_authspec::driver::{ClientFile, WorkingDirectory};

/// What a client process gets of the user's surroundings.
#[derive(Debug, Args)]
pub(super) struct SandboxArguments {
    /// Pass this environment variable on to the client; `*` stands for anything. Without: language,
    /// time zone, certificates and what interpreters need
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
    /// Set an environment variable of the client
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    env: Vec<(String, String)>,
    /// Where the client starts: a folder, `inherit` (where this program was started: what `npm run`
    /// or `uv run` need), or `sandbox` (an empty folder of its own) [default: inherit]
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<WorkingDirectory>,
    /// Keep home, output and transcript of each run in a folder below this one
    #[arg(long, value_name = "FOLDER")]
    pub(super) keep: Option<PathBuf>,
}

impl SandboxArguments {
    /// What the options say, as a client file would.
    pub(super) fn said(&self) -> ClientFile {
        let env = self.env.iter().cloned().collect();
        ClientFile {
            cwd: self.cwd.clone(),
            env,
            pass_env: self.pass_env.clone(),
            ..ClientFile::default()
        }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no NAME=VALUE")),
    }
}
