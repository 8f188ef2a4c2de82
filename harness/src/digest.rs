//! Short fingerprints of texts.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// How much of a hash a short digest keeps: 128 bits, which no two texts share by chance.
const BYTES: usize = 16;

/// The first 128 bits of the text's SHA-256 hash, in hexadecimal.
pub(crate) fn short_digest(text: impl AsRef<[u8]>) -> String {
    let hash = Sha256::digest(text);
    hash.iter()
        .take(BYTES)
        .fold(String::new(), |mut hex, byte| {
            // writing to a string cannot fail
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_beginning_of_the_hash() {
        assert_eq!(short_digest("abc"), "ba7816bf8f01cfea414140de5dae2223");
    }
}
