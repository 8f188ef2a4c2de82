//! Remedies: the nearest known word, or all that could have been written.

/// A list with more words than this helps nobody; so many of them are shown then.
const MOST: usize = 24;
const NEAREST: usize = 6;

/// `did you mean ...?` if a known word is near, else the list of what is known.
pub(crate) fn instead<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, &known) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => "nothing can be written here".to_owned(),
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

/// Edit distance, a swap of two neighbours counted as one edit; capital letters are no difference
/// worth an edit.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
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
        assert_eq!(instead("nonsense", []), "nothing can be written here");
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
