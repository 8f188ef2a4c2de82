//! A parent for a client's process that outlives whatever it does: this program once more, run as a
//! guard.
//!
//! On Linux every orphan among the guard's descendants becomes its child (`PR_SET_CHILD_SUBREAPER`,
//! prctl(2)), so nothing that a client starts gets away by forking, `setsid` or a cleared
//! environment, and clients that run side by side are told apart. The guard ends them all when the
//! client ends, or when its own standard input does: when the harness says so, and also when the
//! harness is killed. Elsewhere it ends the client's process group.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::process_table::descendants;

/// The first argument of a guard.
const GUARD: &str = "__guard";
/// Its third argument, if the client gets a terminal.
const TERMINAL: &str = "terminal";
/// Rows and columns of that terminal: wide, so that URLs are not broken.
const TERMINAL_SIZE: (u16, u16) = (50, 500);
/// How long a client that is told to end (`SIGTERM`, end of input) may take before it is killed.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the guard tries to kill processes that do not die (of another user, or stuck in the
/// kernel).
const STUBBORN: Duration = Duration::from_secs(5);
/// The pause between two looks at what is left.
const PAUSE: Duration = Duration::from_millis(2);
/// What shells answer when a program cannot be executed, and when there is none.
pub(in crate::driver) const NOT_EXECUTABLE: i32 = 126;
pub(in crate::driver) const NOT_FOUND: i32 = 127;

/// This program, once [`run_as_guard_if_asked`] was called in it.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// To be called first in the `main` of every program that drives client processes. If this process
/// was started as a guard, it does a guard's work and answers with the exit code to leave with.
#[must_use]
pub fn run_as_guard_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == GUARD) {
        return Some(guard(arguments.collect()));
    }
    // on Linux this name is right even when the file was replaced meanwhile
    let own = PathBuf::from("/proc/self/exe");
    let program = if own.exists() {
        Some(own)
    } else {
        std::env::current_exe().ok()
    };
    if let Some(program) = program {
        let _ = PROGRAM.set(program);
    }
    None
}

/// A command that runs a program under a guard, in a process group of its own. The client lives as
/// long as the guard's standard input is open; what is written there reaches the client. The exit
/// code is the client's; a guard killed by a signal tells that the client was.
pub(in crate::driver) fn guarded(
    program: &OsStr,
    file_mode_mask: Option<u32>,
    terminal: bool,
) -> std::io::Result<tokio::process::Command> {
    let guard = PROGRAM.get().ok_or_else(|| {
        std::io::Error::other(
            "call mcp_authspec::driver::run_as_guard_if_asked() first thing in main",
        )
    })?;
    let mut command = tokio::process::Command::new(guard);
    let mask = file_mode_mask.map_or_else(|| "-".to_owned(), |mask| format!("{mask:o}"));
    command
        .arg(GUARD)
        .arg(mask)
        .arg(if terminal { TERMINAL } else { "-" })
        .arg(program)
        .process_group(0);
    command.stdin(Stdio::piped());
    Ok(command)
}

fn guard(arguments: Vec<OsString>) -> ExitCode {
    let [mask, terminal, program, arguments @ ..] = arguments.as_slice() else {
        return code(NOT_FOUND);
    };
    if let Some(mask) = mask
        .to_str()
        .and_then(|mask| u32::from_str_radix(mask, 8).ok())
    {
        umask(Mode::from_bits_truncate(mask as nix::libc::mode_t));
    }
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let client = match if terminal == TERMINAL {
        in_a_terminal(program, arguments)
    } else {
        on_pipes(program, arguments)
    } {
        Ok(client) => client,
        Err(error) => {
            let _ = writeln!(
                std::io::stderr(),
                "cannot start {}: {error}",
                program.display()
            );
            return code(if error.kind() == ErrorKind::NotFound {
                NOT_FOUND
            } else {
                NOT_EXECUTABLE
            });
        }
    };
    let Ok(pid) = client.id.try_into().map(Pid::from_raw) else {
        return code(NOT_EXECUTABLE);
    };
    std::thread::spawn(move || {
        pass_on(client.input);
        signal_all(pid, Signal::SIGTERM);
        std::thread::sleep(PATIENCE);
        loop {
            signal_all(pid, Signal::SIGKILL);
            std::thread::sleep(PAUSE);
        }
    });
    let ended = loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(who, code)) if who == pid => break Some(code),
            Ok(WaitStatus::Signaled(who, ..)) if who == pid => break None,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => break None,
        }
    };
    end_the_rest(pid);
    if let Some(shown) = client.shown {
        let _ = shown.recv_timeout(STUBBORN);
    }
    match ended {
        Some(status) => code(status),
        None => {
            let _ = kill(Pid::this(), Signal::SIGKILL);
            code(NOT_EXECUTABLE)
        }
    }
}

