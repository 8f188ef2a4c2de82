//! `{url}` and its like in commands: filled in as text, one argument stays one argument.

use std::path::Path;

/// What can stand in a command, in braces.
pub const PLACEHOLDERS: [&str; 7] = [
    "url",
    "home",
    "port",
    "here",
    "revision",
    "client_id",
    "client_secret",
];

/// Fills in what is known; the rest stays as it is.
pub(in crate::driver) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        out.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(value),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = after;
    }
    out + rest
}

/// Fills in the folder of the file that says it.
pub fn replace_here(text: &str, folder: &Path) -> String {
    fill(text, &[("here", &folder.to_string_lossy())])
}

/// Whether a placeholder occurs.
pub(in crate::driver) fn has(text: &str, name: &str) -> bool {
    text.contains(&format!("{{{name}}}"))
}

/// Words in braces that stand for nothing.
pub(in crate::driver) fn unknown(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = next(rest) {
        if !PLACEHOLDERS.contains(&name) {
            found.push(name);
        }
        rest = after;
    }
    found
}

/// The next word in braces, with what is before and after it. JSON is no placeholder.
fn next(text: &str) -> Option<(&str, &str, &str)> {
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
        let values = [("url", "http://h/{port}"), ("port", "7")];
        assert_eq!(
            fill("--u={url}:{port} {x} {\"a\":1} {{url}}", &values),
            "--u=http://h/{port}:7 {x} {\"a\":1} {http://h/{port}}"
        );
        assert_eq!(unknown("{ulr} {url} {\"json\": {}} {"), ["ulr"]);
        assert!(has("a{url}", "url") && !has("url", "url"));
    }
}
