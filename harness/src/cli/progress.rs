//! How a run is watched and when it ends: a bar on a terminal, now and then a line in a pipe, and
//! the options about patience.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use mcp_authspec::suite::{Following, Progress, Recorder, Suite, Weigh};

/// How often a line goes into a pipe.
const LINE_EVERY: Duration = Duration::from_secs(30);
/// Scenarios named at a time.
const NAMED: usize = 2;
/// Runs after which it is given up on a client that sends nothing.
const GIVE_UP_AFTER: usize = 10;

/// Options about patience and watching.
#[derive(Debug, Args)]
pub(super) struct ProgressArguments {
    /// Seconds that a client must have been at rest until its start is taken to be over, if it does
    /// not end by itself
    ///
    /// At rest means: no request, no page loading in the browser, no answer that a server holds
    /// back on purpose, no output, all threads asleep, and next to no processor time used. A client
    /// that waits for a processor is not asleep, so an overloaded machine ends nobody's run.
    ///
    /// When all that a scenario asks for has happened, the start is over after this time. While
    /// something is missing, the client may be waiting for a clock of its own, and gets four times
    /// as long. It is then told to end (end of input and SIGTERM), killed if it does not, and
    /// judged by what it did: its status is `quiet`, which is no failure.
    ///
    /// A client that is not at rest has until --timeout. So has every client where rest cannot be
    /// seen: it can on Linux, for clients that are processes.
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    pub(super) grace: Duration,
    /// End the run with the first case that fails; what --baseline knows and --requirements does
    /// not score ends nothing
    #[arg(long)]
    fail_fast: bool,
    /// Run a case that fails the run again, so often at most; one that then passes is reported as
    /// flaky
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: u32,
    /// What is told while the suite runs, on standard error
    #[arg(long, value_enum, default_value_t = Form::Auto)]
    progress: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A bar on a terminal; elsewhere a line every half minute
    Auto,
    /// A line for each run that is over, and for each failure
    Plain,
    /// Nothing
    None,
}

impl ProgressArguments {
    pub(super) fn following<'a>(
        &self,
        suite: &'a Suite,
        strict: bool,
        weigh: &'a Weigh<'a>,
        recorder: &'a dyn Recorder,
    ) -> Following<'a> {
        let (retries, fail_fast, recorder) = (self.retries, self.fail_fast, Some(recorder));
        Following {
            suite,
            strict,
            retries,
            fail_fast,
            give_up_after: GIVE_UP_AFTER,
            weigh,
            recorder,
        }
    }

    pub(super) fn watcher(&self) -> Watcher {
        let form = match self.progress {
            Form::None => None,
            Form::Plain => Some(Shown::Lines(Duration::ZERO)),
            Form::Auto if std::io::stderr().is_terminal() => Some(Shown::Bar(bar())),
            Form::Auto => Some(Shown::Lines(LINE_EVERY)),
        };
        let now = Instant::now();
        Watcher {
            form,
            state: Mutex::new(State {
                planned: 0,
                done: 0,
                failed: 0,
                running: Vec::new(),
                began: now,
                told: now,
            }),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|s| Duration::try_from_secs_f64(s).ok())
        .ok_or_else(|| "a number of seconds greater than 0".to_owned())
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Tells what happens while the suite runs.
pub(super) struct Watcher {
    form: Option<Shown>,
    state: Mutex<State>,
}

enum Shown {
    Bar(ProgressBar),
    /// Lines, so far apart at least.
    Lines(Duration),
}

#[derive(Debug)]
struct State {
    planned: usize,
    done: usize,
    failed: usize,
    running: Vec<String>,
    began: Instant,
    /// When a line was last written.
    told: Instant,
}

impl Watcher {
    pub(super) fn tell(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.take_in(progress);
        match &self.form {
            None => {}
            Some(Shown::Bar(bar)) => {
                bar.set_length(state.planned as u64);
                bar.set_position(state.done as u64);
                bar.set_message(state.message(state.began.elapsed()));
                if let Some(news) = news(progress) {
                    bar.println(news);
                }
            }
            Some(Shown::Lines(apart)) if apart.is_zero() => {
                if let Some(news) = news(progress) {
                    eprintln!("{news}");
                }
                if let Progress::Finished(case) = progress {
                    eprintln!("{}/{} {case}", state.done, state.planned);
                }
            }
            Some(Shown::Lines(apart))
                if state.told.elapsed() >= *apart && state.done < state.planned =>
            {
                state.told = Instant::now();
                eprintln!(
                    "mcp-authspec: {}/{} {}",
                    state.done,
                    state.planned,
                    state.message(state.began.elapsed())
                );
            }
            Some(Shown::Lines(_)) => {}
        }
    }

    pub(super) fn clear(&self) {
        if let Some(Shown::Bar(bar)) = &self.form {
            bar.finish_and_clear();
        }
    }
}

/// What is told at once.
fn news(progress: &Progress) -> Option<String> {
    match progress {
        Progress::Failed(case, failed) => Some(format!("failed: {case}: {}", failed.join(", "))),
        Progress::Again(case) => Some(format!("again:  {case}")),
        Progress::Planned(_) | Progress::Started(_) | Progress::Finished(_) => None,
    }
}

impl State {
    fn take_in(&mut self, progress: &Progress) {
        match progress {
            Progress::Planned(runs) => self.planned = *runs,
            Progress::Started(case) => self.running.push(case.clone()),
            Progress::Finished(case) => {
                self.done += 1;
                if let Some(at) = self.running.iter().position(|running| running == case) {
                    self.running.remove(at);
                }
            }
            Progress::Failed(..) => self.failed += 1,
            Progress::Again(_) => self.planned += 1,
        }
    }

    /// `2 failed, about 12 s left: iss/two-values, plain/flow and 1 more`
    fn message(&self, elapsed: Duration) -> String {
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        if self.done > 0 {
            let left = elapsed.as_secs_f64() / self.done as f64
                * self.planned.saturating_sub(self.done) as f64;
            parts.push(if left < 90.0 {
                format!("about {left:.0} s left")
            } else {
                format!("about {:.0} min left", left / 60.0)
            });
        }
        let mut text = parts.join(", ");
        if !self.running.is_empty() {
            let more = self.running.len().saturating_sub(NAMED);
            let named = self
                .running
                .iter()
                .take(NAMED)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            text = format!(
                "{text}{}{named}{more}",
                if text.is_empty() { "" } else { ": " }
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_runs_how_many_failed_and_how_long_it_will_take() {
        let now = Instant::now();
        let mut state = State {
            planned: 0,
            done: 0,
            failed: 0,
            running: Vec::new(),
            began: now,
            told: now,
        };
        let mut messages = Vec::new();
        for progress in [
            Progress::Planned(40),
            Progress::Started("a/one".to_owned()),
            Progress::Started("a/two".to_owned()),
            Progress::Started("a/three".to_owned()),
            Progress::Finished("a/two".to_owned()),
            Progress::Failed("a/two".to_owned(), vec!["some-requirement".to_owned()]),
            Progress::Again("a/two".to_owned()),
            Progress::Finished("a/one".to_owned()),
            Progress::Finished("a/three".to_owned()),
        ] {
            state.take_in(&progress);
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
