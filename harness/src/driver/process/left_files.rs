//! Records which files a client left behind, with their texts, up to a limit.

use std::fs::{self, Metadata};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::driver::world_handle::WorldHandle;

/// How much of one file is read, in bytes. A larger file is recorded without its text.
const MAX_FILE_LENGTH: u64 = 1024 * 1024;
/// How much of all files together is read, in bytes.
const MAX_TOTAL_LENGTH: u64 = 2 * MAX_FILE_LENGTH;
/// How many files are recorded.
const MAX_FILES: usize = 2000;
/// How many folders are searched.
const MAX_FOLDERS: usize = 20_000;

/// Records the files of a sandbox, within the limits.
pub(super) struct LeftFiles<'a> {
    world: &'a WorldHandle,
    /// The folder that recorded paths start at.
    root: &'a Path,
    files: usize,
    folders: usize,
    bytes: u64,
}

impl<'a> LeftFiles<'a> {
    pub(super) fn new(world: &'a WorldHandle, root: &'a Path) -> Self {
        Self {
            world,
            root,
            files: 0,
            folders: 0,
            bytes: 0,
        }
    }

    /// Records every file below a folder. `place` is what the transcript calls the folder.
    pub(super) fn record_all(&mut self, top: PathBuf, place: &str) {
        let mut pending = vec![top.clone()];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else {
                    continue;
                };
                if metadata.is_dir() && self.folders < MAX_FOLDERS {
                    self.folders += 1;
                    pending.push(entry.path());
                } else if metadata.is_file() && self.files < MAX_FILES {
                    self.record(&entry.path(), &metadata, &top, place);
                }
            }
        }
    }

    fn record(&mut self, path: &Path, metadata: &Metadata, top: &Path, place: &str) {
        self.files += 1;
        self.bytes += metadata.len().min(MAX_FILE_LENGTH);
        let is_read = metadata.len() <= MAX_FILE_LENGTH && self.bytes <= MAX_TOTAL_LENGTH;
        let readable_by = readable_by(path, top);
        let text = if is_read {
            fs::read(path).unwrap_or_default()
        } else {
            Vec::new()
        };
        let shown = path.strip_prefix(self.root).unwrap_or(path);
        self.world.shared.record_left_file(
            &shown.to_string_lossy(),
            place,
            readable_by,
            &String::from_utf8_lossy(&text),
        );
    }
}

/// Who can read a file, taking into account the folders that the client made between it and `top`.
fn readable_by(path: &Path, top: &Path) -> &'static str {
    let mode = |path: &Path| {
        fs::metadata(path)
            .map(|metadata| metadata.permissions().mode())
            .unwrap_or_default()
    };
    let mut group = mode(path) & 0o040 != 0;
    let mut everyone = mode(path) & 0o004 != 0;
    let folders = path.ancestors().skip(1).take_while(|folder| *folder != top);
    for folder in folders {
        group &= mode(folder) & 0o010 != 0;
        everyone &= mode(folder) & 0o001 != 0;
    }
    match (everyone, group) {
        (true, _) => "everyone",
        (_, true) => "group",
        _ => "owner",
    }
}

/// Records the files in a user's folder whose names contain a canary, and removes them: a shell of
/// the client has executed what a server sent.
pub(super) fn record_injected_files(folder: &Path, world: &WorldHandle) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if world.shared.contains_canary(&name) {
            world.shared.record_left_file(&name, "cwd", "owner", "");
            let _ = fs::remove_file(entry.path());
        }
    }
}
