//! What misbehaves: the deviations of a case.

use crate::report::wording::case_description::values::{list, names, pairs, value};
use crate::report::wording::demands::describe_pattern_with_article;
use crate::report::wording::event_phrases::event_at_party;
use crate::scenario::model::{
    Action, CallbackMethod, Case, Deviation, EventKind, EventName, Moment, Patch, Pattern, Target,
    Template,
};

/// The misbehaviours, a line each.
pub(crate) fn deviations(case: &Case) -> Vec<String> {
    case.deviations.iter().map(deviation).collect()
}

fn deviation(deviation: &Deviation) -> String {
    let targets: Vec<String> = deviation.at.iter().map(target).collect();
    let mut text = format!(
        "`{}`, in the {}: {}",
        deviation.name,
        targets.join(" and the "),
        action(&deviation.action)
    );
    if !deviation.filter.is_empty() {
        let event = EventName::Kind {
            party: None,
            kind: EventKind::Request,
        };
        text = format!(
            "{text}, in answer to {}",
            describe_pattern_with_article(&Pattern {
                event,
                filter: deviation.filter.clone()
            })
        );
    }
    if let Some(after) = &deviation.after {
        let event = describe_pattern_with_article(after);
        text = format!("{text}, once there was {event}");
    }
    match deviation.times {
        Some(1) => text.push_str(", once"),
        Some(times) => text = format!("{text}, {times} times"),
        None => {}
    }
    if deviation.trap {
        text.push_str(" (a trap: a conforming client never meets it)");
    }
    text
}

/// ``authorization response from `as` ``, or ``settings of `as` ``.
fn target(target: &Target) -> String {
    let Some(message) = target.message else {
        return format!("settings of `{}`", target.party);
    };
    let message = event_at_party(message.event(), Some(&target.party));
    match &target.place {
        Some(place) => format!("{message}, at the well-known place `{place}`"),
        None => message,
    }
}

fn action(action: &Action) -> String {
    match action {
        Action::Settings(settings) => pairs("", settings),
        Action::Patch(patch) => of_patch(patch),
        Action::RelayBrowser { to, resource } => {
            let resource = resource
                .as_ref()
                .map(|r| format!(", with resource = {r}"))
                .unwrap_or_default();
            format!("sends the browser on to the authorization endpoint of `{to}`{resource}")
        }
        Action::ExtraCallback {
            moment,
            method,
            set,
            remove,
            append,
        } => {
            let moment = match moment {
                Moment::Before => "before the real one",
                Moment::After => "after the real one",
                Moment::Instead => "instead of the real one",
            };
            let changes = [
                pairs("with ", set),
                names("without ", remove),
                pairs("with one more ", append),
            ];
            let changes: Vec<String> = changes
                .into_iter()
                .filter(|change| !change.is_empty())
                .collect();
            let by = match method {
                CallbackMethod::Get => String::new(),
                other => format!(" by {other}"),
            };
            format!(
                "a forged authorization response{by} {moment} {}",
                changes.join(", ")
            )
            .trim_end()
            .to_owned()
        }
        Action::CrossResponses { between } => {
            format!("the responses of {} change places", list(between))
        }
    }
}

fn of_patch(patch: &Patch) -> String {
    let literal = |values: &[Template]| {
        values
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let mut said: Vec<String> = patch
        .status
        .map(|status| format!("answers with status {status}"))
        .into_iter()
        .collect();
    said.extend(
        patch
            .transport
            .map(|transport| format!("the answer is lost ({transport})")),
    );
    said.extend([
        pairs("", &patch.set),
        names("without ", &patch.remove),
        pairs("one more ", &patch.append),
    ]);
    said.extend(
        patch
            .raw
            .iter()
            .map(|(name, value)| format!("{name} = {value}, not encoded")),
    );
    said.extend(
        patch.forge.iter().map(|(name, claims)| {
            format!("{name} = a badly signed JWT that says {}", value(claims))
        }),
    );
    said.extend(patch.body.as_ref().map(|body| format!("body {body}")));
    said.extend(
        patch
            .headers
            .iter()
            .map(|(name, values)| format!("{name}: {}", literal(values))),
    );
    said.retain(|part| !part.is_empty());
    said.join(", ")
}
