//! A native application on rmcp, the MCP SDK for Rust: connect, list tools, call tools. See
//! ../README.md.

mod connection;
mod futures_in_turn;
mod keep;
mod sign_in;

use std::path::PathBuf;
use std::sync::Arc;

use connection::Connection;
use futures_in_turn::each;

pub use sign_in::Browser;

/// What an operation fails with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The work the suite hands over.
#[derive(Clone)]
pub struct Job {
    pub servers: Vec<String>,
    pub tools: Vec<String>,
    pub at_once: bool,
    /// A revision of MCP; empty: the newest.
    pub version: String,
    pub credentials: Option<Credentials>,
    /// Where to keep tokens; in memory without.
    pub folder: Option<PathBuf>,
    pub browser: Arc<Browser>,
}

/// A client registered beforehand.
#[derive(Clone)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: Option<String>,
}

/// Connects to every server, lists its tools and calls some.
pub async fn run(job: Job) -> Result<(), Failure> {
    let job = Arc::new(job);
    let servers = job.servers.iter().map(|server| {
        let (job, server) = (Arc::clone(&job), server.clone());
        async move {
            let connection = Arc::new(Connection::open(&server, &job).await?);
            let used = connection.use_tools(&job).await;
            connection.close().await;
            used
        }
    });
    each(servers, job.at_once).await
}
