//! Shows the progress of a run on standard error: as a bar on a terminal, as a line now and then
//! elsewhere.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::progress_arguments::ProgressForm;
use crate::suite::Progress;

/// How often a line is printed where standard error is not a terminal: often enough that CI systems
/// do not take the run for hung.
const LINE_INTERVAL: Duration = Duration::from_secs(30);
/// How many running scenarios are named at a time, so that a message fits on one line.
const NAMED_SCENARIOS: usize = 2;

/// Shows the progress of a run.
pub(super) struct ProgressDisplay {
    medium: Option<DisplayMedium>,
    state: Mutex<ProgressState>,
}

enum DisplayMedium {
    Bar(ProgressBar),
    /// A line for each run.
    EveryRun,
    /// A line after each interval.
    Interval(Duration),
}

#[derive(Debug)]
struct ProgressState {
    planned: usize,
    done: usize,
    failed: usize,
    running: Vec<String>,
    began: Instant,
    last_line: Instant,
}

impl ProgressDisplay {
    pub(super) fn new(form: ProgressForm) -> Self {
        let medium = match form {
            ProgressForm::None => None,
            ProgressForm::Plain => Some(DisplayMedium::EveryRun),
            ProgressForm::Auto if std::io::stderr().is_terminal() => {
                Some(DisplayMedium::Bar(new_bar()))
            }
            ProgressForm::Auto => Some(DisplayMedium::Interval(LINE_INTERVAL)),
        };
        let now = Instant::now();
        Self {
            medium,
            state: Mutex::new(ProgressState {
                planned: 0,
                done: 0,
                failed: 0,
                running: Vec::new(),
                began: now,
                last_line: now,
            }),
        }
    }

    /// Shows one step of the run.
    pub(super) fn show(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.update(progress);
        match &self.medium {
            None => {}
            Some(DisplayMedium::Bar(bar)) => {
                bar.set_length(state.planned as u64);
                bar.set_position(state.done as u64);
                bar.set_message(state.message(state.began.elapsed()));
                if let Some(announcement) = announcement(progress) {
                    bar.println(announcement);
                }
            }
            Some(DisplayMedium::EveryRun) => {
                if let Some(announcement) = announcement(progress) {
                    eprintln!("{announcement}");
                }
                if let Progress::Finished { case } = progress {
                    eprintln!("{}/{} {case}", state.done, state.planned);
                }
            }
            Some(DisplayMedium::Interval(interval))
                if state.last_line.elapsed() >= *interval && state.done < state.planned =>
            {
                state.last_line = Instant::now();
                let message = state.message(state.began.elapsed());
                eprintln!("mcp-authspec: {}/{} {message}", state.done, state.planned);
            }
            Some(DisplayMedium::Interval(_)) => {}
        }
    }

    /// Removes the bar, so that it does not stand in the report.
    pub(super) fn clear(&self) {
        if let Some(DisplayMedium::Bar(bar)) = &self.medium {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// The line that is shown at once for a failure or a retry.
fn announcement(progress: &Progress) -> Option<String> {
    match progress {
        Progress::Failed { case, requirements } => {
            Some(format!("failed: {case}: {}", requirements.join(", ")))
        }
        Progress::Retried { case } => Some(format!("again:  {case}")),
        Progress::Planned { .. } | Progress::Started { .. } | Progress::Finished { .. } => None,
    }
}

impl ProgressState {
    fn update(&mut self, progress: &Progress) {
        match progress {
            Progress::Planned { runs } => self.planned = *runs,
            Progress::Started { case } => self.running.push(case.clone()),
            Progress::Finished { case } => {
                self.done += 1;
                if let Some(at) = self.running.iter().position(|running| running == case) {
                    self.running.remove(at);
                }
            }
            Progress::Failed { .. } => self.failed += 1,
            Progress::Retried { .. } => self.planned += 1,
        }
    }

    /// `2 failed, about 12 s left: iss/two-values, plain/flow and 1 more`
    fn message(&self, elapsed: Duration) -> String {
        let failed = (self.failed > 0).then(|| format!("{} failed", self.failed));
        let numbers: Vec<String> = failed.into_iter().chain(self.time_left(elapsed)).collect();
        let parts = [numbers.join(", "), self.running_scenarios()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(": ")
    }

    /// The time left, if the runs to come take as long as those that are over.
    fn time_left(&self, elapsed: Duration) -> Option<String> {
        if self.done == 0 {
            return None;
        }
        let seconds_each = elapsed.as_secs_f64() / self.done as f64;
        let seconds = seconds_each * self.planned.saturating_sub(self.done) as f64;
        Some(if seconds < 90.0 {
            format!("about {seconds:.0} s left")
        } else {
            format!("about {:.0} min left", seconds / 60.0)
        })
    }

    fn running_scenarios(&self) -> String {
        let named: Vec<&str> = self
            .running
            .iter()
            .take(NAMED_SCENARIOS)
            .map(String::as_str)
            .collect();
        match self.running.len().saturating_sub(NAMED_SCENARIOS) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_running_cases_failures_and_the_time_left() {
        let now = Instant::now();
        let mut state = ProgressState {
            planned: 0,
            done: 0,
            failed: 0,
            running: Vec::new(),
            began: now,
            last_line: now,
        };
        let mut messages = Vec::new();
        for progress in [
            Progress::Planned { runs: 40 },
            Progress::Started {
                case: "a/one".to_owned(),
            },
            Progress::Started {
                case: "a/two".to_owned(),
            },
            Progress::Started {
                case: "a/three".to_owned(),
            },
            Progress::Finished {
                case: "a/two".to_owned(),
            },
            Progress::Failed {
                case: "a/two".to_owned(),
                requirements: vec!["some-requirement".to_owned()],
            },
            Progress::Retried {
                case: "a/two".to_owned(),
            },
            Progress::Finished {
                case: "a/one".to_owned(),
            },
            Progress::Finished {
                case: "a/three".to_owned(),
            },
        ] {
            state.update(&progress);
            messages.push(state.message(Duration::from_secs(6)));
        }
        assert_eq!(
            messages,
            [
                "",
                "a/one",
                "a/one, a/two",
                "a/one, a/two and 1 more",
                "about 4 min left: a/one, a/three",
                "1 failed, about 4 min left: a/one, a/three",
                "1 failed, about 4 min left: a/one, a/three",
                "1 failed, about 2 min left: a/three",
                "1 failed, about 76 s left",
            ]
        );
    }
}
