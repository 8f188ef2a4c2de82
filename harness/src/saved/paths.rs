//! The paths of the files of a saved run.

use std::path::{Path, PathBuf};

use crate::scenario::model::Revision;
use crate::scenario::without_control_suffix;

pub(super) fn manifest_file(folder: &Path) -> PathBuf {
    folder.join("run.json")
}

pub(super) fn end_file(folder: &Path, revision: Revision) -> PathBuf {
    folder.join(revision.as_str()).join("end.json")
}

pub(super) fn case_file(folder: &Path, revision: Revision, case: &str) -> PathBuf {
    folder
        .join(revision.as_str())
        .join("cases")
        .join(file_name(case))
}

/// The file of the control run of the world of `case`.
pub(super) fn control_file(folder: &Path, revision: Revision, case: &str) -> PathBuf {
    folder
        .join(revision.as_str())
        .join("controls")
        .join(file_name(without_control_suffix(case)))
}

/// The file name of a case, such as `iss.two-values.both.json`. No two cases share a name, and no
/// name leads to another folder.
fn file_name(case: &str) -> String {
    let mut name = String::new();
    for byte in case.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            b'/' => name.push('.'),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name + ".json"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::file_name;

    #[test]
    fn names_are_readable() {
        assert_eq!(file_name("iss/two-values/both"), "iss.two-values.both.json");
        assert_eq!(file_name("../etc/Passwd"), "%2e%2e.etc.%50asswd.json");
    }

    proptest! {
        #[test]
        fn no_two_cases_share_a_name(a in ".{0,12}", b in ".{0,12}") {
            prop_assert!(!file_name(&a).contains('/'));
            prop_assert_eq!(a == b, file_name(&a) == file_name(&b));
        }
    }
}
