//! The stage at which the client stopped, which tells a refusal for the right reason from one for
//! another reason.

use crate::scenario::model::EventKind;
use crate::transcript::Transcript;
use crate::words::words;

words! {
    /// The furthest point of the authorization flow that a run reached, in the order of the flow.
    pub enum Stage {
        /// The client sent nothing.
        Nothing = "nothing",
        /// The client sent requests and received no metadata.
        McpRequest = "mcp-request",
        ResourceMetadata = "resource-metadata",
        ServerMetadata = "server-metadata",
        Registration = "registration",
        AuthorizationRequest = "authorization-request",
        AuthorizationResponse = "authorization-response",
        TokenResponse = "token-response",
        /// The MCP server accepted a request of the client.
        CallAccepted = "call-accepted",
        ToolCalled = "tool-called",
        /// The client reached what an honest world leads to.
        Goal = "goal",
    }
}

impl Stage {
    /// The furthest stage in the transcript. `goal` tells whether the run reached its goal.
    pub fn of(transcript: &Transcript, goal: bool) -> Self {
        if goal {
            return Self::Goal;
        }
        transcript
            .events
            .iter()
            .filter_map(|event| Self::reached_by(event.kind))
            .max()
            .unwrap_or_else(|| Self::without_events(transcript))
    }

    /// A request with the name of another host is recorded and makes no event.
    fn without_events(transcript: &Transcript) -> Self {
        if transcript.exchanges.is_empty() {
            Self::Nothing
        } else {
            Self::McpRequest
        }
    }

    fn reached_by(kind: EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::McpRequest | EventKind::Challenge | EventKind::Request => Self::McpRequest,
            EventKind::Prm => Self::ResourceMetadata,
            EventKind::Metadata => Self::ServerMetadata,
            EventKind::RegistrationResponse => Self::Registration,
            EventKind::AuthorizationRequest => Self::AuthorizationRequest,
            EventKind::AuthorizationResponse => Self::AuthorizationResponse,
            EventKind::TokenResponse => Self::TokenResponse,
            EventKind::CallAccepted => Self::CallAccepted,
            EventKind::ToolCalled => Self::ToolCalled,
            _ => return None,
        })
    }
}
