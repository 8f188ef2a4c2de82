//! What the scheduler reports while a suite runs.

/// One step of a suite run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The number of runs to come, control runs included.
    Planned { runs: usize },
    /// A run has begun.
    Started { case: String },
    /// A run is over.
    Finished { case: String },
    /// A case has been judged together with its control run, and these requirements failed.
    Failed {
        case: String,
        requirements: Vec<String>,
    },
    /// A case or control run failed and is run again.
    Retried { case: String },
}
