//! Baselines: files of known failures. A run with a baseline passes as long as nothing fails but
//! what the baseline expects, and fails as well when an expected failure no longer occurs.
//!
//! A baseline is applied to the verdicts of the judge. The verdicts stay as they are; a failure
//! that is expected gets a mark ([`Baselined`]).
//!
//! ```toml
//! [known]
//! "iss/two-values:iss-multiple-identifiers" = "issue 12"
//! ```

mod apply;
#[allow(clippy::module_inception)] // the file holds the type `Baseline`
mod baseline;
mod baseline_target;
mod editor;
mod entry_change;
mod error;
mod official_format;
mod parse;
mod standing;
mod toml_format;
mod unexpected_failures;
mod update;
mod update_baseline;
mod update_error;

pub use crate::judge::{BaselineOutcome, Baselined, OutdatedEntry};
pub use baseline::Baseline;
pub use entry_change::{EntryChange, RemovalCause};
pub use error::{BaselineError, BaselineProblem};
pub use update::{Learned, Update, Updated};
pub use update_baseline::update_baseline;
pub use update_error::UpdateError;
