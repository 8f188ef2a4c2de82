//! What of a transcript may be shown, and how: secrets by their tags, addresses by their names, the
//! rest shortened.
//!
//! A report is shown to anybody, and it reads the same on every machine: no live secret, port or
//! random path is in it.

use unicode_normalization::UnicodeNormalization;

use crate::report::model::printable_text::escape_line;
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

/// Kinds of addresses, the one that says most first: several may be the same text.
const TELLING: [&str; 9] = [
    "issuer",
    "resource",
    "url",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "jwks_uri",
    "prm_url",
    "origin",
];

/// Shows parts of one transcript.
pub(crate) struct Redactor<'a> {
    /// Longest first, so that none is taken for a part of another.
    secrets: Vec<&'a Secret>,
    /// Name and address, the longest address first.
    addresses: Vec<(&'a str, &'a str)>,
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
        let mut addresses: Vec<(&str, &str)> = transcript
            .header
            .addresses
            .iter()
            .map(|(n, a)| (n.as_str(), a.as_str()))
            .collect();
        addresses.retain(|(_, address)| !address.is_empty());
        addresses.sort_by_key(|(name, address)| {
            (std::cmp::Reverse(address.len()), telling(name), *name)
        });
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
            addresses,
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
        if let Some(address) = self.address(name, value) {
            return format!("⟨{address}⟩");
        }
        if let Some(address) = self.respelled(value) {
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
        for (name, address) in &self.addresses {
            shown = self.named(&shown, name, address);
        }
        let shown = without_ports(&shown);
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
        let of_party = |name: &&str| {
            name.split_once('.')
                .is_some_and(|(owner, _)| owner == party)
        };
        let origin = self
            .addresses
            .iter()
            .find(|(name, _)| *name == format!("{party}.origin"))
            .map_or("", |(_, address)| *address);
        let asked = format!("{origin}{path}");
        // an issuer or a resource is a name; what is fetched is an endpoint
        let known = self
            .addresses
            .iter()
            .filter(|(name, _)| !name.ends_with(".issuer") && !name.ends_with(".resource"));
        let mut found: Vec<(&str, &str)> =
            known.filter(|(name, _)| of_party(name)).copied().collect();
        found.retain(|(_, address)| {
            asked == *address || address.len() > origin.len() && below(&asked, address)
        });
        match found.first() {
            Some((name, address)) => {
                let value = name.split_once('.').map(|(_, value)| value);
                RequestPlace {
                    value,
                    shown: format!("{{{name}}}{}", self.text(&asked[address.len()..])),
                }
            }
            None => RequestPlace {
                value: None,
                shown: shortened(&self.text(path), LONGEST),
            },
        }
    }

    /// The name of an address: of several, the one that a parameter of this name means, or that
    /// says most.
    fn address(&self, parameter: &str, value: &str) -> Option<&'a str> {
        let wanted = if parameter == "iss" {
            "issuer"
        } else {
            parameter
        };
        let same = || {
            self.addresses
                .iter()
                .filter(|(_, address)| *address == value)
                .map(|(name, _)| *name)
        };
        same()
            .find(|name| {
                name.split_once('.')
                    .is_some_and(|(_, value)| value == wanted)
            })
            .or_else(|| same().next())
    }

    /// The address that the value is another spelling of.
    fn respelled(&self, value: &str) -> Option<&'a str> {
        let plain = plainest(value);
        if plain.is_empty() {
            return None;
        }
        self.addresses
            .iter()
            .find(|(_, address)| plainest(address) == plain)
            .map(|(name, _)| *name)
    }

    /// The text with one address put by its name wherever it stands, unless that is only the
    /// beginning of a longer word.
    fn named(&self, text: &str, name: &str, address: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(address) {
            let after = &rest[at + address.len()..];
            out.push_str(&rest[..at]);
            if after.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
                out.push_str(address);
            } else {
                let goes_on = after.starts_with('/');
                let origin = self
                    .addresses
                    .iter()
                    .find(|(n, a)| goes_on && *a == address && n.ends_with(".origin"));
                out.push_str(&format!("⟨{}⟩", origin.map_or(name, |(origin, _)| *origin)));
            }
            rest = after;
        }
        out + rest
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

/// The beginning of a text that is too long.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars()
        .take(longest.saturating_sub(1))
        .chain(['…'])
        .collect()
}

fn telling(name: &str) -> usize {
    let value = name.split_once('.').map_or(name, |(_, value)| value);
    TELLING
        .iter()
        .position(|known| *known == value)
        .unwrap_or(TELLING.len())
}

fn below(path: &str, address: &str) -> bool {
    path.strip_prefix(address)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// An address in the one spelling that all its spellings share.
fn plainest(address: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(address).decode_utf8_lossy();
    let composed: String = decoded.nfc().collect();
    composed
        .to_lowercase()
        .replacen("https://", "http://", 1)
        .trim_end_matches('/')
        .replace(":0", ":")
}

/// Ports of this machine differ from run to run and say nothing.
fn without_ports(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, colon)) = rest
        .match_indices(':')
        .chain(rest.match_indices("%3A"))
        .chain(rest.match_indices("%3a"))
        .min()
    {
        let after = &rest[at + colon.len()..];
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let host = rest[..at].to_ascii_lowercase();
        let local = [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "%5b::1%5d",
            "%5b%3a%3a1%5d",
        ]
        .iter()
        .any(|name| host.ends_with(name));
        out.push_str(&rest[..at + colon.len()]);
        out.push_str(if local && digits > 0 {
            "…"
        } else {
            &after[..digits]
        });
        rest = &after[digits..];
    }
    out + rest
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
            shown(
                "redirect_uri=http%3A%2F%2F127.0.0.1%3A39123%2Fcb and http://127.0.0.1:39123/cb at 10:15"
            ),
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A…%2Fcb and http://127.0.0.1:…/cb at 10:15"
        );
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
