//! Who is there: the parties of a world, and the settings of each that are not the default.

use crate::scenario::model::{Case, Party};

/// The parties, a line each.
pub(crate) fn parties(case: &Case) -> Vec<String> {
    case.world.values().map(party).collect()
}

fn party(party: &Party) -> String {
    let role = party.role.kind().with_article();
    let settings = party.changed_settings();
    let settings: Vec<String> = settings
        .into_iter()
        .filter(|(name, _)| *name != "hostile")
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let hostile = if party.hostile { ", hostile" } else { "" };
    let with = if settings.is_empty() { "" } else { ", with " };
    format!(
        "`{}`: {role}{hostile}{with}{}",
        party.name,
        settings.join(", ")
    )
}
