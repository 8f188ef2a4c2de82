//! The addresses of one run's parties by their names: `as.token_endpoint` for
//! `http://localhost:4001/ab12cd34/token`.

use unicode_normalization::UnicodeNormalization;

use crate::transcript::Transcript;

/// Kinds of addresses, the one that says most first: several may be the same text.
const TELLING: [&str; 10] = [
    "issuer",
    "resource",
    "url",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "jwks_uri",
    "prm_url",
    "address",
    "origin",
];

/// The addresses of one run, each with its name.
pub(crate) struct AddressBook<'a> {
    /// Name and address, the longest address first.
    addresses: Vec<(&'a str, &'a str)>,
}

impl<'a> AddressBook<'a> {
    pub(crate) fn new(transcript: &'a Transcript) -> Self {
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
        Self { addresses }
    }

    /// The name of an address: of several, the one that a parameter of this name means, or that
    /// says most.
    pub(crate) fn name_of(&self, parameter: &str, value: &str) -> Option<&'a str> {
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
    pub(crate) fn name_of_respelled(&self, value: &str) -> Option<&'a str> {
        let plain = plainest(value);
        if plain.is_empty() {
            return None;
        }
        self.addresses
            .iter()
            .find(|(_, address)| plainest(address) == plain)
            .map(|(name, _)| *name)
    }

    /// The text with every address replaced by its name.
    pub(crate) fn with_names(&self, text: String) -> String {
        let addresses = self.addresses.iter();
        addresses.fold(text, |text, (name, address)| {
            self.with_name(&text, name, address)
        })
    }

    /// The text with one address replaced by its name wherever it stands, unless that is only the
    /// beginning of a longer word.
    fn with_name(&self, text: &str, name: &str, address: &str) -> String {
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

    /// The endpoint of a party that a request's path is for, and what follows it in the path.
    pub(crate) fn endpoint(&self, party: &str, path: &str) -> Option<(&'a str, String)> {
        let of_party = |name: &str| {
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
        let (name, address) = self
            .addresses
            .iter()
            .filter(|(name, _)| !name.ends_with(".issuer") && !name.ends_with(".resource"))
            .filter(|(name, _)| of_party(name))
            .find(|(_, address)| {
                asked == *address || address.len() > origin.len() && below(&asked, address)
            })?;
        Some((name, asked[address.len()..].to_owned()))
    }
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
pub(crate) fn without_ports(text: &str) -> String {
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
