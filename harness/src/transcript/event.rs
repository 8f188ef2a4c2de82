//! Events: what happened, in the terms of scenarios.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use crate::scenario::model::{EventField, EventKind};

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Which start of the client this belongs to, counted from 1.
    pub run: u32,
    /// The party at which it happened; `None`: at the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// What happened.
    #[serde(rename = "event")]
    pub kind: EventKind,
    /// The exchange that it was read from: an index into
    /// [`Transcript::exchanges`](super::Transcript::exchanges).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// The deviations that this answer carried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<String>,
    /// Whether an answer reached the client (was written to it, or taken in at its redirect URI).
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub delivered: bool,
    /// The fields that events of this kind have.
    #[serde(flatten)]
    pub fields: EventFields,
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

/// The fields of one event, by name.
///
/// A transcript with a field that this version does not know is refused: checks of the version that
/// wrote it may rest on that field, so that its verdicts could not be repeated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventFields(BTreeMap<EventField, Json>);

impl EventFields {
    /// The field's value, if the event has it.
    pub fn get(&self, field: EventField) -> Option<&Json> {
        self.0.get(&field)
    }

    /// The field's value as a text; empty where there is none.
    pub fn text(&self, field: EventField) -> &str {
        self.get(field).and_then(Json::as_str).unwrap_or_default()
    }

    /// The texts of a field that is a list, such as the names of secrets.
    pub fn texts(&self, field: EventField) -> impl Iterator<Item = &str> {
        let items = self.get(field).and_then(Json::as_array);
        items.into_iter().flatten().filter_map(Json::as_str)
    }

    /// Sets a field.
    pub fn insert(&mut self, field: EventField, value: impl Into<Json>) {
        self.0.insert(field, value.into());
    }

    /// Takes a field away, and returns what it held.
    pub fn remove(&mut self, field: EventField) -> Option<Json> {
        self.0.remove(&field)
    }

    /// All fields, in the order of [`EventField::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (EventField, &Json)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }
}

impl FromIterator<(EventField, Json)> for EventFields {
    fn from_iter<I: IntoIterator<Item = (EventField, Json)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl Extend<(EventField, Json)> for EventFields {
    fn extend<I: IntoIterator<Item = (EventField, Json)>>(&mut self, fields: I) {
        self.0.extend(fields);
    }
}

impl IntoIterator for EventFields {
    type Item = (EventField, Json);
    type IntoIter = std::collections::btree_map::IntoIter<EventField, Json>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Written in the alphabetical order of their words.
impl Serialize for EventFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let by_word: BTreeMap<&str, &Json> = self
            .iter()
            .map(|(field, value)| (field.as_str(), value))
            .collect();
        by_word.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = EventFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EventFields, A::Error> {
        let mut fields = EventFields::default();
        while let Some(word) = map.next_key::<String>()? {
            let Ok(field) = word.parse::<EventField>() else {
                return Err(serde::de::Error::custom(format!(
                    "unknown event field `{word}`: read this transcript with the version of \
                     mcp-authspec that wrote it"
                )));
            };
            fields.0.insert(field, map.next_value()?);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_beside_the_rest_of_an_event() {
        let json = serde_json::json!({
            "run": 1,
            "event": "token-request",
            "grant_type": "refresh_token",
            "carries": ["as.refresh_token#1"],
        });
        let event: Event = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(event.fields.text(EventField::GrantType), "refresh_token");
        let carried: Vec<_> = event.fields.texts(EventField::Carries).collect();
        assert_eq!(carried, ["as.refresh_token#1"]);
        assert_eq!(serde_json::to_value(&event).unwrap(), json);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let text = r#"{"run":1,"event":"token-request","grant":"refresh_token"}"#;
        let error = serde_json::from_str::<Event>(text).unwrap_err();
        let wanted = "unknown event field `grant`: read this transcript with the version of \
                      mcp-authspec that wrote it";
        assert_eq!(error.to_string().split(" at line").next(), Some(wanted));
    }
}
