//! Reads lines of a limited length from a stream that may contain anything.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest line that is read whole, in bytes.
pub(super) const MAX_LINE_LENGTH: usize = 1024 * 1024;

/// Reads the lines of a stream. A read that is cancelled half-way loses nothing.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    stream: R,
    /// What was read and is not yet a whole line.
    pending: Vec<u8>,
    /// Whether the current line is too long, so that its rest is discarded.
    is_too_long: bool,
}

/// A line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BoundedLine {
    Whole(String),
    /// The beginning of a line that is too long.
    TooLong(String),
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    pub(super) fn new(stream: R) -> Self {
        Self {
            stream,
            pending: Vec::new(),
            is_too_long: false,
        }
    }

    /// The next line, or `None` at the end of the stream. The last line need not end with a line
    /// feed.
    pub(super) async fn next(&mut self) -> Option<BoundedLine> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.pending[searched..]
                .iter()
                .position(|byte| *byte == b'\n')
            {
                let line: Vec<u8> = self.pending.drain(..=searched + end).collect();
                searched = 0;
                if std::mem::take(&mut self.is_too_long) {
                    continue;
                }
                return Some(BoundedLine::Whole(decode(&line)));
            }
            if self.is_too_long {
                self.pending.clear();
            } else if self.pending.len() > MAX_LINE_LENGTH {
                self.is_too_long = true;
                return Some(BoundedLine::TooLong(decode(&std::mem::take(
                    &mut self.pending,
                ))));
            }
            searched = self.pending.len();
            let mut buffer = [0; 16 * 1024];
            match self.stream.read(&mut buffer).await {
                Ok(count @ 1..) => self.pending.extend_from_slice(&buffer[..count]),
                _ => {
                    let rest = std::mem::take(&mut self.pending);
                    return (!rest.is_empty() && !self.is_too_long)
                        .then(|| BoundedLine::Whole(decode(&rest)));
                }
            }
        }
    }
}

fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8]) -> Vec<BoundedLine> {
        let mut lines = LineReader::new(bytes);
        let mut out = Vec::new();
        while let Some(line) = lines.next().await {
            out.push(line);
        }
        out
    }

    #[tokio::test]
    async fn lines_are_read_whole_with_or_without_a_last_line_feed() {
        let line = |text: &str| BoundedLine::Whole(text.to_owned());
        assert_eq!(
            read_all(b"a\n\nb\r\nc").await,
            [line("a"), line(""), line("b"), line("c")]
        );
        assert_eq!(read_all(b"").await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() {
        let mut bytes = vec![b'x'; 3 * MAX_LINE_LENGTH];
        bytes.extend(b"\nnext\n");
        let lines = read_all(&bytes).await;
        let BoundedLine::TooLong(text) = &lines[0] else {
            panic!("{:?}", lines[0]);
        };
        assert!(text.len() <= MAX_LINE_LENGTH + 16 * 1024);
        assert_eq!(lines[1..], [BoundedLine::Whole("next".to_owned())]);
    }
}
