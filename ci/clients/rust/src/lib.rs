//! A native application on rmcp, the MCP SDK for Rust: it connects, lists the tools and calls some.
//! See ../README.md.

mod connection;
mod run_each;
mod sign_in;
mod state_file;

use std::path::PathBuf;
use std::sync::Arc;

use connection::Connection;
use run_each::run_each;

pub use sign_in::Browser;

/// The error of an operation.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the suite asks for.
#[derive(Clone)]
pub struct Job {
    pub servers: Vec<String>,
    pub tools: Vec<String>,
    pub at_once: bool,
    /// A revision of MCP. An empty string means the newest.
    pub version: String,
    pub credentials: Option<Credentials>,
    /// The folder for tokens. Without one they are kept in memory.
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
    run_each(servers, job.at_once).await
}
