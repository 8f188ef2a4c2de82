//! What of a transcript may be shown, and how: secrets by their tags, addresses by their names, the
//! rest shortened.
//!
//! A report is shown to anybody, and it reads the same on every machine: no live secret, port or
//! random path is in it.

use crate::report::model::address_book::{AddressBook, without_ports};
use crate::report::model::printable_text::escape_line;
use crate::report::model::shortening::{shortened, without_middle};
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Haystack, SHORTEST_SECRET, Secret, Transcript};

/// The longest text that is shown as it is, in characters.
const LONGEST: usize = 48;
/// How much of a value that nobody knows is shown.
const HINT: usize = 8;
/// Parameters and members whose values are secret, or random, even if nobody in the run handed them
/// out.
const NOBODYS: [&str; 20] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_challenge",
    "code_verifier",
    "credentials",
    "d",
    "id_token",
    "id_token_hint",
    "jti",
    "nonce",
    "password",
    "refresh_token",
    "registration_access_token",
    "request",
    "subject_token",
    "token",
    "x-request-id",
];

/// Shows parts of one transcript.
pub(crate) struct Redactor<'a> {
    /// Longest first, so that none is taken for a part of another.
    secrets: Vec<&'a Secret>,
    addresses: AddressBook<'a>,
    /// Values of `state` in the order in which the client made them.
    states: Vec<&'a str>,
    /// Somebody asked to see secrets as they are.
    showing_secrets: bool,
}

/// Where a request went.
pub(crate) struct RequestPlace<'a> {
    /// `token_endpoint`, if it is a known address.
    pub(crate) value: Option<&'a str>,
    /// `{as.token_endpoint}`, or the path.
    pub(crate) shown: String,
}

impl<'a> Redactor<'a> {
    pub(crate) fn new(transcript: &'a Transcript) -> Self {
        let mut secrets: Vec<&Secret> = transcript
            .secrets
            .iter()
            .filter(|s| !s.value.is_empty())
            .collect();
        secrets.sort_by_key(|s| std::cmp::Reverse(s.value.len()));
        let mut states = Vec::new();
        for event in transcript
            .events
            .iter()
            .filter(|e| e.kind == EventKind::AuthorizationRequest)
        {
            if let Some(state) = event
                .fields
                .get(EventField::State)
                .and_then(serde_json::Value::as_str)
                && !state.is_empty()
                && !states.contains(&state)
            {
                states.push(state);
            }
        }
        Self {
            secrets,
            addresses: AddressBook::new(transcript),
            states,
            showing_secrets: false,
        }
    }

    /// The same, with every text as it was recorded, if that is asked for.
    pub(crate) fn showing_secrets(self, showing_secrets: bool) -> Self {
        Self {
            showing_secrets,
            ..self
        }
    }

    /// The value of a parameter or field of that name.
    pub(crate) fn value(&self, name: &str, value: &str) -> String {
        self.value_up_to(LONGEST, name, value)
    }

    /// The same, with more or less of a text that is no secret.
    pub(crate) fn value_up_to(&self, longest: usize, name: &str, value: &str) -> String {
        if value.is_empty() {
            return "\"\"".to_owned();
        }
        if self.showing_secrets {
            return escape_line(value);
        }
        if let Some(secret) = self.secrets.iter().find(|s| s.value == value) {
            return format!("⟨{}⟩", secret.tag());
        }
        if name == "state"
            && let Some(at) = self.states.iter().position(|s| *s == value)
        {
            return format!("⟨state#{}⟩", at + 1);
        }
        if let Some(address) = self.addresses.name_of(name, value) {
            return format!("⟨{address}⟩");
        }
        if let Some(address) = self.addresses.name_of_respelled(value) {
            return format!("⟨{address}, spelled otherwise⟩");
        }
        let shown = self.text(value);
        match name {
            _ if shown != value => shortened(&shown, longest),
            "state" => shortened(&shown, HINT),
            _ if NOBODYS.contains(&name) && value.len() >= SHORTEST_SECRET => {
                format!("⟨{} characters⟩", value.chars().count())
            }
            _ => shortened(&shown, longest),
        }
    }

