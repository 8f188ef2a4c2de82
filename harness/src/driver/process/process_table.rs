//! The operating system's table of processes, as far as it says what descends from one of them and
//! what those do.
//!
//! Linux only: elsewhere nothing is known, and nothing is concluded from that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use nix::unistd::Pid;

/// More than a line of the table takes: some fifty numbers, and a name of 64 bytes at most.
const LONGEST_LINE: usize = 2048;

/// What a process and all its descendants do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::driver) struct Activity {
    /// Processor time that they have used so far, in clock ticks.
    pub(in crate::driver) ticks: u64,
    /// Whether every thread of theirs sleeps: none runs, waits for a processor or waits for a disk.
    pub(in crate::driver) asleep: bool,
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    parent: i32,
    state: char,
    ticks: u64,
}

/// All processes that descend from this one, itself left out.
pub(in crate::driver) fn descendants(of: Pid) -> Vec<Pid> {
    let table: BTreeMap<i32, Line> = pids()
        .filter_map(|pid| Some((pid, line(&format!("/proc/{pid}/stat"))?)))
        .collect();
    let mut family = BTreeSet::from([of.as_raw()]);
    // a child may have a lower number than its parent
    loop {
        let before = family.len();
        family.extend(
            table
                .iter()
                .filter(|(_, line)| family.contains(&line.parent))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        if family.len() == before {
            break;
        }
    }
    family.remove(&of.as_raw());
    family.into_iter().map(Pid::from_raw).collect()
}

/// What all descendants of a process do. `None`: that cannot be known.
pub(in crate::driver) fn activity(of: Pid) -> Option<Activity> {
    line(&format!("/proc/{of}/stat"))?;
    let mut all = Activity {
        ticks: 0,
        asleep: true,
    };
    for pid in descendants(of) {
        all.ticks += line(&format!("/proc/{pid}/stat")).map_or(0, |line| line.ticks);
        let threads = fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten();
        let mut states =
            threads.filter_map(|thread| Some(line(thread.path().join("stat").to_str()?)?.state));
        all.asleep &= states.all(|state| !matches!(state, 'R' | 'D'));
    }
    Some(all)
}

/// Processes in whose environment a folder is named.
pub(in crate::driver) fn living_in(folder: &Path) -> Vec<Pid> {
    let folder = folder.to_string_lossy().into_owned();
    let named = |pid: &i32| {
        fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|text| String::from_utf8_lossy(&text).contains(&folder))
    };
    pids().filter(named).map(Pid::from_raw).collect()
}

fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Reads a line with one call, as there are many.
fn line(path: &str) -> Option<Line> {
    let mut text = [0; LONGEST_LINE];
    let length = fs::File::open(path).ok()?.read(&mut text).ok()?;
    read_line(&String::from_utf8_lossy(&text[..length]))
}

/// Reads `/proc/PID/stat` (proc_pid_stat(5)). The second field is a name in parentheses that may
/// hold anything.
fn read_line(text: &str) -> Option<Line> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let mut times = fields.skip(9).map(str::parse::<u64>);
    Some(Line {
        parent,
        state,
        ticks: times.next()?.ok()? + times.next()?.ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name() {
        let text = "123 (a) R 1 (b)) S 77 123 123 0 -1 4194304 1 2 3 4 50 6 7 8 20 0 1 0 999\n";
        assert_eq!(
            read_line(text),
            Some(Line {
                parent: 77,
                state: 'S',
                ticks: 56
            })
        );
        assert_eq!(read_line("123"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_that_waits_is_asleep() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_raw(child.id().try_into().unwrap());
        assert!(descendants(Pid::this()).contains(&pid));
        assert!(descendants(pid).is_empty());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!descendants(Pid::this()).contains(&pid));
    }
}
