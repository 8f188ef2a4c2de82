//! The requirements on clients: what each one states, in which revisions it applies, to which
//! clients, and where it is stated.
//!
//! They are data (`fixtures/requirements/<area>.toml`, one table per requirement; the README there
//! describes the format). The loader checks them: a [`Requirement`] of a [`Catalogue`] has a known
//! area, tier and revision, an https link for every source, and an id that begins with its area.

mod area;
mod basis;
mod catalogue;
mod catalogue_error;
mod citation;
mod exclusion;
mod keyword;
mod machine;
mod position;
mod requirement;
mod requirement_set;
mod requirement_table;
mod tier;

pub use crate::scenario::model::Capability;
pub use area::Area;
pub use basis::Basis;
pub use catalogue::Catalogue;
pub use catalogue_error::CatalogueError;
pub use citation::Citation;
pub use keyword::Keyword;
pub use machine::Machine;
pub use position::position;
pub use requirement::Requirement;
pub use requirement_set::{RequirementSet, SetError};
pub use tier::Tier;
