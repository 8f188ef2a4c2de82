//! Ctrl-C, and a polite request to end (`SIGTERM`).
//!
//! The first ends the run: clients are told to end, and what had finished is reported. The second
//! does not wait for clients. Often it is the first once more: npm and `timeout` pass on what the
//! terminal has sent already, and CI systems send one after the other. So only the third ends the
//! program before it has reported.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::record::Interrupt;

/// The exit code of the signal that ended the run; 0: none has.
static ENDED_BY: AtomicU8 = AtomicU8::new(0);

/// The exit code that says what ended the run, if a signal did.
pub(super) fn exit_code() -> Option<u8> {
    Some(ENDED_BY.load(Ordering::Relaxed)).filter(|code| *code != 0)
}

/// Passes signals on to the run. A thread of its own listens, as long as the program lives: also
/// while reports are written.
pub(super) fn listen(interrupt: Interrupt) -> std::io::Result<()> {
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
            ENDED_BY.store(signals.next().await, Ordering::Relaxed);
            let _ = interrupt.send(true);
            signals.next().await;
            let _ = interrupt.send(true);
            std::process::exit(signals.next().await.into());
        })
    });
    Ok(())
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// The exit code that says which came.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        }
    }
}
