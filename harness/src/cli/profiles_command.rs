//! `profiles`, and the profiles that `run --profile` names.

use clap::ValueEnum;
use wildmatch::WildMatch;

use super::console::{print, width};
use super::error::CliError;
use crate::report::{list_profiles, profiles_as_json};
use crate::scenario::suggest;
use crate::suite::Suite;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfilesFormat {
    Console,
    Json,
}

/// Lists the profiles.
pub(super) fn profiles(suite: &Suite, format: ProfilesFormat) -> Result<u8, CliError> {
    print(&match format {
        ProfilesFormat::Console => list_profiles(suite, width()),
        ProfilesFormat::Json => profiles_as_json(suite).map_err(CliError::harness)?,
    })
}

/// The ids of the cases of the profiles whose names match.
pub(super) fn cases_of_profiles(
    suite: &Suite,
    patterns: &[String],
) -> Result<Vec<String>, CliError> {
    let mut ids = Vec::new();
    for pattern in patterns {
        let glob = WildMatch::new(pattern);
        let cases = suite.cases.iter();
        let before = ids.len();
        ids.extend(
            cases
                .filter(|case| case.profile_name().is_some_and(|name| glob.matches(name)))
                .map(|case| case.id.clone()),
        );
        if ids.len() == before {
            let names = suite.cases.iter().filter_map(|case| case.profile_name());
            return Err(CliError::Usage(format!(
                "unknown profile `{pattern}`\n  help: {}; `mcp-authspec profiles` lists them",
                suggest::instead(pattern, names)
            )));
        }
    }
    Ok(ids)
}
