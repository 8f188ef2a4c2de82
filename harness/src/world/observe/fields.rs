//! Fields of events.

use serde_json::{Value as Json, json};

use super::super::http_request::Parameters;
use crate::scenario::model::EventField;
use crate::transcript::EventFields;

/// Fields with these values. A field whose value is null is absent from the event.
pub(crate) fn fields<const N: usize>(pairs: [(EventField, Json); N]) -> EventFields {
    pairs.into_iter().collect()
}

/// The OAuth parameters as fields; of several values of one name the first.
pub(crate) fn oauth_fields(parameters: &Parameters) -> EventFields {
    EventField::oauth_parameters()
        .filter_map(|field| Some((field, json!(parameters.get(field.as_str())?))))
        .collect()
}
