//! What was seen, in the words in which it was expected: one line for each event that shows a
//! violation, and for each demand left unmet.

use serde_json::Value as Json;

use crate::judge::Stage;
use crate::report::model::redactor::Redactor;
use crate::report::model::shown_run::ShownRun;
use crate::report::wording::demands::{describe_number, describe_pattern};
use crate::report::wording::event_phrases::event_at_party;
use crate::report::wording::reasons::describe_stop;
use crate::scenario::model::{
    Demands, EventField, Every, Expectation, FieldKind, FieldMatch, Matcher, Pattern, Value,
};
use crate::transcript::{Event, View};

/// Lines of evidence that help; a client in a loop would fill pages.
const MOST_LINES: usize = 6;

/// Fields that hold names of secrets, with the words that lead to them.
const SECRETS: [(EventField, &str); 6] = [
    (EventField::Carries, "carrying"),
    (EventField::Foreign, "carrying what was not meant for it:"),
    (EventField::QueryCarries, "with, in its query,"),
    (EventField::Cookies, "with, in its cookies,"),
    (EventField::SetCookie, "setting a cookie with"),
    (EventField::Secret, "showing"),
];

/// What a transcript shows against an expectation.
pub(crate) struct Observations {
    pub(crate) lines: Vec<String>,
    /// Whether one of the lines says at which stage the client stopped.
    pub(crate) name_stage: bool,
}

/// What the transcript shows against the expectation.
pub(crate) fn observed(expectation: &Expectation, scene: &ShownRun<'_>) -> Observations {
    let (evidence, stage) = (scene.evidence, scene.stage);
    let witness = ViolationReader::new(scene);
    let demands = &expectation.demands;
    let mut lines = counted(
        evidence
            .iter()
            .filter(|&&index| !witness.is_merely_one_too_many(demands, index))
            .filter_map(|&index| witness.line(demands, index)),
    );
    lines.extend(witness.too_many(expectation));
    let unmet = witness.unmet(expectation);
    let name_stage = !unmet.is_empty() && stage != Stage::Goal;
    lines.extend(
        unmet
            .into_iter()
            .map(|what| format!("{what}; {}", describe_stop(stage))),
    );
    Observations { lines, name_stage }
}

/// Equal lines once, with their number; and no more lines than help.
fn counted(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in all {
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => lines.push((line, 1)),
        }
    }
    // what would stand for a single one takes a line, too
    let fitting = if lines.len() == MOST_LINES + 1 {
        lines.len()
    } else {
        MOST_LINES
    };
    let more = lines.len().saturating_sub(fitting);
    let shown = lines.into_iter().take(fitting);
    let mut out: Vec<String> = shown
        .map(|(line, count)| {
            if count == 1 {
                line
            } else {
                format!("{line} ({count} times)")
            }
        })
        .collect();
    if more > 0 {
        out.push(format!("and {more} more"));
    }
    out
}

/// Reads one transcript for what an expectation asks.
pub(crate) struct ViolationReader<'a> {
    view: View<'a>,
    redactor: Redactor<'a>,
    several_starts: bool,
}

impl<'a> ViolationReader<'a> {
    pub(crate) fn new(scene: &ShownRun<'a>) -> Self {
        let transcript = scene.transcript;
        Self {
            view: View {
                header: &transcript.header,
                events: &transcript.events,
                secrets: &transcript.secrets,
                shared: Some(scene.shared),
            },
            redactor: Redactor::new(transcript),
            several_starts: transcript.events.iter().any(|e| e.run > 1),
        }
    }

