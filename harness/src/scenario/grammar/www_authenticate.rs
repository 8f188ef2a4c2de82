//! The grammar of `WWW-Authenticate` (RFC 9110 sections 5.6 and 11).
//!
//! The message is a Bearer challenge with `resource_metadata` and `scope`, and whatever may stand
//! around it. A sender must not write bad white space or empty list elements; they are among the
//! features because a recipient has to accept both.

use super::combine::{Feature, spellings as combine};
use super::generated_spelling::GeneratedSpelling;

/// One parameter of the challenge. The value is written as it stands, with quotes if it has any.
struct AuthParameter {
    name: String,
    value: &'static str,
}

/// A header field with one Bearer challenge.
struct ChallengeField {
    scheme: &'static str,
    after_scheme: &'static str,
    parameters: Vec<AuthParameter>,
    equals: &'static str,
    comma: &'static str,
    /// Before the first and after the last element.
    around: (&'static str, &'static str),
    /// Other challenges in the same line.
    before: &'static str,
    after: &'static str,
    /// Other challenges in lines of their own.
    lines_before: Vec<&'static str>,
    lines_after: Vec<&'static str>,
}

const METADATA: &str = "resource_metadata";

/// The spellings, single features first.
pub(super) fn spellings() -> Vec<GeneratedSpelling> {
    combine(FEATURES, plain, write)
}

fn parameter(name: &str, value: &'static str) -> AuthParameter {
    AuthParameter {
        name: name.to_owned(),
        value,
    }
}

fn plain() -> ChallengeField {
    ChallengeField {
        scheme: "Bearer",
        after_scheme: " ",
        parameters: vec![
            parameter(METADATA, "\"{mcp.prm_url}\""),
            parameter("scope", "\"files:read\""),
        ],
        equals: "=",
        comma: ", ",
        around: ("", ""),
        before: "",
        after: "",
        lines_before: Vec::new(),
        lines_after: Vec::new(),
    }
}

fn write(field: &ChallengeField) -> Vec<String> {
    let parameters: Vec<String> = field
        .parameters
        .iter()
        .map(|parameter| format!("{}{}{}", parameter.name, field.equals, parameter.value))
        .collect();
    let challenge = format!(
        "{}{}{}",
        field.scheme,
        field.after_scheme,
        parameters.join(field.comma)
    );
    let elements: Vec<&str> = [field.before, challenge.as_str(), field.after]
        .into_iter()
        .filter(|element| !element.is_empty())
        .collect();
    let line = format!(
        "{}{}{}",
        field.around.0,
        elements.join(field.comma),
        field.around.1
    );
    let before = field.lines_before.iter().map(|line| (*line).to_owned());
    let after = field.lines_after.iter().map(|line| (*line).to_owned());
    before.chain([line]).chain(after).collect()
}

/// Adds a parameter before the others.
fn put_first(field: &mut ChallengeField, name: &str, value: &'static str) {
    field.parameters.insert(0, parameter(name, value));
}

/// Changes the value of `scope`.
fn set_scope(field: &mut ChallengeField, value: &'static str) {
    for parameter in &mut field.parameters {
        if parameter.name.eq_ignore_ascii_case("scope") {
            parameter.value = value;
        }
    }
}

fn rename_parameters(field: &mut ChallengeField, rename: fn(&str) -> String) {
    for parameter in &mut field.parameters {
        parameter.name = rename(&parameter.name);
    }
}

/// The first letter of each word as a capital.
fn capitalize_words(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_ascii_uppercase() + rest
    };
    name.split('_').map(word).collect::<Vec<_>>().join("_")
}

/// Declares the features: name, part that they change, what they differ in, section, change.
macro_rules! features {
    ($($name:literal $part:literal $source:literal $differs:literal $change:expr;)+) => {
        &[$(Feature {
            name: $name,
            part: $part,
            source: concat!("RFC ", $source),
            differs: $differs,
            change: $change,
        }),+]
    };
}

