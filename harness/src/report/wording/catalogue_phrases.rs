//! Phrases about cases and requirements that `explain` and the reference pages share.

use crate::report::wording::capitalize::decapitalize;
use crate::report::wording::demands::{describe_demands, describe_pattern};
use crate::report::wording::profile_phrases::{describe_deployments, describe_fact};
use crate::requirements::{Basis, Capability, Citation, Keyword, Requirement, position};
use crate::scenario::model::{Case, Expectation, Level, Revision, Variety};

/// What is known of a requirement besides its level, revisions and sources, each with a label.
pub(crate) fn requirement_facts(requirement: &Requirement) -> Vec<(&'static str, String)> {
    let mut facts: Vec<(&str, String)> = Vec::new();
    if !requirement.applies_if.is_empty() {
        let capabilities = describe_capabilities(&requirement.applies_if);
        facts.push(("applies if", format!("the client has {capabilities}")));
    }
    facts.extend(optional("applies via", &requirement.binds_via));
    facts.extend(optional("situation", &requirement.stimulus));
    facts.push(("shown by", requirement.observation.clone()));
    facts.extend(optional("typical bug", &requirement.defect));
    facts.extend(optional("official suite", &requirement.upstream));
    let position = requirement.position;
    facts.extend(position.map(|number| ("position", position_in_full(number))));
    facts.extend(optional("note", &requirement.note));
    facts.extend(optional("if disputed", &requirement.argument));
    facts.extend(requirement.needs.map(|machine| {
        let text = format!("needs {machine}, which this machine does not offer");
        ("not run", text)
    }));
    let excluded = &requirement.excluded;
    facts.extend(excluded.iter().map(|why| ("not run", why.to_string())));
    facts
}

/// What is known of a case besides its world and its expectations, each with a label.
pub(crate) fn case_facts(case: &Case) -> Vec<(&'static str, String)> {
    let mut facts = vec![("revisions", span(case.from, Some(case.until)))];
    if !case.needs.is_empty() {
        facts.push(("needs", describe_capabilities(&case.needs)));
    }
    if !case.official.is_empty() {
        let names = case.official.join(", ");
        facts.push(("official suite", format!("counterpart of {names}")));
    }
    facts.extend(optional("differs", &case.official_differs));
    let variety = case.variety.as_ref();
    facts.extend(variety.map(|variety| ("variant", describe_variety(variety))));
    if let Some(profile) = &case.profile {
        facts.push(("profile", describe_deployments(profile)));
        facts.extend(
            profile
                .facts
                .iter()
                .map(|fact| ("fact", describe_fact(fact))),
        );
        facts.extend(optional("out of reach", &profile.out_of_reach));
    }
    let goal = case.goal.as_ref();
    facts.extend(goal.map(|goal| ("goal", describe_pattern(goal))));
    facts
}

fn optional(label: &'static str, text: &Option<String>) -> Option<(&'static str, String)> {
    Some((label, text.clone()?))
}

/// ``the capability `dcr` (it registers itself (RFC 7591))``
fn describe_capabilities<'c>(capabilities: impl IntoIterator<Item = &'c Capability>) -> String {
    let described = capabilities.into_iter().map(|capability| {
        let about = capability.about().trim_end_matches('.');
        format!("`{capability}` ({})", decapitalize(about))
    });
    described.collect::<Vec<_>>().join(" and ")
}

/// `MUST iss-advertised-mismatch: no token request`
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
        format!("{text} (the source states it as a prohibition)")
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

/// "one of the spellings of the challenge: white space before `=`; legal (RFC 9110 section 5.6.3)"
pub(crate) fn describe_variety(variety: &Variety) -> String {
    let rare = if variety.rare {
        "; run with `--variety all`"
    } else {
        ""
    };
    format!(
        "one of the {}: {}; {} ({}){rare}",
        variety.of, variety.differs, variety.mark, variety.source
    )
}
