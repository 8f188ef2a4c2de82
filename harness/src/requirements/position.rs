//! The positions that the suite takes where the specifications are ambiguous or contradict each
//! other (`fixtures/positions.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

/// One open question and the answer on which verdicts rest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The number by which scenarios and requirements refer to it.
    pub number: u32,
    /// What it is about.
    pub title: String,
    /// What the specifications say.
    #[expect(dead_code, reason = "for readers of the file; no report shows it")]
    pub question: Option<String>,
    /// What the suite does.
    pub position: String,
    /// Why.
    pub why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionsFile {
    position: Vec<Position>,
}

static POSITIONS: LazyLock<Vec<Position>> = LazyLock::new(|| {
    toml::from_str::<PositionsFile>(fixtures::POSITIONS)
        .map(|file| file.position)
        .unwrap_or_default()
});

/// The position with this number.
pub fn position(number: u32) -> Option<&'static Position> {
    POSITIONS.iter().find(|p| p.number == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirements::Catalogue;

    #[test]
    fn every_position_that_a_requirement_names_is_there() {
        assert!(POSITIONS.len() >= 45, "the file parses");
        let catalogue = Catalogue::embedded().unwrap();
        for requirement in catalogue.iter() {
            assert!(
                requirement.position.is_none_or(|n| position(n).is_some()),
                "{}",
                requirement.id
            );
        }
    }
}
