//! Lists of scenarios: those of a revision, and the counterparts of the official suite's.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::format::style::TextStyle;
use crate::scenario::model::{Case, Revision};
use crate::suite::Suite;

/// Ids that are longer push their title to the right.
const WIDEST_ID: usize = 44;

/// These cases of a revision: id, title, and what they take of the client.
pub fn list(cases: &[&Case], revision: Revision, width: usize) -> String {
    format!(
        "{}\n{} cases in {revision}. `mcp-authspec explain ID` tells one.\n",
        case_table(cases, width),
        cases.len()
    )
}

/// The official suite's scenarios, each with the cases that are its counterpart and what they
/// decide otherwise on purpose.
pub fn list_official(suite: &Suite, width: usize) -> String {
    let mut counterparts: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &suite.cases {
        for name in &case.official {
            counterparts.entry(name).or_default().push(case);
        }
    }
    let style = TextStyle {
        width,
        ..TextStyle::default()
    };
    let mut out = String::new();
    for (name, cases) in counterparts {
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let differs: BTreeSet<&str> = cases
            .iter()
            .filter_map(|case| case.official_differs.as_deref())
            .collect();
        out.push_str(&format!(
            "{name}\n{}\n",
            style.wrapped(&ids.join(", "), "    ", "    ")
        ));
        out.extend(differs.iter().map(|difference| {
            format!(
                "{}\n",
                style.wrapped(&format!("differs: {difference}"), "    ", "      ")
            )
        }));
    }
    out
}

/// A line for each case: its id, its title, and what it needs of the client.
pub(crate) fn case_table(cases: &[&Case], width: usize) -> String {
    let style = TextStyle {
        width,
        ..TextStyle::default()
    };
    let column = cases
        .iter()
        .map(|case| case.id.len())
        .max()
        .unwrap_or_default()
        .min(WIDEST_ID);
    let line = |case: &&Case| {
        let needs: Vec<String> = case.needs.iter().map(ToString::to_string).collect();
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!(" [{}]", needs.join(", "))
        };
        let id = format!("{:<column$}  ", case.id);
        style.wrapped(
            &format!("{}{needs}", case.short_title()),
            &id,
            &" ".repeat(column + 2),
        ) + "\n"
    };
    cases.iter().map(line).collect()
}
