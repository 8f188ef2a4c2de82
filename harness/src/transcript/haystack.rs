//! Searches what a client sends or shows for secrets. Percent, form, base64, JSON and JWT encodings
//! are decoded first.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Secrets shorter than this are not searched for: they would be found by accident.
pub const SHORTEST_SECRET: usize = 8;

/// How many layers of encoding are undone.
const DEPTH: usize = 3;
/// Upper bound of the decoded forms kept for one text, against texts that are made to have very
/// many.
const MOST_FORMS: usize = 256;
/// The shortest run of base64 characters that is worth decoding.
const SHORTEST_BASE64: usize = 11;

/// A text together with all its decoded forms.
#[derive(Debug)]
pub struct Haystack {
    forms: BTreeSet<String>,
}

impl Haystack {
    /// Undoes the encodings of the texts, layer by layer.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms: BTreeSet<String> = BTreeSet::new();
        let mut layer: Vec<String> = texts
            .into_iter()
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect();
        for _ in 0..DEPTH {
            let mut next = Vec::new();
            for text in layer {
                if forms.len() >= MOST_FORMS || forms.contains(&text) {
                    continue;
                }
                next.extend(decoded(&text));
                forms.insert(text);
            }
            layer = next;
        }
        for text in layer {
            if forms.len() < MOST_FORMS {
                forms.insert(text);
            }
        }
        Self { forms }
    }

    /// Whether the secret occurs, in any encoding.
    pub fn contains(&self, secret: &str) -> bool {
        secret.len() >= SHORTEST_SECRET && self.forms.iter().any(|f| f.contains(secret))
    }

    /// Whether the test holds for one of the decoded forms.
    pub fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        self.forms.iter().any(|f| test(f))
    }
}

/// One layer of encoding undone, in each way that changes something.
fn decoded(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if text.contains('%') {
        out.push(
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned(),
        );
    }
    if text.contains('+') {
        out.push(
            percent_encoding::percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned(),
        );
    }
    if text.contains('\\') {
        out.push(json_unescaped(text));
    }
    if text.contains('&') && text.contains(';') {
        let plain = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&#x27;", "'");
        out.push(plain.replace("&#x2F;", "/").replace("&amp;", "&"));
    }
    out.extend(base64_decoded(text));
    out.retain(|t| t != text && !t.is_empty());
    out
}

fn json_unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let code: String = rest.by_ref().take(4).collect();
                out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// Every run of base64 characters that decodes to text: Basic credentials, JWT parts, opaque state.
fn base64_decoded(text: &str) -> Vec<String> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let standard = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    let url_safe = GeneralPurpose::new(&base64::alphabet::URL_SAFE, lenient);
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=')))
        .flat_map(|run| [run, run.rsplit('=').find(|r| !r.is_empty()).unwrap_or(run)])
        .filter(|run| run.len() >= SHORTEST_BASE64)
        .flat_map(|run| [standard.decode(run).ok(), url_safe.decode(run).ok()])
        .flatten()
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .filter(|t| t.chars().all(|c| !c.is_control() || c.is_whitespace()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    const SECRET: &str = "s:e%c+r&e t-ü-canary1234";

    #[test]
    fn finds_a_secret_in_every_encoding() {
        let percent: String = SECRET.bytes().map(|b| format!("%{b:02X}")).collect();
        let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let json = serde_json::to_string(SECRET).unwrap();
        let unicode: String = SECRET
            .encode_utf16()
            .map(|u| format!("\\u{u:04x}"))
            .collect();
        let jwt = format!(
            "e30.{}.sig",
            URL_SAFE_NO_PAD.encode(format!("{{\"jti\":{json}}}"))
        );
        let basic = format!("Basic {}", STANDARD.encode(format!("id:{form}")));
        let in_query = format!("/cb?x={}&y=1", STANDARD.encode(SECRET).replace('=', "%3D"));
        for text in [
            SECRET.to_owned(),
            percent,
            format!("a=1&b={form}"),
            json,
            unicode,
            jwt,
            basic,
            in_query,
        ] {
            assert!(Haystack::new([text.as_str()]).contains(SECRET), "{text}");
        }
    }

    #[test]
    fn does_not_find_what_is_not_there() {
        assert!(!Haystack::new(["code=abc&state=def"]).contains(SECRET));
        assert!(
            !Haystack::new(["x"]).contains("x"),
            "too short to mean anything"
        );
    }

    proptest::proptest! {
        #[test]
        fn survives_any_text(text in ".{0,300}") {
            let _ = Haystack::new([text.as_str()]).contains("anything-at-all");
        }
    }
}
