//! Reads a client file, and reports every mistake with its place and a remedy.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::client_file::ClientFile;
use super::keys::{KEYS, MAX_JOBS, MAX_TIMEOUT};
use crate::driver::process::{PLACEHOLDERS, WorkingDirectory, replace_here, unknown_placeholders};
use crate::requirements::Capability;
use crate::scenario::ScenarioError;
use crate::scenario::error::located;
use crate::scenario::node::{Entry, Node};
use crate::scenario::problem::ScenarioProblem;
use crate::scenario::problem::Span;
use crate::scenario::suggest;
use crate::scenario::values::ReadValues;

impl ClientFile {
    /// Reads the text of a client file. Relative paths in it start at `folder`, the folder of the
    /// file. Errors call the file `path_shown`.
    pub fn parse(path_shown: &str, folder: &Path, text: &str) -> Result<Self, Vec<ScenarioError>> {
        let root = Node::parse(text).map_err(|problem| located(path_shown, text, vec![problem]))?;
        let mut reader = FileReader {
            folder,
            problems: Vec::new(),
        };
        let file = reader.file(&root);
        if reader.problems.is_empty() {
            Ok(file)
        } else {
            Err(located(path_shown, text, reader.problems))
        }
    }
}

struct FileReader<'a> {
    folder: &'a Path,
    problems: Vec<ScenarioProblem>,
}

impl ReadValues for FileReader<'_> {
    fn problems(&mut self) -> &mut Vec<ScenarioProblem> {
        &mut self.problems
    }
}

