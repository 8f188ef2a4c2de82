//! What only a person can see. The answers are attested, not observed: no check passes by them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::LiveError;
use crate::scenario::model::EventKind;
use crate::transcript::{Attestation, Transcript};

/// A question to the person who drives the client.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Question {
    pub id: &'static str,
    pub text: &'static str,
    pub answers: &'static [&'static str],
}

/// The question whether the browser went back to the client.
const BROWSER_RETURNED: &str = "browser-returned";

/// All questions.
pub const QUESTIONS: &[Question] = &[
    Question {
        id: BROWSER_RETURNED,
        text: "Did the browser go back to the client after signing in?",
        answers: &["yes", "no"],
    },
    Question {
        id: "error-shown",
        text: "Did the client show an error?",
        answers: &["yes", "no"],
    },
    Question {
        id: "consent-asked",
        text: "Did the client ask before it opened the browser?",
        answers: &["yes", "no"],
    },
];

/// Checks answers and brings them to the form in which transcripts keep them.
pub fn attest(answers: &BTreeMap<String, String>) -> Result<Vec<Attestation>, LiveError> {
    let attest_one = |(id, answer): (&String, &String)| {
        let question = QUESTIONS.iter().find(|question| question.id == id);
        let question = question.ok_or_else(|| LiveError::NoSuchQuestion {
            question: id.clone(),
        })?;
        if !question.answers.contains(&answer.as_str()) {
            return Err(LiveError::UnknownAnswer {
                question: id.clone(),
                answer: answer.clone(),
                known: question.answers.join(", "),
            });
        }
        Ok(Attestation {
            question: id.clone(),
            asked: question.text.to_owned(),
            answer: answer.clone(),
        })
    };
    answers.iter().map(attest_one).collect()
}

/// The question that has to be answered before the run can count, if there is one: a person's
/// browser may have been kept from bringing a bait to the client, and no server sees that.
pub fn open_question(
    transcript: &Transcript,
    answers: &BTreeMap<String, String>,
) -> Option<&'static str> {
    let is_open = has_unconfirmed_bait(transcript) && !answers.contains_key(BROWSER_RETURNED);
    is_open.then_some(BROWSER_RETURNED)
}

/// Takes a bait for undelivered if the person says that the browser did not go back to the client.
pub fn apply_answers(transcript: &mut Transcript, attested: Vec<Attestation>) {
    let is_denied = |attestation: &Attestation| {
        attestation.question == BROWSER_RETURNED && attestation.answer == "no"
    };
    if attested.iter().any(is_denied) && has_unconfirmed_bait(transcript) {
        for event in &mut transcript.events {
            if event.kind == EventKind::AuthorizationResponse {
                event.delivered = false;
            }
        }
    }
    transcript.attested = attested;
}

/// Whether the last authorization response deviates, and nothing that the client did afterwards
/// shows that it has come back.
fn has_unconfirmed_bait(transcript: &Transcript) -> bool {
    let events = &transcript.events;
    let is_response = |kind: EventKind| kind == EventKind::AuthorizationResponse;
    let Some(last) = events.iter().rposition(|event| is_response(event.kind)) else {
        return false;
    };
    let is_bait = !events[last].deviations.is_empty() && events[last].delivered;
    let shows_return = |kind: EventKind| kind == EventKind::TokenRequest;
    is_bait && !events[last..].iter().any(|event| shows_return(event.kind))
}
