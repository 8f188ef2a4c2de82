//! The scenario files with their monitors, embedded so that the binary needs no
//! files beside it.

use include_dir::{Dir, include_dir};

/// This whole folder: `<area>/<name>.toml` are the scenarios, the rest is beside them.
pub static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR");

/// The checks that watch every run.
pub const MONITORS: &str = include_str!("../monitors.toml");

/// What a client is told for each kind of flow.
pub const FLOWS: &str = include_str!("../flows.toml");

/// Name (`iss/two-values`) and text of every scenario file, in the order of the names.
pub fn all() -> Vec<(String, &'static str)> {
    let mut found: Vec<_> = FILES
        .dirs()
        .flat_map(Dir::files)
        .filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"))
        .filter_map(|file| {
            Some((
                file.path().with_extension("").to_str()?.replace('\\', "/"),
                file.contents_utf8()?,
            ))
        })
        .collect();
    found.sort();
    found
}
