//! Writes the files that a client file asks for into the client's home.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::placeholder::{PlaceholderValues, fill_placeholders};

/// The mode of the files: they may hold keys, and a client is not to be blamed for ours.
const FILE_MODE: u32 = 0o600;

/// Writes files, each with its path and its content. A relative path starts at `home`.
pub(super) fn write_files(
    files: &BTreeMap<String, String>,
    home: &Path,
    values: &PlaceholderValues,
) -> io::Result<()> {
    for (path, content) in files {
        let path = home.join(fill_placeholders(path, values));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(FILE_MODE);
        let mut file = options.open(path)?;
        file.write_all(fill_placeholders(content, values).as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_with_their_folders_and_values() {
        let home = tempfile::tempdir().unwrap();
        let shown = home.path().to_string_lossy().into_owned();
        let values = [("home", shown), ("url", "http://h".to_owned())];
        let file = |path: &str, content: &str| (path.to_owned(), content.to_owned());
        let files = BTreeMap::from([
            file("{home}/.a/b.json", "{\"servers\":{\"x\":\"{url}\"}}"),
            file("c", "{{url}}"),
        ]);
        write_files(&files, home.path(), &values).unwrap();
        let read = |path: &str| fs::read_to_string(home.path().join(path)).unwrap();
        assert_eq!(read(".a/b.json"), "{\"servers\":{\"x\":\"http://h\"}}");
        assert_eq!(read("c"), "{url}");
    }
}
