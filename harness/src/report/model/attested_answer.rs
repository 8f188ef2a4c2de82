//! What the person who drove the client says of the runs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::printable_text::PrintableText;
use crate::report::model::report_source::ReportSource;

/// An answer that the person who drove the client gave to a question, once or in several runs. It
/// is attested, not observed: no check passes by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestedAnswer {
    /// The question.
    pub asked: PrintableText,
    pub answer: PrintableText,
    /// The cases and control runs that it was given for.
    pub cases: Vec<PrintableText>,
}

impl AttestedAnswer {
    /// The answers of all runs, by question.
    pub(super) fn of_run(run: &ReportSource<'_>) -> Vec<Self> {
        let mut by_answer: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for (case, transcript) in run.transcripts() {
            for attested in &transcript.attested {
                let answer = (attested.asked.as_str(), attested.answer.as_str());
                by_answer.entry(answer).or_default().insert(&case.id);
            }
        }
        let answers = by_answer.into_iter().map(|((asked, answer), cases)| Self {
            asked: PrintableText::from(asked),
            answer: PrintableText::from(answer),
            cases: cases.into_iter().map(PrintableText::from).collect(),
        });
        answers.collect()
    }
}
