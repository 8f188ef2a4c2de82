//! `mcp-authspec`: does an MCP client implement authorization as the specification says, and does it survive servers that cheat?
//!
//! One pipeline, five rooms: [`scenario`] (data) becomes a [`world`] of mock parties, a [`driver`] lets the client under test loose
//! on it, the [`transcript`] says what happened, the [`judge`] decides, and [`report`] tells.

pub mod baseline;
pub mod driver;
pub mod events;
pub mod judge;
pub mod report;
pub mod requirements;
pub mod saved;
pub mod scenario;
pub mod suite;
pub mod transcript;
mod words;
pub mod world;

pub use words::UnknownWord;
