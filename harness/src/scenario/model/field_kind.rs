//! What the fields of events can hold.

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    Text,
    /// A text that is searched, never compared as a whole: output, pages, files.
    SearchedText,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list of texts.
    Texts,
    /// The words of a scope: a set.
    Scope,
    /// One word of a closed list.
    Word(&'static [&'static str]),
    /// Several words of a closed list.
    Words(&'static [&'static str]),
    /// Names of secrets, such as `as.code#1`.
    Secrets,
    /// A JSON object that scenarios only ask for as a whole.
    Object,
    /// A table with these members, each of which has matchers of its own.
    Table(&'static [FieldMember]),
    /// HTTP headers by name: a table with any members.
    Headers,
    /// Decoded parameters by name: a table with any members, each of which is a list.
    Parameters,
}

/// One member of a field that is a [`FieldKind::Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldMember {
    /// Its name, such as `jti`.
    pub name: &'static str,
    /// Whether it holds a secret or an address, which a scenario writes as a placeholder.
    pub needs_placeholder: bool,
    /// The words that its values are taken from; `None`: they can be anything.
    pub words: Option<&'static [&'static str]>,
}
