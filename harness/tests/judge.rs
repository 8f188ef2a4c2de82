//! Judges hand-written transcripts and compares the verdicts with
//! `fixtures/judge/transcripts.json`.
// Clippy does not treat the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use mcp_authspec::Capability;
use mcp_authspec::driver::ReferenceClient;
use mcp_authspec::judge::{Declared, Verdict, judge_alone};
use mcp_authspec::scenario::model::{EventKind, EventName, Pattern, Revision};
use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
use mcp_authspec::transcript::{Event, Header, Secret, Status, Transcript};
use reference_client::Defects;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

#[derive(Deserialize)]
struct HandWrittenTranscript {
    case: String,
    title: String,
    control_ok: bool,
    verdicts: BTreeMap<String, Verdict>,
    events: Vec<Map<String, Json>>,
}

#[test]
fn checks_of_the_metadata_document_apply_only_if_it_is_reachable() {
    let suite = Suite::embedded().unwrap();
    let is_document = |pattern: &Pattern| {
        matches!(
            pattern.event,
            EventName::Kind {
                kind: EventKind::ClientDocument,
                ..
            }
        )
    };
    let mut seen = 0;
    for monitor in &suite.monitors {
        let patterns: Vec<_> = monitor
            .demands
            .every
            .iter()
            .map(|every| &every.pattern)
            .chain(&monitor.demands.never)
            .collect();
        if patterns.iter().all(|pattern| is_document(pattern)) {
            let requirement = suite.catalogue.get(&monitor.requirement).unwrap();
            assert!(
                requirement
                    .applies_if
                    .contains(&Capability::CimdDocumentReachable),
                "{}",
                monitor.requirement
            );
            seen += 1;
        }
    }
    assert!(seen > 0);
}

/// Nobody has declared what these clients can do. That they break on what they attempt or are given
/// does not let them off.
#[tokio::test]
async fn a_client_does_not_escape_a_requirement_by_failing_it() {
    let suite = Suite::embedded().unwrap();
    for (defect, case, requirement) in [
        (
            "dcr-created-refused",
            "reg/dcr-without-cimd",
            "reg-priority-dcr-fallback",
        ),
        ("dcr-created-refused", "reg/dcr-only", "reg-dcr-support"),
        (
            "pre-registration-unknown",
            "reg/pre-registered-only",
            "reg-prereg-support",
        ),
    ] {
        let client = ReferenceClient::with_defects(Defects::only(defect.parse().unwrap()));
        let options = SuiteOptions {
            jobs: 1,
            seed: "undeclared".to_owned(),
            ..SuiteOptions::new(Revision::LATEST)
        };
        let cases = suite.select(Revision::LATEST, &[case.to_owned()]);
        let record = run_suite(&cases, Arc::new(client), &options).await;
        let conclusions = record.conclude(&suite, &Declared::default());
        let checks = &conclusions.cases[0].checks;
        let check = checks.iter().find(|c| c.requirement == requirement);
        assert_eq!(check.map(|c| c.verdict), Some(Verdict::Fail), "{defect}");
    }
}

#[test]
fn hand_written_transcripts_get_their_verdicts() {
    let suite = Suite::embedded().unwrap();
    let known: Vec<HandWrittenTranscript> =
        serde_json::from_str(include_str!("../../fixtures/judge/transcripts.json")).unwrap();
    assert_eq!(known.len(), 32);
    for known in known {
        let case = suite
            .cases
            .iter()
            .find(|c| c.id == known.case)
            .unwrap_or_else(|| panic!("no case {}", known.case));
        let verdicts = judge_alone(case, &build_transcript(&known.events), known.control_ok);
        // The case may check more requirements than the file lists.
        for (requirement, verdict) in &known.verdicts {
            assert_eq!(
                verdicts.get(requirement),
                Some(verdict),
                "{}: {}: {requirement}",
                known.case,
                known.title
            );
        }
    }
}

/// Builds a transcript. The value of a secret is its name and number, such as `as.code#1`, and an
/// address is its own name.
fn build_transcript(written: &[Map<String, Json>]) -> Transcript {
    let mut secrets: Vec<Secret> = Vec::new();
    let mut events = Vec::new();
    for (index, event) in written.iter().enumerate() {
        let mut event = event.clone();
        let issued: Vec<String> = event
            .remove("issued")
            .map(|v| serde_json::from_value(v).unwrap())
            .unwrap_or_default();
        for name in issued {
            let number = secrets.iter().filter(|s| s.name == name).count() + 1;
            secrets.push(Secret {
                value: format!("{name}#{number}"),
                name,
                number,
                event: index,
                audience: Vec::new(),
            });
        }
        events.push(serde_json::from_value::<Event>(Json::Object(event)).unwrap());
    }
    Transcript {
        header: Header {
            addresses: BTreeMap::from([("as2.issuer".to_owned(), "as2.issuer".to_owned())]),
            ..Header::default()
        },
        status: Status::Completed,
        events,
        exchanges: Vec::new(),
        secrets,
        unsearched: mcp_authspec::transcript::Unsearched::default(),
        driven_by_person: false,
        attested: Vec::new(),
        durations: None,
    }
}
