//! Whether a case is about tool calls. The goal of all others is an accepted request, so that a
//! client that only connects and lists the tools is judged by them, too.

use super::model::{
    Case, Demands, EventField, EventKind, EventName, FieldMatch, Matcher, Pattern, Role, Step,
    Value,
};

/// Whether a step, a setting, a deviation or an expectation of the case names tool calls.
pub(super) fn is_about_calls(case: &Case) -> bool {
    let has_scoped_tools = case.world.values().any(|party| match &party.role {
        Role::McpServer(server) => !server.tool_scopes.is_empty(),
        _ => false,
    });
    let in_steps = case.steps.iter().any(|step| match step {
        Step::Start(start) => start.call.is_some(),
        Step::Change(change) => names_calls(&change.after),
    });
    let in_deviations = case.deviations.iter().any(|deviation| {
        deviation.filter.iter().any(is_field_of_call)
            || deviation.after.as_ref().is_some_and(names_calls)
    });
    let in_expectations = case.expectations.iter().any(|expectation| {
        expectation.after.as_ref().is_some_and(names_calls) || demands_calls(&expectation.demands)
    });
    has_scoped_tools || in_steps || in_deviations || in_expectations
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
