//! What a report says of a run besides what was recorded.

/// What a report says of a run besides what was recorded.
#[derive(Debug, Clone)]
pub struct RunDescription {
    /// What the client is called in headings: "the bundled reference client", or its command.
    pub client: String,
    /// The command that makes this run again, without `--scenario`.
    pub rerun: String,
    /// What all random values were made from.
    pub seed: String,
    /// `2/5`: the part of all cases that was run; `None`: all of them.
    pub shard: Option<String>,
    /// How long the run took.
    pub seconds: f64,
    /// Whether it was ended before all was run.
    pub interrupted: bool,
    /// Whether a failed `SHOULD` fails the run.
    pub strict: bool,
    /// Whether secrets are shown as they are, for somebody who looks for a fault at home.
    pub show_secrets: bool,
}

impl RunDescription {
    /// Describes a complete run of a client. There is no command that repeats it.
    pub fn new(client: impl Into<String>, seed: impl Into<String>) -> Self {
        Self {
            client: client.into(),
            rerun: String::new(),
            seed: seed.into(),
            shard: None,
            seconds: 0.0,
            interrupted: false,
            strict: false,
            show_secrets: false,
        }
    }
}
