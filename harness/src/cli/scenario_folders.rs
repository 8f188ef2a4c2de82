//! `--scenarios DIR`: the suite with scenario files of the user.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::suite::Suite;

/// Loads the built-in suite, and the scenario files in these folders and their subfolders.
pub(super) fn load_suite(folders: &[PathBuf]) -> Result<Suite, CliError> {
    add_folders(Suite::embedded()?, folders)
}

/// Adds the scenario files in these folders and their subfolders to a suite.
pub(super) fn add_folders(mut suite: Suite, folders: &[PathBuf]) -> Result<Suite, CliError> {
    let mut errors = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for folder in folders {
        let mut files = Vec::new();
        find_toml_files(folder, &mut files)?;
        if files.is_empty() {
            return Err(CliError::Usage(format!(
                "--scenarios: {} holds no scenario files\n  \
                 help: a scenario is a file NAME.toml; see scenarios/README.md",
                folder.display()
            )));
        }
        for path in files {
            if seen.insert(absolute_path(&path)?) {
                errors.extend(add_scenario_file(&mut suite, &path)?);
            }
        }
    }
    if errors.is_empty() {
        Ok(suite)
    } else {
        Err(CliError::Scenarios(errors.join("\n")))
    }
}

/// Adds the cases of a file to the suite, or returns what is wrong with the file.
fn add_scenario_file(suite: &mut Suite, path: &Path) -> Result<Vec<String>, CliError> {
    let text = read_file(path)?;
    let shown = path.display().to_string();
    let cases = match suite.parse_scenario_file(&absolute_path(path)?, &shown, &text) {
        Ok(cases) => cases,
        Err(errors) => return Ok(errors.iter().map(|error| error.render(&text)).collect()),
    };
    let is_taken = |id: &str| suite.cases.iter().any(|known| known.id == id);
    if let Some(taken) = cases.iter().find(|case| is_taken(&case.id)) {
        return Ok(vec![format!(
            "error: the scenario id `{}` is already in use\n--> {shown}\n  \
             = help: give the file or its folder another name",
            taken.id
        )]);
    }
    suite.add_cases(&shown, &text, cases);
    Ok(Vec::new())
}

/// Reads a scenario file.
pub(super) fn read_file(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::read(path, source))
}

/// The absolute path. The id of a scenario is made from the names of its file and folder, and a
/// relative path such as `.` does not contain them.
pub(super) fn absolute_path(path: &Path) -> Result<PathBuf, CliError> {
    path.canonicalize()
        .map_err(|source| CliError::read(path, source))
}

/// Finds the files of a folder in the order of their names, and then those of its subfolders.
fn find_toml_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let unreadable = |source| CliError::read(folder, source);
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    paths.sort();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| path.is_dir());
    let is_toml = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "toml");
    found.extend(files.into_iter().filter(is_toml));
    folders
        .iter()
        .try_for_each(|folder| find_toml_files(folder, found))
}
