//! Remembers what a client wrote to its output in each start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::captured_output::{CapturedOutput, CapturedStreams};
use crate::driver::world_handle::WorldHandle;
use crate::transcript::Unsearched;

/// What a client wrote to its output in each start. The key is a file name such as `stdout.1`: the
/// stream and the label of the process, which is the number of the start.
#[derive(Debug, Default)]
pub(in crate::driver) struct OutputLog(Mutex<BTreeMap<String, CapturedOutput>>);

impl OutputLog {
    /// Records in the world what was written in one start, and remembers it.
    pub(in crate::driver) fn record(
        &self,
        world: &WorldHandle,
        label: &str,
        streams: CapturedStreams,
    ) {
        let mut outputs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, output) in [("stdout", streams.stdout), ("stderr", streams.stderr)] {
            record_output(world, name, &output);
            outputs.insert(format!("{name}.{label}"), output);
        }
    }

    /// Writes one file for each stream and start.
    pub(in crate::driver) fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        let outputs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        outputs.iter().try_for_each(|(name, output)| {
            let mut file = std::fs::File::create(folder.join(name))?;
            std::io::copy(&mut output.reader()?, &mut file).map(drop)
        })
    }
}

/// Records in the world what was written to one stream.
pub(super) fn record_output(world: &WorldHandle, surface: &str, output: &CapturedOutput) {
    let shared = &world.shared;
    let recorded = output
        .reader()
        .and_then(|reader| shared.record_output(surface, reader));
    if recorded.is_err() || output.discarded > 0 {
        shared.record_unsearched(&Unsearched {
            output_bytes: output.discarded.max(1),
            ..Unsearched::default()
        });
    }
}
