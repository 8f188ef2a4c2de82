//! Which ports are tried for servers, and for clients that are told one.
//!
//! All lie below those that systems hand out by themselves (from 32,768 on Linux, from 49,152
//! elsewhere). A client that asks the system for a free port and binds it later (many do) would
//! else find a server of another world there now and then.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// For servers. Above 10,080, which browsers and `fetch` refuse to load from (the last of the bad
/// ports of the Fetch standard in these ranges).
pub(crate) const SERVERS: Range<u16> = 10_100..20_000;
/// For `{port}`.
pub(crate) const CLIENTS: Range<u16> = 20_000..32_000;

/// Every port of the range, and not soon one that was tried before. Processes begin at different
/// places.
pub(crate) fn candidates(range: Range<u16>) -> impl Iterator<Item = u16> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let size = u64::from(range.end - range.start);
    let start = u64::from(std::process::id()) * 97;
    (0..size).filter_map(move |_| {
        let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        u16::try_from(number % size)
            .ok()
            .map(|offset| range.start + offset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_differ_and_stay_in_their_range() {
        let found: std::collections::BTreeSet<u16> = candidates(SERVERS).take(100).collect();
        assert!(
            found.len() > 90 && found.iter().all(|port| SERVERS.contains(port)),
            "other tests take some in between"
        );
    }
}
