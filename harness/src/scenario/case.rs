//! One case: the overlaid tree of a file and a variant, read as a whole.

use std::collections::BTreeSet;

use super::about_calls::is_about_calls;
use super::control;
use super::draft::CaseDraft;
use super::keys::{self, words_of};
use super::load_context::{Applies, LoadContext};
use super::model::{Capability, Case, Expectation, Revision, VariantMark};
use super::node::{Entry, Node};
use super::official::OFFICIAL_SCENARIOS;
use super::pattern::PatternUse;
use super::problem::{ScenarioProblem, Span};
use super::reader::CaseReader;
use super::suggest;
use super::values::ReadValues;
use super::variety::permit_tolerated;

pub(crate) const KEYS: [&str; 20] = words_of(&keys::CASE);

/// The outcome of reading a case.
pub(crate) struct CaseReading {
    /// `None`: there are problems.
    pub(crate) case: Option<Case>,
    pub(crate) problems: Vec<ScenarioProblem>,
    /// Parties that something in the case names. Every party of a file must be among them in one of
    /// its variants.
    pub(crate) mentioned: BTreeSet<String>,
}

/// Reads one case.
pub(crate) fn read(
    draft: &CaseDraft,
    file: &str,
    text: &str,
    context: &LoadContext<'_>,
) -> CaseReading {
    let mut reader = CaseReader::new(context, file, text);
    let case = reader.case(draft);
    let problems = std::mem::take(&mut reader.problems);
    CaseReading {
        case: case.filter(|_| problems.is_empty()),
        problems,
        mentioned: reader.mentioned,
    }
}

