//! Phrases about cases and requirements that `explain` and the reference pages share.

use crate::report::wording::demands::{describe_demands, describe_pattern};
use crate::requirements::{Basis, Citation, Keyword, Requirement, position};
use crate::scenario::model::{Expectation, Level, Revision};

/// `MUST iss-advertised-mismatch: no token-request`
pub(crate) fn describe_expectation(expectation: &Expectation, usual: Option<Level>) -> String {
    let level = expectation
        .level
        .or(usual)
        .map(|level| format!("{level} "))
        .unwrap_or_default();
    let ids = std::iter::once(&expectation.requirement)
        .chain(&expectation.also)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let after = expectation
        .after
        .as_ref()
        .map(|after| format!("after {}: ", describe_pattern(after)))
        .unwrap_or_default();
    let mut text = format!(
        "{level}{ids}: {after}{}.",
        describe_demands(&expectation.demands).join("; ")
    );
    if let Some(because) = &expectation.because {
        text = format!("{text} {because}");
    }
    if let Some(position) = expectation.position {
        text = format!("{text} (position {})", position_in_full(position));
    }
    text
}

pub(crate) fn levels(requirement: &Requirement) -> String {
    let mut text = requirement.level.to_string();
    for (revision, level) in &requirement.level_by_revision {
        text = format!("{text}, {level} in {revision}");
    }
    if requirement.prohibits {
        format!("{text} (the source says \"not\")")
    } else {
        text
    }
}

/// On what a requirement stands, in a sentence.
pub(crate) fn basis_in_full(requirement: &Requirement) -> String {
    match (requirement.basis, &requirement.inference) {
        (Basis::Literal, _) => "literal: a sentence says it of the client".to_owned(),
        (Basis::Derived, Some(inference)) => {
            format!("derived from the sentences that are cited: {inference}")
        }
        (Basis::Derived, None) => "derived from the sentences that are cited".to_owned(),
        (Basis::Advice, _) => "advice: good practice, which never fails a run".to_owned(),
    }
}

/// `RFC 9207 section 2.4, the sentence with MUST`
pub(crate) fn cited_sentence(citation: &Citation) -> String {
    match citation.keyword {
        None => citation.to_string(),
        Some(Keyword::Definition) => format!("{citation}, a description without a keyword"),
        Some(keyword) => format!("{citation}, the sentence with {keyword}"),
    }
}

pub(crate) fn span(from: Revision, until: Option<Revision>) -> String {
    match until {
        Some(until) if until == from => from.to_string(),
        Some(until) if until < Revision::LATEST => format!("{from} to {until}"),
        _ => format!("from {from} on"),
    }
}

pub(crate) fn command(revision: Revision, scenario: &str) -> String {
    let quoted = if scenario.contains('*') {
        format!("'{scenario}'")
    } else {
        scenario.to_owned()
    };
    format!("mcp-authspec run --spec {revision} --scenario {quoted} -- CLIENT")
}

/// A position of ours with its reasons.
pub(crate) fn position_in_full(number: u32) -> String {
    let Some(position) = position(number) else {
        return number.to_string();
    };
    let why = position
        .why
        .as_ref()
        .map(|why| format!(" Why: {why}"))
        .unwrap_or_default();
    format!("{number}, {}: {}{why}", position.title, position.position)
}
