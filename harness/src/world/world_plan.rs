//! What a world is made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::net::named_network::NamedNetwork;
use crate::scenario::model::{Case, Revision};

/// What a world is made from.
#[derive(Debug, Clone)]
pub struct WorldPlan<'a> {
    /// The case whose world this is.
    pub case: &'a Case,
    /// Whether this is a control run.
    pub control: bool,
    /// The revision of MCP that the servers speak.
    pub revision: Revision,
    /// The source of all random values: the same seed yields the same values.
    pub seed: String,
    /// Client ID metadata documents that can be fetched through the harness, by URL.
    pub client_documents: BTreeMap<String, ClientDocument>,
    /// The private network in which the world runs, if it does.
    pub network: Option<Arc<NamedNetwork>>,
}

/// A client ID metadata document as its web server would serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDocument {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}
