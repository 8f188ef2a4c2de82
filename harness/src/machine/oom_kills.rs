//! How often the system has killed a process for want of memory.

/// The count since the system was started. `None`: the system does not tell it.
pub(crate) fn count_oom_kills() -> Option<u64> {
    let statistics = std::fs::read_to_string("/proc/vmstat").ok()?;
    let line = statistics
        .lines()
        .find_map(|line| line.strip_prefix("oom_kill "))?;
    line.trim().parse().ok()
}
