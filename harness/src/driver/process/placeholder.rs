//! Placeholders in commands, such as `{url}`. A value is filled in as text: one argument stays one
//! argument. Doubled braces around a word, `{{word}}`, stand for `{word}` as it is.

use std::path::Path;

/// The placeholders that a command can contain, without their braces.
pub const PLACEHOLDERS: [&str; 10] = [
    "url",
    "ca",
    "home",
    "port",
    "here",
    "revision",
    "client_id",
    "client_secret",
    "model_url",
    "model_key",
];

/// What placeholders stand for: name and value.
pub(super) type PlaceholderValues = [(&'static str, String)];

/// Fills in the placeholders that have a value. Those without one stay as they are, and `{{word}}`
/// becomes `{word}`.
pub(super) fn fill_placeholders(text: &str, values: &PlaceholderValues) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = find_placeholder(rest) {
        if is_escaped(before, after) {
            filled.push_str(&before[..before.len() - 1]);
            filled.push_str(&format!("{{{name}}}"));
            rest = &after[1..];
            continue;
        }
        filled.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    filled + rest
}

/// Fills in `{here}`, the folder of the file that the text is from, and leaves all else as it is.
pub fn replace_here(text: &str, folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    let mut parts = text.split("{here}");
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_doubled = replaced.ends_with('{') && part.starts_with('}');
        replaced.push_str(if is_doubled { "{here}" } else { &folder });
        replaced.push_str(part);
    }
    replaced
}

/// Whether a text contains a placeholder.
pub(super) fn has_placeholder(text: &str, name: &str) -> bool {
    text.contains(&format!("{{{name}}}"))
}

/// Words in braces that are not placeholders.
pub(in crate::driver) fn unknown_placeholders(text: &str) -> Vec<&str> {
    let mut unknown = Vec::new();
    let mut rest = text;
    while let Some((before, name, after)) = find_placeholder(rest) {
        if !PLACEHOLDERS.contains(&name) && !is_escaped(before, after) {
            unknown.push(name);
        }
        rest = after;
    }
    unknown
}

/// Whether the braces around a word are doubled, so that `{{word}}` stands for `{word}`.
fn is_escaped(before: &str, after: &str) -> bool {
    before.ends_with('{') && after.starts_with('}')
}

/// The next word in braces, with the text before and after it. Braces around anything else, such as
/// JSON, are skipped.
fn find_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('{')?;
        let close = open + text[open..].find('}')?;
        let name = &text[open + 1..close];
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Some((&text[..open], name, &text[close + 1..]));
        }
        from = open + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_once() {
        let values = [
            ("url", "http://h/{port}".to_owned()),
            ("port", "7".to_owned()),
        ];
        assert_eq!(
            fill_placeholders("--u={url}:{port} {x} {\"a\":1} {{url}}", &values),
            "--u=http://h/{port}:7 {x} {\"a\":1} {url}"
        );
        assert!(unknown_placeholders("%{{http_code}}").is_empty());
        assert_eq!(
            unknown_placeholders("{ulr} {url} {\"json\": {}} {"),
            ["ulr"]
        );
        assert!(has_placeholder("a{url}", "url") && !has_placeholder("url", "url"));
    }
}
