//! The judge: verdicts from transcripts, in two pure stages without clock, input or output.
//!
//! The first stage collects the [`Facts`] of each transcript. The second one draws the
//! [`Conclusions`] of a whole run from them. The same transcripts always get the same verdicts, so
//! anyone can judge a saved run again.

mod baselined;
mod capabilities;
mod check_outcome;
mod conclusions;
mod demands;
mod describe;
mod facts;
mod settled;
mod stage;
mod verdict;

pub use baselined::{BaselineOutcome, Baselined, Outdated};
pub use capabilities::{Declared, shown_capabilities};
pub use check_outcome::CheckOutcome;
pub use conclusions::{CaseResult, CheckResult, Conclusions, MonitorResult, Run, conclude};
pub use describe::{describe_demands, describe_pattern};
pub use facts::{CheckFacts, Facts, collect_facts, judge_alone};
pub use settled::is_settled;
pub use stage::Stage;
pub use verdict::Verdict;
