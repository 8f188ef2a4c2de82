//! `--scenarios DIR`: the suite with somebody's own scenario files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mcp_authspec::suite::Suite;

use super::CliError;

/// The built-in suite and the files of these folders (and the folders in them).
pub(super) fn suite(folders: &[PathBuf]) -> Result<Suite, CliError> {
    let mut suite = Suite::embedded()?;
    let mut told = String::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for folder in folders {
        let mut files = Vec::new();
        toml_files(folder, &mut files)?;
        if files.is_empty() {
            let help =
                "help: a scenario is a file NAME.toml; scenarios/README.md tells how to write one";
            return Err(CliError::Usage(format!(
                "--scenarios: {} holds no scenario files\n  {help}",
                folder.display()
            )));
        }
        for path in files {
            if !seen.insert(absolute(&path)?) {
                continue;
            }
            let text = read(&path)?;
            match suite.read(&absolute(&path)?, &path.display().to_string(), &text) {
                Ok(cases) => {
                    if let Some(taken) = cases
                        .iter()
                        .find(|case| suite.cases.iter().any(|known| known.id == case.id))
                    {
                        told.push_str(&format!(
                            "error: there is a scenario `{}` already\n--> {}\n  = help: give the file or its folder another name\n",
                            taken.id,
                            path.display()
                        ));
                    } else {
                        suite.note_text(&path.display().to_string(), &text);
                        suite.cases.extend(cases);
                    }
                }
                Err(errors) => told.extend(
                    errors
                        .iter()
                        .map(|error| format!("{}\n", error.render(&text))),
                ),
            }
        }
    }
    if told.is_empty() {
        Ok(suite)
    } else {
        Err(CliError::Scenarios(told.trim_end().to_owned()))
    }
}

/// The text of a scenario file.
pub(super) fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.display().to_string(),
        source,
    })
}

/// The path from the root on: an id is made of the names of file and folder, which `.` does not
/// tell.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    path.canonicalize().map_err(|source| CliError::Read {
        path: path.display().to_string(),
        source,
    })
}

/// The files in the order of their names, folders after files.
fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let unreadable = |source| CliError::Read {
        path: folder.display().to_string(),
        source,
    };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    paths.sort();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| path.is_dir());
    found.extend(
        files
            .into_iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml")),
    );
    folders
        .iter()
        .try_for_each(|folder| toml_files(folder, found))
}
