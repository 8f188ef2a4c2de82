//! The operating system's table of processes: which processes descend from another, and what they
//! are doing.
//!
//! This works on Linux only. Elsewhere nothing is found, and nothing is concluded from that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use nix::unistd::Pid;

use crate::driver::client::ClientActivity;

/// More than an entry of the table takes: some fifty numbers, and a name of at most 64 bytes.
const MAX_ENTRY_LENGTH: usize = 2048;

/// The entry of a process or a thread, as far as it is used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProcessEntry {
    parent: i32,
    state: char,
    ticks: u64,
}

/// All processes that descend from this one, without itself.
pub(super) fn find_descendants(ancestor: Pid) -> Vec<Pid> {
    let table: BTreeMap<i32, ProcessEntry> = all_pids()
        .filter_map(|pid| Some((pid, read_entry(&format!("/proc/{pid}/stat"))?)))
        .collect();
    let mut family = BTreeSet::from([ancestor.as_raw()]);
    // repeated until nothing is added, since a child may have a lower number than its parent
    loop {
        let children: Vec<i32> = table
            .iter()
            .filter(|(pid, entry)| family.contains(&entry.parent) && !family.contains(*pid))
            .map(|(pid, _)| *pid)
            .collect();
        if children.is_empty() {
            break;
        }
        family.extend(children);
    }
    family.remove(&ancestor.as_raw());
    family.into_iter().map(Pid::from_raw).collect()
}

/// What all descendants of a client's guard are doing, or `None` if that cannot be observed.
/// `output` is what the client has written so far, in bytes.
pub(in crate::driver) fn observe_descendants(guard: Pid, output: u64) -> Option<ClientActivity> {
    read_entry(&format!("/proc/{guard}/stat"))?;
    let mut activity = ClientActivity {
        ticks: 0,
        asleep: true,
        output,
    };
    for pid in find_descendants(guard) {
        let entry = read_entry(&format!("/proc/{pid}/stat"));
        activity.ticks += entry.map_or(0, |entry| entry.ticks);
        activity.asleep &= all_threads_sleep(pid);
    }
    Some(activity)
}

/// Whether no thread of a process runs, waits for a processor or waits for a disk.
fn all_threads_sleep(pid: Pid) -> bool {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|thread| read_entry(thread.path().join("stat").to_str()?))
        .all(|entry| !matches!(entry.state, 'R' | 'D'))
}

/// Processes whose environment contains the path of this folder.
pub(super) fn find_by_environment(folder: &Path) -> Vec<Pid> {
    let folder = folder.to_string_lossy().into_owned();
    let contains_folder = |pid: &i32| {
        fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|text| String::from_utf8_lossy(&text).contains(&folder))
    };
    all_pids()
        .filter(contains_folder)
        .map(Pid::from_raw)
        .collect()
}

fn all_pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Reads an entry with a single system call, as there are many entries.
fn read_entry(path: &str) -> Option<ProcessEntry> {
    let mut text = [0; MAX_ENTRY_LENGTH];
    let length = fs::File::open(path).ok()?.read(&mut text).ok()?;
    parse_entry(&String::from_utf8_lossy(&text[..length]))
}

/// Parses `/proc/PID/stat` (proc_pid_stat(5)). The second field is a name in parentheses that may
/// contain anything.
fn parse_entry(text: &str) -> Option<ProcessEntry> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let mut times = fields.skip(9).map(str::parse::<u64>);
    let (user_time, system_time) = (times.next()?.ok()?, times.next()?.ok()?);
    Some(ProcessEntry {
        parent,
        state,
        ticks: user_time + system_time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_parsed_whatever_the_name() {
        let text = "123 (a) R 1 (b)) S 77 123 123 0 -1 4194304 1 2 3 4 50 6 7 8 20 0 1 0 999\n";
        let entry = ProcessEntry {
            parent: 77,
            state: 'S',
            ticks: 56,
        };
        assert_eq!(parse_entry(text), Some(entry));
        assert_eq!(parse_entry("123"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn descendants_are_found_as_long_as_they_live() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_raw(child.id().try_into().unwrap());
        assert!(find_descendants(Pid::this()).contains(&pid));
        assert!(find_descendants(pid).is_empty());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!find_descendants(Pid::this()).contains(&pid));
    }
}
