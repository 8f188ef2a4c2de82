//! Reads what version 1 of the format wrote as sentences and version 2 writes as data.

use serde::{Deserialize, Deserializer};

use crate::judge::NotRunReason;
use crate::suite::HarnessFault;

/// A value in the form of either version.
#[derive(Deserialize)]
#[serde(untagged)]
enum EitherForm<T> {
    Sentence(String),
    Data(T),
}

/// Reads the reason why a case was not run.
pub(super) fn deserialize_reason<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NotRunReason>, D::Error> {
    let found = Option::<EitherForm<NotRunReason>>::deserialize(deserializer)?;
    Ok(found.map(|form| match form {
        EitherForm::Sentence(text) => NotRunReason::Recorded { text },
        EitherForm::Data(reason) => reason,
    }))
}

/// Reads the runs that failed because of the harness.
pub(super) fn deserialize_faults<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<HarnessFault>, D::Error> {
    let found = Vec::<EitherForm<HarnessFault>>::deserialize(deserializer)?;
    let faults = found.into_iter().map(|form| match form {
        EitherForm::Sentence(text) => HarnessFault::Recorded { text },
        EitherForm::Data(fault) => fault,
    });
    Ok(faults.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::scenario::model::Capability;

    fn reason(json: Json) -> Option<NotRunReason> {
        deserialize_reason(json).unwrap()
    }

    #[test]
    fn a_sentence_of_version_1_is_kept_as_it_is() {
        let text = "the client lacks dcr".to_owned();
        assert_eq!(
            reason(json!(text)),
            Some(NotRunReason::Recorded { text: text.clone() })
        );
        assert_eq!(
            deserialize_faults(json!([text])).unwrap(),
            [HarnessFault::Recorded { text }]
        );
    }

    #[test]
    fn data_of_version_2_is_read_as_data() {
        let missing = NotRunReason::FacilityMissing {
            facility: Capability::PrivateNetwork,
        };
        let json = serde_json::to_value(&missing).unwrap();
        assert_eq!(reason(json), Some(missing));
        let fault = HarnessFault::RunFailed {
            case: "plain/flow".to_owned(),
            message: "no port".to_owned(),
        };
        let both = json!(["no memory", fault]);
        let recorded = HarnessFault::Recorded {
            text: "no memory".to_owned(),
        };
        assert_eq!(deserialize_faults(both).unwrap(), [recorded, fault]);
    }

    #[test]
    fn a_case_that_was_run_has_no_reason() {
        assert_eq!(reason(Json::Null), None);
    }

    #[test]
    fn other_values_are_rejected() {
        assert!(deserialize_reason(json!(7)).is_err());
        assert!(deserialize_reason(json!({ "cause": "unknown-to-everybody" })).is_err());
        assert!(deserialize_faults(json!("one")).is_err());
    }
}
