//! When a client that does not end has come to rest, so that nothing more will follow.
//!
//! A client is *still* as long as no event is recorded, no browser window is loading, no server
//! holds an answer back on purpose, the client writes no output, each of its threads sleeps
//! whenever it is looked at, and its processes use less than a twentieth of a processor. A client
//! that wants to run but gets no processor does not sleep: on an overloaded machine the clock of
//! the grace period stands still.
//!
//! When it has been still for the grace period and nothing that the scenario asks for is missing,
//! it has gone *quiet*: its start is over. While something is missing the client may be waiting for
//! a clock of its own (to try again, to give up on the user), so it is given [`UNSETTLED_GRACE_PERIODS`] times as
//! long. Where signs of life cannot be seen, no client is quiet.

use std::time::Duration;

use super::client::{ClientActivity, ClientHome};
use super::launch::WorldHandle;

/// Grace periods that a client is given while something that the scenario asks for has not
/// happened.
pub const UNSETTLED_GRACE_PERIODS: u32 = 4;
/// How often a client is looked at in a grace period.
const LOOKS: u32 = 12;
/// Clock ticks in a second: what Linux counts processor time in, whatever its own clock (time(7)).
const TICKS: f64 = 100.0;
/// The part of one processor that a still client may use: timers of interpreters run for ever.
const IDLING: f64 = 0.05;

/// What is seen of a client at one moment.
#[derive(Debug, Clone, Copy)]
struct Look {
    signs: ClientActivity,
    recorded: usize,
}

impl Look {
    /// `None`: it is active, or there is no telling.
    fn at(home: &dyn ClientHome, watched: &WorldHandle) -> Option<Self> {
        let signs = home.activity().filter(|signs| signs.asleep)?;
        let at_rest = !watched.browser.is_loading() && !watched.shared.is_holding_back();
        at_rest.then(|| Self {
            signs,
            recorded: watched.shared.count_recorded(),
        })
    }

    /// Whether nothing happened since `first`, `still` ago.
    fn continues(&self, first: &Self, still: Duration) -> bool {
        let used = self.signs.ticks.saturating_sub(first.signs.ticks) as f64;
        self.recorded == first.recorded
            && self.signs.output == first.signs.output
            && used <= 1.0 + IDLING * TICKS * still.as_secs_f64()
    }
}

/// Returns when the client has gone quiet. `settled`: whether nothing that the scenario asks for is
/// missing.
pub(super) async fn gone_quiet(
    home: &dyn ClientHome,
    watched: &WorldHandle,
    grace: Duration,
    settled: impl Fn() -> bool,
) {
    let tick = grace / LOOKS;
    let mut first: Option<Look> = None;
    let mut looks = 0;
    loop {
        tokio::time::sleep(tick).await;
        let now = Look::at(home, watched);
        match (&now, &first) {
            (Some(now), Some(first)) if now.continues(first, tick * looks) => looks += 1,
            _ => (first, looks) = (now, 0),
        }
        if looks >= LOOKS * UNSETTLED_GRACE_PERIODS || looks == LOOKS && settled() {
            return;
        }
    }
}
