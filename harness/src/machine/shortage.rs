//! What a machine can run short of.

use std::error::Error;
use std::io;

use nix::errno::Errno;

/// What a machine has run short of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shortage {
    #[error("no file descriptor is left")]
    Descriptors,
    #[error("no memory is left")]
    Memory,
    #[error("no port is free")]
    Ports,
    #[error("the disk is full")]
    Disk,
    #[error("no more processes can be started")]
    Processes,
}

impl Shortage {
    /// The shortage that a failed operation shows, if it shows one.
    pub fn of(error: &io::Error) -> Option<Self> {
        match Errno::from_raw(error.raw_os_error()?) {
            Errno::EMFILE | Errno::ENFILE => Some(Self::Descriptors),
            Errno::ENOMEM | Errno::ENOBUFS => Some(Self::Memory),
            Errno::ENOSPC | Errno::EDQUOT => Some(Self::Disk),
            _ => None,
        }
    }

    /// The shortage that kept a process from being started, if there was one.
    pub fn of_start(error: &io::Error) -> Option<Self> {
        match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EAGAIN) => Some(Self::Processes),
            _ => Self::of(error),
        }
    }

    /// The shortage at the root of an error of a library, if there is one.
    pub fn find_cause(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut causes = std::iter::successors(Some(error), |&error| error.source());
        causes.find_map(|cause| Self::of_nested(cause.downcast_ref::<io::Error>()?))
    }

    /// The shortage that an error shows, or the one that it contains: an `io::Error` is not the
    /// `source` of an `io::Error` around it.
    fn of_nested(error: &io::Error) -> Option<Self> {
        Self::of(error).or_else(|| Self::find_cause(error.get_ref()?))
    }

    /// What a person can do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Descriptors => "raise the limit (`ulimit -n`), or run fewer clients (--jobs)",
            Self::Memory | Self::Processes => "run fewer clients at the same time (--jobs)",
            Self::Ports => "end programs that listen on many ports, or wait a minute",
            Self::Disk => "make room, or set TMPDIR to a folder on another disk",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_found_behind_other_errors() {
        let no_descriptor = || io::Error::from_raw_os_error(Errno::EMFILE as i32);
        assert_eq!(Shortage::of(&no_descriptor()), Some(Shortage::Descriptors));
        let wrapped = io::Error::other(no_descriptor());
        assert_eq!(Shortage::of(&wrapped), None);
        assert_eq!(Shortage::find_cause(&wrapped), Some(Shortage::Descriptors));
    }

    #[test]
    fn a_refused_connection_is_no_shortage() {
        let refused = io::Error::from_raw_os_error(Errno::ECONNREFUSED as i32);
        assert_eq!(Shortage::of(&refused), None);
        let busy = io::Error::from_raw_os_error(Errno::EAGAIN as i32);
        assert_eq!(Shortage::of(&busy), None);
        assert_eq!(Shortage::of_start(&busy), Some(Shortage::Processes));
    }
}
