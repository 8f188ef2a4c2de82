//! What a browser does with an authorization response besides following it.

use super::party_id::PartyId;
use crate::scenario::model::CallbackMethod;

/// An authorization response that another site makes the browser bring to the client.
#[derive(Debug, Clone)]
pub(crate) struct ForgedResponse {
    /// The response's event.
    pub(crate) event: usize,
    pub(crate) address: String,
    pub(crate) method: CallbackMethod,
}

/// What a browser does with an authorization response besides following it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseDelivery {
    /// Forged responses before the real one.
    pub(crate) before: Vec<ForgedResponse>,
    /// Forged responses after the real one.
    pub(crate) after: Vec<ForgedResponse>,
    /// Whether the real response is not followed.
    pub(crate) instead: bool,
    /// Wait until each of these authorization servers has a response pending, then swap them.
    pub(crate) cross: Vec<PartyId>,
}
