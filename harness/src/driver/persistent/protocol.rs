//! The lines of persistent mode: a hello from the client, then a request from the harness and an
//! answer from the client for each scenario.
//!
//! Every line is one JSON object in UTF-8, ended by a line feed.
//! `fixtures/schemas/persistent.schema.json` says the same as a JSON Schema.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::scenario::model::Revision;
use crate::words::words;

/// The version of the protocol; grows when a client of the old form would misread the new one.
pub const PROTOCOL: u32 = 1;

/// The lines as a JSON Schema.
pub const PERSISTENT_SCHEMA: &str =
    include_str!("../../../../fixtures/schemas/persistent.schema.json");

/// The first line of a client process: who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersistentHello {
    /// [`PROTOCOL`]
    pub protocol: u32,
    /// What the client is called.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it can do, in the words of `--capability`.
    #[serde(default)]
    pub capabilities: Vec<String>,
}

/// One scenario for the client to drive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersistentRequest {
    /// Names this request; the answer repeats it. Never used twice in a run.
    pub id: u64,
    /// The MCP server to connect to; the last argument of a process per scenario.
    pub url: String,
    /// The kind of flow: `MCP_CONFORMANCE_SCENARIO`.
    pub scenario: String,
    /// The revision to speak: `MCP_CONFORMANCE_PROTOCOL_VERSION`.
    pub protocol_version: Revision,
    /// `MCP_CONFORMANCE_CONTEXT`, as an object.
    pub context: Map<String, Json>,
    /// A folder for everything that the client stores. Requests with the same folder are starts of
    /// the same client.
    pub home: PathBuf,
    /// The variables that a process of its own would find: `HOME`, XDG folders, `TMPDIR`, `PATH`,
    /// `BROWSER`.
    pub environment: BTreeMap<String, String>,
    /// Seconds until the process is killed.
    pub timeout: f64,
}

/// How a scenario went for the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersistentAnswer {
    pub id: u64,
    pub outcome: PersistentOutcome,
    /// What a process of its own would have said on standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

words! {
    /// The outcome as the client sees it.
    pub enum PersistentOutcome {
        Success = "success",
        Failure = "failure",
        /// It broke down and caught itself.
        Crash = "crash",
    }
}

/// What a line of a client is.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Hello(PersistentHello),
    Answer(PersistentAnswer),
    /// It has the mark of a hello or an answer, and is none.
    Wrong(String),
    /// Anything else: output like any other.
    Output,
}

impl Line {
    /// An object with `id` is meant as an answer, one with `protocol` as a hello.
    pub(super) fn read(text: &str) -> Self {
        let Ok(Json::Object(object)) = serde_json::from_str(text) else {
            return Self::Output;
        };
        let (answers, greets) = (object.contains_key("id"), object.contains_key("protocol"));
        let json = Json::Object(object);
        match (answers, greets) {
            (true, _) => serde_json::from_value(json)
                .map_or_else(|e| Self::Wrong(e.to_string()), Self::Answer),
            (_, true) => serde_json::from_value(json)
                .map_or_else(|e| Self::Wrong(e.to_string()), Self::Hello),
            _ => Self::Output,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_meant_and_lines_that_are_not() {
        let read = |lines: &[&str]| {
            lines
                .iter()
                .map(|l| format!("{l}\n    {:?}", Line::read(l)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(read(&[
            r#"{"protocol":1,"name":"a client","version":"2.0","capabilities":["cimd"]}"#,
            r#"{"protocol":1,"name":"a client"}"#,
            r#"{"protocol":1}"#,
            r#"{"id":7,"outcome":"success"}"#,
            r#"{"id":7,"outcome":"failure","message":"no token","more":true}"#,
            r#"{"id":7,"outcome":"well"}"#,
            r#"{"id":"7","outcome":"success"}"#,
            r#"{"level":"info","message":"connected"}"#,
            "connected",
            "[7]",
            "",
        ]));
    }

    /// A line of the document's examples, or one of ours.
    fn fits_the_schema(line: &Json) -> bool {
        let schema = serde_json::from_str(PERSISTENT_SCHEMA).unwrap();
        jsonschema::draft202012::new(&schema)
            .unwrap()
            .is_valid(line)
    }

    #[test]
    fn the_schema_takes_what_the_reader_takes() {
        let document = include_str!("../../../../ci/clients/PERSISTENT.md");
        let examples: String = document
            .lines()
            .filter_map(|line| line.strip_prefix("       "))
            .collect::<Vec<_>>()
            .join(" ");
        let examples: Vec<Json> = serde_json::Deserializer::from_str(&examples)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let [hello, request, answer] = examples.as_slice() else {
            panic!("{examples:?}")
        };
        assert!(examples.iter().all(fits_the_schema));
        assert!(matches!(Line::read(&hello.to_string()), Line::Hello(_)));
        assert!(matches!(Line::read(&answer.to_string()), Line::Answer(_)));
        let request: PersistentRequest = serde_json::from_value(request.clone()).unwrap();
        assert!(fits_the_schema(&serde_json::to_value(request).unwrap()));
        for wrong in [
            r#"{"protocol":1}"#,
            r#"{"id":7,"outcome":"well"}"#,
            r#"{"id":"7","outcome":"success"}"#,
        ] {
            assert!(
                !fits_the_schema(&serde_json::from_str(wrong).unwrap()),
                "{wrong}"
            );
            assert!(matches!(Line::read(wrong), Line::Wrong(_)), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_the_reader(text in ".*") {
            let _ = Line::read(&text);
        }

        #[test]
        fn an_answer_reads_as_it_was_written(id: u64, message in proptest::option::of(".*")) {
            let answer = PersistentAnswer { id, outcome: PersistentOutcome::Failure, message };
            let line = serde_json::to_string(&answer).unwrap();
            proptest::prop_assert!(!line.contains('\n'));
            proptest::prop_assert_eq!(Line::read(&line), Line::Answer(answer));
        }
    }
}
