//! The judge, in two pure stages without clock or I/O: *facts* of one transcript, then
//! *conclusions* over a whole run.
//!
//! Saved transcripts can be judged again by anyone: the same input gives the same verdicts.

mod baselined;
mod conclusions;
mod describe;
mod facts;
mod settled;
mod stage;

pub use baselined::{BaselineOutcome, Baselined, Outdated};
pub use conclusions::{
    CaseResult, CheckResult, Conclusions, Declared, MonitorResult, Run, Verdict, conclude,
};
pub use describe::{describe_demands, describe_pattern};
pub use facts::{CheckFacts, Facts, Outcome, facts, judge_alone};
pub use settled::settled;
pub use stage::Stage;