    /// ``token request to `hostile-as` carrying as.code#1``
    fn line(&self, demands: &Demands, index: usize) -> Option<String> {
        let event = self.view.events.get(index)?;
        let mut line = event_at_party(event.kind, event.party.as_deref());
        let mut clauses: Vec<String> = Vec::new();
        let fields = self.decisive_fields(demands, index);
        for field in &fields {
            let mut clause = self.clause(event, field);
            if let Some(other) = self.other_case_with(field, index) {
                clause = format!("{clause}, which was also sent in {other}");
            }
            if !clauses.contains(&clause) {
                clauses.push(clause);
            }
        }
        let told = |field: EventField| fields.iter().any(|f| f.field == field);
        if !SECRETS.iter().any(|(field, _)| told(*field)) {
            clauses.extend(carrying(event, &clauses));
        }
        for field in [EventField::Surface, EventField::Path, EventField::What]
            .into_iter()
            .filter(|field| !event.kind.is_request() && !told(*field))
        {
            clauses.extend(
                event
                    .fields
                    .get(field)
                    .and_then(Json::as_str)
                    .map(|value| format!("({})", self.redactor.value(field.as_str(), value))),
            );
        }
        for clause in clauses {
            line = format!("{line} {clause}");
        }
        if self.several_starts {
            line = format!("{line}, in start {}", event.run);
        }
        Some(line)
    }

    /// The other case in which the same value was sent, if the field is compared over the whole
    /// run.
    fn other_case_with(&self, field: &FieldMatch, index: usize) -> Option<&str> {
        let is_compared = |matcher: &Matcher| matches!(matcher, Matcher::Unshared(_));
        field
            .matchers
            .iter()
            .any(is_compared)
            .then(|| self.view.other_case_with(field, index))?
    }

