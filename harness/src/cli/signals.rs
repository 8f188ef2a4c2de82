//! Ctrl-C (`SIGINT`) and the request to end (`SIGTERM`).
//!
//! The first signal ends the run: clients are told to end, and what had finished is reported. The
//! second one skips the wait for clients. Only the third one ends the program before it has
//! reported, because a second signal is often a copy of the first: npm and `timeout` pass on what
//! the terminal has already sent, and CI systems send one after the other.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::run_recording::Interrupt;
use crate::exit_code::{INTERRUPTED, TERMINATED};

/// The exit code of the signal that ended the run, or 0.
static ENDED_BY: AtomicU8 = AtomicU8::new(0);

/// The exit code of the signal that ended the run, if one did.
pub(super) fn exit_code_of_signal() -> Option<u8> {
    Some(ENDED_BY.load(Ordering::Relaxed)).filter(|code| *code != 0)
}

/// Passes signals on to the run. A thread listens as long as the program lives, also while reports
/// are written.
pub(super) fn listen_for_signals(interrupt: Interrupt) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        }
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            ENDED_BY.store(signals.next_exit_code().await, Ordering::Relaxed);
            let _ = interrupt.send(true);
            signals.next_exit_code().await;
            let _ = interrupt.send(true);
            std::process::exit(signals.next_exit_code().await.into());
        })
    });
    Ok(())
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Waits for the next signal and returns its exit code.
    async fn next_exit_code(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPTED,
            _ = self.terminate.recv() => TERMINATED,
        }
    }
}
