//! The forms in which a secret can occur in a text.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::transcript::SHORTEST_SECRET;

/// The longest part of a secret that is searched for, in bytes. Where it is found, the text around
/// it is compared with the whole secret.
const MAX_ANCHOR: usize = 16;
/// How many layers of base64 are searched for.
const BASE64_LAYERS: usize = 2;
/// The shortest form that is searched for, in bytes.
const SHORTEST_FORM: usize = 8;

/// All forms in which a characteristic part of the secret can occur.
///
/// Most encodings leave letters, digits and a few other characters as they are, so the part is
/// chosen among these. base64 has three forms of each text, one for each position within a group of
/// three octets.
pub(super) fn encoded_forms(secret: &str) -> BTreeSet<Vec<u8>> {
    let anchor = anchor(secret);
    let mut forms = BTreeSet::from([
        anchor.to_vec(),
        escape_all(anchor, |byte| format!("%{byte:02X}")),
        escape_all(anchor, |byte| format!("%{byte:02x}")),
        escape_all(anchor, |byte| format!("\\u{byte:04x}")),
    ]);
    let mut layer = BTreeSet::from([anchor.to_vec()]);
    for _ in 0..BASE64_LAYERS {
        layer = layer.iter().flat_map(|text| base64_forms(text)).collect();
        forms.extend(layer.iter().cloned());
    }
    forms.retain(|form| form.len() >= SHORTEST_FORM);
    forms
}

/// The end of the secret's last long run of characters that encodings leave as they are. Secrets
/// often begin alike and end with what is random.
fn anchor(secret: &str) -> &[u8] {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    let runs = || secret.split(|c| !is_kept(c));
    let run = runs()
        .rfind(|run| run.len() >= MAX_ANCHOR)
        .or_else(|| runs().max_by_key(|run| run.len()))
        .filter(|run| run.len() >= SHORTEST_SECRET)
        .unwrap_or(secret)
        .as_bytes();
    &run[run.len().saturating_sub(MAX_ANCHOR)..]
}

fn escape_all(text: &[u8], escape: impl Fn(u8) -> String) -> Vec<u8> {
    let escaped: String = text.iter().map(|byte| escape(*byte)).collect();
    escaped.into_bytes()
}

/// What base64 of any text that contains this one has in it, whatever stands before and after.
fn base64_forms(text: &[u8]) -> Vec<Vec<u8>> {
    let whole_groups = |skipped: usize| {
        let rest = text.get(skipped..).unwrap_or_default();
        &rest[..rest.len() - rest.len() % 3]
    };
    let groups = [0, 1, 2].map(whole_groups);
    let encode = |groups: &&[u8]| {
        [
            STANDARD_NO_PAD.encode(groups),
            URL_SAFE_NO_PAD.encode(groups),
        ]
    };
    let forms = groups.iter().flat_map(encode);
    forms.map(String::into_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_the_random_end_of_a_secret() {
        assert_eq!(anchor("as-code-0123456789abcdef"), b"0123456789abcdef");
        assert_eq!(anchor("s:e%c+r&e t-canary1234"), b"t-canary1234");
        assert_eq!(anchor("a:b:c:d:e:f"), b"a:b:c:d:e:f");
    }

    #[test]
    fn every_alignment_of_base64_has_a_form() {
        let secret = "0123456789abcdef";
        let forms = encoded_forms(secret);
        for before in ["", "x", "xy", "xyz"] {
            let once = STANDARD_NO_PAD.encode(format!("{before}{secret}, and more"));
            let twice = STANDARD_NO_PAD.encode(format!("{before}{once}, and more"));
            for encoded in [once, twice] {
                let found = |form: &Vec<u8>| {
                    let mut places = encoded.as_bytes().windows(form.len());
                    places.any(|place| place == form)
                };
                assert!(forms.iter().any(found), "{before} {encoded}");
            }
        }
    }
}
