//! The saved run beside a certificate: a compressed archive, the same bytes for the same run.

use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::error::CertificateError;

/// The greatest size of all files of a run together, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The most files that an archive may have.
const MAX_FILES: usize = 100_000;

/// Packs a folder.
pub(super) fn pack(folder: &Path) -> Result<Vec<u8>, CertificateError> {
    let read = |source| CertificateError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    archive.mode(tar::HeaderMode::Deterministic);
    for file in files_below(folder).map_err(read)? {
        let name = file.strip_prefix(folder).unwrap_or(&file);
        archive.append_path_with_name(&file, name).map_err(read)?;
    }
    archive
        .into_inner()
        .and_then(GzEncoder::finish)
        .map_err(read)
}

/// All regular files below a folder, in order.
fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    let mut files = Vec::new();
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files.extend(files_below(&entry.path())?);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// Unpacks an archive that may come from anywhere into an empty folder.
pub(super) fn unpack(archive: &[u8], path: &Path, into: &Path) -> Result<(), CertificateError> {
    let refuse = |problem: String| CertificateError::Archive {
        path: path.to_owned(),
        limit: MAX_BYTES,
        problem,
    };
    let bounded = GzDecoder::new(Cursor::new(archive)).take(MAX_BYTES);
    let mut archive = tar::Archive::new(bounded);
    let entries = archive
        .entries()
        .map_err(|error| refuse(error.to_string()))?;
    for (number, entry) in entries.enumerate() {
        let mut entry = entry.map_err(|error| refuse(error.to_string()))?;
        let name = entry.path().map_err(|error| refuse(error.to_string()))?;
        let name = name.into_owned();
        let stays_inside = name
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !stays_inside || !entry.header().entry_type().is_file() || number >= MAX_FILES {
            return Err(refuse(name.display().to_string()));
        }
        let target = into.join(&name);
        let write = |source| CertificateError::Write {
            path: target.clone(),
            source,
        };
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(write)?;
        }
        let mut file = std::fs::File::create_new(&target).map_err(write)?;
        std::io::copy(&mut entry, &mut file).map_err(|error| refuse(error.to_string()))?;
    }
    Ok(())
}
