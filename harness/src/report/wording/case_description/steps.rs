//! What happens when: the steps of a case.

use crate::report::wording::case_description::values::{list, value};
use crate::report::wording::demands::describe_pattern;
use crate::scenario::model::{Case, Step};

/// The timeline, a line each; nothing if it is just one plain start.
pub(crate) fn steps(case: &Case) -> Vec<String> {
    if let [Step::Start(start)] = case.steps.as_slice()
        && start.connect == ["mcp"]
        && start.call.is_none()
        && start.url.is_none()
    {
        return Vec::new();
    }
    case.steps.iter().map(step).collect()
}

fn step(step: &Step) -> String {
    match step {
        Step::Start(start) => {
            let mut text = format!(
                "the client is started with {} (flow `{}`)",
                list(&start.connect),
                start.flow
            );
            for more in [
                start
                    .url
                    .as_ref()
                    .map(|url| format!(", its URL spelled {url}")),
                start
                    .call
                    .as_ref()
                    .map(|tools| format!(", to call {}", list(tools))),
                start.at_once.then(|| ", all at once".to_owned()),
                start.twice.then(|| ", twice at the same time".to_owned()),
                start.umask.map(|umask| format!(", with umask {umask:03o}")),
                start.verbose.then(|| ", verbose".to_owned()),
            ] {
                text.push_str(&more.unwrap_or_default());
            }
            text
        }
        Step::Change(change) => {
            let mut said: Vec<String> = change
                .set
                .iter()
                .map(|(party, name, v)| format!("{party}.{name} becomes {}", value(v)))
                .collect();
            said.extend(
                (!change.expire.is_empty()).then(|| format!("{} expires", list(&change.expire))),
            );
            said.extend(
                (!change.revoke.is_empty()).then(|| format!("{} is revoked", list(&change.revoke))),
            );
            format!(
                "at the first {}: {}",
                describe_pattern(&change.after),
                said.join(", ")
            )
        }
    }
}
