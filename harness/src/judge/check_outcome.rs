//! The result of a single demand of an expectation.

/// What one demand came to in one transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckOutcome {
    /// Something forbidden happened.
    Violated,
    /// Something demanded did not happen.
    Unmet,
    /// No event occurred that the demand is about.
    Silent,
    /// The demand held.
    Met,
}
