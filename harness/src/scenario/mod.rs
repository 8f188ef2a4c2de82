//! Scenario files in, checked cases out. This part knows no file system, no client and no verdicts.
//!
//! A file is read from the outside in. It is a tree of nodes (`node`). Each variant is an overlay
//! on the rest of that tree and yields one case (`case`). A `reader` reads the parts of the case
//! (`world`, `step`, `deviation`, `expectation`) and collects every problem with its place and a
//! remedy.

mod about_calls;
mod behaviour;
mod case;
mod control;
mod deviation;
mod draft;
pub(crate) mod error;
mod expectation;
mod grammar;
mod ineffective;
mod keys;
mod load;
mod load_context;
mod matchers;
mod message_members;
pub mod model;
pub(crate) mod node;
mod official;
mod patch;
mod pattern;
pub(crate) mod problem;
mod profile;
mod reader;
mod schema;
mod step;
pub(crate) mod suggest;
mod template;
#[cfg(test)]
mod tests;
pub(crate) mod values;
mod variety;
mod world;

pub use behaviour::Behaviour;
pub use control::without_control_suffix;
pub use error::ScenarioError;
pub(crate) use error::line_and_column;
pub use load::{load_file, load_monitors};
pub use load_context::{Applies, LoadContext};
pub use model::*;
pub use official::OFFICIAL_SCENARIOS;
pub use schema::{monitors_schema, scenario_schema};
pub use template::{TemplateError, split_secret};
