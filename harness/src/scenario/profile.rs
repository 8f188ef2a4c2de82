//! Reads `[profile]`: what makes a case one whose servers are shaped like real deployments.

use super::keys::{self, words_of};
use super::model::{FactMark, Profile, ProfileFact, VariantMark};
use super::node::{Entry, Node};
use super::reader::CaseReader;
use super::values::ReadValues;

const KEYS: [&str; 5] = words_of(&keys::PROFILE);
const FACT_KEYS: [&str; 3] = words_of(&keys::PROFILE_FACT);

impl CaseReader<'_> {
    /// The profile of a case. `None` for cases that are none.
    pub(crate) fn profile(&mut self, tree: &Node) -> Option<Profile> {
        let entry = tree.get("profile")?;
        let node = &entry.value;
        let entries = self.table(node);
        self.only_keys(entries, &KEYS, "a profile");
        let place = &entry.key_span;
        let shaped_like = node
            .get("shaped_like")
            .map_or(&[][..], |names| self.list(&names.value))
            .iter()
            .filter_map(|name| self.text(name).map(str::to_owned))
            .collect();
        let as_of = self.required_prose(node, "as_of", place);
        let mark = node
            .get("mark")
            .map_or(Some(VariantMark::Legal), |mark| self.word(&mark.value));
        let facts = node
            .get("facts")
            .map_or(&[][..], |facts| self.list(&facts.value))
            .iter()
            .filter_map(|fact| self.profile_fact(entry, fact))
            .collect::<Vec<_>>();
        if facts.is_empty() {
            self.problem_with(
                place,
                "a profile needs facts",
                "write `facts = [{ says = \"...\", source = \"...\" }]`",
            );
        }
        let out_of_reach = node
            .get("out_of_reach")
            .and_then(|sentence| self.prose(sentence));
        Some(Profile {
            shaped_like,
            as_of: as_of?,
            mark: mark?,
            facts,
            out_of_reach,
        })
    }

    fn profile_fact(&mut self, profile: &Entry, node: &Node) -> Option<ProfileFact> {
        let entries = self.table(node);
        self.only_keys(entries, &FACT_KEYS, "a fact of a profile");
        let place = &profile.key_span;
        let says = self.required_prose(node, "says", place);
        let source = self.required_prose(node, "source", place);
        let mark = node
            .get("mark")
            .map_or(Some(FactMark::Legal), |mark| self.word(&mark.value));
        Some(ProfileFact {
            says: says?,
            source: source?,
            mark: mark?,
        })
    }
}
