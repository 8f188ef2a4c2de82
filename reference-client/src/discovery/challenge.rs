//! The `WWW-Authenticate` header of RFC 9110 section 11.6.1, in its full grammar.
//!
//! Several challenges in one line or in many, any case, tokens and quoted strings with escapes,
//! token68, empty list elements.

use crate::defect::{Defect, Defects};

/// One challenge. Names are in lower case, values as they were meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where the protected resource metadata is.
    pub(crate) fn resource_metadata(&self) -> Option<&str> {
        self.get("resource_metadata")
    }

    /// The scopes that the request takes.
    pub(crate) fn scope(&self) -> Option<&str> {
        self.get("scope")
    }

    /// Why the token was not good enough.
    pub(crate) fn error(&self) -> Option<&str> {
        self.get("error")
    }
}

/// The Bearer challenge among all lines of the header: the first that names a metadata document, or
/// simply the first.
pub(crate) fn bearer<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    defects: &Defects,
) -> Option<Challenge> {
    let lines: Vec<&str> = lines.into_iter().collect();
    if defects.has(Defect::CHALLENGE_BY_SEARCH) {
        return Some(searched(&lines.join(", ")));
    }
    let mut challenges: Vec<Challenge> = if defects.has(Defect::CHALLENGE_FIRST_LINE) {
        lines.first().map(|line| parse(line)).unwrap_or_default()
    } else if defects.has(Defect::CHALLENGE_CASE_SENSITIVE) {
        lines
            .iter()
            .flat_map(|line| parse(line))
            .filter(|_| lines.iter().any(|line| line.contains("Bearer ")))
            .collect()
    } else if defects.has(Defect::CHALLENGE_SPLIT_AT_COMMA) {
        return lines
            .iter()
            .flat_map(|line| split(line))
            .find(|challenge| challenge.scheme == "bearer");
    } else {
        lines.iter().flat_map(|line| parse(line)).collect()
    };
    if defects.has(Defect::CHALLENGE_FIRST_ONLY) {
        challenges.truncate(1);
    }
    challenges.retain(|challenge| challenge.scheme == "bearer");
    let named = challenges
        .iter()
        .position(|challenge| challenge.resource_metadata().is_some())
        .unwrap_or(0);
    challenges.into_iter().nth(named)
}

/// All challenges of one header line. What cannot be read is skipped up to the next comma.
fn parse(line: &str) -> Vec<Challenge> {
    let mut cursor = Cursor { rest: line };
    let mut challenges: Vec<Challenge> = Vec::new();
    loop {
        cursor.skip(|c| matches!(c, ' ' | '\t' | ','));
        if cursor.rest.is_empty() {
            return challenges;
        }
        let Some(word) = cursor.token() else {
            cursor.skip_element();
            continue;
        };
        // Inside a challenge `word = value` is one more parameter, otherwise the word is a scheme.
        if let Some(challenge) = challenges.last_mut()
            && let Some(value) = cursor.value()
        {
            challenge
                .parameters
                .push((word.to_ascii_lowercase(), value));
            continue;
        }
        let mut challenge = Challenge {
            scheme: word.to_ascii_lowercase(),
            parameters: Vec::new(),
        };
        if cursor.skip(|c| matches!(c, ' ' | '\t')) && !cursor.token68() {
            // The first parameter has no comma before it.
            let before = cursor.rest;
            match cursor
                .token()
                .map(str::to_ascii_lowercase)
                .zip(cursor.value())
            {
                Some(parameter) => challenge.parameters.push(parameter),
                None => cursor.rest = before,
            }
        }
        challenges.push(challenge);
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Skips matching characters; true if there were any.
    fn skip(&mut self, matching: impl Fn(char) -> bool) -> bool {
        let trimmed = self.rest.trim_start_matches(matching);
        let moved = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        moved
    }

    /// Skips what cannot be read, up to the next comma outside quotes; always at least one
    /// character.
    fn skip_element(&mut self) {
        if self.quoted().is_none() {
            let mut characters = self.rest.chars();
            characters.next();
            self.rest = characters.as_str();
        }
        while !self.rest.is_empty() && !self.rest.starts_with(',') {
            if self.quoted().is_none() {
                let mut characters = self.rest.chars();
                characters.next();
                self.rest = characters.as_str();
            }
        }
    }

    fn token(&mut self) -> Option<&'a str> {
        let end = self
            .rest
            .find(|c| !is_token_character(c))
            .unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        if token.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(token)
    }

    /// `= value` with optional blanks; takes nothing if it is something else.
    fn value(&mut self) -> Option<String> {
        let before = self.rest;
        let value = self.try_value();
        if value.is_none() {
            self.rest = before;
        }
        value
    }

    fn try_value(&mut self) -> Option<String> {
        self.skip(|c| matches!(c, ' ' | '\t'));
        self.rest = self.rest.strip_prefix('=')?;
        self.skip(|c| matches!(c, ' ' | '\t'));
        match self.quoted() {
            Some(value) => Some(value),
            None => self.token().map(str::to_owned),
        }
    }

    /// A quoted string, with its escapes undone; an unfinished one is none.
    fn quoted(&mut self) -> Option<String> {
        let mut characters = self.rest.strip_prefix('"')?.chars();
        let mut value = String::new();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => value.push(characters.next()?),
                other => value.push(other),
            }
        }
        self.rest = characters.as_str();
        Some(value)
    }

    /// Skips a token68 if one follows and nothing else does before the next comma.
    fn token68(&mut self) -> bool {
        let body = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c));
        let after = body.trim_start_matches('=').trim_start_matches([' ', '\t']);
        let found = body.len() < self.rest.len() && (after.is_empty() || after.starts_with(','));
        if found {
            self.rest = after;
        }
        found
    }
}

fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// What [`Defect::CHALLENGE_BY_SEARCH`] makes of the header.
fn searched(line: &str) -> Challenge {
    let find = |name: &str| {
        let (_, after) = line.split_once(&format!("{name}="))?;
        let value = after
            .trim_start_matches('"')
            .split(['"', ',', ' '])
            .next()?;
        let value = if name == "scope" {
            after.trim_start_matches('"').split(['"', ',']).next()?
        } else {
            value
        };
        Some((name.to_owned(), value.to_owned()))
    };
    let parameters = ["resource_metadata", "scope", "error"]
        .into_iter()
        .filter_map(find)
        .collect();
    Challenge {
        scheme: "bearer".to_owned(),
        parameters,
    }
}

/// What [`Defect::CHALLENGE_SPLIT_AT_COMMA`] makes of the header.
fn split(line: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for piece in line.split(',').map(str::trim) {
        let (scheme, parameter) = match piece.split_once(' ') {
            Some((scheme, parameter)) if !scheme.contains('=') => (Some(scheme), parameter),
            _ => (None, piece),
        };
        if let Some(scheme) = scheme {
            challenges.push(Challenge {
                scheme: scheme.to_ascii_lowercase(),
                parameters: Vec::new(),
            });
        }
        if let Some(challenge) = challenges.last_mut()
            && let Some((name, value)) = parameter.split_once('=')
        {
            challenge.parameters.push((
                name.trim().to_ascii_lowercase(),
                value.trim_matches('"').to_owned(),
            ));
        }
    }
    challenges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Challenge {
        bearer(lines.iter().copied(), &Defects::none()).unwrap()
    }

    #[test]
    fn every_legal_spelling() {
        for lines in [
            &[r#"Bearer resource_metadata="http://h/m", scope="a b""#][..],
            &[r#"Basic realm="a, Bearer x", Bearer resource_metadata="http://h/m", scope="a b""#],
            &[
                r#"Basic realm="files""#,
                r#"Bearer resource_metadata="http://h/m", scope="a b""#,
            ],
            &[r#"bearer SCOPE="a b" , colour=blue,, Resource_Metadata="http://h/m""#],
            &[
                r#"Bearer realm="say \"Bearer resource_metadata=x\", please", scope="a b", resource_metadata="http://h/m""#,
            ],
            &[
                r#"Negotiate, Basic dXNlcjpwYXNz==, Bearer  scope = "a b",resource_metadata	=	"http:\/\/h/m""#,
            ],
            &[
                r#", ,Negotiate abc=, Bearer scope="a b", resource_metadata="http://h/m", Digest qop="auth, auth-int""#,
            ],
            &[r#"Bearer scope="wrong", Bearer scope="a b", resource_metadata="http://h/m""#],
        ] {
            let challenge = read(lines);
            assert_eq!(
                challenge.resource_metadata(),
                Some("http://h/m"),
                "{lines:?}"
            );
            assert_eq!(challenge.scope(), Some("a b"), "{lines:?}");
        }
    }

    #[test]
    fn a_bare_challenge_is_one() {
        assert_eq!(read(&["Bearer"]).resource_metadata(), None);
        assert_eq!(
            read(&["Bearer error=invalid_token"]).error(),
            Some("invalid_token")
        );
        assert!(bearer(["Basic realm=x", "", "Bearerx a=b"], &Defects::none()).is_none());
    }

    #[test]
    fn the_defects_read_the_usual_spelling() {
        let usual = r#"Bearer resource_metadata="http://h/m", scope="a b""#;
        for defect in [
            Defect::CHALLENGE_FIRST_ONLY,
            Defect::CHALLENGE_FIRST_LINE,
            Defect::CHALLENGE_CASE_SENSITIVE,
            Defect::CHALLENGE_BY_SEARCH,
            Defect::CHALLENGE_SPLIT_AT_COMMA,
        ] {
            let challenge = bearer([usual], &Defects::only(defect)).unwrap();
            assert_eq!(
                (challenge.resource_metadata(), challenge.scope()),
                (Some("http://h/m"), Some("a b")),
                "{defect:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_ends(line in "[ -~\t]{0,80}") {
            let _ = parse(&line);
        }

        #[test]
        fn quoting_round_trips(value in "[ -~]{0,40}", realm in "[ -~]{0,40}") {
            let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
            let line = format!("Basic realm=\"{}\", Bearer x=\"{}\", scope=\"{}\"", quote(&realm), quote(&realm), quote(&value));
            let challenge = read(&[&line]);
            proptest::prop_assert_eq!(challenge.scope(), Some(value.as_str()));
        }
    }
}
