//! Placeholders in commands, such as `{url}`. A value is filled in as text: one argument stays one
//! argument.

use std::path::Path;

/// The placeholders that a command can contain, without their braces.
pub const PLACEHOLDERS: [&str; 8] = [
    "url",
    "ca",
    "home",
    "port",
    "here",
    "revision",
    "client_id",
    "client_secret",
];

/// What placeholders stand for: name and value.
pub(super) type PlaceholderValues = [(&'static str, String)];

/// Fills in the placeholders that have a value. The others stay as they are.
pub(super) fn fill_placeholders(text: &str, values: &PlaceholderValues) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = find_placeholder(rest) {
        filled.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = after;
    }
    filled + rest
}

/// Fills in `{here}`: the folder of the file that the text is from.
pub fn replace_here(text: &str, folder: &Path) -> String {
    fill_placeholders(text, &[("here", folder.to_string_lossy().into_owned())])
}

/// Whether a text contains a placeholder.
pub(super) fn has_placeholder(text: &str, name: &str) -> bool {
    text.contains(&format!("{{{name}}}"))
}

/// Words in braces that are not placeholders.
pub(in crate::driver) fn unknown_placeholders(text: &str) -> Vec<&str> {
    let mut unknown = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = find_placeholder(rest) {
        if !PLACEHOLDERS.contains(&name) {
            unknown.push(name);
        }
        rest = after;
    }
    unknown
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
            "--u=http://h/{port}:7 {x} {\"a\":1} {http://h/{port}}"
        );
        assert_eq!(
            unknown_placeholders("{ulr} {url} {\"json\": {}} {"),
            ["ulr"]
        );
        assert!(has_placeholder("a{url}", "url") && !has_placeholder("url", "url"));
    }
}
