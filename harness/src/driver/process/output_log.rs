//! Remembers what a client wrote to its output in each start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::captured_output::CapturedStreams;
use crate::driver::world_handle::WorldHandle;

/// What a client wrote to its output in each start. The key is a file name such as `stdout.1`: the
/// stream and the number of the start.
#[derive(Debug, Default)]
pub(in crate::driver) struct OutputLog(Mutex<BTreeMap<String, String>>);

impl OutputLog {
    /// Records in the world what was written in one start, and remembers it.
    pub(in crate::driver) fn record(
        &self,
        world: &WorldHandle,
        start: u32,
        streams: &CapturedStreams,
    ) {
        let mut outputs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, stream) in [("stdout", &streams.stdout), ("stderr", &streams.stderr)] {
            let text = stream.text();
            world.shared.record_display(name, &text);
            outputs.insert(format!("{name}.{start}"), text);
        }
    }

    /// Writes one file for each stream and start.
    pub(in crate::driver) fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        let outputs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        outputs
            .iter()
            .try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
    }
}
