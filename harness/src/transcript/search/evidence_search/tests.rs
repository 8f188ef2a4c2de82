use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

const SECRET: &str = "as-token-7f3a09c1d2e84b56";

fn secret(name: &str, value: &str) -> Secret {
    Secret {
        name: name.to_owned(),
        number: 1,
        value: value.to_owned(),
        event: 0,
        audience: Vec::new(),
    }
}

fn search(secret_value: &str) -> EvidenceSearch {
    let sought = vec!["invalid_scope".to_owned()];
    EvidenceSearch::new(&[secret("as.access_token", secret_value)], sought)
}

fn lines(count: usize) -> String {
    "2026-01-01 12:00:00 DEBUG node_modules/express/lib/router.js\n".repeat(count)
}

#[test]
fn a_secret_at_the_end_of_a_long_text_is_found() {
    let text = format!("{}token={SECRET}\n", lines(20_000));
    let found = search(SECRET).search_file(text.as_bytes()).unwrap();
    assert_eq!(found.secrets, ["as.access_token#1"]);
    assert!(
        found.excerpt.contains(SECRET) && found.excerpt.len() < 1000,
        "{}",
        found.excerpt
    );
    assert_eq!(found.length, text.len() as u64);
}

#[test]
fn a_secret_is_found_wherever_windows_meet() {
    for place in [
        WINDOW - MARGIN,
        WINDOW - 10,
        WINDOW,
        WINDOW + MARGIN,
        2 * WINDOW - CARRIED_OVER,
    ] {
        for before in (place - 30..place + 5).step_by(3) {
            let text = format!(
                "{} {SECRET} {}",
                "x".repeat(before),
                " y".repeat(WINDOW / 4)
            );
            let found = search(SECRET).search_file(text.as_bytes()).unwrap();
            assert_eq!(found.secrets.len(), 1, "{before}");
        }
    }
}

#[test]
fn a_secret_in_a_long_text_is_found_in_every_encoding() {
    let odd = "s:e%c+r&e t-canary1234";
    let form: String = url::form_urlencoded::byte_serialize(odd.as_bytes()).collect();
    let all = |text: &str, escape: fn(u8) -> String| text.bytes().map(escape).collect::<String>();
    for secret in [SECRET, odd] {
        let json = serde_json::to_string(secret).unwrap();
        for encoded in [
            secret.to_owned(),
            json.clone(),
            all(secret, |byte| format!("%{byte:02X}")),
            all(secret, |byte| format!("\\u{byte:04x}")),
            STANDARD.encode(format!("client:{secret}")),
            STANDARD.encode(format!("client:{form}{secret}")),
            format!(
                "e30.{}.sig",
                URL_SAFE_NO_PAD.encode(format!("{{\"jti\":{json}}}"))
            ),
            URL_SAFE_NO_PAD.encode(STANDARD.encode(format!("at={secret}"))),
            // one long run of base64
            STANDARD.encode(format!("{}{secret}{}", lines(2000), lines(2000))),
        ] {
            let text = format!("{}{encoded}\n{}", lines(500), lines(500));
            let found = search(secret).search_file(text.as_bytes()).unwrap();
            assert_eq!(
                found.secrets.len(),
                1,
                "{}",
                &encoded[..encoded.len().min(100)]
            );
        }
    }
}

#[test]
fn a_part_of_a_secret_is_not_the_secret() {
    let text = format!("{}{} {}", lines(500), &SECRET[4..], lines(500));
    let found = search(SECRET).search_file(text.as_bytes()).unwrap();
    assert_eq!(
        found,
        FoundEvidence {
            length: text.len() as u64,
            ..found_nothing(&text)
        }
    );
}

fn found_nothing(text: &str) -> FoundEvidence {
    FoundEvidence {
        excerpt: format!("[{} bytes left out]\n", text.len()),
        ..FoundEvidence::default()
    }
}

#[test]
fn the_excerpt_of_long_output_has_both_ends_and_what_was_found() {
    let text = format!(
        "start\n{}error: invalid_scope\n{}the end\n",
        lines(5000),
        lines(5000)
    );
    let found = search(SECRET).search_output(text.as_bytes()).unwrap();
    assert_eq!(found.sought, ["invalid_scope"]);
    let excerpt = &found.excerpt;
    assert!(
        excerpt.starts_with("start\n") && excerpt.ends_with("the end\n"),
        "{excerpt}"
    );
    assert!(
        excerpt.contains("error: invalid_scope\n") && excerpt.len() < 8000,
        "{excerpt}"
    );
}

#[test]
fn short_output_is_kept_whole() {
    let text = format!("a\n{SECRET}\nb\n");
    let found = search(SECRET).search_output(text.as_bytes()).unwrap();
    assert_eq!((found.excerpt, found.secrets.len()), (text, 1));
}
