//! Reads lines of a bounded length from a stream that may hold anything.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest line that is looked at, in bytes.
pub(super) const LONGEST_LINE: usize = 1024 * 1024;

/// The lines of a stream. A read that is given up half-way loses nothing.
#[derive(Debug)]
pub(super) struct Lines<R> {
    stream: R,
    /// What was read and is not yet a whole line.
    pending: Vec<u8>,
    /// The line under way is too long: its rest is thrown away.
    overlong: bool,
}

/// A line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    Line(String),
    /// The beginning of a line that was too long.
    Overlong(String),
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(stream: R) -> Self {
        Self {
            stream,
            pending: Vec::new(),
            overlong: false,
        }
    }

    /// The next line; `None` at the end of the stream. A last line without a line feed is one, too.
    pub(super) async fn next(&mut self) -> Option<Read> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.pending[searched..].iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=searched + end).collect();
                searched = 0;
                if std::mem::take(&mut self.overlong) {
                    continue;
                }
                return Some(Read::Line(text(&line)));
            }
            if self.overlong {
                self.pending.clear();
            } else if self.pending.len() > LONGEST_LINE {
                self.overlong = true;
                return Some(Read::Overlong(text(&std::mem::take(&mut self.pending))));
            }
            searched = self.pending.len();
            let mut buffer = [0; 16 * 1024];
            match self.stream.read(&mut buffer).await {
                Ok(count @ 1..) => self.pending.extend_from_slice(&buffer[..count]),
                _ => {
                    let rest = std::mem::take(&mut self.pending);
                    return (!rest.is_empty() && !self.overlong).then(|| Read::Line(text(&rest)));
                }
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(bytes: &[u8]) -> Vec<Read> {
        let mut lines = Lines::new(bytes);
        let mut out = Vec::new();
        while let Some(line) = lines.next().await {
            out.push(line);
        }
        out
    }

    #[tokio::test]
    async fn whole_lines_and_a_last_one() {
        let line = |text: &str| Read::Line(text.to_owned());
        assert_eq!(
            all(b"a\n\nb\r\nc").await,
            [line("a"), line(""), line("b"), line("c")]
        );
        assert_eq!(all(b"").await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_told_once_and_the_next_one_is_whole() {
        let mut bytes = vec![b'x'; 3 * LONGEST_LINE];
        bytes.extend(b"\nnext\n");
        let lines = all(&bytes).await;
        assert!(
            matches!(&lines[0], Read::Overlong(text) if text.len() <= LONGEST_LINE + 16 * 1024)
        );
        assert_eq!(lines[1..], [Read::Line("next".to_owned())]);
    }
}
