//! What a browser does with an authorization response besides following it.

use super::party_id::PartyId;

/// What a browser does with an authorization response besides following it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseDelivery {
    /// Visits before the real response: the response's event and its address.
    pub(crate) before: Vec<(usize, String)>,
    /// Visits after the real response.
    pub(crate) after: Vec<(usize, String)>,
    /// Whether the real response is not followed.
    pub(crate) instead: bool,
    /// Wait until each of these authorization servers has a response pending, then swap them.
    pub(crate) cross: Vec<PartyId>,
}
