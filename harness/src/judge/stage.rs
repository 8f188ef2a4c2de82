//! Where the client stopped, so that a refusal for the wrong reason can be seen.

use crate::scenario::model::EventKind;
use crate::transcript::Transcript;
use crate::words::words;

words! {
    /// The furthest point of the flow that a run came to.
    pub enum Stage {
        Nothing = "before it sent anything",
        McpRequest = "after its first request to the MCP server",
        ResourceMetadata = "after the protected resource metadata",
        ServerMetadata = "after the authorization server's metadata",
        Registration = "after the registration",
        AuthorizationRequest = "at the authorization endpoint",
        AuthorizationResponse = "after the authorization response",
        TokenResponse = "after the token response",
        CallAccepted = "after its first accepted request to the MCP server",
        ToolCalled = "after a tool call",
        Goal = "at the goal",
    }
}

impl Stage {
    /// The furthest point in the transcript.
    pub fn of(transcript: &Transcript, goal: bool) -> Self {
        if goal {
            return Self::Goal;
        }
        transcript
            .events
            .iter()
            .filter_map(|e| Self::after(e.kind))
            .max()
            .unwrap_or(Self::Nothing)
    }

    fn after(kind: EventKind) -> Option<Self> {
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
