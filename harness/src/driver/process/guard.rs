//! The guard: a parent for a client's process that ends it with all that it has started.
//!
//! The guard is this program, started once more. On Linux, every orphan among the guard's
//! descendants becomes its child (`PR_SET_CHILD_SUBREAPER`, prctl(2)). So nothing that a client
//! starts gets away by forking, by `setsid` or by clearing its environment, and clients that run at
//! the same time are told apart. The guard ends all of them when the client ends, or when its own
//! standard input is closed: that happens when the harness says so, and also when the harness is
//! killed. On other systems the guard ends the client's process group.

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

use super::process_table::find_descendants;
use crate::machine::Shortage;
use crate::words::words;

/// The first argument of a guard. It is followed by the file mode creation mask, by
/// the word of a [`ProcessInput`], and by the client's program and arguments.
const GUARD_ARGUMENT: &str = "__guard";
/// Rows and columns of that terminal. It is wide, so that URLs are not broken.
const TERMINAL_SIZE: (u16, u16) = (50, 500);
/// How long a client that is told to end (`SIGTERM`, end of input) may take before it is killed.
const TERMINATION_GRACE: Duration = Duration::from_millis(500);
/// How long the guard tries to kill processes that do not die: those of another user, or those that
/// are stuck in the kernel.
const KILL_LIMIT: Duration = Duration::from_secs(5);
/// The pause between two attempts to kill what is left.
const KILL_PAUSE: Duration = Duration::from_millis(2);
/// The exit code of a guard on a machine that ran short of something, and what it writes then. A
/// client's own exit code may be the same.
pub(super) const MACHINE_SHORT: i32 = 125;
pub(super) const MACHINE_SHORT_TEXT: &str = "mcp-authspec: the machine cannot start the client: ";
/// The exit code of shells for a program that cannot be executed.
pub(in crate::driver) const NOT_EXECUTABLE: i32 = 126;
/// The exit code of shells for a program that does not exist.
pub(in crate::driver) const NOT_FOUND: i32 = 127;

words! {
    /// What a process has as its standard input.
    pub(in crate::driver) enum ProcessInput {
        /// A pipe that stays open.
        Pipe = "pipe",
        /// Nothing: it is at its end.
        Closed = "closed",
        /// A terminal, which is its output as well.
        Terminal = "terminal",
    }
}

#[allow(clippy::derivable_impls)] // `words!` has no place for the attribute
impl Default for ProcessInput {
    fn default() -> Self {
        Self::Pipe
    }
}

/// This program, once [`run_as_guard_if_asked`] was called in it.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Call this first in the `main` of every program that drives client processes. If this process was
/// started as a guard, it does a guard's work and returns the exit code to leave with.
#[must_use]
pub fn run_as_guard_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_some_and(|first| first == GUARD_ARGUMENT)
    {
        return Some(run_guard(arguments.collect()));
    }
    // on Linux this name is right even if the file has been replaced meanwhile
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
/// long as the guard's standard input is open. What is written there reaches the client. The exit
/// code is the client's; the guard kills itself by a signal if the client was killed by one.
pub(super) fn guarded_command(
    program: &OsStr,
    file_mode_mask: Option<u32>,
    input: ProcessInput,
) -> std::io::Result<tokio::process::Command> {
    let guard = PROGRAM.get().ok_or_else(|| {
        std::io::Error::other(
            "no guard for the client process: call \
             mcp_authspec::driver::run_as_guard_if_asked() first in main",
        )
    })?;
    let mut command = tokio::process::Command::new(guard);
    let mask = file_mode_mask.map_or_else(|| "-".to_owned(), |mask| format!("{mask:o}"));
    command
        .arg(GUARD_ARGUMENT)
        .arg(mask)
        .arg(input.as_str())
        .arg(program)
        .process_group(0)
        .stdin(Stdio::piped());
    Ok(command)
}

/// Does a guard's work: starts the client, waits for its end, and ends all that is left.
fn run_guard(arguments: Vec<OsString>) -> ExitCode {
    let [mask, input, program, arguments @ ..] = arguments.as_slice() else {
        return exit_code(NOT_FOUND);
    };
    let mask = mask
        .to_str()
        .and_then(|mask| u32::from_str_radix(mask, 8).ok());
    if let Some(mask) = mask {
        umask(Mode::from_bits_truncate(mask as nix::libc::mode_t));
    }
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let input = input.to_str().and_then(|word| word.parse().ok());
    let started = match input.unwrap_or(ProcessInput::Pipe) {
        ProcessInput::Terminal => start_in_terminal(program, arguments),
        ProcessInput::Pipe => start_on_pipes(program, arguments, Stdio::piped()),
        ProcessInput::Closed => start_on_pipes(program, arguments, Stdio::null()),
    };
    match started {
        Ok(client) => guard_client(client),
        Err(error) if Shortage::of_start(&error).is_some() => {
            let _ = writeln!(std::io::stderr(), "{MACHINE_SHORT_TEXT}{error}");
            exit_code(MACHINE_SHORT)
        }
        Err(error) => {
            let program = program.display();
            let _ = writeln!(std::io::stderr(), "cannot start {program}: {error}");
            exit_code(match error.kind() {
                ErrorKind::NotFound => NOT_FOUND,
                _ => NOT_EXECUTABLE,
            })
        }
    }
}

