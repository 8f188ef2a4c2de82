//! One spelling of a message.

/// A spelling of a message that a grammar allows.
pub(crate) struct GeneratedSpelling {
    /// The name of the variant.
    pub(crate) name: String,
    /// What it differs in, in a few words.
    pub(crate) differs: String,
    /// The section that allows it.
    pub(crate) source: String,
    /// It combines several features.
    pub(crate) combined: bool,
    /// The lines of the header field, with placeholders.
    pub(crate) lines: Vec<String>,
}
