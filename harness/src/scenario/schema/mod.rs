//! The scenario format as a JSON Schema, for editors that complete and check what an author writes.
//!
//! It is made from the loader's own tables, so that both accept the same. Some rules take more than
//! one place of the file (does this party exist? was the canary sent?), and only the loader checks
//! them. The schema is of draft 7, which the TOML language servers understand.

mod deviation;
mod expect;
mod scenario_schema;
mod schema_builder;
mod text;
mod world;

pub use scenario_schema::{monitors_schema, scenario_schema};