/// Waits for the client's end and ends all that is left of it.
fn guard_client(client: GuardedClient) -> ExitCode {
    let Ok(pid) = client.id.try_into().map(Pid::from_raw) else {
        return exit_code(NOT_EXECUTABLE);
    };
    std::thread::spawn(move || {
        forward_input(client.input);
        signal_all(pid, Signal::SIGTERM);
        std::thread::sleep(TERMINATION_GRACE);
        loop {
            signal_all(pid, Signal::SIGKILL);
            std::thread::sleep(KILL_PAUSE);
        }
    });
    let status = wait_for_client(pid);
    kill_the_rest(pid);
    if let Some(screen_forwarded) = client.screen_forwarded {
        let _ = screen_forwarded.recv_timeout(KILL_LIMIT);
    }
    match status {
        Some(status) => exit_code(status),
        None => {
            let _ = kill(Pid::this(), Signal::SIGKILL);
            exit_code(NOT_EXECUTABLE)
        }
    }
}

/// Waits for the client's end. Returns its exit code, or `None` if a signal ended it.
fn wait_for_client(client: Pid) -> Option<i32> {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, code)) if pid == client => return Some(code),
            Ok(WaitStatus::Signaled(pid, ..)) if pid == client => return None,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

/// A client that has been started.
struct GuardedClient {
    id: u32,
    input: Option<Box<dyn Write + Send>>,
    /// Disconnected when everything that the client showed on its terminal has been forwarded.
    screen_forwarded: Option<Receiver<()>>,
}

fn start_on_pipes(
    program: &OsStr,
    arguments: &[OsString],
    input: Stdio,
) -> std::io::Result<GuardedClient> {
    let mut client = Command::new(program)
        .args(arguments)
        .process_group(0)
        .stdin(input)
        .spawn()?;
    let input = client
        .stdin
        .take()
        .map(|input| Box::new(input) as Box<dyn Write + Send>);
    Ok(GuardedClient {
        id: client.id(),
        input,
        screen_forwarded: None,
    })
}

/// Starts the client as leader of a session with a terminal of its own. What it shows there is
/// forwarded to the guard's standard output.
fn start_in_terminal(program: &OsStr, arguments: &[OsString]) -> std::io::Result<GuardedClient> {
    let (terminal, client_end) = pty_process::blocking::open().map_err(std::io::Error::other)?;
    terminal
        .resize(pty_process::Size::new(TERMINAL_SIZE.0, TERMINAL_SIZE.1))
        .map_err(std::io::Error::other)?;
    let client = pty_process::blocking::Command::new(program)
        .args(arguments)
        .spawn(client_end)
        .map_err(|error| match error {
            pty_process::Error::Io(error) => error,
            other => std::io::Error::other(other),
        })?;
    let mut screen = File::from(OwnedFd::from(terminal));
    let input = screen.try_clone()?;
    let (forwarding, screen_forwarded) = channel();
    std::thread::spawn(move || {
        forward_screen(&mut screen);
        drop(forwarding);
    });
    Ok(GuardedClient {
        id: client.id(),
        input: Some(Box::new(input)),
        screen_forwarded: Some(screen_forwarded),
    })
}

/// Forwards what is shown on a terminal to standard output, until nobody has it open any more. A
/// prompt has no end of line, so each part is passed on at once.
fn forward_screen(screen: &mut File) {
    let mut buffer = [0; 4096];
    let mut stdout = std::io::stdout().lock();
    loop {
        let written = match screen.read(&mut buffer) {
            Ok(count @ 1..) => stdout.write_all(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => return,
        };
        if written.and_then(|()| stdout.flush()).is_err() {
            return;
        }
    }
}

fn exit_code(status: i32) -> ExitCode {
    ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX))
}

/// Copies standard input to the client until standard input ends. A client that does not read its
/// input does not delay that.
fn forward_input(client_input: Option<Box<dyn Write + Send>>) {
    let (sender, chunks) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let mut client_input = client_input;
        for chunk in chunks {
            // once the client has closed its input, the rest is discarded
            client_input = client_input.and_then(|mut input| {
                let written = input.write_all(&chunk).and_then(|()| input.flush());
                written.is_ok().then_some(input)
            });
        }
    });
    let mut buffer = [0; 4096];
    let mut input = std::io::stdin().lock();
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => drop(sender.send(buffer[..count].to_vec())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Sends a signal to all descendants of this process, or to the client's process group where the
/// system does not tell the descendants.
fn signal_all(client: Pid, signal: Signal) {
    if cfg!(target_os = "linux") {
        for pid in find_descendants(Pid::this()) {
            let _ = kill(pid, signal);
        }
    } else {
        let _ = killpg(client, signal);
    }
}

/// Kills until this process has no child any more. On Linux it has no descendant then.
fn kill_the_rest(client: Pid) {
    if !cfg!(target_os = "linux") {
        // orphans of the group are not children of the guard here
        signal_all(client, Signal::SIGKILL);
    }
    let began = Instant::now();
    while began.elapsed() < KILL_LIMIT {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => break,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
        signal_all(client, Signal::SIGKILL);
        std::thread::sleep(KILL_PAUSE);
    }
}
