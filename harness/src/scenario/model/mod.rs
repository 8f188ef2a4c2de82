//! The content of a scenario file: cases, parties, deviations, steps, expectations.
//!
//! The loader checks it: what it returns names only known words, parties that exist, and members
//! that their answer has. `scenarios/FORMAT.md` describes what everything means.

mod capability;
mod case;
mod deviation;
mod event_field;
mod expectation;
mod field_facts;
mod field_kind;
mod level;
mod party;
mod profile;
mod revision;
mod role_kind;
mod setting_error;
mod setting_kind;
mod setting_structures;
mod setting_words;
mod source;
mod step;
mod value;
mod variety;

pub use capability::Capability;
pub use case::{Case, scenario_of};
pub use deviation::*;
pub use event_field::{EventField, SINGLE_PARAMETERS};
pub use expectation::*;
pub use field_kind::{FieldKind, FieldMember};
pub use level::Level;
pub use party::{AuthorizationServer, McpServer, Party, Role, SettingFacts};
pub use profile::{FactMark, Profile, ProfileFact};
pub use revision::Revision;
pub use role_kind::{ADDRESSES, RoleKind};
pub use setting_error::SettingError;
pub use setting_kind::SettingType;
pub use setting_structures::{ClientCredentials, PrmPlace};
pub use setting_words::*;
pub use source::Source;
pub use step::*;
pub use value::*;
pub use variety::{VariantMark, Variety, VarietyChoice};
