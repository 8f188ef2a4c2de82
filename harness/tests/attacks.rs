//! Every attack that the project was founded on, against the client that falls for it: the message
//! that its maintainer would read, and what was recorded.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use mcp_authspec::driver::ReferenceClient;
use mcp_authspec::judge::Declared;
use mcp_authspec::report::{Format, Report, RunDescription, TextStyle, render};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
use mcp_authspec::transcript::{Haystack, SHORTEST_SECRET, Transcript};
use reference_client::Defects;

/// Case and the defect that falls for it.
const ATTACKS: &[(&str, &str)] = &[
    ("iss/advertised-and-wrong/success", "no-iss-check"),
    ("iss/advertised-and-wrong/error", "iss-not-checked-on-error"),
    ("iss/advertised-and-absent/left-out", "iss-optional"),
    (
        "iss/unadvertised-and-wrong/success",
        "iss-only-if-advertised",
    ),
    (
        "iss/no-normalization/trailing-slash",
        "iss-normalised-slash",
    ),
    ("iss/two-values/right-then-wrong", "iss-first-value"),
    ("iss/error-is-not-shown/made-up-code", "iss-error-shown"),
    ("iss/mix-up-relayed/announces-iss", "no-iss-check"),
    ("iss/mix-up-borrowed-endpoint", "no-iss-check"),
    ("asm/issuer-mismatch/another-host", "issuer-unchecked"),
    (
        "asm/issuer-mismatch/trailing-slash",
        "issuer-normalised-slash",
    ),
    ("prm/resource-mismatch/other-origin", "resource-unchecked"),
    (
        "prm/resource-mismatch/prefix-without-boundary",
        "resource-prefix-compare",
    ),
    (
        "resource/rogue-server-claims-resource",
        "resource-unchecked",
    ),
    (
        "resource/rogue-server-borrows-as/refused-with-invalid-target",
        "resource-dropped-on-error",
    ),
    (
        "resource/rogue-server-borrows-as/server-ignores-resource",
        "no-state",
    ),
];

#[tokio::test]
async fn each_attack_is_told_in_full() {
    let suite = Suite::embedded().unwrap();
    for (case, defect) in ATTACKS {
        let client = Arc::new(ReferenceClient::with_defects(Defects::only(
            defect.parse().unwrap(),
        )));
        let (has, lacks) = client.capabilities();
        let declared = Declared {
            has,
            lacks,
            ..Declared::default()
        };
        let options = SuiteOptions {
            jobs: 1,
            timeout: Duration::from_secs(20),
            seed: "attacks".to_owned(),
            declared: declared.clone(),
            ..SuiteOptions::new(Revision::LATEST)
        };
        let cases = suite.select(Revision::LATEST, &[(*case).to_owned()]);
        let mut record = run_suite(&cases, client, &options).await;
        // times differ from run to run
        record
            .cases
            .iter_mut()
            .filter_map(|(_, outcome)| outcome.as_mut().ok())
            .for_each(|transcript| transcript.durations = None);
        record
            .controls
            .values_mut()
            .for_each(|(_, transcript)| transcript.durations = None);
        let conclusions = record.conclude(&suite, &declared);
        let about = RunDescription {
            client: format!("the bundled reference client with the defect {defect}"),
            rerun: format!("mcp-authspec run --defect {defect}"),
            seed: options.seed.clone(),
            shard: None,
            seconds: 0.0,
            interrupted: false,
            strict: false,
            show_secrets: false,
        };
        let report = Report::in_full(&suite, &record, &conclusions, &about);
        let told = render(
            Format::Console,
            std::slice::from_ref(&report),
            &TextStyle {
                colour: false,
                width: 120,
                verbose: true,
            },
        )
        .unwrap();
        let transcript = record.cases[0].1.as_ref().unwrap();
        for format in Format::ALL {
            let text = render(
                *format,
                std::slice::from_ref(&report),
                &TextStyle {
                    verbose: true,
                    ..TextStyle::default()
                },
            )
            .unwrap();
            no_secret_in(&text, transcript, &format!("{case} as {format}"));
        }
        let recorded: Vec<String> = transcript
            .events
            .iter()
            .map(|e| {
                let place = e.party.as_deref().unwrap_or("client");
                let deviations: String = e.deviations.iter().map(|d| format!(" [{d}]")).collect();
                format!(
                    "{place}.{}{deviations}{}",
                    e.kind,
                    if e.delivered { "" } else { " (not delivered)" }
                )
            })
            .collect();
        insta::assert_snapshot!(
            case.replace('/', "__"),
            format!("{told}\nRecorded\n  {}\n", recorded.join("\n  "))
        );
    }
}

/// No code, token or secret of the run is in the text, however encoded.
fn no_secret_in(text: &str, transcript: &Transcript, what: &str) {
    let secrets = || {
        transcript
            .secrets
            .iter()
            .filter(|secret| secret.value.len() >= SHORTEST_SECRET)
    };
    let words = text
        .split(|c: char| c.is_whitespace() || "\"<>,;".contains(c))
        .filter(|word| word.len() >= SHORTEST_SECRET);
    for word in words {
        let haystack = Haystack::new([word]);
        let shown: Vec<String> = secrets()
            .filter(|secret| haystack.contains(&secret.value))
            .map(|secret| secret.tag())
            .collect();
        assert!(shown.is_empty(), "{what} shows {shown:?}: {word}");
    }
}
