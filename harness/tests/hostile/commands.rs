//! Setup and teardown commands that never end: an interrupted run does not wait for them.

use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::Failed;
use mcp_authspec::driver::{
    Client, ClientFile, ClientHome, ClientOutcome, CommandClient, Launch, StopSignal, WorldHandle,
};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Suite, SuiteOptions, SuiteRun};
use tokio::sync::watch;

use super::runs::{LOOK, marked};

/// Longer than the test takes; the test does not wait for it.
const NEVER: Duration = Duration::from_secs(3600);

/// A client that runs a command, with a record of what ended by itself instead of being abandoned.
#[derive(Clone)]
struct Noted {
    client: CommandClient,
    ended: Arc<Mutex<Vec<String>>>,
}

struct NotedHome {
    home: Box<dyn ClientHome>,
    ended: Arc<Mutex<Vec<String>>>,
}

impl Client for Noted {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(NotedHome {
            home: self.client.prepare_home()?,
            ended: Arc::clone(&self.ended),
        }))
    }
}

impl ClientHome for NotedHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let outcome = self.home.start(launch).await;
            self.note(outcome.as_str());
            outcome
        })
    }

    fn tear_down(&self, interrupted: StopSignal) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            self.home.tear_down(interrupted).await;
            self.note("torn down");
        })
    }

    fn record_files<'a>(
        &'a self,
        world: &'a WorldHandle,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.home.record_files(world)
    }

    fn save_to(&self, to: &Path) -> std::io::Result<()> {
        self.home.save_to(to)
    }
}

impl NotedHome {
    fn note(&self, what: &str) {
        self.ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what.to_owned());
    }
}

pub fn setup_that_never_ends() -> Result<(), Failed> {
    interrupted_in(
        |lingers| ClientFile {
            setup: Some(vec![lingers]),
            ..ClientFile::default()
        },
        &["killed", "torn down"],
    )
}

pub fn teardown_that_never_ends() -> Result<(), Failed> {
    interrupted_in(
        |lingers| ClientFile {
            teardown: Some(vec![lingers]),
            ..ClientFile::default()
        },
        &["success", "torn down"],
    )
}

/// Interrupts the run as soon as the command runs.
fn interrupted_in(
    place: impl Fn(Vec<String>) -> ClientFile,
    expected: &[&str],
) -> Result<(), Failed> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mark = format!(
        "command-{}-{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::SeqCst)
    );
    let lingers = [
        &*std::env::current_exe()?.to_string_lossy(),
        "client",
        "linger",
        &mark,
        "http://localhost/",
    ]
    .map(str::to_owned);
    let file = ClientFile {
        command: Some(vec!["true".to_owned()]),
        ..place(lingers.to_vec())
    };
    let client = Noted {
        client: CommandClient::new(&file)?,
        ended: Arc::default(),
    };
    let ended = Arc::clone(&client.ended);

    let (interrupt, interrupted) = watch::channel(false);
    let seen = mark.clone();
    let waiting = std::thread::spawn(move || {
        while marked(&seen).is_empty() {
            std::thread::sleep(LOOK);
        }
        interrupt.send(true)
    });
    let suite = Suite::embedded()?;
    let options = SuiteOptions {
        jobs: 1,
        timeout: NEVER,
        grace: NEVER,
        seed: "hostile".to_owned(),
        ..SuiteOptions::new(Revision::LATEST)
    };
    let cases = suite.select(Revision::LATEST, &["plain/flow".to_owned()]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let run = SuiteRun::new(&cases, Arc::new(client), &options).interrupted_by(interrupted);
    runtime.block_on(run.run());
    waiting
        .join()
        .map_err(|_| "the thread that interrupts panicked")??;

    let ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
    if *ended != expected {
        return Err(format!("ended by themselves: {ended:?}, and not {expected:?}").into());
    }
    if !marked(&mark).is_empty() {
        return Err("left running".into());
    }
    Ok(())
}
