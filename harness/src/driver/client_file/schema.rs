//! The JSON Schema of client files, made from the lists that the reader uses. It is of draft 7,
//! which the TOML language servers understand.

use serde_json::{Map, Value as Json, json};

use super::adapter::Adapter;
use super::deployment::DeploymentKind;
use super::keys::{KEYS, MAX_JOBS, MAX_TIMEOUT};
use super::link_handling::LinkHandling;
use super::standard_input::StandardInput;
use crate::requirements::Capability;
use crate::scenario::model::{Registration, Revision};

/// The JSON Schema of client files.
pub fn client_schema() -> Json {
    let properties: Map<String, Json> = KEYS
        .iter()
        .map(|(key, description)| ((*key).to_owned(), described_value(key, description)))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mcp-authspec client",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn described_value(key: &str, description: &str) -> Json {
    let mut schema = value_schema(key);
    schema["description"] = json!(description);
    schema
}

fn value_schema(key: &str) -> Json {
    let command = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
    match key {
        "command" => command,
        "setup" | "login" | "teardown" => json!({ "type": "array", "items": command }),
        "with_credentials" | "pass_env" => {
            json!({ "type": "array", "items": { "type": "string" } })
        }
        "env" => json!({
            "type": "object",
            "propertyNames": { "not": { "pattern": "^$|=|^MCP_CONFORMANCE_" } },
            "additionalProperties": { "type": "string" },
        }),
        "files" | "answers" => json!({
            "type": "object",
            "additionalProperties": { "type": "string" },
        }),
        "stdin" => one_of(StandardInput::ALL),
        "links" => one_of(LinkHandling::ALL),
        "adapter" => one_of(Adapter::ALL),
        "kind" => one_of(DeploymentKind::ALL),
        "pty" | "probe" | "named" | "refresh" => json!({ "type": "boolean" }),
        "timeout" => json!({ "type": "integer", "minimum": 1, "maximum": MAX_TIMEOUT }),
        "jobs" => json!({ "type": "integer", "minimum": 1, "maximum": MAX_JOBS }),
        "spec" => json!({ "type": "array", "items": one_of(Revision::ALL), "minItems": 1 }),
        "registration" => json!({ "type": "array", "items": one_of(Registration::ALL) }),
        "has" | "lacks" => {
            let capabilities: Vec<Capability> = Capability::of_clients().collect();
            json!({ "type": "array", "items": one_of(&capabilities) })
        }
        _ => json!({ "type": "string" }),
    }
}

fn one_of<T: ToString>(all: &[T]) -> Json {
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
