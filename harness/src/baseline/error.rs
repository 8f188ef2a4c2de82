//! Errors in a baseline: the file, the line, what is wrong, and what to write instead.

use crate::scenario::model::Revision;

/// An error in a baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}\n  help: {}", problem.help())]
pub struct BaselineError {
    /// The file, as the user gave it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    pub problem: BaselineProblem,
}

/// What is wrong with a baseline or one of its entries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineProblem {
    #[error("invalid TOML: {message}")]
    NotToml { message: String },
    #[error("invalid YAML: {message}")]
    NotYaml { message: String },
    #[error("invalid baseline: expected lists of scenarios")]
    NoLists,
    #[error("invalid section `{section}`: expected a list")]
    NotAList { section: String },
    #[error("invalid entry: expected a name")]
    NotAName,
    #[error("invalid entry `{entry}`: a pattern would also hide failures that are not known yet")]
    Pattern { entry: String },
    #[error("unknown scenario or requirement `{name}`")]
    UnknownName { name: String, help: String },
    #[error("unknown scenario `{scenario}`")]
    UnknownScenario { scenario: String, help: String },
    #[error("unknown scenario `{scenario}` of the official suite")]
    UnknownOfficialScenario { scenario: String, help: String },
    #[error(
        "incomplete entry `{requirement}`: no monitor watches this requirement in every run, so \
         the entry must name a scenario"
    )]
    ScenarioNeeded {
        requirement: String,
        /// Entries that name a scenario as well.
        complete: Vec<String>,
    },
    #[error("unknown requirement `{requirement}`")]
    UnknownRequirement {
        requirement: String,
        scenario: String,
        checked: Vec<String>,
    },
    #[error("`{scenario}` does not check the requirement `{requirement}`")]
    NotChecked {
        requirement: String,
        scenario: String,
        checked: Vec<String>,
    },
    #[error("missing reason for `{entry}`")]
    NoReason { entry: String },
    #[error("invalid reason `{reason}` for `{entry}`: it does not say anything")]
    EmptyReason { entry: String, reason: String },
    #[error("`{entry}` cannot fail in {revision}")]
    WrongRevision {
        entry: String,
        revision: Revision,
        possible: Vec<Revision>,
    },
    #[error("`{entry}` has an empty list of revisions")]
    NoRevision { entry: String },
    #[error("`{entry}` and `{earlier}` (line {earlier_line}) expect the same failure")]
    Overlap {
        entry: String,
        earlier: String,
        earlier_line: usize,
    },
}

impl BaselineProblem {
    /// The error of this problem at a place in a file.
    pub(super) fn at(self, file: &str, line: usize) -> BaselineError {
        BaselineError {
            file: file.to_owned(),
            line,
            problem: self,
        }
    }

    /// What to write instead.
    pub fn help(&self) -> String {
        match self {
            Self::NotToml { .. } => {
                "write `\"SCENARIO:REQUIREMENT\" = \"reason\"` lines below `[known]`".to_owned()
            }
            Self::NotYaml { .. } => "correct the file, or write a baseline in TOML".to_owned(),
            Self::NoLists => "write `client:` and `- SCENARIO` lines below it".to_owned(),
            Self::NotAList { .. } => "write `- SCENARIO` lines below it".to_owned(),
            Self::NotAName => {
                "write `- SCENARIO` or `- SCENARIO:CHECK`, without a space after the \
                               colon"
                    .to_owned()
            }
            Self::Pattern { .. } => "write an entry for each scenario; `mcp-authspec baseline \
                                     update` does this"
                .to_owned(),
            Self::UnknownName { help, .. }
            | Self::UnknownScenario { help, .. }
            | Self::UnknownOfficialScenario { help, .. } => help.clone(),
            Self::ScenarioNeeded { complete, .. } if complete.is_empty() => {
                "remove the entry: no scenario checks this requirement".to_owned()
            }
            Self::ScenarioNeeded { complete, .. } => {
                format!("write {}", list_alternatives(complete))
            }
            Self::UnknownRequirement {
                scenario, checked, ..
            }
            | Self::NotChecked {
                scenario, checked, ..
            } => format!("`{scenario}` checks {}", list_names(checked, ", ")),
            Self::NoReason { .. } | Self::EmptyReason { .. } => {
                "say why it is not fixed yet, or where that is discussed".to_owned()
            }
            Self::WrongRevision { possible, .. } => {
                let words: Vec<&str> = possible.iter().map(|revision| revision.as_str()).collect();
                format!("it can fail in {}", words.join(", "))
            }
            Self::NoRevision { .. } => "leave out `spec` if it fails in every revision".to_owned(),
            Self::Overlap { .. } => {
                "keep the narrower entry, so that no other failure is hidden".to_owned()
            }
        }
    }
}

fn list_names(names: &[String], separator: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(separator)
}

fn list_alternatives(names: &[String]) -> String {
    const LISTED: usize = 4;
    let listed = list_names(&names[..names.len().min(LISTED)], " or ");
    if names.len() > LISTED {
        format!("{listed} or another of {}", names.len())
    } else {
        listed
    }
}
