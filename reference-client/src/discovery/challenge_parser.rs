//! A parser for the grammar of `WWW-Authenticate` (RFC 9110 section 11.6.1).
//!
//! It accepts several challenges in a line, any case, tokens and quoted strings with escapes,
//! token68 and empty list elements.

use crate::discovery::challenge::Challenge;

/// All challenges of one header line. Invalid parts are skipped up to the next comma.
pub(super) fn parse_challenges(line: &str) -> Vec<Challenge> {
    let mut cursor = ChallengeCursor { rest: line };
    let mut challenges: Vec<Challenge> = Vec::new();
    loop {
        cursor.skip_while(|c| matches!(c, ' ' | '\t' | ','));
        if cursor.rest.is_empty() {
            return challenges;
        }
        let Some(word) = cursor.read_token() else {
            cursor.skip_element();
            continue;
        };
        // Inside a challenge, `word = value` is another parameter. Any other word is a scheme.
        if let Some(challenge) = challenges.last_mut()
            && let Some(value) = cursor.read_value()
        {
            challenge
                .parameters
                .push((word.to_ascii_lowercase(), value));
            continue;
        }
        let mut challenge = Challenge::new(word);
        if cursor.skip_while(|c| matches!(c, ' ' | '\t')) && !cursor.skip_token68() {
            // The first parameter follows without a comma.
            let before = cursor.rest;
            match cursor
                .read_token()
                .map(str::to_ascii_lowercase)
                .zip(cursor.read_value())
            {
                Some(parameter) => challenge.parameters.push(parameter),
                None => cursor.rest = before,
            }
        }
        challenges.push(challenge);
    }
}

struct ChallengeCursor<'a> {
    rest: &'a str,
}

impl<'a> ChallengeCursor<'a> {
    /// Skips matching characters. Returns whether there were any.
    fn skip_while(&mut self, matching: impl Fn(char) -> bool) -> bool {
        let trimmed = self.rest.trim_start_matches(matching);
        let moved = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        moved
    }

    /// Skips an invalid part, up to the next comma outside quotes. Skips at least one character.
    fn skip_element(&mut self) {
        if self.read_quoted().is_none() {
            let mut characters = self.rest.chars();
            characters.next();
            self.rest = characters.as_str();
        }
        while !self.rest.is_empty() && !self.rest.starts_with(',') {
            if self.read_quoted().is_none() {
                let mut characters = self.rest.chars();
                characters.next();
                self.rest = characters.as_str();
            }
        }
    }

    fn read_token(&mut self) -> Option<&'a str> {
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

    /// Reads `= value` with optional white space. Reads nothing if something else follows.
    fn read_value(&mut self) -> Option<String> {
        let before = self.rest;
        let value = self.read_value_or_stop();
        if value.is_none() {
            self.rest = before;
        }
        value
    }

    fn read_value_or_stop(&mut self) -> Option<String> {
        self.skip_while(|c| matches!(c, ' ' | '\t'));
        self.rest = self.rest.strip_prefix('=')?;
        self.skip_while(|c| matches!(c, ' ' | '\t'));
        match self.read_quoted() {
            Some(value) => Some(value),
            None => self.read_token().map(str::to_owned),
        }
    }

    /// Reads a quoted string and decodes its escapes. Returns `None` if it has no end.
    fn read_quoted(&mut self) -> Option<String> {
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

    /// Skips a token68, if one follows and nothing else comes before the next comma. Returns
    /// whether there was one.
    fn skip_token68(&mut self) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn parsing_never_panics_and_always_ends(line in "[ -~\t]{0,80}") {
            let _ = parse_challenges(&line);
        }
    }
}