    /// The fields that made the event a violation: those of the pattern that forbids it, or those
    /// that it should have had.
    pub(crate) fn decisive_fields<'d>(
        &self,
        demands: &'d Demands,
        index: usize,
    ) -> Vec<&'d FieldMatch> {
        let by_pattern = demands
            .never
            .iter()
            .filter(|p| self.view.fits(p, index))
            .flat_map(|p| &p.filter);
        let lacking = demands
            .every
            .iter()
            .filter(|e| self.view.fits(&e.pattern, index));
        let by_has = lacking
            .flat_map(|e| &e.has)
            .filter(|field| !self.view.all_match(std::slice::from_ref(field), index));
        by_pattern.chain(by_has).collect()
    }

    /// Whether nothing is wrong with the event but that there were enough of its kind.
    fn is_merely_one_too_many(&self, demands: &Demands, index: usize) -> bool {
        let lacks =
            |e: &Every| self.view.fits(&e.pattern, index) && !self.view.all_match(&e.has, index);
        demands
            .at_most
            .iter()
            .any(|a| self.view.fits(&a.pattern, index))
            && !demands.never.iter().any(|p| self.view.fits(p, index))
            && !demands.every.iter().any(lacks)
    }

    /// ``5 authorization requests to `as` ``
    fn too_many(&self, expectation: &Expectation) -> Vec<String> {
        let start = self.start(expectation);
        let counts = expectation
            .demands
            .at_most
            .iter()
            .map(|a| (a, self.view.hits(&a.pattern, start).count()))
            .filter_map(|(a, count)| Some((a, u64::try_from(count).ok()?)));
        counts
            .filter(|(a, count)| *count > a.count)
            .map(|(a, count)| describe_number(count, &a.pattern))
            .collect()
    }

    /// Where what counts begins.
    fn start(&self, expectation: &Expectation) -> usize {
        match &expectation.after {
            None => 0,
            Some(after) => self
                .view
                .hits(after, 0)
                .next()
                .map_or(self.view.events.len(), |first| first + 1),
        }
    }

    /// One field as it was seen.
    fn clause(&self, event: &Event, field: &FieldMatch) -> String {
        let name = field.name();
        let value = event.fields.get(field.field);
        let value = match &field.member {
            Some(member) => value.and_then(|value| value.get(member)),
            None => value,
        };
        if let Some((_, words)) = SECRETS.iter().find(|(secrets, _)| *secrets == field.field) {
            let tags: Vec<&str> = value
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .collect();
            return if tags.is_empty() {
                format!("without {name}")
            } else {
                format!("{words} {}", tags.join(", "))
            };
        }
        match value {
            None | Some(Json::Null) => format!("without {name}"),
            Some(Json::String(text)) if text.is_empty() => format!("with an empty {name}"),
            // what surfaces show is long; what was looked for is not
            Some(_) if field.field.kind() == FieldKind::SearchedText => {
                format!("containing {}", sought(&field.matchers))
            }
            Some(Json::String(text)) => {
                format!("with {name} = {}", self.redactor.value(&name, text))
            }
            Some(Json::Array(items)) if items.is_empty() => format!("without {name}"),
            Some(Json::Array(items)) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| {
                        item.as_str().map_or_else(
                            || item.to_string(),
                            |text| self.redactor.value(&name, text),
                        )
                    })
                    .collect();
                format!("with {name} = {}", items.join(", "))
            }
            Some(other) => format!(
                "with {name} = {}",
                self.redactor.value(&name, &other.to_string())
            ),
        }
    }

    /// Demands that something happens, and it did not.
    fn unmet(&self, expectation: &Expectation) -> Vec<String> {
        let start = self.start(expectation);
        let demands = &expectation.demands;
        let missing: Vec<&Pattern> = demands
            .eventually
            .iter()
            .filter(|p| self.view.hits(p, start).next().is_none())
            .collect();
        let alone = demands.eventually.len() == 1
            && demands.in_order.is_empty()
            && demands.any_of.is_empty();
        let mut out: Vec<String> = missing
            .iter()
            .map(|p| {
                if alone {
                    "none".to_owned()
                } else {
                    format!("no {}", describe_pattern(p))
                }
            })
            .collect();
        out.extend(
            self.first_out_of_order(&demands.in_order, start)
                .map(|missing| format!("not in this order: no {missing}")),
        );
        if !demands.any_of.is_empty() && !demands.any_of.iter().any(|way| self.holds(way, start)) {
            out.push("none of these".to_owned());
        }
        out
    }

    /// What should have come next, and what it should have come after.
    fn first_out_of_order(&self, patterns: &[Pattern], start: usize) -> Option<String> {
        let mut next = start;
        let mut before: Option<&Pattern> = None;
        for pattern in patterns {
            let Some(hit) = self.view.hits(pattern, next).next() else {
                let after = before
                    .map(|before| format!(" after {}", describe_pattern(before)))
                    .unwrap_or_default();
                return Some(format!("{}{after}", describe_pattern(pattern)));
            };
            next = hit + 1;
            before = Some(pattern);
        }
        None
    }

    /// Whether one of several ways was taken; as the judge sees it.
    fn holds(&self, way: &Demands, start: usize) -> bool {
        let hits = |pattern: &Pattern| {
            (start..self.view.events.len())
                .filter(|&i| self.view.fits(pattern, i))
                .count()
        };
        way.never.iter().all(|p| hits(p) == 0)
            && way.eventually.iter().all(|p| hits(p) > 0)
            && way
                .at_most
                .iter()
                .all(|a| u64::try_from(hits(&a.pattern)).is_ok_and(|n| n <= a.count))
            && way.every.iter().all(|e| {
                let mut fitting = (start..self.view.events.len())
                    .filter(|&i| self.view.fits(&e.pattern, i))
                    .peekable();
                fitting.peek().is_some() && fitting.all(|i| self.view.all_match(&e.has, i))
            })
            && self.first_out_of_order(&way.in_order, start).is_none()
    }
}

/// The secrets that a request carried, but for those that say nothing by being there, or were told.
fn carrying(event: &Event, told: &[String]) -> Option<String> {
    let dull = |tag: &str| {
        [".client_id#", ".session_id#"]
            .iter()
            .any(|kind| tag.contains(kind))
            || told.iter().any(|t| t.contains(tag))
    };
    let tags: Vec<&str> = event
        .fields
        .texts(EventField::Carries)
        .filter(|tag| !dull(tag))
        .take(4)
        .collect();
    (!tags.is_empty()).then(|| format!("carrying {}", tags.join(", ")))
}

fn sought(matchers: &[Matcher]) -> String {
    let texts: Vec<String> = matchers
        .iter()
        .filter_map(|matcher| match matcher {
            Matcher::Equals(Value::Text(text))
            | Matcher::Contains(text)
            | Matcher::StartsWith(text) => Some(text.to_string()),
            _ => None,
        })
        .collect();
    if texts.is_empty() {
        "it".to_owned()
    } else {
        texts.join(", ")
    }
}
