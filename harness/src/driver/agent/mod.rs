//! The scripted model: it stands in for the language model of an agent.
//!
//! An agent calls a tool of an MCP server only when its model asks for that. The scripted model
//! speaks the interfaces of the common providers (`dialect`), asks for the tools that the scenario
//! calls (`script`), whatever name the agent offers them under (`tool_name`), and ends the
//! conversation when they were answered. What the agent tells the model is searched for secrets and
//! recorded in the world (`model_server`): a model's provider is no party of the flow.

mod conversation;
mod dialect;
mod gateway;
mod model_server;
mod script;
mod tool_name;

pub(super) use model_server::ModelServer;
