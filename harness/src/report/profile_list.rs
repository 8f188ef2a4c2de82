//! The profiles with what is known of the deployments that they are shaped like.

use serde::Serialize;

use crate::report::format::style::TextStyle;
use crate::report::wording::catalogue_phrases::span;
use crate::report::wording::profile_phrases::{describe_deployments, describe_fact};
use crate::scenario::model::{Case, Profile, Revision};
use crate::suite::Suite;

/// A profile as programs read it.
#[derive(Debug, Serialize)]
struct ProfileEntry<'a> {
    name: &'a str,
    /// The id of its case.
    scenario: &'a str,
    title: &'a str,
    why: &'a str,
    from: Revision,
    until: Revision,
    #[serde(flatten)]
    profile: &'a Profile,
}

/// The profiles of a suite, for `width` columns.
pub fn list_profiles(suite: &Suite, width: usize) -> String {
    let style = TextStyle {
        width,
        ..TextStyle::default()
    };
    let mut out = String::new();
    for (case, profile) in profiles(suite) {
        let mut lines = vec![
            case.profile_name().unwrap_or_default().to_owned(),
            style.wrapped(&case.title, "  ", "  "),
            style.wrapped(&describe_deployments(profile), "  ", "  "),
            style.wrapped(&span(case.from, Some(case.until)), "  ", "  "),
        ];
        let facts = profile.facts.iter().map(describe_fact);
        lines.extend(facts.map(|fact| style.wrapped(&fact, "    - ", "      ")));
        let out_of_reach = profile.out_of_reach.iter();
        lines.extend(
            out_of_reach
                .map(|sentence| style.wrapped(&format!("out of reach: {sentence}"), "  ", "    ")),
        );
        out += &(lines.join("\n") + "\n\n");
    }
    out + "Run one: mcp-authspec run --profile NAME -- CLIENT\n"
}

/// The profiles of a suite as JSON.
pub fn profiles_as_json(suite: &Suite) -> Result<String, serde_json::Error> {
    let entries = profiles(suite).map(|(case, profile)| ProfileEntry {
        name: case.profile_name().unwrap_or_default(),
        scenario: &case.id,
        title: &case.title,
        why: &case.why,
        from: case.from,
        until: case.until,
        profile,
    });
    let json = serde_json::to_string_pretty(&entries.collect::<Vec<_>>())?;
    Ok(json + "\n")
}

fn profiles(suite: &Suite) -> impl Iterator<Item = (&Case, &Profile)> {
    let cases = suite.cases.iter();
    cases.filter_map(|case| Some((case, case.profile.as_ref()?)))
}
