//! The JSON Schema against the loader: never stricter than it, and hardly laxer.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::super::node::NodeKind;
use super::super::schema::{monitors_schema, scenario_schema};
use super::closed::{Mutant, for_each_mutant};
use super::*;

/// Where a text stands that only the loader can judge, by the last word of the path: it looks up
/// what is named elsewhere in the file.
const LOADER_ONLY: &[&str] = &[
    // parties, and the events and answers that begin with one
    "at",
    "between",
    "to",
    "connect",
    "authorization_servers",
    "hosted_on",
    "takes_name_of",
    "event",
    // scopes, tools and errors that the world must have said
    "scope",
    "tool",
    "error",
    "challenge_scope",
    "scopes_supported",
    "test-tool",
    // parameters of an endpoint's query
    "endpoint_query",
    "tenant",
    "policy",
    "flag",
    // canaries that somebody must have sent
    "contains",
    "url",
];

fn validator(make: fn(&[(&str, &str)]) -> Json) -> jsonschema::Validator {
    let requirements = requirements();
    let requirements: Vec<(&str, &str)> = requirements
        .keys()
        .map(|id| (id.as_str(), "A statement."))
        .collect();
    let schema = make(&requirements);
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::draft7::new(&schema).unwrap()
}

fn json_of(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Text(text) => text.as_str().into(),
        NodeKind::Integer(number) => (*number).into(),
        NodeKind::Boolean(yes) => (*yes).into(),
        NodeKind::List(items) => items.iter().map(json_of).collect(),
        NodeKind::Table(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), json_of(&entry.value)))
            .collect::<Map<_, _>>()
            .into(),
        NodeKind::Useless(_) => json!(0.5),
    }
}

fn complaints(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let json = json_of(&Node::parse(text).unwrap());
    validator
        .iter_errors(&json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_file_fits_the_schema() {
    let validator = validator(scenario_schema);
    for (name, text) in files() {
        assert_eq!(
            complaints(&validator, &text),
            Vec::<String>::new(),
            "{name}"
        );
    }
}

#[test]
fn the_monitors_fit_theirs() {
    let text = read(&std::path::Path::new(SCENARIOS).join("monitors.toml"));
    assert_eq!(
        complaints(&validator(monitors_schema), &text),
        Vec::<String>::new()
    );
}

/// Both ways: what the loader takes the schema takes, and of what the loader refuses only
/// [`LOADER_ONLY`] gets by.
#[test]
fn the_schema_decides_as_the_loader_does() {
    let suite = Suite::new();
    let validator = validator(scenario_schema);
    let mut too_strict = Vec::new();
    let mut too_lax: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for_each_mutant(
        &suite,
        |Mutant {
             id,
             kind,
             shape,
             tree,
             loads,
         }| match (validator.is_valid(&json_of(tree)), loads) {
            (false, true) => too_strict.push(format!("{id}: {kind} {shape}")),
            (true, false) => {
                too_lax
                    .entry(format!("{kind} {shape}"))
                    .or_insert_with(|| (0, (*id).to_owned()))
                    .0 += 1
            }
            _ => {}
        },
    );
    assert!(too_strict.is_empty(), "{too_strict:#?}");
    too_lax.retain(|shape, _| !only_the_loader_can_tell(shape));
    assert!(too_lax.is_empty(), "{too_lax:#?}");
}

fn only_the_loader_can_tell(shape: &str) -> bool {
    let last = shape
        .split('.')
        .rfind(|word| !["*", "includes", "same_set", "one_of"].contains(word))
        .unwrap_or_default();
    // names that a file gives to its parties and deviations, and members that carry what is looked
    // for elsewhere
    let named = ["key world.P", "key deviation.X"].contains(&shape);
    // names of parameters that the world must have
    let is_parameter = shape.starts_with("key ") && shape.contains(".query.");
    named
        || is_parameter
        || shape.starts_with("word deviation.X.set.")
        || shape.starts_with("word deviation.X.append.")
        || shape.starts_with("word") && LOADER_ONLY.contains(&last)
}

#[test]
fn broken_files_do_not_fit() {
    let validator = validator(scenario_schema);
    let good = "title = \"T\"\nwhy = \"W.\"\n[expect.iss-advertised-match]\neventually = \
     \"as.token-request\"\n";
    assert!(complaints(&validator, good).is_empty());
    let broken = [
        "why = \"W.\"\nwatch = [\"pkce-required\"]\n",
        "title = \"T\"\nwhy = \"W.\"\n",
        &good.replace("eventually", "nver"),
        &good.replace("iss-advertised-match", "iss-advertised-mtch"),
        &good.replace(
            "eventually = \"as.token-request\"",
            "level = \"SHOULD\"\nnever = \"token-request\"",
        ),
        &good.replace("\"as.token-request\"", "{ where = { method = \"POST\" } }"),
        &good.replace(
            "\"as.token-request\"",
            "{ event = \"as.token-request\", where = { tool = \"x\" } }",
        ),
        &good.replace(
            "\"as.token-request\"",
            "{ event = \"as.token-request\", where = { code.length = [43] } }",
        ),
        &good.replace(
            "\"as.token-request\"",
            "{ event = \"as.token-request\", where = { code = \"abc\" } }",
        ),
        &format!("{good}[deviation.x]\nset = {{ iss = \"x\" }}\n"),
        &format!("{good}[deviation.x]\nat = \"as.token-response\"\n"),
        &format!("{good}[deviation.x]\nat = \"as.token-response\"\nstatus = 99\n"),
        &format!("{good}[deviation.x]\nat = \"as.token-response\"\nset = {{ issuer = \"x\" }}\n"),
        &format!(
            "{good}[deviation.x]\nat = \"as.token-response\"\nset = {{ scope = \"{{as.isuer}}\" \
             }}\n"
        ),
        &format!("{good}[deviation.x]\nat = \"as\"\nset = {{ scope = \"x\" }}\n"),
        &format!(
            "{good}[deviation.x]\nat = \"as.authorization-response\"\ndo = \"relay-browser\"\nto = \
             \"as\"\nstatus = 200\n"
        ),
        &format!("{good}[[step]]\nconnect = [\"mcp\"]\nexpire = [\"as.code\"]\n"),
        &format!("{good}[[step]]\nexpire = [\"as.code\"]\n"),
        &format!("{good}[[step]]\nafter = \"deviation.x\"\nexpire = [\"as.code\"]\n"),
        &format!("{good}[world.as]\npath = \"/x\"\n"),
        &format!("{good}[world.other]\nis = \"mcp server\"\npkce = \"ignored\"\n"),
        &format!("{good}[variant.one]\nvariant = {{}}\n"),
    ];
    for text in broken {
        assert!(!complaints(&validator, text).is_empty(), "fits: {text}");
        assert!(Suite::new().load("iss/x", text).is_err(), "loads: {text}");
    }
}
