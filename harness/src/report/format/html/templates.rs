//! The templates of the page, and the filters that they use. Everything is escaped by the template
//! engine.

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment};
use serde::de::DeserializeOwned;

use crate::report::model::PrintableText;
use crate::report::wording::reasons::{describe_gain, describe_not_run, describe_reason};

const TEMPLATES: [(&str, &str); 8] = [
    ("page.html", include_str!("page.html")),
    ("revision.html", include_str!("revision.html")),
    ("finding.html", include_str!("finding.html")),
    ("scenario.html", include_str!("scenario.html")),
    ("messages.html", include_str!("messages.html")),
    ("badge.svg", include_str!("badge.svg")),
    ("matrix.html", include_str!("../../matrix/matrix.html")),
    (
        "certificate.html",
        include_str!("../../../certificate/certificate.html"),
    ),
];

/// All templates; every value in them is escaped.
pub(crate) fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    let syntax = minijinja::syntax::SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("prose", prose);
    environment.add_filter("reason", |value: Value| {
        describe_value(&value, describe_reason)
    });
    environment.add_filter("not_run", |value: Value| {
        describe_value(&value, describe_not_run)
    });
    environment.add_filter("gain", |value: Value| describe_value(&value, describe_gain));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// Describes a value of the judge, which templates have in its serialized form.
fn describe_value<T: DeserializeOwned>(
    value: &Value,
    describe: fn(&T) -> PrintableText,
) -> Result<String, minijinja::Error> {
    let unreadable = |error: serde_json::Error| {
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, error.to_string())
    };
    let json = serde_json::to_value(value).map_err(unreadable)?;
    let value: T = serde_json::from_value(json).map_err(unreadable)?;
    Ok(describe(&value).to_string())
}

/// Our sentences, in which words of specifications stand between backquotes.
fn prose(text: &str) -> Value {
    let parts = text
        .split('`')
        .map(|part| minijinja::HtmlEscape(part).to_string());
    if text.matches('`').count() % 2 == 1 {
        return Value::from_safe_string(parts.collect::<Vec<_>>().join("`"));
    }
    let spans = parts.enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            format!("<code>{part}</code>")
        } else {
            part
        }
    });
    Value::from_safe_string(spans.collect())
}
