//! On what a requirement stands.

use crate::words::words;

words! {
    /// On what a requirement stands, which decides whether it can fail a run.
    pub enum Basis {
        /// A sentence with a keyword says it of the client.
        Literal = "literal",
        /// It follows from the sentences that are cited, by the inference that is written out.
        Derived = "derived",
        /// A guide or good practice recommends it. It never fails a run.
        Advice = "advice",
    }
}
