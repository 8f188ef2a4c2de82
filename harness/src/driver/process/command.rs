//! A program with its arguments, as the user gave them. The program is looked up on `PATH`, and
//! placeholders are filled in. No shell is involved.

use std::path::PathBuf;

use nix::unistd::{AccessFlags, access};

use super::placeholder::{PlaceholderValues, fill_placeholders, has_placeholder};

/// What is wrong with a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no program.
    #[error(
        "the client command is empty\n  help: write the program and its arguments after `--`, or \
         as one string with --command"
    )]
    Empty,
    /// A quote is not closed.
    #[error(
        "the client command has an unclosed quote: {0}\n  help: close the quote; the command is \
         split as a shell would split it, but no shell runs it"
    )]
    UnclosedQuote(String),
    /// The command contains `{url}` although the adapter is `persistent`.
    #[error(
        "the client command contains `{{url}}`, which the adapter `persistent` does not fill in\n  \
         help: remove `{{url}}`; the client reads the URL from each request"
    )]
    UrlInPersistentMode,
    /// The program does not exist, or cannot be executed.
    #[error(
        "cannot find the client program `{0}`\n  help: give a path, or a name that is on PATH; \
         relative paths start at the current folder, and in a client file at the folder of that \
         file"
    )]
    NoSuchProgram(String),
}

/// A program and its arguments.
#[derive(Debug, Clone)]
pub(in crate::driver) struct ClientCommand {
    pub(super) program: PathBuf,
    arguments: Vec<String>,
}

impl ClientCommand {
    /// A command from its words: the program, then its arguments.
    pub(super) fn new(words: &[String]) -> Result<Self, CommandError> {
        let (name, arguments) = words.split_first().ok_or(CommandError::Empty)?;
        let program =
            find_program(name).ok_or_else(|| CommandError::NoSuchProgram(name.clone()))?;
        Ok(Self {
            program,
            arguments: arguments.to_vec(),
        })
    }

    /// The same command with more arguments at its end.
    pub(super) fn with_arguments(&self, more: &[String]) -> Self {
        Self {
            program: self.program.clone(),
            arguments: [&self.arguments, more].concat(),
        }
    }

    /// Whether an argument contains `{url}`.
    pub(in crate::driver) fn contains_url(&self) -> bool {
        self.arguments
            .iter()
            .any(|argument| has_placeholder(argument, "url"))
    }

    /// The arguments, with placeholders filled in.
    pub(super) fn arguments(&self, values: &PlaceholderValues) -> Vec<String> {
        self.arguments
            .iter()
            .map(|argument| fill_placeholders(argument, values))
            .collect()
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if name.contains('/') {
        return Some(std::env::current_dir().ok()?.join(name)).filter(is_program);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(is_program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        let error_text = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            ClientCommand::new(&words).unwrap_err().to_string()
        };
        let errors = [
            error_text(&[]),
            error_text(&["no-such-program-anywhere", "x"]),
            CommandError::UnclosedQuote("sh -c 'x".to_owned()).to_string(),
            CommandError::UrlInPersistentMode.to_string(),
        ];
        insta::assert_snapshot!(errors.join("\n"));
    }
}