/// A client that has been started.
struct Started {
    id: u32,
    input: Option<Box<dyn Write + Send>>,
    /// Told (by being hung up on) when all that it showed on its terminal has been passed on.
    shown: Option<Receiver<()>>,
}

fn on_pipes(program: &OsStr, arguments: &[OsString]) -> std::io::Result<Started> {
    let mut client = Command::new(program)
        .args(arguments)
        .process_group(0)
        .stdin(Stdio::piped())
        .spawn()?;
    let input = client
        .stdin
        .take()
        .map(|input| Box::new(input) as Box<dyn Write + Send>);
    Ok(Started {
        id: client.id(),
        input,
        shown: None,
    })
}

/// As leader of a session with a terminal of its own. What it shows there comes out of the guard's
/// standard output.
fn in_a_terminal(program: &OsStr, arguments: &[OsString]) -> std::io::Result<Started> {
    let (terminal, its_end) = pty_process::blocking::open().map_err(std::io::Error::other)?;
    terminal
        .resize(pty_process::Size::new(TERMINAL_SIZE.0, TERMINAL_SIZE.1))
        .map_err(std::io::Error::other)?;
    let client = pty_process::blocking::Command::new(program)
        .args(arguments)
        .spawn(its_end)
        .map_err(|error| match error {
            pty_process::Error::Io(error) => error,
            other => std::io::Error::other(other),
        })?;
    let mut screen = File::from(OwnedFd::from(terminal));
    let input = screen.try_clone()?;
    let (open, shown) = channel();
    std::thread::spawn(move || {
        // ends with an error when nobody has the terminal open any more
        let _ = std::io::copy(&mut screen, &mut std::io::stdout());
        let _ = std::io::stdout().flush();
        drop(open);
    });
    Ok(Started {
        id: client.id(),
        input: Some(Box::new(input)),
        shown: Some(shown),
    })
}

fn code(status: i32) -> ExitCode {
    ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX))
}

/// Copies standard input to the client until it ends. A client that does not read holds up nobody.
fn pass_on(to: Option<Box<dyn Write + Send>>) {
    let (chunks, arriving) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let mut to = to;
        for chunk in arriving {
            // a client that has closed its input does not want it
            to = to.and_then(|mut to| {
                to.write_all(&chunk)
                    .and_then(|()| to.flush())
                    .is_ok()
                    .then_some(to)
            });
        }
    });
    let mut buffer = [0; 4096];
    let mut input = std::io::stdin().lock();
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => drop(chunks.send(buffer[..count].to_vec())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Signals all that descends from this process; the client's group where the platform does not say
/// what does.
fn signal_all(client: Pid, signal: Signal) {
    if cfg!(target_os = "linux") {
        for pid in descendants(Pid::this()) {
            let _ = kill(pid, signal);
        }
    } else {
        let _ = killpg(client, signal);
    }
}

/// Kills until this process has no child any more. On Linux that means no descendant.
fn end_the_rest(client: Pid) {
    if !cfg!(target_os = "linux") {
        // an orphan of the group is nobody's child here
        signal_all(client, Signal::SIGKILL);
    }
    let began = Instant::now();
    while began.elapsed() < STUBBORN {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => break,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
        signal_all(client, Signal::SIGKILL);
        std::thread::sleep(PAUSE);
    }
}
