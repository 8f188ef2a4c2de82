//! The values that hold where neither the user nor a client file sets one. The help texts show
//! these constants.

use std::time::Duration;

/// How long one start of the client may take. An authorization flow takes well under a second;
/// package runners such as `npx` and slow CI machines need some ten seconds to start a client.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client must have been at rest until its start is taken to be over. Common retry and
/// poll intervals of clients (one or two seconds) are shorter.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(3);

/// After how many runs without a single request the rest of the suite is skipped: such a client was
/// started in a wrong way, and every further run would only take its whole time-out.
pub const SILENT_RUNS_BEFORE_GIVING_UP: usize = 10;

/// How many clients run at the same time: as many as there are processors.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
