//! Whether the disk of a folder is full.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::Shortage;

/// With less than this, in bytes, a client cannot be expected to store anything.
const LEAST_FREE_SPACE: u64 = 256 * 1024;

/// The shortage of a folder's file system, if it has no room or no file left. A folder that cannot
/// be examined shows none.
// the numbers have 64 bits here and 32 bits on other systems
#[allow(clippy::useless_conversion)]
pub(crate) fn find_disk_shortage(folder: &Path) -> Option<Shortage> {
    let status = statvfs(folder).ok()?;
    let free = u64::from(status.blocks_available()) * u64::from(status.fragment_size());
    // some file systems count no files
    let has_file_left = status.files() == 0 || status.files_available() > 0;
    (free < LEAST_FREE_SPACE || !has_file_left).then_some(Shortage::Disk)
}
