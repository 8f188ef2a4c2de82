//! Expectations, the events they speak of, and the fields and matchers of these.

use serde_json::{Map, Value, json};

use super::super::expectation::FORMS;
use super::super::keys::{self, FormatKey};
use super::super::model::{Charset, EventField, EventKind, FieldKind, Level};
use super::schema_builder::{SchemaBuilder, described, object, properties, reference, words};
use super::text::or_placeholder;

/// What an expectation that is written in one place has.
pub(super) fn whole() -> Value {
    let demands: Value = FORMS
        .iter()
        .map(|form| json!({ "required": [form] }))
        .collect();
    let forms: Map<String, Value> = FORMS
        .iter()
        .map(|form| ((*form).to_owned(), whole_pattern(form)))
        .collect();
    json!({ "anyOf": demands, "properties": forms, "if": { "required": ["level"] }, "then": {
        "required": ["because"] } })
}

/// Patterns of lists are always written in one place, a single one may be spread over base and
/// variant.
fn whole_pattern(form: &str) -> Value {
    if form == "any_of" {
        json!({})
    } else {
        json!({ "if": { "type": "object" }, "then": { "required": required(form) } })
    }
}

fn required(form: &str) -> &'static [&'static str] {
    match form {
        "at_most" => &["event", "count"],
        "every" => &["event", "has"],
        _ => &["event"],
    }
}

