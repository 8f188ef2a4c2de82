//! Measures how long a run and its starts take.

use std::time::{Duration, Instant};

use crate::transcript::{Durations, Transcript};

/// Measures how long a run and its starts take.
pub(super) struct Stopwatch {
    began: Instant,
    /// Seconds of each start.
    starts: Vec<f64>,
}

impl Stopwatch {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            starts: Vec::new(),
        }
    }

    /// Notes how long a start of the client took.
    pub(super) fn add_start(&mut self, duration: Duration) {
        self.starts.push(whole_microseconds(duration));
    }

    /// The transcript with all that was measured up to now.
    pub(super) fn add_durations(self, transcript: Transcript) -> Transcript {
        let durations = Durations {
            seconds: whole_microseconds(self.began.elapsed()),
            starts: self.starts,
        };
        Transcript {
            durations: Some(durations),
            ..transcript
        }
    }
}

/// Seconds, rounded down to whole microseconds: JSON gives so few digits back as they were written.
fn whole_microseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e6
}
