//! The client file's format as a JSON Schema, made from the reader's own lists. Draft 7, which the
//! TOML language servers understand.

use serde_json::{Map, Value as Json, json};

use super::client_file::{Adapter, ApplicationKind, KEYS, LONGEST_TIMEOUT, MOST_JOBS};
use crate::requirements::Capability;
use crate::scenario::model::{Registration, Revision};

/// The schema of client files.
pub fn client_schema() -> Json {
    let properties: Map<String, Json> = KEYS
        .iter()
        .map(|(key, about)| ((*key).to_owned(), described(key, about)))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mcp-authspec client",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn described(key: &str, about: &str) -> Json {
    let mut schema = value(key);
    schema["description"] = json!(about);
    schema
}

fn value(key: &str) -> Json {
    let command = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
    match key {
        "command" => command,
        "setup" | "teardown" => json!({ "type": "array", "items": command }),
        "with_credentials" | "pass_env" => {
            json!({ "type": "array", "items": { "type": "string" } })
        }
        "env" => json!({
            "type": "object",
            "propertyNames": { "not": { "pattern": "^$|=|^MCP_CONFORMANCE_" } },
            "additionalProperties": { "type": "string" },
        }),
        "adapter" => words(Adapter::ALL),
        "kind" => words(ApplicationKind::ALL),
        "pty" | "probe" | "named" | "refresh" => json!({ "type": "boolean" }),
        "timeout" => json!({ "type": "integer", "minimum": 1, "maximum": LONGEST_TIMEOUT }),
        "jobs" => json!({ "type": "integer", "minimum": 1, "maximum": MOST_JOBS }),
        "spec" => json!({ "type": "array", "items": words(Revision::ALL), "minItems": 1 }),
        "registration" => json!({ "type": "array", "items": words(Registration::ALL) }),
        "has" | "lacks" => {
            json!({ "type": "array", "items": words(&Capability::of_clients().collect::<Vec<_>>()) })
        }
        _ => json!({ "type": "string" }),
    }
}

fn words<T: ToString>(all: &[T]) -> Json {
    json!({ "type": "string", "enum": all.iter().map(ToString::to_string).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&client_schema()).unwrap());
    }
}
