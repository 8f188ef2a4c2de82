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
