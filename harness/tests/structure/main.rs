//! The structure of the source code: no import circle among files, no long file, function or line,
//! no name for two types.
//!
//! The rules and their reasons are in CONTRIBUTING.md.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crate_files;
mod imports;
mod sizes;
mod type_names;

use std::path::{Path, PathBuf};

use crate_files::CrateFiles;

/// The crates whose files are held to the rules.
fn crate_roots() -> [PathBuf; 2] {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    ["harness/src/lib.rs", "reference-client/src/lib.rs"].map(|root| workspace.join(root))
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let circles: Vec<String> = crate_roots()
        .iter()
        .flat_map(|root| imports::find_circles(&CrateFiles::read(root)))
        .collect();
    assert!(circles.is_empty(), "\n{}", circles.join("\n\n"));
}

#[test]
fn files_functions_and_lines_are_short() {
    let mut findings: Vec<String> = crate_roots()
        .iter()
        .flat_map(|root| sizes::find_long_parts(&CrateFiles::read(root)))
        .collect();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    findings.extend(sizes::find_long_lines_below(&tests));
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn every_type_has_a_name_of_its_own() {
    let crates = crate_roots().map(|root| CrateFiles::read(&root));
    let repeated = type_names::find_repeated_names(&crates);
    assert!(repeated.is_empty(), "\n{}", repeated.join("\n"));
}
