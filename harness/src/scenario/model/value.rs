//! Values with placeholders in their texts.

use serde::Serialize;

use super::EventField;
use crate::words::words;

/// A value with placeholders in its texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Value {
    Text(Template),
    Integer(i64),
    Boolean(bool),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

/// A text with placeholders: `"{as.issuer|slash}"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Placeholder {
        what: Placeholder,
        filters: Vec<Filter>,
    },
}

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placeholder {
    /// `{as.issuer}`: an address of a party.
    PartyValue { party: String, value: String },
    /// `{as.refresh_token#2}`: a secret that a party issued; without a number: the first.
    Secret(SecretName),
    /// `{canary.NAME}`: a unique text.
    Canary(String),
    /// `{original}`: what the honest answer would have had here.
    Original,
    /// `{null}`: JSON null, standing alone.
    Null,
    /// `{event.url}`: a field of the event that is looked at (monitors only).
    EventField(EventField),
}

/// A secret by the party that issued it, its kind and its place in the order of issue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName {
    pub party: String,
    pub kind: String,
    pub nth: Nth,
}

/// Which of several secrets of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nth {
    /// No number: for `expire` and `revoke` all of them, as a value the first, for `carries` any.
    Unnumbered,
    /// `#2`: counted from 1.
    Number(usize),
    /// `#latest`: the newest at that moment.
    Latest,
}

words! {
    /// Changes to a placeholder's text.
    pub enum Filter {
        Slash = "slash",
        NoSlash = "no-slash",
        UpperHost = "upper-host",
        UpperScheme = "upper-scheme",
        ZeroPort = "zero-port",
        /// The URL has no port, and gets that of its scheme.
        DefaultPort = "default-port",
        PercentOne = "percent-one",
        PercentAll = "percent-all",
        PercentAllLower = "percent-all-lower",
        JsonEscape = "json-escape",
        Nfd = "nfd",
        Flip = "flip",
        AsHttp = "as-http",
        /// The host becomes `0.0.0.0`, which leads to this machine and is no loopback address.
        AnyAddress = "any-address",
        /// The host, an IPv4 address, becomes one with octal numbers: `012.077.00.05`.
        OctalHost = "octal-host",
        /// The host, an IPv4 address, becomes one hexadecimal number.
        HexHost = "hex-host",
        /// The host, an IPv4 address, becomes one decimal number.
        IntegerHost = "integer-host",
        /// The last three parts of the host, an IPv4 address, become one number: `10.5046277`.
        ShortHost = "short-host",
        /// The host, an IPv4 address, becomes an IPv6 address: `[::ffff:10.77.0.5]`.
        MappedHost = "mapped-host",
        /// The host, an internationalized name, is written in its own script.
        UnicodeHost = "unicode-host",
        /// The first letter of the host is written in its full-width form, which is mapped to the
        /// usual one before a name is looked up.
        FullWidthHost = "full-width-host",
        /// The first letter of the host becomes one of another script that looks like it, and the
        /// name is written in ASCII. It is another name.
        LookAlikeHost = "look-alike-host",
        /// The first letter of the host becomes the next one of the alphabet.
        NextLetterHost = "next-letter-host",
        /// The host gets a final dot.
        FinalDot = "final-dot",
    }
}
