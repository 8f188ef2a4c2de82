//! A case's world in words: who is there, what misbehaves, what happens when.

mod deviations;
mod parties;
mod steps;
mod values;

pub(crate) use deviations::deviations;
pub(crate) use parties::parties;
pub(crate) use steps::steps;
