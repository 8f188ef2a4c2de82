//! Whether a run answers a challenge: the text is the seed of every secret that the mock servers
//! issued, so a run that was made before the text was known has other secrets.

use std::collections::BTreeSet;

use super::error::CertificateError;
use crate::saved::SavedRun;
use crate::transcript::Transcript;
use crate::world::party_draws;

/// How many texts a party is expected to draw at the most in a case.
const DRAWS: usize = 4096;

/// The digits of a drawn text.
const DIGITS: usize = 32;

/// The seed of a run that answers a challenge.
pub(crate) fn seed_of_challenge(text: &str) -> String {
    format!("challenge:{text}")
}

/// The challenge that a seed belongs to.
pub(super) fn challenge_of_seed(seed: &str) -> Option<&str> {
    seed.strip_prefix("challenge:")
}

/// Checks that all drawn texts in the secrets of the transcripts follow from the seed of the run.
/// Returns their number. Secrets that are signed, such as JWTs, are not looked into.
pub(super) fn check_secrets(run: &SavedRun) -> Result<usize, CertificateError> {
    let mut checked = 0;
    for revision in &run.revisions {
        let cases = revision.record.cases.iter();
        let cases = cases.filter_map(|(case, outcome)| Some((case, outcome.as_ref().ok()?)));
        let controls = revision.record.controls.values();
        for (case, transcript) in cases.chain(controls.map(|(case, run)| (case, run))) {
            let drawn = drawn_texts(transcript);
            let mut seeds = run.manifest.seeds.iter();
            if !seeds.any(|seed| all_follow_from(seed, &case.id, transcript, &drawn)) {
                return Err(CertificateError::Challenge {
                    problem: format!("secrets of {} come from another seed", case.id),
                });
            }
            checked += drawn.len();
        }
    }
    Ok(checked)
}

fn drawn_texts(transcript: &Transcript) -> BTreeSet<&str> {
    let secrets = transcript.secrets.iter();
    secrets
        .filter_map(|secret| drawn_part(&secret.value))
        .collect()
}

/// The drawn text in an opaque secret, such as `as-code-0123…`.
fn drawn_part(value: &str) -> Option<&str> {
    let (_, last) = value.rsplit_once('-')?;
    let text = last.get(..DIGITS)?;
    let is_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then_some(text)
}

/// Whether the parties that issued the secrets draw all these texts in this case.
fn all_follow_from(
    seed: &str,
    case: &str,
    transcript: &Transcript,
    drawn: &BTreeSet<&str>,
) -> bool {
    let secrets = transcript.secrets.iter();
    let parties: BTreeSet<&str> = secrets
        .filter_map(|secret| Some(secret.name.split_once('.')?.0))
        .collect();
    let mut unexplained = drawn.clone();
    for party in parties {
        for text in party_draws(seed, case, party).take(DRAWS) {
            if unexplained.is_empty() {
                return true;
            }
            unexplained.remove(text.as_str());
        }
    }
    unexplained.is_empty()
}
