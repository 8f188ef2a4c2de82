//! A client that a person drives.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, watch};

use super::person_task::PersonTask;
use crate::driver::client::{Client, ClientHome};
use crate::driver::launch::Launch;
use crate::driver::outcome::ClientOutcome;

/// A client that a person drives in one run. It has a browser of its own.
#[derive(Debug)]
pub struct PersonClient(Arc<PersonLine>);

/// The line between a run and the person.
#[derive(Debug)]
struct PersonLine {
    task: watch::Sender<Option<PersonTask>>,
    done: Mutex<mpsc::Receiver<()>>,
}

/// What the person's side of a run sees and does.
#[derive(Debug, Clone)]
pub struct PersonControls {
    task: watch::Receiver<Option<PersonTask>>,
    done: mpsc::Sender<()>,
}

impl PersonClient {
    /// The client of one run, and the controls that go with it.
    pub fn new() -> (Self, PersonControls) {
        let (task, tasks) = watch::channel(None);
        let (done, dones) = mpsc::channel(1);
        let line = PersonLine {
            task,
            done: Mutex::new(dones),
        };
        let controls = PersonControls { task: tasks, done };
        (Self(Arc::new(line)), controls)
    }
}

impl PersonControls {
    /// What the person is asked to do now; `None` between two starts of the client.
    pub fn task(&self) -> Option<PersonTask> {
        self.task.borrow().clone()
    }

    /// Returns when the person is asked to do something else.
    pub async fn task_changed(&mut self) {
        if self.task.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// Says that the client has done what it was asked to, as far as it will.
    pub fn finish_task(&self) {
        // a second word about the same task says nothing new
        let _ = self.done.try_send(());
    }
}

impl Client for PersonClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(PersonsMachine(Arc::clone(&self.0))))
    }

    fn is_driven_by_person(&self) -> bool {
        true
    }
}

/// The machine on which the person has the client.
struct PersonsMachine(Arc<PersonLine>);

impl ClientHome for PersonsMachine {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let mut stop = launch.stop.clone();
            let mut done = self.0.done.lock().await;
            self.0.task.send_replace(Some(PersonTask::new(&launch)));
            let outcome = tokio::select! {
                Some(()) = done.recv() => ClientOutcome::Quiet,
                () = stop.requested() => ClientOutcome::Killed,
            };
            self.0.task.send_replace(None);
            outcome
        })
    }
}
