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
//!
//! Some clients keep a processor busy after they have given up. One that has used
//! [`FRUITLESS_SECONDS`] of processor time since the last event or output of its start is quiet as
//! well, and after [`UNSETTLED_GRACE_PERIODS`] times as much if something is missing.

use std::time::Duration;

use super::client::{ClientActivity, ClientHome};
use super::world_handle::WorldHandle;

/// How many grace periods a client must be still while something that the scenario asks for has not
/// happened.
pub const UNSETTLED_GRACE_PERIODS: u32 = 4;
/// How much processor time a client may use without any effect, in seconds.
const FRUITLESS_SECONDS: u64 = 5;
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

/// Watches how much processor time a client uses without any effect that can be seen.
#[derive(Debug)]
struct FruitlessWork {
    /// How much had been recorded when the start began. Until more is, the client is starting up.
    at_first: usize,
    recorded: usize,
    output: u64,
    /// The clock ticks that the client had used when something was last seen of it.
    ticks: u64,
}

impl FruitlessWork {
    fn new(world: &WorldHandle) -> Self {
        let recorded = world.shared.count_recorded();
        Self {
            at_first: recorded,
            recorded,
            output: 0,
            ticks: 0,
        }
    }

    /// The seconds of processor time that the client has used since it last had an effect.
    fn seconds(&mut self, activity: Option<ClientActivity>, world: &WorldHandle) -> u64 {
        let recorded = world.shared.count_recorded();
        let Some(activity) = activity else { return 0 };
        let has_effect = recorded != self.recorded || activity.output != self.output;
        let waits = world.browser.is_loading() || world.shared.is_holding_back();
        if has_effect || waits || recorded == self.at_first || activity.ticks < self.ticks {
            (self.recorded, self.output) = (recorded, activity.output);
            self.ticks = activity.ticks;
        }
        (activity.ticks - self.ticks) / TICKS_PER_SECOND as u64
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
    let mut work = FruitlessWork::new(world);
    loop {
        tokio::time::sleep(pause).await;
        let fruitless = work.seconds(home.activity(), world);
        let is_fruitless = fruitless >= FRUITLESS_SECONDS * u64::from(UNSETTLED_GRACE_PERIODS);
        if is_fruitless || fruitless >= FRUITLESS_SECONDS && is_settled() {
            return;
        }
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