impl FileReader<'_> {
    fn file(&mut self, root: &Node) -> ClientFile {
        self.only_keys(
            root.as_table().unwrap_or_default(),
            &KEYS.map(|(key, _)| key),
            "a client file",
        );
        let value = |key: &str| root.get(key).map(|entry| &entry.value);
        let file = ClientFile {
            name: value("name")
                .and_then(|node| self.text(node))
                .map(str::to_owned),
            command: value("command").and_then(|node| self.command(node)),
            with_credentials: value("with_credentials").map(|node| self.arguments(node)),
            setup: value("setup").map(|node| self.commands(node)),
            teardown: value("teardown").map(|node| self.commands(node)),
            files: value("files")
                .map(|node| self.text_table(node))
                .unwrap_or_default(),
            login: value("login").map(|node| self.commands(node)),
            stdin: value("stdin").and_then(|node| self.word(node)),
            answers: value("answers")
                .map(|node| self.text_table(node))
                .unwrap_or_default(),
            links: value("links").and_then(|node| self.word(node)),
            cwd: value("cwd").and_then(|node| self.working_directory(node)),
            env: value("env")
                .map(|node| self.environment(node))
                .unwrap_or_default(),
            pass_env: value("pass_env")
                .map(|node| self.texts(node))
                .unwrap_or_default(),
            adapter: value("adapter").and_then(|node| self.word(node)),
            pty: value("pty").and_then(|node| self.boolean(node)),
            probe: value("probe").and_then(|node| self.boolean(node)),
            named: value("named").and_then(|node| self.boolean(node)),
            timeout: value("timeout")
                .and_then(|node| self.number(node, 1, MAX_TIMEOUT))
                .map(Duration::from_secs),
            jobs: value("jobs").and_then(|node| self.number(node, 1, MAX_JOBS)),
            spec: value("spec").map(|node| self.non_empty_words(node, "one revision")),
            registration: value("registration").map(|node| self.words(node)),
            kind: value("kind").and_then(|node| self.word(node)),
            refresh: value("refresh").and_then(|node| self.boolean(node)),
            has: value("has")
                .map(|node| self.words_by(node, Capability::parse_of_client))
                .unwrap_or_default()
                .into_iter()
                .collect(),
            lacks: value("lacks")
                .map(|node| self.words_by(node, Capability::parse_of_client))
                .unwrap_or_default()
                .into_iter()
                .collect(),
        };
        self.check_conflicts(root, &file);
        file
    }

    /// Reports values that contradict each other.
    fn check_conflicts(&mut self, root: &Node, file: &ClientFile) {
        let lacks = root.get("lacks").and_then(|entry| entry.value.as_list());
        for item in lacks.unwrap_or_default() {
            let capability = item
                .as_text()
                .and_then(|text| Capability::parse_of_client(text).ok());
            if capability.is_some_and(|capability| file.has.contains(&capability)) {
                self.problem_with(
                    &item.span,
                    "the client cannot both have and lack this capability",
                    "write it in `has` or in `lacks`",
                );
            }
        }
        for ineffective in file.ineffective_keys() {
            let span = root
                .get(ineffective.key)
                .map_or(root.span.clone(), |entry| entry.key_span.clone());
            self.problem_with(
                &span,
                ineffective.to_string(),
                "remove it, or choose another adapter",
            );
        }
    }

    fn non_empty_words<T: FromStr<Err = crate::UnknownWord>>(
        &mut self,
        node: &Node,
        what: &str,
    ) -> Vec<T> {
        if node.as_list().is_some_and(<[Node]>::is_empty) {
            self.problem_with(
                &node.span,
                "the list is empty",
                format!("write at least {what}, or remove the key"),
            );
        }
        self.words(node)
    }

    /// A program with its arguments. A program with a slash in its name is relative to the file.
    fn command(&mut self, node: &Node) -> Option<Vec<String>> {
        let mut words = self.arguments(node);
        let Some(program) = words.first_mut() else {
            if node.as_list().is_some() {
                self.problem_with(
                    &node.span,
                    "the command is empty",
                    "write the program and its arguments, such as \
                     [\"node\", \"{here}/client.mjs\"]",
                );
            }
            return None;
        };
        if program.contains('/') {
            *program = self.folder.join(&*program).to_string_lossy().into_owned();
        }
        Some(words)
    }

    fn commands(&mut self, node: &Node) -> Vec<Vec<String>> {
        if let Some(first) = node
            .as_list()
            .and_then(<[Node]>::first)
            .filter(|first| first.as_text().is_some())
        {
            let remedy =
                "write a list of commands, each a list of its own: [[\"program\", \"argument\"]]";
            self.problem_with(&first.span, "expected a command, found a text", remedy);
            return Vec::new();
        }
        self.list(node)
            .iter()
            .filter_map(|command| self.command(command))
            .collect()
    }

    fn arguments(&mut self, node: &Node) -> Vec<String> {
        if node.as_text().is_some() {
            self.problem_with(
                &node.span,
                "expected a list, found a text",
                "write each argument as a text of its own; no shell splits them",
            );
            return Vec::new();
        }
        self.list(node)
            .iter()
            .filter_map(|item| self.argument(item))
            .collect()
    }

    /// `inherit`, `sandbox`, or a folder relative to the file.
    fn working_directory(&mut self, node: &Node) -> Option<WorkingDirectory> {
        let text = self.text(node)?;
        let folder = self.folder.join(text).to_string_lossy().into_owned();
        let keyword = text
            .parse()
            .ok()
            .filter(|parsed| !matches!(parsed, WorkingDirectory::At(_)));
        let parsed = keyword.or_else(|| folder.parse().ok());
        if parsed.is_none() {
            let remedy = "write a folder relative to this file, `inherit` for the current folder, \
                          or `sandbox` for an empty one";
            self.problem_with(
                &node.span,
                format!("cannot find the folder `{text}`"),
                remedy,
            );
        }
        parsed
    }

    fn texts(&mut self, node: &Node) -> Vec<String> {
        self.list(node)
            .iter()
            .filter_map(|item| self.text(item).map(str::to_owned))
            .collect()
    }

    fn environment(&mut self, node: &Node) -> BTreeMap<String, String> {
        self.table(node)
            .iter()
            .filter_map(|entry| self.variable(entry))
            .collect()
    }

    /// A table of strings with placeholders.
    fn text_table(&mut self, node: &Node) -> BTreeMap<String, String> {
        self.table(node)
            .iter()
            .filter_map(|entry| {
                let key = replace_here(&entry.key, self.folder);
                Some((key, self.argument(&entry.value)?))
            })
            .collect()
    }

    fn variable(&mut self, entry: &Entry) -> Option<(String, String)> {
        if let Err(error) = check_variable_name(&entry.key) {
            let remedy = "remove it, or use another name";
            self.problem_with(&entry.key_span, error.to_string(), remedy);
            return None;
        }
        Some((entry.key.clone(), self.argument(&entry.value)?))
    }

    /// A string with placeholders.
    fn argument(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        let span: &Span = &node.span;
        for unknown in unknown_placeholders(text) {
            let remedy = suggest::instead(unknown, PLACEHOLDERS.iter().copied());
            self.problem_with(span, format!("unknown placeholder `{{{unknown}}}`"), remedy);
        }
        Some(replace_here(text, self.folder))
    }
}

/// Why a client file cannot set an environment variable.
#[derive(Debug, thiserror::Error)]
enum VariableNameError {
    #[error("invalid name of an environment variable `{0}`")]
    Invalid(String),
    #[error("the harness sets the environment variable `{0}` itself")]
    Reserved(String),
}

fn check_variable_name(name: &str) -> Result<(), VariableNameError> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(VariableNameError::Invalid(name.to_owned()));
    }
    if name.starts_with("MCP_CONFORMANCE_") {
        return Err(VariableNameError::Reserved(name.to_owned()));
    }
    Ok(())
}
