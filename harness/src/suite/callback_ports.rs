//! Notices clients that always listen for their callback on the same port.
//!
//! Two starts of such a client that take place at the same time receive each other's callbacks, or
//! one of them cannot listen at all. Neither is a fault of the client, which runs once on a user's
//! machine. So its runs take place one by one, and those that overlapped with others are made
//! again.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::places::Pace;
use super::plan::Job;
use crate::loopback::has_loopback_host;
use crate::scenario::model::EventKind;
use crate::transcript::{Actor, Exchange, Transcript};

/// After how many runs with the same port two of them that overlap are no coincidence: systems give
/// out some thirty thousand ports at random.
const MIN_RUNS_FOR_COLLISION: usize = 3;

/// A run that is over, with its place among the starts and ends of all runs.
pub(super) struct ObservedRun {
    pub(super) job: Job,
    pub(super) began: u64,
    pub(super) ended: u64,
    /// The ports at which the client received callbacks.
    pub(super) ports: BTreeSet<u16>,
}

impl ObservedRun {
    fn overlaps(&self, began: u64, ended: u64) -> bool {
        self.began < ended && began < self.ended
    }
}

/// Watches the ports of all runs.
#[derive(Default)]
pub(super) struct CallbackPorts {
    runs: Vec<ObservedRun>,
    /// The starts and ends of all runs, also of those that are made again.
    spans: Vec<(u64, u64)>,
    /// How many runs used each port.
    uses: BTreeMap<u16, usize>,
    runs_with_port: usize,
    fixed: Option<u16>,
}

impl CallbackPorts {
    /// The port that the client always uses, once that is known.
    pub(super) const fn fixed(&self) -> Option<u16> {
        self.fixed
    }

    /// How many runs may take place at the same time from now on. Two runs with a port are enough
    /// to see whether it is always the same.
    pub(super) fn pace(&self) -> Pace {
        let observed = self.spans.len();
        match self.fixed {
            Some(_) => Pace::OneByOne,
            None if observed < 2 && self.runs_with_port == observed => Pace::FirstRuns,
            None => Pace::Parallel,
        }
    }

    /// Notes a run. Returns the runs to make again: those that overlapped with another one, if the
    /// client always uses the same port.
    pub(super) fn observe(&mut self, run: ObservedRun) -> Vec<Job> {
        self.runs_with_port += usize::from(!run.ports.is_empty());
        for port in &run.ports {
            *self.uses.entry(*port).or_default() += 1;
        }
        self.fixed = self.fixed.or_else(|| self.find_fixed(&run));
        self.spans.push((run.began, run.ended));
        self.runs.push(run);
        match self.fixed {
            Some(_) => self.take_overlapping(),
            None => Vec::new(),
        }
    }

    /// A port that most runs used, or one at which this run and one that overlapped met.
    fn find_fixed(&self, run: &ObservedRun) -> Option<u16> {
        let others = self
            .runs
            .iter()
            .filter(|o| o.overlaps(run.began, run.ended));
        let met: BTreeSet<u16> = others
            .flat_map(|other| other.ports.iter().copied())
            .collect();
        run.ports.iter().copied().find(|port| {
            let uses = self.uses.get(port).copied().unwrap_or_default();
            let is_usual = uses > 1 && uses * 2 > self.runs_with_port;
            is_usual || uses >= MIN_RUNS_FOR_COLLISION && met.contains(port)
        })
    }

    fn take_overlapping(&mut self) -> Vec<Job> {
        let spans = &self.spans;
        let is_touched = |run: &ObservedRun| {
            let mut others = spans.iter().filter(|span| **span != (run.began, run.ended));
            others.any(|(began, ended)| run.overlaps(*began, *ended))
        };
        let (touched, clean): (Vec<_>, Vec<_>) = self.runs.drain(..).partition(is_touched);
        self.runs = clean;
        touched.into_iter().map(|run| run.job).collect()
    }
}

/// The ports of this machine at which the client's own listener received callbacks from a browser.
pub(super) fn callback_ports(transcript: &Transcript) -> BTreeSet<u16> {
    let mut events = transcript.events.iter();
    if !events.any(|event| event.kind == EventKind::CallbackPage) {
        return BTreeSet::new();
    }
    transcript
        .events
        .iter()
        .filter(|event| event.kind == EventKind::AuthorizationRequest)
        .filter_map(|event| transcript.exchanges.get(event.exchange?))
        .filter(|exchange| exchange.actor == Actor::UserAgent)
        .filter_map(redirect_port)
        .collect()
}

/// The port of the redirect URI in an authorization request, if it is one of this machine.
fn redirect_port(exchange: &Exchange) -> Option<u16> {
    let (_, query) = exchange.target.split_once('?')?;
    let mut parameters = url::form_urlencoded::parse(query.as_bytes());
    let (_, uri) = parameters.find(|(name, _)| name == "redirect_uri")?;
    let uri = Url::parse(&uri).ok()?;
    uri.port().filter(|_| has_loopback_host(&uri))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    /// Observes runs, each with its start, its end and its port. Returns how many were to be made
    /// again, and the port that was found to be fixed.
    fn observe(runs: &[(u64, u64, u16)]) -> (usize, Option<u16>) {
        let suite = Suite::embedded().unwrap();
        let mut ports = CallbackPorts::default();
        let mut again = 0;
        for (began, ended, port) in runs {
            let run = ObservedRun {
                job: Job::new(suite.cases[0].clone(), None),
                began: *began,
                ended: *ended,
                ports: Some(*port).filter(|port| *port > 0).into_iter().collect(),
            };
            again += ports.observe(run).len();
        }
        (again, ports.fixed())
    }

    #[test]
    fn the_usual_port_is_fixed_and_runs_that_overlapped_are_made_again() {
        assert_eq!(observe(&[(0, 1, 3118), (2, 3, 3118)]), (0, Some(3118)));
        // the second could not listen, so it shows no port
        assert_eq!(
            observe(&[(0, 4, 3118), (1, 2, 0), (3, 6, 3118), (5, 7, 0)]),
            (4, Some(3118))
        );
    }

    #[test]
    fn a_run_that_was_under_way_when_the_port_was_found_is_made_again() {
        let runs = [(0, 1, 3118), (2, 4, 3118), (3, 5, 3118), (6, 7, 3118)];
        assert_eq!(observe(&runs), (2, Some(3118)));
    }

    #[test]
    fn ports_of_the_system_are_not_fixed() {
        let runs = [
            (0, 3, 40_001),
            (1, 4, 40_002),
            (2, 6, 40_003),
            (5, 8, 40_002),
        ];
        assert_eq!(observe(&runs), (0, None));
    }

    #[test]
    fn a_port_of_some_scenarios_is_fixed_once_runs_meet_there() {
        let mut runs: Vec<(u64, u64, u16)> = (40_000..40_009)
            .zip(0..)
            .map(|(port, run)| (run * 2, run * 2 + 1, port))
            .collect();
        runs.extend([(30, 31, 3118), (40, 43, 3118), (42, 45, 3118)]);
        assert_eq!(observe(&runs), (2, Some(3118)));
    }
}
