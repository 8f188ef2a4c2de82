//! Runs of the program against a hostile client, and the checks afterwards.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::clients::OUTSIDE;

/// The most memory that the harness may use in these runs, in kB. It uses about a tenth of that
/// with a client that does nothing.
const LARGEST: u64 = 300 * 1024;
/// The interval at which a running program is examined. No result depends on it.
pub const LOOK: Duration = Duration::from_millis(5);

/// The expected result of a run against a client.
pub struct Expected {
    pub exit: i32,
    /// The status of each case.
    pub status: &'static str,
}

/// A run of the program, with a temporary folder of its own.
struct Run {
    mark: String,
    temporary: tempfile::TempDir,
    outside: tempfile::TempDir,
    child: Child,
}

impl Run {
    fn begin(behaviour: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let mark = format!(
            "hostile-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::SeqCst)
        );
        let (temporary, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("kept"), "").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-authspec"));
        // patience for a client that spins is short; a quiet one is known by its silence
        let (timeout, grace) = if behaviour == "spins" {
            ("2", "1")
        } else {
            ("120", "0.2")
        };
        let outside_variable = format!("{OUTSIDE}={}", outside.path().display());
        command
            .args([
                "run",
                "--jobs",
                "2",
                "--scenario",
                "plain/flow",
                "--scenario",
                "iss/two-values*",
                "--format",
                "json",
            ])
            .args([
                "--timeout",
                timeout,
                "--grace",
                grace,
                "--progress",
                "none",
                "--env",
                &outside_variable,
                "--",
            ])
            .arg(std::env::current_exe().unwrap())
            .args(["client", behaviour, &mark])
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            child: command.spawn().unwrap(),
            mark,
            temporary,
            outside,
        }
    }

    /// Waits for the end. Returns the exit code, the report, standard error, and the peak memory in
    /// kB.
    fn finish(&mut self) -> (Option<i32>, Value, String, u64) {
        let (mut stdout, mut stderr) = (
            self.child.stdout.take().unwrap(),
            self.child.stderr.take().unwrap(),
        );
        let report = std::thread::spawn(move || read(&mut stdout));
        let errors = std::thread::spawn(move || read(&mut stderr));
        let mut most = 0;
        let status = loop {
            most = most.max(peak_memory(self.child.id()));
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(LOOK);
        };
        let report = report.join().unwrap();
        (
            status.code(),
            serde_json::from_str(&report).unwrap_or(Value::Null),
            errors.join().unwrap(),
            most,
        )
    }

    /// Processes with this run's mark among their arguments, except the program itself.
    fn left(&self) -> BTreeSet<i32> {
        marked(&self.mark)
            .into_iter()
            .filter(|pid| u32::try_from(*pid).ok() != Some(self.child.id()))
            .collect()
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.left().is_empty() {
            problems.push(format!("left running: {:?}", self.left()));
        }
        let files: Vec<_> = fs::read_dir(self.temporary.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        if !files.is_empty() {
            problems.push(format!("left lying about: {files:?}"));
        }
        if !self.outside.path().join("kept").exists() {
            problems.push("a link was followed, and what it led to is gone".to_owned());
        }
        problems
    }
}

/// Checks that a run against this client has the expected result.
pub fn expect(behaviour: &str, expected: &Expected) -> Result<(), Failed> {
    let mut run = Run::begin(behaviour);
    let (exit, report, errors, most) = run.finish();
    let mut problems = run.problems();
    if exit != Some(expected.exit) {
        problems.push(format!("exit code {exit:?} instead of {}", expected.exit));
    }
    let cases = report["cases"].as_array().cloned().unwrap_or_default();
    let statuses: BTreeSet<&str> = cases
        .iter()
        .map(|case| case["status"].as_str().unwrap_or("none"))
        .collect();
    if statuses != BTreeSet::from([expected.status]) {
        problems.push(format!(
            "status {statuses:?} instead of {}",
            expected.status
        ));
    }
    let passed = cases
        .iter()
        .flat_map(|case| case["checks"].as_array().cloned().unwrap_or_default())
        .filter(|c| c["verdict"] == "pass");
    // a client that finds the registration endpoint has passed these checks
    let earned = |check: &Value| {
        check["monitor"] == true || check["requirement"] == "prm-use-for-as-discovery"
    };
    problems.extend(
        passed
            .filter(|check| !earned(check))
            .map(|check| format!("passed: {}", check["requirement"])),
    );
    if !errors.is_empty() {
        problems.push(format!("said on standard error: {errors}"));
    }
    if most > LARGEST {
        problems.push(format!("took {most} kB"));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n").into())
    }
}

/// Checks that a signal ends the run with a report, and ends every client with its processes.
pub fn interrupted_by(signal: Signal) -> Result<(), Failed> {
    let mut run = Run::begin("detaches-and-hangs");
    wait_until(|| run.left().len() >= 4);
    kill(Pid::from_raw(run.child.id().try_into()?), signal)?;
    let (exit, report, errors, _) = run.finish();
    let mut problems = run.problems();
    let expected = 128 + signal as i32;
    if exit != Some(expected) || report["interrupted"] != true || !errors.is_empty() {
        problems.push(format!(
            "exit code {exit:?}, interrupted {}, {errors}",
            report["interrupted"]
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n").into())
    }
}

/// Checks that no client survives when the program is killed.
pub fn killed_outright() -> Result<(), Failed> {
    let mut run = Run::begin("detaches-and-hangs");
    wait_until(|| run.left().len() >= 4);
    run.child.kill()?;
    run.child.wait()?;
    wait_until(|| run.left().is_empty());
    Ok(())
}

fn wait_until(mut done: impl FnMut() -> bool) {
    while !done() {
        std::thread::sleep(LOOK);
    }
}

fn read(stream: &mut impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Processes with this mark among their arguments.
pub fn marked(mark: &str) -> Vec<i32> {
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline"))
            .is_ok_and(|line| line.split(|b| *b == 0).any(|a| a == mark.as_bytes()))
    })
    .collect()
}

/// The largest resident set that a process has had, in kB.
fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
