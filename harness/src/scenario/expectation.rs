//! `[expect.REQUIREMENT]`: what must hold, in scenarios and monitors alike.

use super::keys::{self, words_of};
use super::load_context::Applies;
use super::model::{AtMost, Demands, EventName, Every, Expectation, Level};
use super::node::{Entry, Node};
use super::pattern::PatternUse;
use super::problem::Span;
use super::reader::CaseReader;
use super::suggest;
use super::values::ReadValues;

pub(crate) const FORMS: [&str; 6] = words_of(&keys::FORMS);

impl CaseReader<'_> {
    pub(crate) fn expectation(&mut self, entry: &Entry) -> Option<Expectation> {
        let node = &entry.value;
        let before = self.problems.len();
        self.requirement(&entry.key, &entry.key_span);
        let keys = [&words_of(&keys::EXPECT)[..], &FORMS].concat();
        self.only_keys(node.as_table().unwrap_or_default(), &keys, "an expectation");
        if node.as_table().is_none() {
            self.expected(node, "a table");
        }
        let also = node
            .get("also")
            .map_or(&[][..], |also| self.list(&also.value));
        let also: Vec<_> = also
            .iter()
            .filter_map(|item| Some((item, self.text(item)?.to_owned())))
            .collect();
        for (item, id) in &also {
            self.requirement(id, &item.span);
        }
        let after = node
            .get("after")
            .and_then(|after| self.pattern(&after.value, PatternUse::DEMAND, &[]));
        let demands = self.demands(node, &FORMS);
        if node.as_table().is_some() && !FORMS.iter().any(|form| node.get(form).is_some()) {
            self.demands_nothing(&entry.key_span);
        }
        let level = node
            .get("level")
            .and_then(|level| self.word::<Level>(&level.value));
        let because = node.get("because").and_then(|because| self.prose(because));
        if let (Some(found), None) = (node.get("level"), node.get("because")) {
            self.problem_with(
                &found.key_span,
                "`level` needs a reason: `because` is missing".to_owned(),
                "write `because = \"...\"`",
            );
        }
        let position = node
            .get("position")
            .and_then(|position| self.number(&position.value, 1, i64::from(u32::MAX)));
        if self.problems.len() > before {
            return None;
        }
        let source = self.source(&entry.key_span);
        let also = also.into_iter().map(|(_, id)| id).collect();
        Some(Expectation {
            requirement: entry.key.clone(),
            also,
            after,
            demands,
            level,
            because,
            position,
            source,
        })
    }

    /// When a requirement applies; a problem if there is none of that name.
    pub(crate) fn requirement(&mut self, id: &str, span: &Span) -> Option<Applies> {
        let applies = (self.context.requirements)(id);
        if applies.is_none() {
            self.problem_with(
                span,
                format!("unknown requirement `{id}`"),
                "`fixtures/requirements` lists them",
            );
        }
        applies
    }

    /// Human text, its lines made one.
    pub(crate) fn prose(&mut self, entry: &Entry) -> Option<String> {
        let text = self
            .text(&entry.value)?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if text.is_empty() {
            self.problem(&entry.value.span, format!("`{}` is empty", entry.key));
            return None;
        }
        Some(text)
    }

    fn demands(&mut self, node: &Node, forms: &[&str]) -> Demands {
        let items = |form: &str| match node.get(form).filter(|_| forms.contains(&form)) {
            Some(entry) => entry
                .value
                .as_list()
                .unwrap_or(std::slice::from_ref(&entry.value)),
            None => &[],
        };
        for form in forms {
            if let Some(entry) = node
                .get(form)
                .filter(|entry| entry.value.as_list().is_some_and(<[_]>::is_empty))
            {
                self.demands_nothing(&entry.value.span);
            }
        }
        Demands {
            never: items("never")
                .iter()
                .filter_map(|item| self.pattern(item, PatternUse::FORBID, &[]))
                .collect(),
            eventually: items("eventually")
                .iter()
                .filter_map(|item| self.pattern(item, PatternUse::DEMAND, &[]))
                .collect(),
            at_most: items("at_most")
                .iter()
                .filter_map(|item| self.at_most(item))
                .collect(),
            in_order: items("in_order")
                .iter()
                .filter_map(|item| self.pattern(item, PatternUse::DEMAND, &[]))
                .collect(),
            every: items("every")
                .iter()
                .filter_map(|item| self.every(item))
                .collect(),
            any_of: items("any_of")
                .iter()
                .map(|item| self.alternative(item))
                .collect(),
        }
    }

    fn at_most(&mut self, node: &Node) -> Option<AtMost> {
        let Some(count) = node.get("count") else {
            self.problem_with(
                &node.span,
                "`count` is missing",
                "write `at_most = { count = 1, event = \"token-request\" }`",
            );
            return None;
        };
        let count = self.number(&count.value, 0, i64::from(u32::MAX));
        let pattern = self.pattern(node, PatternUse::FORBID, &["count"]);
        Some(AtMost {
            count: count?,
            pattern: pattern?,
        })
    }

    fn every(&mut self, node: &Node) -> Option<Every> {
        let Some(has) = node.get("has") else {
            self.problem_with(
                &node.span,
                "`has` is missing",
                "write `every = { event = \"token-request\", has = { method = \"POST\" } }`",
            );
            return None;
        };
        let pattern = self.pattern(node, PatternUse::DEMAND, &["has"])?;
        let kind = match &pattern.event {
            EventName::Kind { kind, .. } => Some(*kind),
            EventName::Delivered(_) => None,
        };
        let fields = self.fields(&has.value, kind, false)?;
        if fields.is_empty() {
            self.demands_nothing(&has.value.span);
        }
        Some(Every {
            pattern,
            has: fields,
        })
    }

    /// One of several outcomes: forms without reasons, levels or further alternatives.
    fn alternative(&mut self, node: &Node) -> Demands {
        let forms: Vec<_> = FORMS
            .iter()
            .copied()
            .filter(|form| *form != "any_of")
            .collect();
        let entries = self.table(node);
        self.only_keys(entries, &forms, "one of several outcomes");
        if node.as_table().is_some() && !forms.iter().any(|form| node.get(form).is_some()) {
            self.demands_nothing(&node.span);
        }
        self.demands(node, &forms)
    }

    fn demands_nothing(&mut self, span: &Span) {
        self.problem_with(
            span,
            "the expectation demands nothing",
            format!("write one of {}", suggest::list(&FORMS)),
        );
    }
}
