//! The judge: verdicts from transcripts, in two pure stages without clock, input or output.
//!
//! The first stage collects the [`Facts`] of each transcript. The second one draws the
//! [`Conclusions`] of a whole run from them. The same transcripts always get the same verdicts, so
//! anyone can judge a saved run again.
//!
//! Everything that the judge says is data. A verdict that needs an explanation carries a
//! [`Reason`]; [`crate::report`] turns it into a sentence.

mod attacker_gain;
mod baselined;
mod capabilities;
mod case_result;
mod check_outcome;
mod check_result;
mod conclude;
mod conclusions;
mod demands;
mod evaluated_run;
mod facts;
mod judge_case;
mod judge_monitors;
mod missing_capability;
mod monitor_result;
mod not_run_reason;
mod occasion;
mod reason;
mod ruling;
mod run_evidence;
mod settled;
mod stage;
mod verdict;

pub use attacker_gain::{AttackerGain, GainKind};
pub use baselined::{BaselineOutcome, Baselined, InsteadOfFailure, OutdatedEntry};
pub use capabilities::{Declared, shown_capabilities};
pub use case_result::CaseResult;
pub use check_outcome::CheckOutcome;
pub use check_result::CheckResult;
pub use conclude::conclude;
pub use conclusions::Conclusions;
pub use facts::{CheckFacts, Facts, collect_facts, judge_alone};
pub use missing_capability::{CapabilityGap, MissingCapability};
pub use monitor_result::MonitorResult;
pub use not_run_reason::NotRunReason;
pub use reason::Reason;
pub use run_evidence::RunEvidence;
pub use settled::is_settled;
pub use stage::Stage;
pub use verdict::Verdict;
