//! The lines of persistent mode: first a hello from the client, then for each scenario a request
//! from the harness and an answer from the client.
//!
//! Every line is one JSON object in UTF-8, ended by a line feed.
//! `fixtures/schemas/persistent.schema.json` describes them as a JSON Schema.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::scenario::model::Revision;
use crate::words::words;

/// The version of the protocol. It grows when a client of the old version would misunderstand the
/// new one.
pub const PROTOCOL: u32 = 1;

/// The JSON Schema of the lines.
pub const PERSISTENT_SCHEMA: &str = fixtures::schemas::PERSISTENT;

/// The first line of a client process: it says which client this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersistentHello {
    /// The version of the protocol: [`PROTOCOL`].
    pub protocol: u32,
    /// The name of the client.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The capabilities of the client, in the words of `--capability`.
    #[serde(default)]
    pub capabilities: Vec<String>,
}

/// One scenario for the client to drive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersistentRequest {
    /// The id of this request. The answer repeats it. No id is used twice in a run.
    pub id: u64,
    /// The MCP server to connect to: the last argument of a process for each scenario.
    pub url: String,
    /// The value of `MCP_CONFORMANCE_SCENARIO`: the kind of flow.
    pub scenario: String,
    /// The value of `MCP_CONFORMANCE_PROTOCOL_VERSION`: the revision to speak.
    pub protocol_version: Revision,
    /// The value of `MCP_CONFORMANCE_CONTEXT`, as an object.
    pub context: Map<String, Json>,
    /// A folder for everything that the client stores. Requests with the same folder are starts of
    /// the same client.
    pub home: PathBuf,
    /// The environment variables that a process for this scenario would have: `HOME`, XDG folders,
    /// `TMPDIR`, `PATH`, `BROWSER`.
    pub environment: BTreeMap<String, String>,
    /// Seconds until the process is killed.
    pub timeout: f64,
}

/// How a scenario went, as the client reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersistentAnswer {
    /// The id of the request.
    pub id: u64,
    pub outcome: PersistentOutcome,
    /// What a process for this scenario would have written to standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

words! {
    /// The outcome of a scenario, as the client reports it.
    pub enum PersistentOutcome {
        Success = "success",
        Failure = "failure",
        /// The client crashed, and the process caught that.
        Crash = "crash",
    }
}

/// A line that a client has written.
#[derive(Debug, PartialEq)]
pub(super) enum ClientLine {
    Hello(PersistentHello),
    Answer(PersistentAnswer),
    /// It looks like a hello or an answer, but is not a valid one. The text says why.
    Invalid(String),
    /// Anything else is output like any other.
    Output,
}

impl ClientLine {
    /// Parses a line. An object with the member `id` is meant as an answer, and one with `protocol`
    /// as a hello.
    pub(super) fn parse(text: &str) -> Self {
        let Ok(Json::Object(object)) = serde_json::from_str(text) else {
            return Self::Output;
        };
        let (has_id, has_protocol) = (object.contains_key("id"), object.contains_key("protocol"));
        let json = Json::Object(object);
        if has_id {
            serde_json::from_value(json)
                .map_or_else(|error| Self::Invalid(error.to_string()), Self::Answer)
        } else if has_protocol {
            serde_json::from_value(json)
                .map_or_else(|error| Self::Invalid(error.to_string()), Self::Hello)
        } else {
            Self::Output
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let parse_all = |lines: &[&str]| {
            lines
                .iter()
                .map(|l| format!("{l}\n    {:?}", ClientLine::parse(l)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(parse_all(&[
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

    fn is_valid(line: &Json) -> bool {
        let schema = serde_json::from_str(PERSISTENT_SCHEMA).unwrap();
        jsonschema::draft202012::new(&schema)
            .unwrap()
            .is_valid(line)
    }

    #[test]
    fn schema_and_parser_accept_the_same_lines() {
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
        assert!(examples.iter().all(is_valid));
        assert!(matches!(
            ClientLine::parse(&hello.to_string()),
            ClientLine::Hello(_)
        ));
        assert!(matches!(
            ClientLine::parse(&answer.to_string()),
            ClientLine::Answer(_)
        ));
        let request: PersistentRequest = serde_json::from_value(request.clone()).unwrap();
        assert!(is_valid(&serde_json::to_value(request).unwrap()));
        for wrong in [
            r#"{"protocol":1}"#,
            r#"{"id":7,"outcome":"well"}"#,
            r#"{"id":"7","outcome":"success"}"#,
        ] {
            assert!(!is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
            assert!(
                matches!(ClientLine::parse(wrong), ClientLine::Invalid(_)),
                "{wrong}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_the_parser_panic(text in ".*") {
            let _ = ClientLine::parse(&text);
        }

        #[test]
        fn an_answer_is_parsed_as_it_was_written(id: u64, message in proptest::option::of(".*")) {
            let answer = PersistentAnswer { id, outcome: PersistentOutcome::Failure, message };
            let line = serde_json::to_string(&answer).unwrap();
            proptest::prop_assert!(!line.contains('\n'));
            proptest::prop_assert_eq!(ClientLine::parse(&line), ClientLine::Answer(answer));
        }
    }
}
