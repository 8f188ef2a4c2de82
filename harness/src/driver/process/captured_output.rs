//! Output of a client, up to a bound.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of each stream is kept, in bytes; the rest is read, counted and thrown away.
pub(in crate::driver) const KEPT: usize = 256 * 1024;

/// Output up to a bound, and how much more there was.
#[derive(Debug, Default)]
pub(in crate::driver) struct Captured {
    pub(in crate::driver) kept: Vec<u8>,
    more: u64,
}

impl Captured {
    /// Reads to the end, and adds what comes to `total`.
    pub(in crate::driver) async fn read(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        total: &AtomicU64,
    ) {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.keep(&buffer[..count]);
            total.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    pub(in crate::driver) fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..room]);
        self.more += (bytes.len() - room) as u64;
    }

    pub(in crate::driver) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        if self.more == 0 {
            text.into_owned()
        } else {
            format!("{text}\n[{} bytes more]\n", self.more)
        }
    }
}
