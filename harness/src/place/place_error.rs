//! Why there is no private network.

use std::io;
use std::path::PathBuf;

/// Why there is no private network, or why a run in one was lost.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The system makes no namespaces for this user.
    #[error("the system allows this user no network namespace: {0}")]
    Unshare(io::Error),
    /// The user cannot keep its id in a user namespace.
    #[error("the system does not let this user keep its id in a namespace: {0}")]
    Map(io::Error),
    /// A file of the system could not be replaced.
    #[error("cannot replace {path} in a namespace: {source}")]
    Mount { path: PathBuf, source: io::Error },
    /// The network of the namespace could not be set up.
    #[error("cannot set up the network of a namespace: {0}")]
    Network(String),
    /// A socket could not be opened.
    #[error("cannot open a socket in a namespace: {0}")]
    Socket(io::Error),
    /// The worker could not be started or spoken to.
    #[error("cannot talk to the worker of a private network: {0}")]
    Worker(io::Error),
    /// The worker has reported this problem.
    #[error("{0}")]
    Reported(String),
    /// The system is not Linux.
    #[error("private networks need Linux")]
    NotLinux,
}

impl PlaceError {
    /// What a person can do about it.
    pub const REMEDY: &str = "allow user namespaces (Ubuntu: `sysctl \
        kernel.apparmor_restrict_unprivileged_userns=0`; Docker: `--cap-add SYS_ADMIN \
        --security-opt seccomp=unconfined`), or run on Linux as root";
}
