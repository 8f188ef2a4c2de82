//! Loads the scenario suite and selects cases from it.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;
use wildmatch::WildMatch;

use crate::digest::short_digest;
use crate::requirements::{Catalogue, CatalogueError, Requirement};
use crate::scenario::model::{Case, Expectation, Revision, VarietyChoice};
use crate::scenario::{Applies, LoadContext, ScenarioError, load_file, load_monitors};

/// All cases, monitors and requirements.
#[derive(Debug)]
pub struct Suite {
    pub cases: Vec<Case>,
    /// What is watched in the runs of all cases.
    pub monitors: Vec<Expectation>,
    pub catalogue: Catalogue,
    /// Digests of the scenario files' texts, by the names that errors have for the files.
    source_digests: BTreeMap<String, String>,
    rules_digest: String,
}

/// The version of [`Rules`]. Raise it when a field is added, removed or gets another meaning.
const RULES_VERSION: u32 = 4;

/// The data of [`Suite::rules_digest`], which is hashed as JSON. Saved runs hold the digest, so
/// this form is part of their format.
#[derive(Serialize)]
struct Rules<'a> {
    version: u32,
    requirements: Vec<&'a Requirement>,
    monitors: &'a str,
}

impl Rules<'_> {
    fn digest(catalogue: &Catalogue) -> Result<String, serde_json::Error> {
        let rules = Rules {
            version: RULES_VERSION,
            requirements: catalogue.iter().collect(),
            monitors: scenarios::MONITORS,
        };
        Ok(short_digest(serde_json::to_string(&rules)?))
    }
}

/// Why the suite could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A requirements file has an error.
    #[error(transparent)]
    Requirements(#[from] CatalogueError),
    /// Scenario files have errors. All of them are listed.
    #[error("{}", join_lines(.0))]
    Scenarios(Vec<ScenarioError>),
    /// The digest of the rules cannot be calculated.
    #[error("cannot calculate the digest of the requirements: {0}")]
    Digest(#[from] serde_json::Error),
}

/// Looks up the revisions in which a requirement applies.
fn find_applicability(catalogue: &Catalogue) -> impl Fn(&str) -> Option<Applies> {
    |id| {
        let requirement = catalogue.get(id)?;
        Some(Applies {
            from: requirement.since,
            until: requirement.until.unwrap_or(Revision::LATEST),
        })
    }
}

/// The name `area/file` of a scenario file: the last two parts of the path, without the extension.
fn scenario_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let area = path
        .parent()
        .and_then(Path::file_name)
        .map_or_else(|| "own".into(), |area| area.to_string_lossy());
    format!("{area}/{stem}")
}

/// A scenario file: its name in errors, its text, and what was read.
type ReadFile<'a> = (String, &'a str, Result<Vec<Case>, Vec<ScenarioError>>);

/// Reads scenario files on all processors, because reading them is most of what the short commands
/// do. Keeps their order.
fn read_files<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    known: &LoadContext<'_>,
) -> Vec<ReadFile<'a>> {
    let files: Vec<_> = files.into_iter().collect();
    files
        .into_par_iter()
        .map(|(name, text)| {
            let file = format!("scenarios/{name}.toml");
            let read = load_file(name, &file, text, known);
            (file, text, read)
        })
        .collect()
}

