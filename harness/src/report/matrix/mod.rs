//! Many runs side by side: one row for each requirement, one column for each client and revision.
//!
//! A [`Matrix`] is plain data. Its JSON form can be read again and joined with other runs, so a
//! table of many clients is built from summaries and not from whole runs.

mod console;
mod filter;
mod html;
mod markdown;
mod matrix_builder;
mod model;

pub use filter::{MatrixFilter, ShownRows};
pub use matrix_builder::{LabelledRun, build_matrix};
pub use model::{LevelCount, Matrix, MatrixCell, MatrixColumn, MatrixRow};
