//! Removes a folder that a hostile client has filled: with deep trees, with folders that nobody may
//! enter, and with links that lead out.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Removes a folder and all that is in it. Links are not followed. Every folder inside is first
/// moved to the top, so that no path grows long and nothing recurses.
pub(super) fn remove_tree(root: &Path) -> io::Result<()> {
    make_accessible(root)?;
    let mut number = 0_u64;
    let mut pending = vec![root.to_owned()];
    let moved_folders = root.with_extension("removed");
    fs::create_dir(&moved_folders)?;
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                number += 1;
                let moved = moved_folders.join(number.to_string());
                // moving a folder writes to it
                make_accessible(&entry.path())?;
                fs::rename(entry.path(), &moved)?;
                pending.push(moved);
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        fs::remove_dir(&folder)?;
    }
    fs::remove_dir(&moved_folders)
}

fn make_accessible(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_removed_except_what_links_lead_to() {
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