impl SchemaBuilder<'_> {
    /// A check for each requirement.
    fn expectations(&self) -> Value {
        let by_id: Map<String, Value> = self
            .requirements
            .iter()
            .map(|(id, statement)| {
                (
                    (*id).to_owned(),
                    described(statement, reference("expectation")),
                )
            })
            .collect();
        object(by_id.into())
    }

    pub(super) fn define_expectations(&self, definitions: &mut Map<String, Value>) {
        definitions.insert("expectations".to_owned(), self.expectations());
        definitions.insert(
            "secret-match".to_owned(),
            self.match_of_plain(&self.plain_text(&or_placeholder(&self.secret()))),
        );
        definitions.insert(
            "address-match".to_owned(),
            self.match_of_plain(&self.plain_text(&or_placeholder("https://.*"))),
        );
        definitions.insert(
            "free-match".to_owned(),
            json!({ "anyOf": [reference("plain"), reference("matchers")] }),
        );
        definitions.insert(
            "expectation".to_owned(),
            object(self.forms(keys::EXPECT.iter().chain(&keys::FORMS))),
        );
        let alternatives = keys::FORMS.iter().filter(|form| form.word != "any_of");
        let mut outcome = object(self.forms(alternatives));
        outcome["minProperties"] = 1.into();
        definitions.insert("outcome".to_owned(), outcome);
        definitions.insert("pattern".to_owned(), self.pattern("event", &[]));
        definitions.insert(
            "honest-pattern".to_owned(),
            self.pattern("honest-event", &[]),
        );
        definitions.insert(
            "count-pattern".to_owned(),
            self.pattern("event", &["count"]),
        );
        definitions.insert("every-pattern".to_owned(), self.pattern("event", &["has"]));
        definitions.insert("matchers".to_owned(), self.matchers(&reference("plain")));
        definitions.insert(
            "plain".to_owned(),
            json!({ "anyOf": [
                reference("text"),
                { "type": ["integer", "boolean"] },
                { "type": "array", "items": reference("plain") },
            ] }),
        );
        let fields: Map<String, Value> = EventField::ALL
            .iter()
            .map(|field| (field.to_string(), self.field(*field)))
            .collect();
        definitions.insert("fields".to_owned(), object(fields.into()));
        for kind in EventKind::ALL {
            let names = json!({ "enum": EventField::all_of(*kind).collect::<Vec<_>>() });
            definitions.insert(names_of(*kind), json!({ "propertyNames": names }));
        }
    }

    fn forms<'k>(&self, keys: impl IntoIterator<Item = &'k FormatKey>) -> Value {
        properties(keys, |key| match key {
            "also" => json!({ "type": "array", "items": reference("requirement") }),
            "after" => reference("pattern"),
            "level" => words(Level::ALL),
            "because" => json!({ "type": "string", "pattern": "\\S" }),
            "position" => json!({ "type": "integer", "minimum": 1 }),
            "any_of" => {
                json!({ "anyOf": [reference("outcome"), { "type": "array",
                    "items": reference("outcome"), "minItems": 1 }] })
            }
            form => {
                let one = reference(match form {
                    "at_most" => "count-pattern",
                    "every" => "every-pattern",
                    _ => "pattern",
                });
                let item = json!({ "allOf": [one, whole_pattern(form)] });
                json!({ "anyOf": [one, { "type": "array", "items": item, "minItems": 1 }] })
            }
        })
    }

    /// An event's name, or a table with `event`, `where` and more.
    fn pattern(&self, event: &str, more: &[&str]) -> Value {
        let mut properties = json!({ "event": reference(event), "where": reference("fields") });
        for key in more {
            properties[key] = if *key == "count" {
                json!({ "type": "integer", "minimum": 0 })
            } else {
                reference("fields")
            };
        }
        let mut table = object(properties);
        table["allOf"] = EventKind::ALL
            .iter()
            .map(|kind| {
                let named = json!({ "type": "string", "pattern": format!("(^|\\.){kind}$"),
                    "not": { "pattern": "^deviation\\." } });
                let names = reference(&names_of(*kind));
                json!({
                    "if": { "properties": { "event": named }, "required": ["event"] },
                    "then": { "properties": { "where": names, "has": names } },
                })
            })
            .collect();
        if more.is_empty() {
            json!({ "anyOf": [reference(event), table] })
        } else {
            table
        }
    }

    fn field(&self, field: EventField) -> Value {
        match field.kind() {
            FieldKind::Headers | FieldKind::Parameters => {
                json!({ "type": "object", "additionalProperties": reference("free-match") })
            }
            FieldKind::Table(members) => {
                let members = members.iter().map(|member| {
                    let matched = match member.words {
                        Some(known) => self.match_of_plain(&words(known)),
                        None => match_of_text(member.needs_placeholder),
                    };
                    (member.name.to_owned(), matched)
                });
                object(members.collect::<Map<_, _>>().into())
            }
            FieldKind::Secrets => reference("secret-match"),
            kind => match kind.known_words() {
                Some(known) => self.match_of_plain(&words(&known)),
                None => match_of_text(field.needs_placeholder()),
            },
        }
    }

    /// A plain value, or a table of matchers.
    fn match_of_plain(&self, plain: &Value) -> Value {
        json!({ "anyOf": [plain, self.matchers(plain)] })
    }

    fn plain_text(&self, text: &Value) -> Value {
        let plain = json!({ "allOf": [reference("text"), text] });
        json!({ "anyOf": [
            plain,
            { "type": ["integer", "boolean"] },
            { "type": "array", "items": plain },
        ] })
    }

    fn matchers(&self, plain: &Value) -> Value {
        let mut matchers = object(properties(&keys::MATCHERS, |matcher| match matcher {
            "not" => plain.clone(),
            "one_of" | "includes" | "same_set" => json!({ "type": "array", "items": plain }),
            "present" | "sent" | "fresh" | "unshared" | "looks_random" => {
                json!({ "type": "boolean" })
            }
            "contains" => reference("text"),
            "starts_with" => json!({ "allOf": [plain, { "type": "string" }] }),
            "length" => {
                json!({
                    "type": "array",
                    "items": { "type": "integer", "minimum": 0 },
                    "minItems": 2,
                    "maxItems": 2,
                })
            }
            _ => words(Charset::ALL),
        }));
        matchers["minProperties"] = 1.into();
        matchers
    }
}

/// A field without a closed list of values.
fn match_of_text(needs_placeholder: bool) -> Value {
    reference(if needs_placeholder {
        "address-match"
    } else {
        "free-match"
    })
}

fn names_of(kind: EventKind) -> String {
    format!("fields-of-{kind}")
}
