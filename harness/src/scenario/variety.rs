//! Reads what makes a case one of a variety: the key `variety` of its file, and `differs`, `mark`,
//! `source` and `rare` of its variant.

use super::grammar::{COMBINED, Grammar};
use super::model::{Expectation, Level, VariantMark, Variety};
use super::node::Node;
use super::problem::Span;
use super::reader::CaseReader;
use super::values::ReadValues;

/// The keys that only the variants of a variety have.
const KEYS: [&str; 4] = ["differs", "mark", "source", "rare"];

/// Why a tolerated variant is never more than a permission.
const WHY_TOLERATED: &str = "The server is at fault here, in a way that is common. A client may \
                             refuse it.";

impl CaseReader<'_> {
    /// What makes the case one of a variety. `None` for all other cases.
    pub(crate) fn variety(&mut self, tree: &Node, id: &str, place: &Span) -> Option<Variety> {
        let Some(of) = tree.get("variety") else {
            for entry in KEYS.iter().filter_map(|key| tree.get(key)) {
                self.problem_with(
                    &entry.key_span,
                    format!("`{}` is a key of variants of a variety", entry.key),
                    "write `variety = \"...\"` at the top, which says in the plural what varies",
                );
            }
            return None;
        };
        let of = self.prose(of);
        if let Some(grammar) = tree.get("grammar") {
            self.word::<Grammar>(&grammar.value);
        }
        let differs = self.required_prose(tree, "differs", place);
        let source = self.required_prose(tree, "source", place);
        let mark = tree.get("mark").map_or(Some(VariantMark::Legal), |mark| {
            self.word::<VariantMark>(&mark.value)
        });
        let rare = tree
            .get("rare")
            .and_then(|rare| self.boolean(&rare.value))
            .unwrap_or(false);
        let mark = mark?;
        Some(Variety {
            of: of?,
            differs: differs?,
            mark,
            source: source?,
            rare: rare || mark == VariantMark::Tolerated,
            made_of: parts_of(id),
        })
    }
}

/// Makes the checks of a tolerated variant or profile permissions.
pub(crate) fn permit_tolerated(expectations: &mut [Expectation]) {
    for expectation in expectations {
        expectation.level = Some(Level::May);
        expectation.because = Some(WHY_TOLERATED.to_owned());
    }
}

/// `area/file/one--other` is made of `area/file/one` and `area/file/other`.
fn parts_of(id: &str) -> Vec<String> {
    let Some((file, name)) = id
        .rsplit_once('/')
        .filter(|(_, name)| name.contains(COMBINED))
    else {
        return Vec::new();
    };
    name.split(COMBINED)
        .map(|part| format!("{file}/{part}"))
        .collect()
}
