//! Remedies: the nearest known word, or all that could have been written.

/// The longest list of words that is shown whole.
const MOST: usize = 24;
/// The words that are shown of a longer list.
const NEAREST: usize = 6;

/// `did you mean ...?` if a known word is near, else the list of what is known.
pub(crate) fn instead<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, &known) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => "no value is possible here".to_owned(),
        None if known.len() > MOST => format!(
            "the nearest of {}: {}",
            known.len(),
            list(&by_distance(written, &known)[..NEAREST])
        ),
        None => format!(
            "{}: {}",
            if known.len() == 1 {
                "known is"
            } else {
                "one of"
            },
            list(&known)
        ),
    }
}

/// Words for a reader: each quoted.
pub(crate) fn list(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn by_distance<'a>(written: &str, known: &[&'a str]) -> Vec<&'a str> {
    let mut sorted = known.to_vec();
    sorted.sort_by_cached_key(|word| distance(written, word));
    sorted
}

/// The known word with the fewest edits, if it takes no more than a third of its letters.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|word| (distance(written, word), *word))
        .filter(|(edits, word)| *edits <= word.chars().count().max(3) / 3)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

/// The number of edits between two words. A swap of two neighbours counts as one edit, and the case
/// of letters does not count.
fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_listed() {
        let known = ["token-request", "authorization-response", "as"];
        assert_eq!(
            instead("authorisation-respones", known),
            "did you mean `authorization-response`?"
        );
        assert_eq!(
            instead("Token-Request", known),
            "did you mean `token-request`?"
        );
        assert_eq!(instead("sa", known), "did you mean `as`?");
        assert_eq!(instead("nonsense", ["a", "b"]), "one of: `a`, `b`");
        assert_eq!(instead("nonsense", []), "no value is possible here");
    }
}
