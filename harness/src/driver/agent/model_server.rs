//! The model provider of one home: a server on the loopback interface.

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::conversation::{ModelAnswer, ModelConversation};
use super::dialect::{Dialect, ModelReply, answer_about_models};
use super::script::ModelScript;
use crate::driver::launch::Launch;
use crate::driver::world_handle::WorldHandle;
use crate::transcript::Unsearched;
use crate::world::ports;

/// The largest request that is read, in bytes. Agents send long instructions with each request.
const MAX_REQUEST: usize = 8 * 1024 * 1024;
/// Connections that are served at a time; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 64;
/// Requests that are answered in one home. An agent that goes on after that is looping.
const MAX_QUESTIONS: usize = 200;
/// The first answer is held back until nothing has been recorded for so long.
const HOLD_QUIET: Duration = Duration::from_millis(1500);
/// The longest time for which the first answer is held back.
const MAX_HOLD: Duration = Duration::from_secs(15);
/// How often it is looked whether the answer can be given.
const HOLD_PAUSE: Duration = Duration::from_millis(50);

/// The model provider of one home. It ends when it is dropped.
pub(in crate::driver) struct ModelServer {
    url: String,
    key: String,
    state: Arc<ModelState>,
    _serving: JoinSet<()>,
}

/// What the connections of a server share.
#[derive(Default)]
struct ModelState {
    session: Mutex<Option<ModelSession>>,
    questions: AtomicUsize,
    /// The part of the path that only the client of this home knows.
    secret_path: String,
}

/// What the model does during one start of the agent.
#[derive(Clone)]
struct ModelSession {
    script: ModelScript,
    world: WorldHandle,
}

impl ModelServer {
    /// Starts to listen. It must be called in a Tokio runtime.
    pub(in crate::driver) fn start() -> std::io::Result<Self> {
        let (port, listener) = ports::candidates(ports::SERVERS)
            .find_map(|port| Some((port, TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?)))
            .ok_or_else(|| std::io::Error::other("no port is free"))?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut random = [0; 12];
        getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
        let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let state = Arc::new(ModelState {
            secret_path: format!("/{random}/"),
            ..ModelState::default()
        });
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&state)));
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/{random}"),
            key: format!("sk-mock-{random}"),
            state,
            _serving: serving,
        })
    }

    /// What `{model_url}` stands for.
    pub(in crate::driver) fn url(&self) -> &str {
        &self.url
    }

    /// What `{model_key}` stands for. Any key is accepted.
    pub(in crate::driver) fn key(&self) -> &str {
        &self.key
    }

    /// Begins a start of the agent: from now on the model asks for the tools of this start.
    pub(in crate::driver) fn begin(&self, launch: &Launch) {
        let session = ModelSession {
            script: ModelScript {
                tools: launch.tools(),
                at_once: launch.at_once,
            },
            world: launch.world.clone(),
        };
        *self.state.lock_session() = Some(session);
    }
}

impl ModelState {
    fn lock_session(&self) -> std::sync::MutexGuard<'_, Option<ModelSession>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: tokio::net::TcpListener, state: Arc<ModelState>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(HOLD_PAUSE).await;
                    continue;
                };
                connections.spawn(serve_connection(stream, Arc::clone(&state)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<ModelState>) {
    let service = hyper::service::service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(&state, request).await) }
    });
    // an error here is an agent that went away
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(state: &ModelState, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if !path.starts_with(&state.secret_path) {
        return respond_error(StatusCode::NOT_FOUND, "this model has another address");
    }
    if head.method != hyper::Method::POST {
        return respond_about_models(path);
    }
    let Some(session) = state.lock_session().clone() else {
        return respond_error(StatusCode::BAD_REQUEST, "no conversation has begun");
    };
    let Ok(body) = Limited::new(body, MAX_REQUEST).collect().await else {
        session.note_unsearched();
        return respond_error(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large");
    };
    let body = body.to_bytes();
    let json = serde_json::from_slice(&body).unwrap_or(Json::Null);
    let dialect = Dialect::of_path(path);
    let conversation = dialect.map(|dialect| dialect.read(path, &json));
    session.record_question(conversation.as_ref(), &told_text(&head, &body));
    if state.questions.fetch_add(1, Ordering::Relaxed) >= MAX_QUESTIONS {
        return respond_error(StatusCode::BAD_REQUEST, "the conversation is over");
    }
    match (dialect, conversation) {
        (Some(dialect), Some(conversation)) => {
            let answer = session.next_answer(&conversation).await;
            respond(dialect.write(&conversation, &answer))
        }
        _ => respond_about_models(path),
    }
}

fn respond_about_models(path: &str) -> Response<Full<Bytes>> {
    match answer_about_models(path) {
        Some(reply) => respond(reply),
        None => respond_error(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

/// Everything that a request tells the provider: its target, its headers and its body.
fn told_text(head: &hyper::http::request::Parts, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{}\n", head.uri).into_bytes();
    for (name, value) in &head.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    text.extend_from_slice(body);
    text
}

impl ModelSession {
    fn record_question(&self, conversation: Option<&ModelConversation>, told: &[u8]) {
        let offered = conversation
            .into_iter()
            .flat_map(|conversation| &conversation.offered)
            .filter(|tool| self.script.wants(&tool.name))
            .map(|tool| tool.name.clone())
            .collect();
        self.world.shared.record_model_asked(offered, told);
    }

    /// Notes that something that the model was told was too long to be searched.
    fn note_unsearched(&self) {
        self.world.shared.record_unsearched(&Unsearched {
            output_bytes: MAX_REQUEST as u64,
            ..Unsearched::default()
        });
    }

    async fn next_answer(&self, conversation: &ModelConversation) -> ModelAnswer {
        if conversation.calls.is_empty() && !conversation.offered.is_empty() {
            self.hold_back().await;
        }
        let answer = self.script.next_answer(conversation);
        if let ModelAnswer::Call(calls) = &answer {
            for tool in calls.iter().filter_map(|call| self.script.tool_of(call)) {
                self.world.shared.record_model_called(tool);
            }
        }
        answer
    }

    /// Waits until the MCP server has listed its tools in this start. Some agents ask their model
    /// before they are connected. An agent that has given up makes no more requests, so this ends
    /// when nothing has been recorded for a while.
    async fn hold_back(&self) {
        let shared = &self.world.shared;
        let began = Instant::now();
        let mut recorded = shared.count_recorded();
        let mut changed = Instant::now();
        while began.elapsed() < MAX_HOLD && changed.elapsed() < HOLD_QUIET {
            if shared.client_progress().has_listed_tools {
                return;
            }
            tokio::time::sleep(HOLD_PAUSE).await;
            let now = shared.count_recorded();
            if now != recorded {
                (recorded, changed) = (now, Instant::now());
            }
        }
    }
}

fn respond(reply: ModelReply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    let content_type = hyper::header::HeaderValue::from_static(reply.content_type);
    let headers = response.headers_mut();
    headers.insert(hyper::header::CONTENT_TYPE, content_type);
    response
}

fn respond_error(status: StatusCode, message: &'static str) -> Response<Full<Bytes>> {
    let body =
        serde_json::json!({ "error": { "type": "invalid_request_error", "message": message } });
    let mut response = respond(ModelReply::json(&body));
    *response.status_mut() = status;
    response
}
