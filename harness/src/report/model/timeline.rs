//! What happened in one run, in order: every exchange with its messages, and what the client did
//! besides. Holds only what may be shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::model::arrow::Arrow;
use crate::report::model::arrow_builder::ArrowBuilder;
use crate::report::model::diagram::{Diagram, DiagramStep};
use crate::report::model::message::{MessageWriter, ShownMessage};
use crate::report::model::printable_text::{PrintableText, printable_texts};
use crate::report::model::redactor::Redactor;
use crate::report::wording::case_description;
use crate::scenario::model::{Case, EventField, EventKind};
use crate::transcript::{Event, Transcript};

/// A client in a loop would fill pages: what it did in the middle is left out.
const MOST_BEFORE: usize = 40;
const MOST_AFTER: usize = 20;
/// How much is shown of what the client wrote; its last words say most.
const LAST_WORDS: usize = 1_500;

/// One run, told in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    pub case: String,
    pub title: PrintableText,
    pub why: PrintableText,
    /// What deviates in the case's world, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<PrintableText>,
    /// Parties that use what they catch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hostile: Vec<String>,
    /// Everything that happened, in order.
    pub entries: Vec<TimelineEntry>,
    /// What the tags stand for, if secrets may be shown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, PrintableText>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TimelineEntry {
    /// A request and its answer.
    Exchange(Box<ShownExchange>),
    /// The client did something that is no request: it started, wrote, left a file, ended.
    Client {
        what: PrintableText,
        #[serde(default, skip_serializing_if = "str::is_empty")]
        text: PrintableText,
    },
    /// So many entries are not told.
    LeftOut { count: usize },
}

/// An exchange with what was sent and answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownExchange {
    #[serde(flatten)]
    pub arrow: Arrow,
    /// Whether a short telling of the run includes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub matters: bool,
    pub request: ShownMessage,
    pub response: ShownMessage,
    /// Why the server answered like this.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: PrintableText,
}

impl Timeline {
    /// The timeline of a run; `evidence`: events that show a violation.
    pub(crate) fn new(
        case: &Case,
        transcript: &Transcript,
        evidence: &[usize],
        show_secrets: bool,
    ) -> Self {
        let letters = MessageWriter::new(Redactor::new(transcript).showing_secrets(show_secrets));
        let secrets = transcript
            .secrets
            .iter()
            .filter(|_| show_secrets)
            .map(|secret| (secret.tag(), letters.text(&secret.value).into()));
        Self {
            case: case.id.clone(),
            title: PrintableText::from(&case.title),
            why: PrintableText::from(&case.why),
            deviations: printable_texts(case_description::deviations(case)),
            hostile: transcript
                .header
                .parties
                .iter()
                .filter(|(_, party)| party.hostile)
                .map(|(name, _)| name.clone())
                .collect(),
            entries: bounded(entries_in_order(transcript, evidence, &letters)),
            secrets: secrets.collect(),
        }
    }
}

impl Timeline {
    /// The exchanges that matter, as a diagram.
    pub fn diagram(&self) -> Diagram {
        let exchanges = self.entries.iter().map(|entry| match entry {
            TimelineEntry::Exchange(exchange) if exchange.matters => {
                DiagramStep::Arrow(exchange.arrow.clone())
            }
            TimelineEntry::Exchange(_) => DiagramStep::LeftOut(1),
            TimelineEntry::Client { .. } => DiagramStep::LeftOut(0),
            TimelineEntry::LeftOut { count } => DiagramStep::LeftOut(*count),
        });
        Diagram::told(exchanges, |name| {
            self.hostile.iter().any(|hostile| hostile == name)
        })
    }
}

