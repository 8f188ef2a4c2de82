//! What a client writes to its output, up to a limit.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of each stream is kept, in bytes. The rest is read, counted and discarded, so that a
/// client that writes without end neither blocks nor fills the memory.
const MAX_KEPT: usize = 256 * 1024;

/// What was written to one stream, up to a limit, and how much more there was.
#[derive(Debug, Default)]
pub(in crate::driver) struct CapturedOutput {
    kept: Vec<u8>,
    /// How many bytes were discarded.
    discarded: u64,
}

/// What a client wrote to its standard output and to its standard error.
#[derive(Debug, Default)]
pub(in crate::driver) struct CapturedStreams {
    pub(in crate::driver) stdout: CapturedOutput,
    pub(in crate::driver) stderr: CapturedOutput,
}

impl CapturedOutput {
    /// Reads a stream to its end. The number of bytes is added to `total` as they come.
    pub(in crate::driver) async fn read(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        total: &AtomicU64,
    ) {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.add(&buffer[..count]);
            total.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    /// Adds bytes that were read from the stream.
    pub(in crate::driver) fn add(&mut self, bytes: &[u8]) {
        let room = MAX_KEPT.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..room]);
        self.discarded += (bytes.len() - room) as u64;
    }

    /// What was kept, with a last line that says how much is missing.
    pub(in crate::driver) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        if self.discarded == 0 {
            text.into_owned()
        } else {
            format!("{text}\n[{} bytes more]\n", self.discarded)
        }
    }
}
