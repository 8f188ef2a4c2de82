//! The ways in which the client can be broken, normally one at a time.
//!
//! Each defect has an entry in a table under `areas`. The client asks for a defect at exactly one
//! place, with `defects.has(Defect::NAME)`, next to the rule that the defect breaks. Some defects
//! are marked as `refused`, because an honest server refuses what such a client sends. The client
//! then tries once more without the defect, so that the flow still reaches its end.

mod areas;
mod catalogue;
#[allow(clippy::module_inception)] // The file is named after the type that it holds.
mod defect;
mod defects;
mod define_defects;

pub use catalogue::{UnknownDefect, defects};
pub use defect::{Defect, DefectInfo};
pub use defects::Defects;
