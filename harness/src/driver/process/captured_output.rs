//! What a client writes to its output.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of each stream is kept in memory, in bytes.
const MAX_IN_MEMORY: usize = 256 * 1024;
/// How much of each stream is kept in a file beyond that, in bytes. The rest is read, counted and
/// discarded, so that a client that writes without end neither blocks nor fills the disk.
const MAX_IN_FILE: u64 = 256 * 1024 * 1024;

/// What was written to one stream. It is searched at the end of a start, when all secrets are
/// known, so until then it is kept: its beginning in memory, the rest in a file without a name.
#[derive(Debug, Default)]
pub(in crate::driver) struct CapturedOutput {
    beginning: Vec<u8>,
    rest: Option<File>,
    bytes_in_file: u64,
    /// How many bytes were discarded.
    pub(in crate::driver) discarded: u64,
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
        self.read_watched(stream, total, |_| {}).await;
    }

    /// The same. Whatever comes is also given to `notice`.
    pub(in crate::driver) async fn read_watched(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        total: &AtomicU64,
        mut notice: impl FnMut(&[u8]),
    ) {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.add(&buffer[..count]);
            notice(&buffer[..count]);
            total.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    /// Adds bytes that were read from the stream.
    pub(in crate::driver) fn add(&mut self, bytes: &[u8]) {
        let room = MAX_IN_MEMORY.saturating_sub(self.beginning.len());
        let (beginning, rest) = bytes.split_at(room.min(bytes.len()));
        self.beginning.extend_from_slice(beginning);
        if !rest.is_empty() && self.add_to_file(rest).is_err() {
            self.discarded += rest.len() as u64;
        }
    }

    fn add_to_file(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.discarded > 0 || self.bytes_in_file >= MAX_IN_FILE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let file = match &mut self.rest {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(self.bytes_in_file))?;
        file.write_all(bytes)?;
        self.bytes_in_file += bytes.len() as u64;
        Ok(())
    }

    /// Everything that was kept.
    pub(in crate::driver) fn reader(&self) -> io::Result<impl Read> {
        let mut rest = self.rest.as_ref();
        if let Some(file) = &mut rest {
            file.seek(SeekFrom::Start(0))?;
        }
        let rest = rest.map(|file| file.take(self.bytes_in_file));
        Ok(Read::chain(self.beginning.as_slice(), OptionalReader(rest)))
    }

    /// The beginning.
    pub(in crate::driver) fn beginning(&self) -> String {
        String::from_utf8_lossy(&self.beginning).into_owned()
    }
}

/// A reader that may be missing, and is empty then.
struct OptionalReader<R>(Option<R>);

impl<R: Read> Read for OptionalReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.as_mut().map_or(Ok(0), |reader| reader.read(buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_kept_whole_beyond_the_memory() {
        let mut output = CapturedOutput::default();
        let chunk = vec![b'x'; 100_000];
        for _ in 0..5 {
            output.add(&chunk);
        }
        output.add(b"end");
        for _ in 0..2 {
            let mut kept = Vec::new();
            output.reader().unwrap().read_to_end(&mut kept).unwrap();
            assert_eq!(kept.len(), 500_003);
            assert!(kept.ends_with(b"xend"));
        }
        assert_eq!(output.discarded, 0);
    }
}
