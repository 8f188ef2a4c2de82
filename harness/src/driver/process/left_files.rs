//! Searches the files that a client left, and records those in which something was found.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::driver::world_handle::WorldHandle;
use crate::transcript::{EvidenceSearch, FoundEvidence, Unsearched};

/// How long the files of one run are searched. What is left then is counted as not searched.
const SEARCH_LIMIT: Duration = Duration::from_secs(60);
/// How many files are recorded. A client that spreads a token over more has said enough.
const MAX_RECORDED: usize = 100;

/// Searches every file below some folders, each with what the transcript calls it. Recorded paths
/// start at `root`. The search has a thread of its own, which stops soon when the future is
/// dropped.
pub(super) async fn record_left_files(
    world: &WorldHandle,
    root: &Path,
    folders: Vec<(PathBuf, &'static str)>,
) {
    let stop = StopWhenDropped::default();
    let mut files = LeftFiles {
        world: world.clone(),
        root: root.to_owned(),
        search: world.shared.evidence_search(),
        limit: SearchLimit {
            deadline: Instant::now() + SEARCH_LIMIT,
            stopped: Arc::clone(&stop.0),
        },
        recorded: 0,
        unsearched: Unsearched::default(),
    };
    let search = tokio::task::spawn_blocking(move || {
        for (folder, place) in folders {
            files.search_folder(folder, place);
        }
        if !files.unsearched.is_nothing() {
            files.world.shared.record_unsearched(&files.unsearched);
        }
    });
    // a search that panics is a fault of the harness, which must not look like a clean client
    if search.await.is_err() {
        world.shared.record_unsearched(&Unsearched {
            files: 1,
            ..Unsearched::default()
        });
    }
}

/// Tells the search to stop when nobody waits for it any more.
#[derive(Default)]
struct StopWhenDropped(Arc<AtomicBool>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// When a search has to end.
struct SearchLimit {
    deadline: Instant,
    stopped: Arc<AtomicBool>,
}

impl SearchLimit {
    fn is_reached(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || Instant::now() >= self.deadline
    }
}

struct LeftFiles {
    world: WorldHandle,
    root: PathBuf,
    search: EvidenceSearch,
    limit: SearchLimit,
    recorded: usize,
    unsearched: Unsearched,
}

impl LeftFiles {
    fn search_folder(&mut self, top: PathBuf, place: &str) {
        let mut pending = vec![top.clone()];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if self.limit.is_reached() {
                    self.unsearched.files += 1;
                } else if kind.is_dir() {
                    pending.push(entry.path());
                } else if kind.is_file() {
                    self.search_file(&entry.path(), &top, place);
                }
            }
        }
    }

    fn search_file(&mut self, path: &Path, top: &Path, place: &str) {
        // nobody can read what the client's own user cannot open
        let Ok(file) = File::open(path) else { return };
        let mut file = LimitedReader {
            file,
            limit: &self.limit,
            was_cut: false,
        };
        let found = self.search.search_file(&mut file).unwrap_or_default();
        if file.was_cut {
            self.unsearched.files += 1;
        }
        let shown = path.strip_prefix(&self.root).unwrap_or(path);
        let shown = shown.to_string_lossy();
        let is_evidence = !found.is_empty() || self.world.shared.contains_canary(&shown);
        if is_evidence && self.recorded < MAX_RECORDED {
            self.recorded += 1;
            let readers = readable_by(path, top);
            self.world
                .shared
                .record_left_file(&shown, place, readers, found);
        }
    }
}

/// A file that ends when the time of the search is up.
struct LimitedReader<'a> {
    file: File,
    limit: &'a SearchLimit,
    was_cut: bool,
}

impl Read for LimitedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.was_cut |= self.limit.is_reached();
        if self.was_cut {
            return Ok(0);
        }
        self.file.read(buffer)
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
            let found = FoundEvidence::default();
            world.shared.record_left_file(&name, "cwd", "owner", found);
            let _ = fs::remove_file(entry.path());
        }
    }
}
