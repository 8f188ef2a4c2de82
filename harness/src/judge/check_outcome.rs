//! The result of a single demand of an expectation.

/// What one demand came to in one transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckOutcome {
    /// Something forbidden happened.
    Violated,
    /// Something demanded did not happen.
    Unmet,
    /// Something demanded did not happen, and the client had not come so far that it could.
    Unreached,
    /// No event occurred that the demand is about.
    Silent,
    /// The demand held.
    Met,
}
