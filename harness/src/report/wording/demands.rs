//! Descriptions of what an expectation demands, in the terms of the scenario.

use crate::report::wording::event_phrases::{event_phrase, events_phrase, with_article};
use crate::scenario::model::{Demands, FieldMatch, Matcher, Pattern, Value};

/// Each demand as one sentence without a full stop.
pub(crate) fn describe_demands(demands: &Demands) -> Vec<String> {
    let mut out: Vec<String> = demands.never.iter().map(describe_prohibition).collect();
    out.extend(
        demands
            .eventually
            .iter()
            .map(|p| format!("at least one {}", describe_pattern(p))),
    );
    out.extend(demands.at_most.iter().map(|a| match a.count {
        0 => describe_prohibition(&a.pattern),
        n => format!("at most {}", describe_number(n, &a.pattern)),
    }));
    if !demands.in_order.is_empty() {
        out.push(format!(
            "in this order: {}",
            demands
                .in_order
                .iter()
                .map(describe_pattern)
                .collect::<Vec<_>>()
                .join(", then ")
        ));
    }
    out.extend(demands.every.iter().map(|e| {
        format!(
            "every {} has {}",
            describe_pattern(&e.pattern),
            describe_fields(&e.has)
        )
    }));
    if !demands.any_of.is_empty() {
        let ways: Vec<String> = demands
            .any_of
            .iter()
            .map(|d| describe_demands(d).join(" and "))
            .collect();
        out.push(format!("one of: {}", ways.join("; or ")));
    }
    out
}

/// Each event that must never happen, as `no token request`.
pub(crate) fn describe_prohibitions(demands: &Demands) -> Vec<String> {
    let zero_allowed = demands.at_most.iter().filter(|at_most| at_most.count == 0);
    let forbidden = demands
        .never
        .iter()
        .chain(zero_allowed.map(|at_most| &at_most.pattern));
    forbidden.map(describe_prohibition).collect()
}

fn describe_prohibition(pattern: &Pattern) -> String {
    format!("no {}", describe_pattern(pattern))
}

/// ``token request to `as` with grant_type = refresh_token``
pub(crate) fn describe_pattern(pattern: &Pattern) -> String {
    with_filter(event_phrase(&pattern.event), pattern)
}

/// ``a token request to `as` with grant_type = refresh_token``
pub(crate) fn describe_pattern_with_article(pattern: &Pattern) -> String {
    with_article(&describe_pattern(pattern))
}

/// ``2 token requests to `as` ``
pub(crate) fn describe_number(count: u64, pattern: &Pattern) -> String {
    match count {
        1 => format!("one {}", describe_pattern(pattern)),
        _ => with_filter(
            format!("{count} {}", events_phrase(&pattern.event)),
            pattern,
        ),
    }
}

fn with_filter(phrase: String, pattern: &Pattern) -> String {
    if pattern.filter.is_empty() {
        phrase
    } else {
        format!("{phrase} with {}", describe_fields(&pattern.filter))
    }
}

fn describe_fields(fields: &[FieldMatch]) -> String {
    fields
        .iter()
        .flat_map(|f| f.matchers.iter().map(move |m| describe_matcher(f, m)))
        .collect::<Vec<_>>()
        .join(" and ")
}

fn describe_matcher(field: &FieldMatch, matcher: &Matcher) -> String {
    let (phrase, field) = (field.field.phrase(), field.name());
    match (phrase, matcher) {
        (Some(words), Matcher::Equals(value)) => {
            return format!("{words} {}", describe_value(value));
        }
        (Some(words), Matcher::OneOf(values)) => {
            return format!(
                "{words} {}",
                values
                    .iter()
                    .map(describe_value)
                    .collect::<Vec<_>>()
                    .join(" or ")
            );
        }
        _ => {}
    }
    match matcher {
        Matcher::Equals(value) => format!("{field} = {}", describe_value(value)),
        Matcher::Not(value) => format!("{field} other than {}", describe_value(value)),
        Matcher::OneOf(values) => format!("{field} one of {}", describe_values(values)),
        Matcher::Present(true) => format!("{field} present"),
        Matcher::Present(false) => format!("no {field}"),
        Matcher::Includes(values) => format!("{field} including {}", describe_values(values)),
        Matcher::SameSet(values) => format!("{field} exactly {}", describe_values(values)),
        Matcher::Contains(text) => format!("{field} containing {text}"),
        Matcher::StartsWith(text) => format!("{field} starting with {text}"),
        Matcher::Sent(true) => format!("{field}, empty or not"),
        Matcher::Sent(false) => format!("no {field}, not even an empty one"),
        Matcher::Fresh(true) => format!("a {field} not seen before"),
        Matcher::Fresh(false) => format!("a {field} seen before"),
        Matcher::Unshared(true) => format!("a {field} of this start only"),
        Matcher::Unshared(false) => format!("a {field} of another start"),
        Matcher::LooksRandom(true) => format!("a {field} that looks random"),
        Matcher::LooksRandom(false) => format!("a {field} that does not look random"),
        Matcher::Length(shortest, longest) => {
            format!("{field} of {shortest} to {longest} characters")
        }
        Matcher::Charset(charset) => format!("{field} of {charset} characters only"),
    }
}

fn describe_values(values: &[Value]) -> String {
    values
        .iter()
        .map(describe_value)
        .collect::<Vec<_>>()
        .join(", ")
}

fn describe_value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Integer(i) => i.to_string(),
        Value::Boolean(b) => b.to_string(),
        Value::List(values) => format!("[{}]", describe_values(values)),
        Value::Table(table) => {
            let members: Vec<String> = table
                .iter()
                .map(|(k, v)| format!("{k}: {}", describe_value(v)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}