fn join_lines(errors: &[ScenarioError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl Suite {
    /// Loads the built-in suite.
    pub fn embedded() -> Result<Self, SuiteError> {
        let files = scenarios::all();
        Self::load(files.iter().map(|(name, text)| (name.as_str(), *text)))
    }

    /// Parses a scenario file of the user and checks it against the built-in monitors and
    /// requirements. The ids of its cases are made from `path`; errors call the file `shown`.
    pub fn parse_scenario_file(
        &self,
        path: &Path,
        shown: &str,
        text: &str,
    ) -> Result<Vec<Case>, Vec<ScenarioError>> {
        let applies = find_applicability(&self.catalogue);
        let known = LoadContext {
            monitors: &self.monitors,
            requirements: &applies,
        };
        load_file(&scenario_name(path), shown, text, &known)
    }

    /// Adds the cases of a built-in scenario file, such as `iss/two-values`, if it is not there
    /// yet. For a few cases this takes less time than [`Suite::embedded`].
    pub(crate) fn add_embedded_file(&mut self, name: &str) -> Result<(), SuiteError> {
        let file = format!("scenarios/{name}.toml");
        if self.source_digests.contains_key(&file) {
            return Ok(());
        }
        let files = scenarios::all();
        let Some((_, text)) = files.iter().find(|(known, _)| known == name) else {
            return Ok(());
        };
        let applies = find_applicability(&self.catalogue);
        let known = LoadContext {
            monitors: &self.monitors,
            requirements: &applies,
        };
        let cases = load_file(name, &file, text, &known).map_err(SuiteError::Scenarios)?;
        drop(applies);
        self.add_cases(&file, text, cases);
        Ok(())
    }

    /// Loads the built-in monitors and requirements together with these scenario files, which are
    /// pairs of a name such as `iss/two-values` and a text.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SuiteError> {
        let catalogue = Catalogue::embedded()?;
        let applies = find_applicability(&catalogue);
        let monitors = load_monitors("scenarios/monitors.toml", scenarios::MONITORS, &applies)
            .map_err(SuiteError::Scenarios)?;
        let known = LoadContext {
            monitors: &monitors,
            requirements: &applies,
        };
        let mut cases = Vec::new();
        let mut errors = Vec::new();
        let mut source_digests = BTreeMap::new();
        for (file, text, read) in read_files(files, &known) {
            source_digests.insert(file, short_digest(text));
            match read {
                Ok(found) => cases.extend(found),
                Err(found) => errors.extend(found),
            }
        }
        drop(applies);
        if errors.is_empty() {
            Ok(Self {
                cases,
                monitors,
                rules_digest: Rules::digest(&catalogue)?,
                catalogue,
                source_digests,
            })
        } else {
            Err(SuiteError::Scenarios(errors))
        }
    }

    /// Selects the cases that check something in this revision and whose id matches one of the
    /// patterns. Without patterns, all of them match. A pattern can also be the name of a file.
    ///
    /// Of the variants of a variety, the usual ones are selected.
    pub fn select(&self, revision: Revision, patterns: &[String]) -> Vec<&Case> {
        self.select_variety(revision, patterns, VarietyChoice::default())
    }

    /// Selects as [`Suite::select`] does, with another choice of variants. A variant that a
    /// pattern names in full is always selected.
    pub fn select_variety(
        &self,
        revision: Revision,
        patterns: &[String],
        variety: VarietyChoice,
    ) -> Vec<&Case> {
        let is_named = |case: &Case| patterns.contains(&case.id);
        let is_chosen = |case: &Case| case.is_in(variety) || is_named(case);
        let patterns: Vec<WildMatch> = patterns.iter().map(|p| WildMatch::new(p)).collect();
        let wanted = |case: &Case| {
            let file = case.scenario().to_owned();
            patterns.is_empty()
                || patterns
                    .iter()
                    .any(|p| p.matches(&case.id) || p.matches(&file))
        };
        self.cases
            .iter()
            .filter(|case| wanted(case) && is_chosen(case) && self.checks_something(case, revision))
            .collect()
    }

    /// Adds the cases of a scenario file of the user.
    pub fn add_cases(&mut self, file: &str, text: &str, cases: Vec<Case>) {
        self.source_digests
            .insert(file.to_owned(), short_digest(text));
        self.cases.extend(cases);
    }

    /// The digest of the text of the file that holds a case.
    pub fn source_digest(&self, case: &Case) -> &str {
        self.source_digests
            .get(&case.source.file)
            .map_or("", String::as_str)
    }

    /// The digest of everything besides the scenarios that decides about verdicts: requirements
    /// and monitors.
    pub fn rules_digest(&self) -> &str {
        &self.rules_digest
    }

    /// Whether a case exists in the revision and one of its requirements applies there.
    pub fn checks_something(&self, case: &Case, revision: Revision) -> bool {
        case.applies_in(revision)
            && self.requirements_of(case).any(|id| {
                self.catalogue
                    .get(id)
                    .is_some_and(|r| r.applies_in(revision))
            })
    }

    /// The ids of the requirements that a case checks or watches.
    pub fn requirements_of<'a>(
        &self,
        case: &'a Case,
    ) -> impl Iterator<Item = &'a String> + use<'a> {
        case.expectations
            .iter()
            .flat_map(|e| std::iter::once(&e.requirement).chain(&e.also))
            .chain(&case.watch)
    }
}
