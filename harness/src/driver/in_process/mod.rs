//! Clients that run inside this process.

mod function_client;
mod reference_client;

pub use function_client::{Browser, Context, FunctionClient, NoCallback};
pub use reference_client::ReferenceClient;
