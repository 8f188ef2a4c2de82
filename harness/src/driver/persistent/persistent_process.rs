//! One process of a persistent client. It takes scenario after scenario, one at a time.

use std::io;

use nix::unistd::Pid;
use tokio::process::Child;

use super::conversation::{Conversation, HelloError, RequestEnd, first_words};
use super::protocol::{PROTOCOL, PersistentHello, PersistentRequest};
use crate::driver::process::{
    CapturedStreams, CommandClient, NOT_EXECUTABLE, NOT_FOUND, Sandbox, SpawnOptions,
};
use crate::driver::world_handle::WorldHandle;
use crate::world::trusted_authority;

/// Tells a program that serves both modes that persistent mode is wanted. The value is
/// [`PROTOCOL`].
const MODE_VARIABLE: &str = "MCP_AUTHSPEC_PERSISTENT";

/// A client process, from its hello to its end. When it is dropped, its input is closed, and so its
/// guard ends it with all that it has started.
pub(super) struct PersistentProcess {
    conversation: Conversation,
    /// Where the process itself lives. What it stores belongs into the home of each request.
    sandbox: Sandbox,
    /// Whether it has served a scenario already.
    pub(super) has_served: bool,
    /// The guard above the client.
    child: Child,
}

impl PersistentProcess {
    /// Starts a process and waits for its hello.
    pub(super) async fn start(
        client: &CommandClient,
        umask: Option<u32>,
        streams: &mut CapturedStreams,
    ) -> Result<(Self, PersistentHello), HelloError> {
        let sandbox = Sandbox::new()?;
        // The process reads the variables once and serves worlds of every kind.
        let authority = match trusted_authority() {
            Some(pem) => Some(sandbox.trust(pem)?),
            None => None,
        };
        let options = SpawnOptions {
            umask,
            authority: authority.as_ref(),
            contract: vec![(MODE_VARIABLE, PROTOCOL.to_string())],
            ..SpawnOptions::default()
        };
        let mut child = client.spawn(&client.written, &sandbox, &options)?;
        let Some(conversation) = Conversation::new(&mut child) else {
            return Err(HelloError::Ended(String::new()));
        };
        let mut process = Self {
            conversation,
            sandbox,
            has_served: false,
            child,
        };
        match process.conversation.read_hello(streams).await? {
            Some(hello) => Ok((process, hello)),
            None => Err(process.explain_end(streams).await),
        }
    }

    /// Why a process ended without a hello.
    async fn explain_end(self, streams: &CapturedStreams) -> HelloError {
        let words = first_words(streams);
        match self.end().await {
            Some(NOT_EXECUTABLE | NOT_FOUND) => HelloError::NotStarted(io::Error::other(words)),
            _ if words.is_empty() => HelloError::Ended(String::new()),
            _ => HelloError::Ended(format!(": {words}")),
        }
    }

    /// Ends the process with all that it has started. Returns its exit code when that is done.
    pub(super) async fn end(self) -> Option<i32> {
        let Self {
            conversation,
            mut child,
            sandbox,
            ..
        } = self;
        drop(conversation);
        let code = child.wait().await.ok().and_then(|status| status.code());
        drop(sandbox);
        code
    }

    /// The guard. All processes of the client descend from it.
    pub(super) fn guard(&self) -> Option<Pid> {
        self.child
            .id()
            .and_then(|pid| pid.try_into().ok())
            .map(Pid::from_raw)
    }

    /// Lets the process serve one request. What it leaves outside the request's home is recorded
    /// and removed.
    pub(super) async fn serve(
        &mut self,
        client: &CommandClient,
        request: &PersistentRequest,
        world: &WorldHandle,
        streams: &mut CapturedStreams,
    ) -> RequestEnd {
        self.has_served = true;
        let cleared = self.sandbox.clear();
        let calls = match cleared.and_then(|()| self.sandbox.receive_browser_calls()) {
            Ok(calls) => calls,
            Err(error) => {
                let problem = format!("cannot clear the folder of the process: {error}");
                return RequestEnd::ProtocolViolation(problem);
            }
        };
        let end = tokio::select! {
            end = self.conversation.exchange(request, streams) => end,
            () = calls.open_windows(world) => RequestEnd::ProcessEnded,
        };
        client.record_files(&self.sandbox, world).await;
        end
    }
}
