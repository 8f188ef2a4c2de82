//! What reports make of words that are not theirs: secrets are not shown, and markup stays text.

use mcp_authspec::report::{Format, Report, RunDescription, TextStyle, render};
use mcp_authspec::scenario::model::EventField;
use mcp_authspec::suite::Suite;
use mcp_authspec::transcript::Haystack;

use crate::fixture::{LIVE, about, conclusions, report, suite};
use crate::{check_xml, every_rendering, failing_run};

/// Every secret in every place of every run, raw and encoded: none may be seen in any output.
#[test]
fn no_live_secret_is_shown() {
    use base64::Engine;
    let suite = suite();
    let mut record = failing_run(&suite);
    let mut values = Vec::new();
    for (_, outcome) in &mut record.cases {
        let Ok(transcript) = outcome else { continue };
        let all: Vec<String> = transcript
            .secrets
            .iter()
            .map(|secret| secret.value.clone())
            .collect();
        let encoded: String = all
            .iter()
            .map(|v| v.bytes().map(|b| format!("%{b:02X}")).collect::<String>())
            .collect::<Vec<_>>()
            .join("/");
        let basic = base64::engine::general_purpose::STANDARD.encode(all.join(":"));
        let everything = format!("{} {encoded} {basic}", all.join(" "));
        for exchange in &mut transcript.exchanges {
            let separator = if exchange.target.contains('?') {
                '&'
            } else {
                '?'
            };
            exchange.target = format!(
                "/{}/{encoded}{}{separator}resource={basic}&iss={encoded}&error={}",
                all.join("/"),
                exchange.target,
                all.join("+")
            );
            exchange.body = format!("{}&resource={basic}&refresh_token={encoded}", exchange.body);
            exchange
                .headers
                .push(("authorization".into(), format!("Basic {basic}")));
            exchange
                .headers
                .push(("x-everything".into(), everything.clone()));
            exchange.answer_headers.push((
                "location".into(),
                format!("http://localhost:1/cb?iss={encoded}&error={basic}"),
            ));
            exchange.answer_headers.push((
                "www-authenticate".into(),
                format!("Bearer error=\"{everything}\""),
            ));
            exchange.answer_body =
                serde_json::json!({ "error": everything, "access_token": all.first() }).to_string();
        }
        for event in &mut transcript.events {
            for field in [
                EventField::CodeChallengeMethod,
                EventField::What,
                EventField::Path,
                EventField::Surface,
            ] {
                event.fields.insert(field, everything.clone());
            }
        }
        values.extend(all);
    }
    assert!(values.len() > 3);
    let report = report(&suite, &record);
    for (format, text) in every_rendering(&[report]) {
        assert!(
            !text.contains(LIVE),
            "{format}: {}",
            &text[text.find(LIVE).unwrap().saturating_sub(200)..][..400]
        );
        for word in text.split(|c: char| c.is_whitespace() || "\"<>,;".contains(c)) {
            let haystack = Haystack::new([word]);
            assert!(
                values.iter().all(|value| !haystack.contains(value)),
                "{format}: {word}"
            );
        }
    }
}

#[test]
fn secrets_are_shown_to_who_asks_for_them() {
    let suite = suite();
    let record = failing_run(&suite);
    let about = RunDescription {
        show_secrets: true,
        ..about()
    };
    let report = Report::new(&suite, &record, &conclusions(&suite, &record), &about);
    for format in [Format::Json, Format::Html] {
        assert!(
            render(format, std::slice::from_ref(&report), &TextStyle::default())
                .unwrap()
                .contains(LIVE),
            "{format}"
        );
    }
}

#[test]
fn nothing_of_this_machine_is_shown() {
    let suite = suite();
    let report = report(&suite, &failing_run(&suite));
    for (format, text) in every_rendering(&[report]) {
        for never in ["localhost:4", "127.0.0.1:4", "ab12cd34", "ef56ab78"] {
            assert!(!text.contains(never), "{format}: {never}");
        }
    }
}

/// A run of which every word that a client or a server says tries to break out.
pub fn hostile_run(suite: &Suite) -> Report {
    const HOSTILE: &str = "</script></style><img src=x onerror=alert(1)>'\"]]>&{{7*7}}{% raw %}`|\
                       \u{1b}[31m\u{0}# SKIP";
    let mut record = failing_run(suite);
    for (_, outcome) in &mut record.cases {
        let Ok(transcript) = outcome else { continue };
        for exchange in &mut transcript.exchanges {
            exchange.target = format!("/{HOSTILE}{}&error={HOSTILE}", exchange.target);
            exchange.body = format!("{HOSTILE}{}", exchange.body);
            exchange.headers.push((HOSTILE.into(), HOSTILE.into()));
            exchange
                .answer_headers
                .push(("location".into(), format!("{HOSTILE}?{HOSTILE}={HOSTILE}")));
            exchange.answer_body = HOSTILE.into();
            exchange.note = HOSTILE.into();
        }
        for event in &mut transcript.events {
            event
                .fields
                .insert(EventField::CodeChallengeMethod, HOSTILE);
        }
        transcript.events.push(
            serde_json::from_value(serde_json::json!({
                "run": 1,
                "event": "display",
                "surface": "stderr",
                "contains": HOSTILE,
            }))
            .unwrap(),
        );
    }
    Report {
        client: HOSTILE.into(),
        seed: HOSTILE.into(),
        ..report(suite, &record)
    }
}

/// What comes from a client or a server breaks out of nothing.
#[test]
fn hostile_texts_stay_texts() {
    let suite = suite();
    let report = hostile_run(&suite);
    for (format, text) in every_rendering(&[report]) {
        assert!(!text.contains('\u{1b}'), "{format}");
        match format {
            Format::Html | Format::BadgeSvg | Format::Junit => {
                assert!(!text.contains("<img"), "{format}");
                assert_eq!(
                    text.matches("</script>").count(),
                    usize::from(format == Format::Html),
                    "{format}"
                );
            }
            Format::Markdown => {
                // between fences nothing is markup
                let mut fenced = false;
                for line in text.lines() {
                    fenced ^= line.starts_with("```");
                    assert!(
                        fenced || line.contains('`') || !line.contains("<img"),
                        "{line}"
                    );
                }
            }
            Format::Tap => assert!(
                text.lines()
                    .filter(|line| line.starts_with("not ok"))
                    .all(|line| !line.contains(" # SKIP")),
                "{text}"
            ),
            Format::Json | Format::BadgeJson => {
                assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok())
            }
            Format::Github => assert!(
                text.lines()
                    .all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
                "{text}"
            ),
            Format::Console => {}
        }
        if format == Format::Junit {
            check_xml(&text);
        }
    }
}
