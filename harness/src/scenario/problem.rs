//! One thing that is wrong with a scenario file, before it has a line number.

use std::ops::Range;

/// A place in a text: a range of its bytes.
pub(crate) type Span = Range<usize>;

/// One thing that is wrong with a file, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScenarioProblem {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) remedy: Option<String>,
}