impl CaseReader<'_> {
    // Long because it reads every key of a case, in the order in which they depend on each other.
    fn case(&mut self, draft: &CaseDraft) -> Option<Case> {
        let CaseDraft { id, tree, place } = draft;
        self.only_keys(tree.as_table().unwrap_or_default(), &KEYS, "a scenario");
        let title = self.required_prose(tree, "title", place);
        let why = self.required_prose(tree, "why", place);
        let official = self.official(tree);
        let official_differs = tree
            .get("official_differs")
            .and_then(|entry| self.prose(entry));
        let from = tree
            .get("from")
            .and_then(|from| self.word(&from.value))
            .unwrap_or(Revision::March2025);
        let until = tree
            .get("until")
            .and_then(|until| self.word(&until.value))
            .unwrap_or(Revision::LATEST);
        let written: Vec<Capability> = tree
            .get("needs")
            .map(|needs| self.words(&needs.value))
            .unwrap_or_default();
        self.needs.extend(written);

        self.collect_words(tree);
        self.read_world(tree.get("world").map(|world| &world.value));
        let goal = tree
            .get("goal")
            .and_then(|goal| self.pattern(&goal.value, PatternUse::CONTROL_TOO, &[]));
        let steps = self.steps(tree.get("step").map(|step| &step.value));
        let deviations = self.all(tree, "deviation", Self::deviation);
        self.check_effects(tree, &steps, &deviations);
        let mut expectations: Vec<Expectation> = self.all(tree, "expect", Self::expectation);
        let variety = self.variety(tree, id, place);
        let profile = self.profile(tree);
        let marks = [
            variety.as_ref().map(|v| v.mark),
            profile.as_ref().map(|p| p.mark),
        ];
        if marks.contains(&Some(VariantMark::Tolerated)) {
            permit_tolerated(&mut expectations);
        }
        let watch = self.watch(tree);
        if expectations.is_empty() && watch.is_empty() && self.problems.is_empty() {
            self.problem_with(
                place,
                "the case expects nothing",
                "write `[expect.REQUIREMENT]` or `watch = [\"REQUIREMENT\"]`",
            );
        }
        self.check_unsent_canaries();
        self.check_revisions(tree, place, from, until);

        let source = self.source(place);
        let (needs, world) = (
            std::mem::take(&mut self.needs),
            std::mem::take(&mut self.world),
        );
        let id = id.clone();
        let mut case = Case {
            id,
            source,
            title: title?,
            why: why?,
            variety,
            profile,
            official,
            official_differs,
            from,
            until,
            needs,
            goal,
            about_calls: false,
            watch,
            world,
            deviations,
            steps,
            expectations,
        };
        case.about_calls = is_about_calls(&case);
        if case.about_calls {
            case.needs.insert(Capability::CallsTools);
        }
        self.check_control(&case, place);
        Some(case)
    }

    /// Refuses a case whose control run cannot reach its goal.
    fn check_control(&mut self, case: &Case, place: &Span) {
        for server in control::without_authorization_server(case) {
            self.problem_with(
                place,
                format!(
                    "the control run cannot reach its goal: no authorization server of {server} \
                     is up"
                ),
                "list one that is up, or write `up = false` as a deviation: `at = \"as\"`, `set = \
                 { up = false }`",
            );
        }
    }

    pub(crate) fn required_prose(
        &mut self,
        tree: &Node,
        key: &str,
        place: &Span,
    ) -> Option<String> {
        match tree.get(key) {
            Some(entry) => self.prose(entry),
            None => {
                self.problem_with(
                    place,
                    format!("`{key}` is missing"),
                    format!("write `{key} = \"...\"`"),
                );
                None
            }
        }
    }

    fn official(&mut self, tree: &Node) -> Vec<String> {
        let Some(entry) = tree.get("official") else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for item in entry
            .value
            .as_list()
            .unwrap_or(std::slice::from_ref(&entry.value))
        {
            let Some(name) = self.text(item) else {
                continue;
            };
            if !OFFICIAL_SCENARIOS.contains(&name) {
                self.problem_with(
                    &item.span,
                    format!("unknown official scenario `{name}`"),
                    suggest::instead(name, OFFICIAL_SCENARIOS.iter().copied()),
                );
            }
            names.push(name.to_owned());
        }
        names
    }

    /// Collects the words of the world, the deviations and the steps, and the names of the
    /// deviations.
    fn collect_words(&mut self, tree: &Node) {
        let mut words = Vec::new();
        for entry in ["world", "deviation", "step"]
            .iter()
            .filter_map(|key| tree.get(key))
        {
            entry.value.words(&mut words);
        }
        self.sent_words = words.into_iter().map(|(word, _)| word.to_owned()).collect();
        let deviations = tree
            .get("deviation")
            .and_then(|entry| entry.value.as_table())
            .unwrap_or_default();
        self.deviations = deviations.iter().map(|entry| entry.key.clone()).collect();
    }

    /// All entries of a table of tables.
    fn all<T>(
        &mut self,
        tree: &Node,
        key: &str,
        read: fn(&mut Self, &Entry) -> Option<T>,
    ) -> Vec<T> {
        let entries = tree
            .get(key)
            .map_or(&[][..], |entry| self.table(&entry.value));
        entries
            .iter()
            .filter_map(|entry| read(self, entry))
            .collect()
    }

    fn watch(&mut self, tree: &Node) -> Vec<String> {
        let mut ids = Vec::new();
        for item in tree
            .get("watch")
            .map_or(&[][..], |entry| self.list(&entry.value))
        {
            let Some(id) = self.text(item) else { continue };
            if self.requirement(id, &item.span).is_some()
                && !self
                    .context
                    .monitors
                    .iter()
                    .any(|monitor| monitor.requirement == id)
            {
                let remedy = suggest::instead(
                    id,
                    self.context
                        .monitors
                        .iter()
                        .map(|monitor| monitor.requirement.as_str()),
                );
                self.problem_with(&item.span, format!("no monitor checks `{id}`"), remedy);
            }
            ids.push(id.to_owned());
        }
        ids
    }

    /// Refuses a case that never applies, and one that uses what does not exist in one of its
    /// revisions.
    fn check_revisions(&mut self, tree: &Node, place: &Span, from: Revision, until: Revision) {
        let ids = required(tree);
        let known: Vec<Applies> = ids
            .iter()
            .filter_map(|id| (self.context.requirements)(id))
            .collect();
        let first_applies = |a: &Applies| a.from.max(from);
        let applies: Vec<_> = known
            .iter()
            .filter(|a| first_applies(a) <= a.until.min(until))
            .collect();
        if applies.is_empty() && !known.is_empty() {
            let at = tree
                .get("from")
                .or(tree.get("until"))
                .map_or(place, |entry| &entry.key_span);
            self.problem(
                at,
                "no requirement of this case applies in a revision that it runs in",
            );
        }
        if applies
            .iter()
            .any(|a| first_applies(a) == Revision::March2025)
        {
            let mut words = Vec::new();
            for entry in ["world", "deviation", "step"]
                .iter()
                .filter_map(|key| tree.get(key))
            {
                entry.value.words(&mut words);
            }
            if let Some((_, span)) = words
                .into_iter()
                .find(|(word, _)| word.contains("prm") || word.contains("authorization_servers"))
            {
                self.problem_with(
                    &span,
                    "protected resource metadata does not exist in 2025-03-26, in which this case \
                     runs",
                    "write `from = \"2025-06-18\"` at the top",
                );
            }
        }
    }
}

/// Requirements that a case names.
fn required(tree: &Node) -> BTreeSet<&str> {
    let expected = tree
        .get("expect")
        .and_then(|entry| entry.value.as_table())
        .unwrap_or_default();
    let with_others = expected
        .iter()
        .flat_map(|entry| texts(entry.value.get("also")).chain([entry.key.as_str()]));
    with_others.chain(texts(tree.get("watch"))).collect()
}

fn texts(entry: Option<&Entry>) -> impl Iterator<Item = &str> {
    entry
        .and_then(|entry| entry.value.as_list())
        .unwrap_or_default()
        .iter()
        .filter_map(Node::as_text)
}
