//! Grammars whose legal spellings become cases.
//!
//! A file with `grammar = NAME` needs no variants of its own: the grammar yields one for each of
//! its features, which is usual, and one for each pair of features, which is rare. A client that
//! fails with a pair and with neither of its features has a fault of its own there, so the report
//! always names the smallest spelling that fails.

mod combine;
mod combined;
mod generated_spelling;
mod named_grammar;
mod www_authenticate;

pub(crate) use combined::COMBINED;
pub(crate) use named_grammar::Grammar;
