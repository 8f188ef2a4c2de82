//! Removes a folder that a hostile program filled: as deep as it likes, with folders that nobody
//! may enter, and links that lead out.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Removes a folder and all that is in it. Follows no link. Every folder inside is first moved to
/// the top, so no path grows long and nothing recurses.
pub(super) fn remove_tree(root: &Path) -> io::Result<()> {
    open_up(root)?;
    let mut number = 0_u64;
    let mut todo = vec![root.to_owned()];
    let heap = root.with_extension("removed");
    fs::create_dir(&heap)?;
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                number += 1;
                let moved = heap.join(number.to_string());
                // moving a folder writes to it
                open_up(&entry.path())?;
                fs::rename(entry.path(), &moved)?;
                todo.push(moved);
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        fs::remove_dir(&folder)?;
    }
    fs::remove_dir(&heap)
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_goes_but_what_links_lead_to() {
        let outside = tempfile::tempdir().unwrap();
        let kept = outside.path().join("kept");
        fs::write(&kept, "").unwrap();
        let root = outside.path().join("root");
        fs::create_dir_all(root.join("a/b/c")).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("a/b/out")).unwrap();
        fs::write(root.join("a/file"), "").unwrap();
        fs::set_permissions(root.join("a/b"), fs::Permissions::from_mode(0o000)).unwrap();
        remove_tree(&root).unwrap();
        assert!(kept.exists());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }
}
