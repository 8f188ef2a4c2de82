//! Values that a client may use only once, over all cases of a suite run.
//!
//! Input: the transcripts of a suite run, and the fields to compare. Output: for each value of such
//! a field the cases in which the client sent it. The order of the cases does not matter, so that a
//! saved run is judged like the run itself, whatever ran at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::field_value::sent_value;
use super::transcript::Transcript;
use crate::scenario::model::{EventKind, FieldMatch};

/// The cases in which each value of the compared fields was sent.
#[derive(Debug, Default)]
pub struct SharedValues<'a> {
    cases: BTreeMap<(EventKind, String, String), BTreeSet<&'a str>>,
}

impl<'a> SharedValues<'a> {
    /// Collects the values of `fields` in `transcripts`. A transcript may come twice.
    pub fn collect(
        transcripts: impl IntoIterator<Item = &'a Transcript>,
        fields: &[(EventKind, &FieldMatch)],
    ) -> Self {
        let mut shared = Self::default();
        if fields.is_empty() {
            return shared;
        }
        for transcript in transcripts {
            for event in &transcript.events {
                for (_, field) in fields.iter().filter(|(kind, _)| *kind == event.kind) {
                    let Some(value) = sent_value(event, field) else {
                        continue;
                    };
                    let key = (event.kind, field.name(), value);
                    let cases = shared.cases.entry(key).or_default();
                    cases.insert(&transcript.header.case);
                }
            }
        }
        shared
    }

    /// The first case, other than `case`, in which an event of this kind had the value.
    pub(crate) fn other_case(
        &self,
        case: &str,
        kind: EventKind,
        field: &FieldMatch,
        value: &str,
    ) -> Option<&'a str> {
        let cases = self.cases.get(&(kind, field.name(), value.to_owned()))?;
        cases.iter().copied().find(|other| *other != case)
    }
}