/// Exchanges in the order in which they began, and what the client did between them.
fn entries_in_order(
    transcript: &Transcript,
    evidence: &[usize],
    letters: &MessageWriter<'_>,
) -> Vec<TimelineEntry> {
    let drawing = ArrowBuilder::new(transcript, evidence);
    let kept = drawing.kept();
    let order = drawing.order();
    // deeds are told when all exchanges are that came before them, in whatever order those are
    // told
    let told_by = |after: usize| order.iter().rposition(|index| *index <= after);
    let mut deeds: Vec<(Option<usize>, TimelineEntry)> = deeds(transcript, letters)
        .into_iter()
        .map(|(after, deed)| (after.and_then(told_by), deed))
        .collect();
    deeds.sort_by_key(|(place, _)| *place);
    let mut deeds = deeds.into_iter().peekable();
    let mut entries = Vec::new();
    while let Some((_, deed)) = deeds.next_if(|(place, _)| place.is_none()) {
        entries.push(deed);
    }
    for (place, &index) in order.iter().enumerate() {
        entries.extend(
            drawing
                .arrow(index)
                .zip(transcript.exchanges.get(index))
                .map(|(arrow, exchange)| {
                    TimelineEntry::Exchange(Box::new(ShownExchange {
                        arrow,
                        matters: kept.contains(&index),
                        request: letters.request(exchange),
                        response: letters.response(exchange),
                        note: letters.text(&exchange.note).into(),
                    }))
                }),
        );
        while let Some((_, deed)) = deeds.next_if(|(at, _)| *at == Some(place)) {
            entries.push(deed);
        }
    }
    entries
}

/// What the client did besides asking, each with the exchange after which it is told.
fn deeds(
    transcript: &Transcript,
    letters: &MessageWriter<'_>,
) -> Vec<(Option<usize>, TimelineEntry)> {
    let mut after = None;
    let mut out = Vec::new();
    for event in &transcript.events {
        after = after.max(event.exchange);
        // how a start ended is told at its end: a page that still loads is recorded when the client
        // has long gone
        let is_end = matches!(
            event.kind,
            EventKind::Display | EventKind::File | EventKind::ClientFinished
        );
        let last = || {
            transcript
                .events
                .iter()
                .filter(|e| e.run <= event.run)
                .filter_map(|e| e.exchange)
                .max()
        };
        out.extend(deed(event, letters).map(|deed| (if is_end { last() } else { after }, deed)));
    }
    out
}

fn deed(event: &Event, letters: &MessageWriter<'_>) -> Option<TimelineEntry> {
    let field = |field| event.fields.text(field);
    let shown = |name| letters.text(field(name));
    let (what, text) = match event.kind {
        EventKind::ClientStart => ("the client starts".to_owned(), String::new()),
        EventKind::ClientFinished => (
            format!("the client ends: {}", shown(EventField::Outcome)),
            String::new(),
        ),
        EventKind::BrowserOpen => ("opens the browser".to_owned(), String::new()),
        // the page is in its exchange
        EventKind::Display if field(EventField::Surface) == "callback-page" => return None,
        EventKind::Display => (
            format!("writes to {}", shown(EventField::Surface)),
            last_words(&letters.lines(field(EventField::Contains))),
        ),
        EventKind::File => (
            format!(
                "leaves a file in its {}: {}",
                shown(EventField::Place),
                shown(EventField::Path)
            ),
            last_words(&letters.lines(field(EventField::Contains))),
        ),
        EventKind::ModelAsked => (
            match field(EventField::Contains) {
                "" => "asks its model".to_owned(),
                _ => "tells its model".to_owned(),
            },
            last_words(&letters.lines(field(EventField::Contains))),
        ),
        EventKind::ModelCalled => (
            format!("is asked by its model to call {}", shown(EventField::Tool)),
            String::new(),
        ),
        EventKind::Child => ("starts a program".to_owned(), String::new()),
        _ => return None,
    };
    Some(TimelineEntry::Client {
        what: what.into(),
        text: text.into(),
    })
}

/// The end of a long text.
fn last_words(text: &str) -> String {
    let text = text.trim_end();
    let surplus = text.chars().count().saturating_sub(LAST_WORDS);
    if surplus == 0 {
        return text.to_owned();
    }
    std::iter::once('…')
        .chain(text.chars().skip(surplus))
        .collect()
}

/// The entries without the middle of too many.
fn bounded(mut entries: Vec<TimelineEntry>) -> Vec<TimelineEntry> {
    if entries.len() <= MOST_BEFORE + MOST_AFTER + 1 {
        return entries;
    }
    let end = entries.split_off(entries.len() - MOST_AFTER);
    let count = entries.len() - MOST_BEFORE;
    entries.truncate(MOST_BEFORE);
    entries.push(TimelineEntry::LeftOut { count });
    entries.extend(end);
    entries
}