    /// Any text, at full length.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut shown = escape_line(text);
        if self.showing_secrets {
            return shown;
        }
        for secret in self
            .secrets
            .iter()
            .filter(|s| s.value.len() >= SHORTEST_SECRET)
        {
            if shown.contains(&secret.value) {
                shown = shown.replace(&secret.value, &format!("⟨{}⟩", secret.tag()));
            }
        }
        let shown = without_ports(&self.addresses.with_names(shown));
        let words: Vec<String> = shown
            .split(' ')
            .map(|word| self.covered(word).unwrap_or_else(|| word.to_owned()))
            .collect();
        let shown = words.join(" ");
        self.covered(&shown).unwrap_or(shown)
    }

    /// A text of several lines, at full length.
    pub(crate) fn lines(&self, text: &str) -> String {
        let lines: Vec<String> = text.lines().map(|line| self.text(line)).collect();
        self.whole(lines.join("\n"))
    }

    /// The text, unless a secret is spread over more of it than was looked at together.
    pub(crate) fn whole(&self, text: String) -> String {
        if self.showing_secrets {
            text
        } else {
            self.covered(&text).unwrap_or(text)
        }
    }

    /// The path of a request, or the address that it is.
    pub(crate) fn path(&self, party: Option<&str>, path: &str) -> String {
        match party {
            Some(party) if !self.showing_secrets => self.place(party, path).shown,
            _ => self.text(path),
        }
    }

    /// Tags of the secrets that occur in the texts, in any encoding.
    pub(crate) fn carried<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
        let haystack = Haystack::new(texts);
        self.secrets
            .iter()
            .filter(|s| haystack.contains(&s.value))
            .map(|s| s.tag())
            .collect()
    }

    /// The place of a party that a request's path is for.
    pub(crate) fn place(&self, party: &str, target: &str) -> RequestPlace<'a> {
        let path = target.split('?').next().unwrap_or_default();
        match self.addresses.endpoint(party, path) {
            Some((name, below)) => RequestPlace {
                value: name.split_once('.').map(|(_, value)| value),
                shown: format!("{{{name}}}{}", self.text(&below)),
            },
            None => RequestPlace {
                value: None,
                shown: without_middle(&self.text(path), LONGEST),
            },
        }
    }

    /// What to show for a text that holds secrets in some encoding; `None`: it holds none.
    fn covered(&self, text: &str) -> Option<String> {
        let tags = if text.len() < SHORTEST_SECRET {
            Vec::new()
        } else {
            self.carried([text])
        };
        (!tags.is_empty()).then(|| format!("⟨encoded {}⟩", tags.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Header, Status};

    fn transcript() -> Transcript {
        let addresses = [
            ("as.origin", "http://localhost:4001"),
            ("as.issuer", "http://localhost:4001"),
            ("as.token_endpoint", "http://localhost:4001/ab12cd34/token"),
            ("mcp.origin", "http://localhost:40011"),
            ("mcp.url", "http://localhost:40011/mcp"),
            ("mcp.resource", "http://localhost:40011/mcp"),
        ];
        let header = Header {
            addresses: addresses.map(|(n, a)| (n.to_owned(), a.to_owned())).into(),
            ..Header::default()
        };
        let code = Secret {
            name: "as.code".into(),
            number: 1,
            value: "as-code-0123456789".into(),
            event: 0,
            audience: Vec::new(),
        };
        Transcript {
            header,
            status: Status::Completed,
            events: Vec::new(),
            exchanges: Vec::new(),
            secrets: vec![code],
            unsearched: crate::transcript::Unsearched::default(),
            driven_by_person: false,
            attested: Vec::new(),
            durations: None,
        }
    }

    #[test]
    fn values_get_the_name_that_fits_the_parameter() {
        let transcript = transcript();
        let redactor = Redactor::new(&transcript);
        assert_eq!(redactor.value("code", "as-code-0123456789"), "⟨as.code#1⟩");
        assert_eq!(
            redactor.value("iss", "http://localhost:4001"),
            "⟨as.issuer⟩"
        );
        assert_eq!(
            redactor.value("resource", "http://localhost:40011/mcp"),
            "⟨mcp.resource⟩"
        );
        assert_eq!(
            redactor.value("iss", "HTTP://LOCALHOST:04001/"),
            "⟨as.issuer, spelled otherwise⟩"
        );
        assert_eq!(
            redactor.value("state", "a-state-that-nobody-knows"),
            "a-state…"
        );
    }

    #[test]
    fn long_paths_keep_both_ends() {
        let path = "/.well-known/oauth-protected-resource/tenant-of-a-long-name/mcp";
        let shown = without_middle(path, LONGEST);
        assert_eq!(shown, "/.well-known/oauth-prot…enant-of-a-long-name/mcp");
        assert_eq!(shown.chars().count(), LONGEST);
        assert_eq!(without_middle("/mcp", LONGEST), "/mcp");
    }

    #[test]
    fn texts_keep_no_secret_and_no_port() {
        let transcript = transcript();
        let redactor = Redactor::new(&transcript);
        let shown = |text: &str| redactor.text(text);
        assert_eq!(
            shown("saw as-code-0123456789 at http://localhost:4001/x"),
            "saw ⟨as.code#1⟩ at ⟨as.origin⟩/x"
        );
        assert_eq!(
            shown("at http://localhost:40011/mcp."),
            "at ⟨mcp.resource⟩."
        );
        assert_eq!(shown("as%2Dcode%2D0123456789"), "⟨encoded as.code#1⟩");
        assert_eq!(
            shown("redirect_uri=http%3A%2F%2F127.0.0.1%3A39123%2Fcb at 10:15"),
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A…%2Fcb at 10:15"
        );
        assert_eq!(shown("http://127.0.0.1:39123/cb"), "http://127.0.0.1:…/cb");
    }

    #[test]
    fn texts_do_nothing_to_a_terminal() {
        let transcript = transcript();
        let redactor = Redactor::new(&transcript);
        assert_eq!(
            redactor.value("error", "a\u{1b}[31mb\u{202e}"),
            "a\\u{1b}[31mb\\u{202e}"
        );
        assert!(
            !redactor
                .place("as", "/a\u{7}b\n")
                .shown
                .contains(char::is_control)
        );
    }

    #[test]
    fn places_are_known_addresses_or_paths() {
        let transcript = transcript();
        let redactor = Redactor::new(&transcript);
        let place = |party: &str, target: &str| redactor.place(party, target).shown;
        assert_eq!(place("as", "/ab12cd34/token?x=1"), "{as.token_endpoint}");
        assert_eq!(
            place("as", "/ab12cd34/token/more"),
            "{as.token_endpoint}/more"
        );
        assert_eq!(
            place("as", "/.well-known/oauth-authorization-server"),
            "/.well-known/oauth-authorization-server"
        );
        assert_eq!(place("mcp", "/mcp"), "{mcp.url}");
    }
}
