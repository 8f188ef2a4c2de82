//! Which ports are tried for servers, and for clients that are told one.
//!
//! All lie below those that systems hand out by themselves. A client that asks the system for a free port and binds it later (many do) would
//! else find a server of another world there now and then.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// For servers.
pub(crate) const SERVERS: Range<u16> = 10_000..20_000;
/// For `{port}`.
pub(crate) const CLIENTS: Range<u16> = 20_000..32_000;

/// Every port of the range, and not soon one that was tried before. Processes begin at different places.
pub(crate) fn candidates(range: Range<u16>) -> impl Iterator<Item = u16> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let size = u64::from(range.end - range.start);
    let start = u64::from(std::process::id()) * 97;
    (0..size).filter_map(move |_| {
        let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        u16::try_from(number % size).ok().map(|offset| range.start + offset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_differ_and_stay_below_what_the_system_hands_out() {
        let found: std::collections::BTreeSet<u16> = candidates(SERVERS).take(100).collect();
        assert!(found.len() > 90 && found.iter().all(|port| SERVERS.contains(port)), "other tests take some in between");
        let given = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
        if let Some(first) = given.split_whitespace().next().and_then(|first| first.parse::<u16>().ok()) {
            assert!(first >= CLIENTS.end, "this system hands out ports from {first} on");
        }
    }
}
