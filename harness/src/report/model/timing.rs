//! How long runs took. Tells nothing about verdicts, and nothing about verdicts rests on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::suite::Record;
use crate::transcript::Transcript;

/// Runs that are told as the slowest.
const SLOWEST: usize = 5;

/// How long one run took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// The case, or its control run: `iss/two-values/both (control)`.
    pub run: String,
    /// Of a control run that is nothing else: the first case that needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_of: Option<String>,
    /// With what was set up before and cleaned up after.
    pub seconds: f64,
    /// Seconds of each start of the client.
    pub starts: Vec<f64>,
}

impl Timing {
    /// Every run that was measured: those of cases in their order, then those that are control runs
    /// only.
    pub(crate) fn all(record: &Record) -> Vec<Self> {
        let scored = record
            .cases
            .iter()
            .filter_map(|(case, outcome)| Self::new(&case.id, None, outcome.as_ref().ok()?));
        let mut needed: BTreeMap<String, &str> = BTreeMap::new();
        for (case, _) in record
            .cases
            .iter()
            .filter(|(case, _)| !case.deviations.is_empty())
        {
            needed.entry(case.world_digest()).or_insert(&case.id);
        }
        let is_scored = |id: &str| record.cases.iter().any(|(case, _)| case.id == id);
        let controls = record
            .controls
            .iter()
            .filter(|(_, (case, _))| !is_scored(&case.id));
        let controls = controls.filter_map(|(digest, (case, transcript))| {
            Self::new(&case.id, needed.get(digest).copied(), transcript)
        });
        scored.chain(controls).collect()
    }

    fn new(run: &str, control_of: Option<&str>, transcript: &Transcript) -> Option<Self> {
        let durations = transcript.durations.clone()?;
        let control_of = control_of.map(str::to_owned);
        Some(Self {
            run: run.to_owned(),
            control_of,
            seconds: durations.seconds,
            starts: durations.starts,
        })
    }
}

/// What took longest, the longest first.
pub(crate) fn slowest_runs(timings: &[Timing]) -> Vec<&Timing> {
    let mut all: Vec<&Timing> = timings.iter().collect();
    all.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    all.truncate(SLOWEST);
    all
}

/// `8 ms`, `1.3 s`
pub(crate) fn describe_seconds(seconds: f64) -> String {
    if seconds < 0.9995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_are_told_in_milliseconds() {
        assert_eq!(
            [0.0, 0.0084, 0.9994, 0.9996, 31.27].map(describe_seconds),
            ["0 ms", "8 ms", "999 ms", "1.0 s", "31.3 s"]
        );
    }
}
