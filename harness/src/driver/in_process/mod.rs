//! Clients that run inside this process.
//!
//! [`FunctionClient`] runs any `async fn`: that is how a Rust library brings its client.
//! [`ReferenceClient`] is the client that comes with this project.

mod context;
mod function_client;
mod own_runtime;
mod reference_client;

pub use context::{Browser, Context, NoCallback};
pub use function_client::FunctionClient;
pub use reference_client::ReferenceClient;
