//! All files of the suite: they load, control worlds are shared, and no word of them can be changed
//! unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::node::Node;
use super::*;

mod closed;
mod control;
mod errors;
mod schema;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/requirements");

/// Everything that scenario files are checked against, as it is in this repository.
struct Suite {
    monitors: Vec<Expectation>,
    requirements: BTreeMap<String, Applies>,
}

impl Suite {
    fn new() -> Self {
        let requirements = requirements();
        let text = read(&Path::new(SCENARIOS).join("monitors.toml"));
        let lookup = |id: &str| requirements.get(id).copied();
        let monitors = load_monitors("scenarios/monitors.toml", &text, &lookup)
            .unwrap_or_else(|errors| panic!("{}", shown(&errors)));
        Self {
            monitors,
            requirements,
        }
    }

    fn with<T>(&self, act: impl FnOnce(&LoadContext<'_>) -> T) -> T {
        let requirements = |id: &str| self.requirements.get(id).copied();
        act(&LoadContext {
            monitors: &self.monitors,
            requirements: &requirements,
        })
    }

    fn load(&self, name: &str, text: &str) -> Result<Vec<Case>, Vec<ScenarioError>> {
        self.with(|known| load_file(name, &format!("scenarios/{name}.toml"), text, known))
    }

    fn cases(&self) -> Vec<Case> {
        let load = |(name, text): (String, String)| {
            self.load(&name, &text)
                .unwrap_or_else(|errors| panic!("{}", shown(&errors)))
        };
        files().into_iter().flat_map(load).collect()
    }
}

/// Name and text of every scenario file.
fn files() -> Vec<(String, String)> {
    let folders = std::fs::read_dir(SCENARIOS)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let name = |path: &Path| {
        path.strip_prefix(SCENARIOS)
            .unwrap()
            .with_extension("")
            .to_str()
            .unwrap()
            .to_owned()
    };
    let mut files: Vec<_> = folders
        .flat_map(|folder| toml_files(&folder))
        .map(|path| (name(&path), read(&path)))
        .collect();
    files.sort();
    files
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect()
}

/// The range of every requirement, read from the fixtures.
fn requirements() -> BTreeMap<String, Applies> {
    let texts: Vec<_> = toml_files(Path::new(REQUIREMENTS))
        .iter()
        .map(|path| read(path))
        .collect();
    let revision = |entry: &node::Entry, key| {
        entry
            .value
            .get(key)
            .map(|found| found.value.as_text().unwrap().parse::<Revision>().unwrap())
    };
    let applies = |entry: &node::Entry| {
        let from =
            revision(entry, "since").unwrap_or_else(|| panic!("{} has no `since`", entry.key));
        (
            entry.key.clone(),
            Applies {
                from,
                until: revision(entry, "until").unwrap_or(Revision::LATEST),
            },
        )
    };
    texts
        .iter()
        .flat_map(|text| {
            Node::parse(text)
                .unwrap()
                .as_table()
                .unwrap()
                .iter()
                .map(applies)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(errors: &[ScenarioError]) -> String {
    errors.iter().map(|error| format!("{error}\n")).collect()
}

#[test]
fn all_files_load() {
    let suite = Suite::new();
    let (files, cases) = (files(), suite.cases());
    assert!(
        files.len() >= 73,
        "the files that the format was worked out on are all here"
    );
    assert!(cases.len() >= files.len());
    assert!(suite.monitors.len() >= 49);
    let ids: BTreeSet<_> = cases.iter().map(|case| &case.id).collect();
    assert_eq!(ids.len(), cases.len());
}
