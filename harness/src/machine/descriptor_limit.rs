//! The number of file descriptors that this process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The limit that is asked for. The clients inherit it, so it is not higher than the programs of a
/// usual system are used to: some close every descriptor below the limit when they start.
const WANTED: u64 = 16_384;
/// What is kept for the process itself: its output, its runtimes, the files that it saves.
const KEPT_FOR_PROCESS: u64 = 16;
/// How many descriptors one run of the bundled client takes at most, as measured: the listeners of
/// the largest world, and the connections to them with both ends in this process.
const LEAST_FOR_RUN: u64 = 26;
/// How many descriptors are reckoned for each of several runs. Clients differ.
const RECKONED_FOR_RUN: u64 = 48;

/// The limit on file descriptors, and how many of them are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "too few file descriptors: {in_use} of {limit} are in use, and a run needs {LEAST_FOR_RUN}\n  \
     help: raise the limit, for example with `ulimit -n 1024`"
)]
pub struct DescriptorLimit {
    limit: u64,
    in_use: u64,
}

impl DescriptorLimit {
    /// Raises the limit of this process as far as the system allows and is reasonable. A limit that
    /// cannot be raised stays as it is.
    pub fn raise() {
        let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
            return;
        };
        let wanted = WANTED.min(hard);
        if soft < wanted {
            let _ = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard);
        }
    }

    /// The limit of this process. `None`: the system does not tell it.
    pub fn of_this_process() -> Option<Self> {
        let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
        let open = std::fs::read_dir("/dev/fd").ok()?.count();
        Some(Self {
            limit,
            in_use: u64::try_from(open).ok()?,
        })
    }

    /// The limit as an error, if not even one run fits into it.
    pub fn check(self) -> Result<(), Self> {
        if self.free() < LEAST_FOR_RUN {
            return Err(self);
        }
        Ok(())
    }

    /// How many runs can take place at the same time: at least one.
    pub fn runs_that_fit(self) -> usize {
        let free = self.free().saturating_sub(KEPT_FOR_PROCESS);
        usize::try_from(free / RECKONED_FOR_RUN)
            .unwrap_or(usize::MAX)
            .max(1)
    }

    const fn free(self) -> u64 {
        self.limit.saturating_sub(self.in_use)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_bounds_the_number_of_runs() {
        let of = |limit| DescriptorLimit { limit, in_use: 12 };
        let fit = |limit| of(limit).runs_that_fit();
        assert_eq!([fit(20), fit(40), fit(256), fit(16_384)], [1, 1, 4, 340]);
        assert_eq!(of(40).check(), Ok(()));
        assert_eq!(of(30).check(), Err(of(30)));
    }
}
