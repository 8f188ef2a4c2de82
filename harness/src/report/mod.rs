//! Reports: what a run came to, as data and in the formats that people and programs read.
//!
//! A [`Report`] is plain data. It holds no live secret and no address of the machine on which the
//! run took place. Every format is a pure function of it.
//!
//! - `model` makes the [`Report`] from transcripts and verdicts: findings, timelines, diagrams.
//! - `format` writes a report as text for a console, HTML, JSON, JUnit, Markdown, TAP, GitHub
//!   annotations or a badge. [`render`] is the way into all of them.
//! - `wording` holds the phrases that several formats share.
//! - `comparison` compares two reports, and `matrix` puts many side by side. `coverage` lists which
//!   scenario checks which requirement, and `explain` describes one scenario or one requirement.
//!   `reference_pages` has them all as Markdown.

mod comparison;
mod coverage;
mod explain;
mod format;
mod format_pages;
mod markdown_page;
mod matrix;
mod model;
mod profile_list;
mod reference_pages;
mod scenario_list;
mod wording;

pub use comparison::{ChangeDirection, CheckChange, ComparedRun, Comparison, compare};
pub use coverage::{Coverage, CoverageState, CoveredRequirement};
pub use explain::{explain_case, explain_requirement, suggest};
pub(crate) use format::badge::{GREEN, RED, draw_badge};
pub(crate) use format::html::{PAGE_STYLE, draw_svg, policy_hash, templates};
#[cfg(feature = "libtest")]
pub use format::render_findings;
pub use format::{Format, RenderError, TextStyle, render};
pub use matrix::{
    LabelledRun, LevelCount, Matrix, MatrixCell, MatrixColumn, MatrixFilter, MatrixRow, ShownRows,
    build_matrix,
};
#[cfg(feature = "libtest")]
pub(crate) use model::last_words;
pub use model::{
    Arrow, AttestedAnswer, Diagram, FORMAT, Finding, Mark, NotRun, OutOfReach, PrintableText,
    Report, RequirementRow, RunDescription, RunOutcome, ShownExchange, ShownMessage, SilentClient,
    Summary, Timeline, TimelineEntry, Timing, WithstoodAttack,
};
pub use profile_list::{list_profiles, profiles_as_json};
pub use reference_pages::{ReferencePage, reference_pages};
pub use scenario_list::{list, list_official};
pub(crate) use wording::area_name::area_name;
pub use wording::baseline_changes::describe_entry_change;
pub(crate) use wording::reasons::describe_reason;
#[cfg(feature = "libtest")]
pub(crate) use wording::reasons::{
    HELP_FOR_OUTDATED, describe_contradiction, describe_instead_of_failure, describe_not_run,
};