#[rustfmt::skip]
const FEATURES: &[Feature<ChallengeField>] = features! {
    "scheme-in-lower-case" "scheme" "9110 section 11.1" "the scheme `bearer`"
        |f| f.scheme = "bearer";
    "scheme-in-upper-case" "scheme" "9110 section 11.1" "the scheme `BEARER`"
        |f| f.scheme = "BEARER";
    "several-spaces-after-scheme" "gap" "9110 section 11.3" "three spaces after the scheme"
        |f| f.after_scheme = "   ";
    "names-in-upper-case" "names" "9110 section 11.2" "parameter names in upper case"
        |f| rename_parameters(f, str::to_ascii_uppercase);
    "names-capitalized" "names" "9110 section 11.2" "parameter names with capitals"
        |f| rename_parameters(f, capitalize_words);
    "metadata-last" "order" "9110 section 11.2" "`resource_metadata` as the last parameter"
        |f| f.parameters.reverse();
    "space-before-equals" "equals" "9110 section 5.6.3" "white space before `=`"
        |f| f.equals = " =";
    "space-after-equals" "equals" "9110 section 5.6.3" "white space after `=`"
        |f| f.equals = "= ";
    "tabs-around-equals" "equals" "9110 section 5.6.3" "tabs around `=`"
        |f| f.equals = "\t=\t";
    "no-space-after-comma" "comma" "9110 section 5.6.1" "no white space after commas"
        |f| f.comma = ",";
    "spaces-around-comma" "comma" "9110 section 5.6.1" "white space around commas"
        |f| f.comma = " , ";
    "tab-after-comma" "comma" "9110 section 5.6.1" "tabs after commas"
        |f| f.comma = ",\t";
    "two-commas" "comma" "9110 section 5.6.1.2" "an empty element between parameters"
        |f| f.comma = ",, ";
    "leading-comma" "around" "9110 section 5.6.1.2" "an empty element at the beginning"
        |f| f.around = (", ", "");
    "trailing-comma" "around" "9110 section 5.6.1.2" "an empty element at the end"
        |f| f.around = ("", " ,");
    "white-space-around" "around" "9110 section 5.5" "white space around the field's value"
        |f| f.around = ("  ", "  ");
    "escaped-letter-in-scope" "scope" "9110 section 5.6.4" "a quoted pair in `scope`"
        |f| set_scope(f, r#""files\:read""#);
    "realm-first" "realm" "9110 section 11.5" "`realm` as the first parameter"
        |f| put_first(f, "realm", "\"files\"");
    "realm-empty" "realm" "9110 section 5.6.4" "an empty `realm`"
        |f| put_first(f, "realm", "\"\"");
    "realm-with-comma" "realm" "9110 section 5.6.4" "a comma in `realm`"
        |f| put_first(f, "realm", "\"files, all of them\"");
    "realm-with-equals" "realm" "9110 section 5.6.4" "an equals sign in `realm`"
        |f| put_first(f, "realm", "\"kind=files, scope=none\"");
    "realm-with-quote" "realm" "9110 section 5.6.4" "an escaped quote in `realm`"
        |f| put_first(f, "realm", r#""the \"files\" server""#);
    "realm-with-backslash" "realm" "9110 section 5.6.4" "an escaped backslash at the end of `realm`"
        |f| put_first(f, "realm", r#""C:\\""#);
    "realm-like-a-challenge" "realm" "9110 section 5.6.4" "a challenge in the text of `realm`"
        |f| put_first(f, "realm", r#""a, Bearer resource_metadata=\"http://localhost:1/\"""#);
    "description-with-parameters" "description" "6750 section 3"
        "parameters in the text of `error_description`"
        |f| put_first(f, "error_description", r#""no token, scope=\"none\", try again""#);
    "unknown-token" "unknown" "6750 section 3" "an unknown parameter that is a token"
        |f| put_first(f, "colour", "blue");
    "unknown-quoted" "unknown" "6750 section 3" "an unknown parameter that is quoted"
        |f| put_first(f, "hint", "\"sign in\"");
    "unknown-with-known-ending" "unknown" "6750 section 3"
        "an unknown parameter whose name ends in `resource_metadata`"
        |f| put_first(f, "x_resource_metadata", "\"http://localhost:1/\"");
    "unknown-with-scope-ending" "unknown" "6750 section 3"
        "an unknown parameter whose name ends in `scope`"
        |f| put_first(f, "max-scope", "\"none\"");
    "basic-before" "before" "9110 section 11.6.1" "a Basic challenge before it in the same field"
        |f| f.before = "Basic realm=\"files\"";
    "digest-before" "before" "9110 section 11.6.1"
        "a Digest challenge with many parameters before it"
        |f| f.before =
            r#"Digest realm="files", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf=""#;
    "scheme-without-parameters-before" "before" "9110 section 11.6.1"
        "a scheme without parameters before it"
        |f| f.before = "Negotiate";
    "token68-before" "before" "9110 section 11.3" "a challenge with token68 before it"
        |f| f.before = "Negotiate YII/abc+def==";
    "dpop-before" "before" "9449 section 7.1" "a DPoP challenge before it"
        |f| f.before = "DPoP algs=\"ES256 PS256\"";
    "basic-after" "after" "9110 section 11.6.1" "a Basic challenge after it in the same field"
        |f| f.after = "Basic realm=\"files\"";
    "foreign-scope-after" "after" "9110 section 11.6.1" "another scheme with a `scope` after it"
        |f| f.after = "DPoP algs=\"ES256\", scope=\"none\"";
    "basic-in-a-line-before" "lines" "9110 section 11.6.1"
        "a Basic challenge in a field line before it"
        |f| f.lines_before = vec!["Basic realm=\"files\""];
    "basic-in-a-line-after" "lines" "9110 section 11.6.1"
        "a Basic challenge in a field line after it"
        |f| f.lines_after = vec!["Basic realm=\"files\""];
    "empty-line-before" "lines" "9110 section 5.6.1.2" "an empty field line before it"
        |f| f.lines_before = vec![""];
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_a_name_of_its_own() {
        let all = spellings();
        let names: std::collections::BTreeSet<&str> =
            all.iter().map(|spelling| spelling.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn features_combine() {
        let all = spellings();
        let both = all
            .iter()
            .find(|s| s.name == "names-capitalized--space-before-equals")
            .unwrap();
        assert_eq!(
            both.lines,
            ["Bearer Resource_Metadata =\"{mcp.prm_url}\", Scope =\"files:read\""]
        );
        assert!(both.combined);
        assert!(!all.iter().any(|s| s.name == "two-commas--tab-after-comma"));
    }
}
