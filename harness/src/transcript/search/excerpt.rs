//! An excerpt of a long text: a few pieces, and how much lies between them.

use std::fmt::Write as _;

/// The longest piece that is added around something, beyond what it has to contain, in bytes.
const MAX_EXTENSION: usize = 256;

/// Pieces of a text by their offsets.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Excerpt {
    /// Adds the bytes from `start` to `end` of a buffer whose first byte is at `offset` in the
    /// text. The piece is extended to both sides until a word ends, so that no secret is cut.
    pub(super) fn add(&mut self, buffer: &[u8], offset: u64, start: usize, end: usize) {
        let before = buffer[..start].iter().rev().take(MAX_EXTENSION);
        let start = start - before.take_while(|byte| is_of_a_word(**byte)).count();
        let after = buffer[end..].iter().take(MAX_EXTENSION);
        let end = end + after.take_while(|byte| is_of_a_word(**byte)).count();
        if start < end {
            let piece = buffer[start..end].to_vec();
            self.pieces.push((offset + start as u64, piece));
        }
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.pieces.iter().map(|(_, piece)| piece.len()).sum()
    }

    /// The pieces in their order, with a line for each gap. `total`: the length of the whole text.
    pub(super) fn render(mut self, total: u64) -> String {
        self.pieces.sort();
        let mut out = String::new();
        let mut end = 0;
        let mut joined = Vec::new();
        for (start, piece) in self.pieces {
            if start > end {
                out.push_str(&String::from_utf8_lossy(&joined));
                joined.clear();
                render_gap(&mut out, start - end);
            }
            let overlap = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
            joined.extend(piece.iter().skip(overlap));
            end = end.max(start + piece.len() as u64);
        }
        out.push_str(&String::from_utf8_lossy(&joined));
        if total > end {
            render_gap(&mut out, total - end);
        }
        out
    }
}

fn render_gap(out: &mut String, bytes: u64) {
    let line_ends = out.is_empty() || out.ends_with('\n');
    let line_break = if line_ends { "" } else { "\n" };
    let _ = writeln!(out, "{line_break}[{bytes} bytes left out]");
}

/// Whether a byte can be part of a secret or of an encoded secret.
fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=%".contains(&byte) || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_and_gaps_are_counted() {
        let text = b"first line\nsecond line\nlast line\n";
        let mut excerpt = Excerpt::default();
        excerpt.add(text, 0, 25, 33);
        excerpt.add(text, 0, 0, 8);
        excerpt.add(text, 0, 3, 6);
        let expected = "first line\n[13 bytes left out]\nlast line\n";
        assert_eq!(excerpt.render(33), expected);
    }
}
