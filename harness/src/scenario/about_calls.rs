//! Whether a case is about tool calls. The goal of all others is an accepted request, so that a
//! client that only connects and lists the tools is judged by them, too.

use super::model::{
    Action, Case, Demands, EventField, EventKind, EventName, FieldMatch, Matcher, Pattern,
    Protects, Role, Step, Value,
};

/// Whether a step, a setting, a deviation or an expectation of the case names tool calls.
pub(super) fn is_about_calls(case: &Case) -> bool {
    let in_goal = case.goal.as_ref().is_some_and(names_calls);
    let in_settings = case.world.values().any(|party| match &party.role {
        Role::McpServer(server) => {
            !server.tool_scopes.is_empty() || server.protects == Protects::Calls
        }
        _ => false,
    });
    let in_steps = case.steps.iter().any(|step| match step {
        Step::Start(start) => start.call.is_some(),
        Step::Change(change) => {
            let set = change.set.iter();
            names_calls(&change.after) || set.map(|(_, name, value)| (name, value)).any(is_setting)
        }
    });
    let in_deviations = case.deviations.iter().any(|deviation| {
        let sets = match &deviation.action {
            Action::Settings(settings) => settings.iter().map(|(n, v)| (n, v)).any(is_setting),
            _ => false,
        };
        sets || deviation.filter.iter().any(is_field_of_call)
            || deviation.after.as_ref().is_some_and(names_calls)
    });
    let in_expectations = case.expectations.iter().any(|expectation| {
        expectation.after.as_ref().is_some_and(names_calls) || demands_calls(&expectation.demands)
    });
    in_goal || in_settings || in_steps || in_deviations || in_expectations
}

/// Whether the setting has calls only demand a token.
fn is_setting((name, value): (&String, &Value)) -> bool {
    let is_calls = |value: &Value| match value {
        Value::Text(text) => text.literal() == Some(Protects::Calls.as_str()),
        _ => false,
    };
    name == "protects" && is_calls(value)
}

fn demands_calls(demands: &Demands) -> bool {
    let patterns = demands
        .never
        .iter()
        .chain(&demands.eventually)
        .chain(&demands.in_order);
    let counted = demands.at_most.iter().map(|at_most| &at_most.pattern);
    let every = demands.every.iter();
    patterns.chain(counted).any(names_calls)
        || every
            .into_iter()
            .any(|every| names_calls(&every.pattern) || every.has.iter().any(is_field_of_call))
        || demands.any_of.iter().any(demands_calls)
}

fn names_calls(pattern: &Pattern) -> bool {
    let is_called = matches!(
        pattern.event,
        EventName::Kind {
            kind: EventKind::ToolCalled,
            ..
        }
    );
    is_called || pattern.filter.iter().any(is_field_of_call)
}

fn is_field_of_call(field: &FieldMatch) -> bool {
    let is_call = |matcher: &Matcher| match matcher {
        Matcher::Equals(Value::Text(text)) => text.literal() == Some("tools/call"),
        _ => false,
    };
    match field.field {
        EventField::Tool => true,
        EventField::Rpc => field.matchers.iter().any(is_call),
        _ => false,
    }
}
