//! A program with its arguments, as the user gave them: found on `PATH`, with placeholders filled
//! in. No shell is involved.

use std::path::PathBuf;

use nix::unistd::{AccessFlags, access};

use super::placeholder;

/// Stands for the MCP server's URL.
const URL: &str = "url";

/// What is wrong with a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing to run.
    #[error(
        "the client command is empty\n  help: write the program and its arguments after `--`, or as one string with --command"
    )]
    Empty,
    /// A quote is not closed.
    #[error(
        "the client command has an unclosed quote: {0}\n  help: it is split as a shell would, and no shell runs it"
    )]
    Quotes(String),
    /// Persistent mode has no URL to put anywhere.
    #[error(
        "`{{url}}` has no place in a command with the adapter `persistent`\n  help: leave it out; the URL comes with each request"
    )]
    UrlInPersistentMode,
    /// There is no such program.
    #[error(
        "cannot find the client program `{0}`\n  help: give a path, or a name that is on PATH; relative paths start at the current folder, \
         and in a client file at the folder of that file"
    )]
    NoSuchProgram(String),
}

/// A program and its arguments.
#[derive(Debug, Clone)]
pub(in crate::driver) struct Command {
    pub(in crate::driver) program: PathBuf,
    arguments: Vec<String>,
}

impl Command {
    pub(in crate::driver) fn new(words: &[String]) -> Result<Self, CommandError> {
        let (name, arguments) = words.split_first().ok_or(CommandError::Empty)?;
        let program =
            find_program(name).ok_or_else(|| CommandError::NoSuchProgram(name.clone()))?;
        Ok(Self {
            program,
            arguments: arguments.to_vec(),
        })
    }

    /// With more arguments at its end.
    pub(in crate::driver) fn with(&self, more: &[String]) -> Self {
        Self {
            program: self.program.clone(),
            arguments: [&self.arguments, more].concat(),
        }
    }

    /// Whether it says where the URL goes.
    pub(in crate::driver) fn places_url(&self) -> bool {
        self.arguments
            .iter()
            .any(|argument| placeholder::has(argument, URL))
    }

    /// The arguments, placeholders filled in.
    pub(in crate::driver) fn arguments(&self, values: &[(&str, &str)]) -> Vec<String> {
        self.arguments
            .iter()
            .map(|argument| placeholder::fill(argument, values))
            .collect()
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let runs = |path: &PathBuf| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if name.contains('/') {
        return Some(std::env::current_dir().ok()?.join(name)).filter(runs);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        let text = |words: &[&str]| {
            Command::new(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
                .unwrap_err()
                .to_string()
        };
        insta::assert_snapshot!([text(&[]), text(&["no-such-program-anywhere", "x"])].join("\n"));
    }
}
