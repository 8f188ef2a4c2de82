//! What is wrong with a baseline: the file, the line, and what to write instead.

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}\n  help: {help}")]
pub struct BaselineError {
    /// The file, as it was given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    pub problem: String,
    /// What to write instead.
    pub help: String,
}

/// The same, without the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) problem: String,
    pub(super) help: String,
}

impl Problem {
    pub(super) fn new(problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            help: help.into(),
        }
    }

    pub(super) fn at(self, file: &str, line: usize) -> BaselineError {
        BaselineError {
            file: file.to_owned(),
            line,
            problem: self.problem,
            help: self.help,
        }
    }
}
