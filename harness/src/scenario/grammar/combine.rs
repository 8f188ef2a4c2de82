//! From the features of a grammar to its spellings: each alone, and each pair.

use super::combined::COMBINED;
use super::generated_spelling::GeneratedSpelling;

/// One way in which a spelling can differ from the plainest one.
pub(super) struct Feature<M> {
    pub(super) name: &'static str,
    pub(super) differs: &'static str,
    /// The section that allows it.
    pub(super) source: &'static str,
    /// What of the message it changes. Two features that change the same are not combined.
    pub(super) part: &'static str,
    pub(super) change: fn(&mut M),
}

/// The spellings of a message: `plain` with each feature, and with each pair of features.
pub(super) fn spellings<M>(
    features: &[Feature<M>],
    plain: impl Fn() -> M,
    write: impl Fn(&M) -> Vec<String>,
) -> Vec<GeneratedSpelling> {
    let single = features.iter().map(|feature| {
        let mut message = plain();
        (feature.change)(&mut message);
        GeneratedSpelling {
            name: feature.name.to_owned(),
            differs: feature.differs.to_owned(),
            source: feature.source.to_owned(),
            combined: false,
            lines: write(&message),
        }
    });
    let pairs = features.iter().enumerate().flat_map(|(index, one)| {
        let later = features.iter().skip(index + 1);
        later
            .filter(|other| other.part != one.part)
            .map(move |other| (one, other))
    });
    let combined = pairs.map(|(one, other)| {
        let mut message = plain();
        (one.change)(&mut message);
        (other.change)(&mut message);
        GeneratedSpelling {
            name: format!("{}{COMBINED}{}", one.name, other.name),
            differs: format!("{} with {}", one.differs, other.differs),
            source: join_sources(one.source, other.source),
            combined: true,
            lines: write(&message),
        }
    });
    single.chain(combined).collect()
}

fn join_sources(one: &str, other: &str) -> String {
    if one == other {
        one.to_owned()
    } else {
        format!("{one}, {other}")
    }
}
