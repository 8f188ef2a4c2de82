//! Decides when a client that does not end has come to rest, so that nothing more will follow.
//!
//! A client is *still* as long as all of these hold:
//! - no event is recorded,
//! - no browser window is loading,
//! - no server holds back an answer on purpose,
//! - the client writes no output,
//! - each of its threads sleeps whenever it is sampled,
//! - its processes use less than a twentieth of one processor.
//!
//! A client that wants to run but gets no processor does not sleep. So the grace period does not
//! pass on an overloaded machine.
//!
//! A client that has been still for the grace period is *quiet* if nothing that the scenario asks
//! for is missing: its start is over. While something is missing, the client may be waiting for a
//! timer of its own (to try again, or to give up on the user). It is then quiet only after
//! [`UNSETTLED_GRACE_PERIODS`] grace periods. Where the client's activity cannot be observed, no
//! client is quiet.

use std::time::Duration;

use super::client::{ClientActivity, ClientHome};
use super::world_handle::WorldHandle;

/// How many grace periods a client must be still while something that the scenario asks for has not
/// happened.
pub const UNSETTLED_GRACE_PERIODS: u32 = 4;
/// How many samples are taken in one grace period.
const SAMPLES_PER_GRACE_PERIOD: u32 = 12;
/// Clock ticks in a second. Linux counts processor time in this unit on every machine (time(7)).
const TICKS_PER_SECOND: f64 = 100.0;
/// The part of one processor that a still client may use: timers of interpreters never stop.
const IDLE_LOAD: f64 = 0.05;

/// What is observed of a still client at one moment.
#[derive(Debug, Clone, Copy)]
struct ActivitySample {
    activity: ClientActivity,
    /// How many events and exchanges the world had recorded.
    recorded: usize,
}

impl ActivitySample {
    /// Takes a sample. It is `None` if the client is active, or if that cannot be observed.
    fn take(home: &dyn ClientHome, world: &WorldHandle) -> Option<Self> {
        let activity = home.activity().filter(|activity| activity.asleep)?;
        let is_world_at_rest = !world.browser.is_loading() && !world.shared.is_holding_back();
        is_world_at_rest.then(|| Self {
            activity,
            recorded: world.shared.count_recorded(),
        })
    }

    /// Whether nothing has happened since the sample `first`, which was taken `elapsed` ago.
    fn is_unchanged_since(&self, first: &Self, elapsed: Duration) -> bool {
        let used = self.activity.ticks.saturating_sub(first.activity.ticks) as f64;
        self.recorded == first.recorded
            && self.activity.output == first.activity.output
            && used <= 1.0 + IDLE_LOAD * TICKS_PER_SECOND * elapsed.as_secs_f64()
    }
}

/// Returns when the client is quiet. `is_settled` tells whether nothing that the scenario asks for
/// is missing.
pub(super) async fn wait_until_quiet(
    home: &dyn ClientHome,
    world: &WorldHandle,
    grace: Duration,
    is_settled: impl Fn() -> bool,
) {
    let pause = grace / SAMPLES_PER_GRACE_PERIOD;
    let mut first: Option<ActivitySample> = None;
    // consecutive samples since `first` in which nothing had changed
    let mut still = 0;
    loop {
        tokio::time::sleep(pause).await;
        let now = ActivitySample::take(home, world);
        match (&now, &first) {
            (Some(now), Some(first)) if now.is_unchanged_since(first, pause * still) => still += 1,
            _ => (first, still) = (now, 0),
        }
        let is_long_still = still >= SAMPLES_PER_GRACE_PERIOD * UNSETTLED_GRACE_PERIODS;
        if is_long_still || still == SAMPLES_PER_GRACE_PERIOD && is_settled() {
            return;
        }
    }
}
