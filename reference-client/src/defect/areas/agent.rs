//! Defects that only an agent can have.

use crate::defect::define_defects::define_defects;

define_defects! {
    AGENT_TELLS_MODEL_TOKEN {
        name: "agent-tells-model-token",
        summary: "tells its language model the access token",
        breaks: ["bcp-agent-secrets-not-in-prompt", "token-not-leaked"],
        application: Agent,
    }

    AGENT_FETCHES_LINKS {
        name: "agent-fetches-links",
        summary: "fetches every link in the result of a tool, although nobody asked for that",
        breaks: ["bcp-agent-server-text-is-data"],
        application: Agent,
    }

    AGENT_OPENS_LINKS {
        name: "agent-opens-links",
        summary: "opens every link in the result of a tool in the user's browser",
        breaks: ["bcp-agent-server-text-is-data"],
        application: Agent,
    }
}
