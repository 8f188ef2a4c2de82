//! A parser for server-sent events.

/// Collects the data of server-sent events from chunks of any size.
#[derive(Default)]
pub(super) struct EventStreamParser {
    line: Vec<u8>,
    data: Vec<String>,
    after_carriage_return: bool,
}

impl EventStreamParser {
    /// Adds a chunk. Returns the data of the events that it completes.
    pub(super) fn read_chunk(&mut self, chunk: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for byte in chunk {
            let second_of_pair = std::mem::replace(&mut self.after_carriage_return, *byte == b'\r')
                && *byte == b'\n';
            match byte {
                b'\n' if second_of_pair => {}
                b'\r' | b'\n' => events.extend(self.end_line()),
                other => self.line.push(*other),
            }
        }
        events
    }

    /// Ends a line. An empty line completes an event.
    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return (!data.is_empty()).then(|| data.join("\n"));
        }
        if let Some(data) = line.strip_prefix("data:") {
            self.data
                .push(data.strip_prefix(' ').unwrap_or(data).to_owned());
        }
        None
    }

    /// The size of the incomplete event, in bytes.
    pub(super) fn size(&self) -> usize {
        self.line.len() + self.data.iter().map(String::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_from_chunks_of_any_size() {
        let stream =
            b": hello\r\n\r\nevent: message\ndata: {\"a\":\ndata:1}\n\r\rid: 7\ndata: x\r\n\r\n";
        for size in 1..stream.len() {
            let mut events = EventStreamParser::default();
            let found: Vec<String> = stream
                .chunks(size)
                .flat_map(|chunk| events.read_chunk(chunk))
                .collect();
            assert_eq!(found, ["{\"a\":\n1}", "x"], "{size}");
        }
    }
}
