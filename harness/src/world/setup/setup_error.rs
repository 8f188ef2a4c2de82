//! The error of a case that cannot be set up.

use super::super::error::WorldError;
use crate::scenario::model::Case;

/// The error that `case` cannot be set up because of `problem`.
pub(super) fn setup_error(case: &Case, problem: String) -> WorldError {
    WorldError::Setup {
        case: case.id.clone(),
        problem,
    }
}
