//! Runs any `async fn` of this process as a client: that is how a Rust library brings its client.

use std::any::Any;
use std::fmt::Display;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use tokio::task::JoinError;

use super::context::Context;
use super::own_runtime::OwnRuntime;
use crate::driver::client::{Client, ClientHome};
use crate::driver::home_not_removed::HomeNotRemoved;
use crate::driver::launch::Launch;
use crate::driver::outcome::ClientOutcome;
use crate::driver::process::Sandbox;
use crate::driver::world_handle::WorldHandle;

/// The client's function, with its result and its error brought to one type each.
type ClientFunction =
    dyn Fn(Context) -> Pin<Box<dyn Future<Output = FunctionResult> + Send>> + Send + Sync;

/// The outcome, or what the client's error says.
type FunctionResult = Result<ClientOutcome, String>;

/// A client that is an `async fn` of this process.
#[derive(Clone)]
pub struct FunctionClient(Arc<ClientFunction>);

impl FunctionClient {
    /// A client that is started by calling `function`. `Ok(())` is a success, an error is a
    /// failure, and a panic is a crash of this start only.
    ///
    /// Each start has a Tokio runtime of its own, which ends with it: tasks that the client has
    /// spawned are dropped then, and nothing that belongs to a runtime (such as a pool of
    /// connections) can be kept in a `static`. When its time is up, the future is dropped. A future
    /// that blocks its thread cannot be dropped and is left alone.
    pub fn new<F, Fut, T, E>(function: F) -> Self
    where
        F: Fn(Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<ClientOutcome>,
        E: Display,
    {
        let function = Arc::new(function);
        Self(Arc::new(move |context| {
            let function = Arc::clone(&function);
            // called inside the task, so that a panic before the first await is caught too
            Box::pin(async move {
                function(context)
                    .await
                    .map(Into::into)
                    .map_err(|error| format!("{error:#}"))
            })
        }))
    }
}

impl Client for FunctionClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(FunctionHome {
            function: Arc::clone(&self.0),
            sandbox: Sandbox::new()?,
        }))
    }
}

struct FunctionHome {
    function: Arc<ClientFunction>,
    sandbox: Sandbox,
}

impl ClientHome for FunctionHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let (world, mut stop) = (launch.world.clone(), launch.stop.clone());
            let runtime = match OwnRuntime::new() {
                Ok(runtime) => runtime,
                Err(error) => return launch.not_started(&error),
            };
            let context = Context::new(launch, self.sandbox.home());
            let Some(client) = runtime.spawn((self.function)(context)) else {
                return ClientOutcome::NotStarted;
            };
            let result = tokio::select! {
                result = client => Some(result),
                () = stop.requested() => None,
            };
            runtime.shut_down().await;
            match result {
                Some(Ok(Ok(outcome))) => outcome,
                Some(Ok(Err(message))) => {
                    world.shared.record_display("stderr", &message);
                    ClientOutcome::Failure
                }
                Some(Err(panic)) => {
                    world.shared.record_display("stderr", &panic_message(panic));
                    ClientOutcome::Crash
                }
                None => ClientOutcome::Killed,
            }
        })
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.sandbox.root())
    }

    fn record_files<'a>(
        &'a self,
        world: &'a WorldHandle,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(self.sandbox.record_files(world))
    }

    fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        self.sandbox.save_to(folder)
    }

    fn remove(&self) -> Result<(), HomeNotRemoved> {
        self.sandbox.remove()
    }
}

fn panic_message(error: JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else {
        return "the task was cancelled".to_owned();
    };
    let payload: &(dyn Any + Send) = &*payload;
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_default())
}
