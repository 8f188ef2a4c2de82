//! The paths of the page and of the API. `docs/reference/live-api.yaml` describes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use axum::routing::{MethodRouter, get, post, put};
use axum::{Json, Router};
use serde::Deserialize;

use super::event_stream::stream_updates;
use super::problem::Problem;
use crate::live::choice::Choice;
use crate::live::live_run::RunStateWord;
use crate::live::live_service::LiveService;
use crate::live::view::{PlanSize, RunView, SessionView};
use crate::report::PAGE_STYLE;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
const ICON: &str = include_str!("icon.svg");
const STYLE: &str = include_str!("page.css");

/// The longest time that a request waits for a verdict.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

type Service = State<Arc<LiveService>>;
type Answer<T> = Result<Json<T>, Problem>;

/// A path below the token, and what is done there.
pub(super) fn routes() -> Vec<(&'static str, MethodRouter<Arc<LiveService>>)> {
    vec![
        ("/", get(|| async { Html(PAGE) })),
        ("/page.js", get(script)),
        ("/page.css", get(style)),
        ("/icon.svg", get(icon)),
        ("/api/session", get(session).post(begin)),
        ("/api/plan", post(measure)),
        ("/api/events", get(events)),
        ("/api/runs/{number}", get(run)),
        ("/api/runs/{number}/start", post(start)),
        ("/api/runs/{number}/finish", post(finish)),
        ("/api/runs/{number}/cancel", post(cancel)),
        ("/api/runs/{number}/skip", post(skip)),
        ("/api/runs/{number}/note", put(note)),
        ("/api/runs/{number}/verdict", get(verdict)),
    ]
}

/// All routes below a token.
pub(super) fn router(service: Arc<LiveService>, token: &str) -> Router {
    let all = routes().into_iter();
    all.fold(Router::new(), |router, (path, method)| {
        router.route(&format!("/{token}{path}"), method)
    })
    .with_state(service)
}

async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

async fn style() -> impl IntoResponse {
    let style = format!("{PAGE_STYLE}\n{STYLE}");
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], style)
}

async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml")], ICON)
}

async fn session(State(service): Service) -> Json<SessionView> {
    Json(service.view())
}

async fn begin(
    State(service): Service,
    Json(choice): Json<Choice>,
) -> Result<(StatusCode, Json<SessionView>), Problem> {
    service.begin(&choice)?;
    Ok((StatusCode::CREATED, Json(service.view())))
}

async fn measure(State(service): Service, Json(choice): Json<Choice>) -> Answer<PlanSize> {
    Ok(Json(service.measure(&choice)?))
}

/// The run that a stream tells about.
#[derive(Debug, Deserialize)]
struct EventsQuery {
    run: Option<usize>,
}

async fn events(State(service): Service, Query(query): Query<EventsQuery>) -> impl IntoResponse {
    stream_updates(service, query.run)
}

async fn run(State(service): Service, Path(number): Path<usize>) -> Answer<RunView> {
    Ok(Json(service.session()?.view_run(number)?))
}

async fn start(State(service): Service, Path(number): Path<usize>) -> Answer<RunView> {
    service.session()?.open(number).await?;
    Ok(Json(service.session()?.view_run(number)?))
}

/// Answers to the questions about a run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FinishBody {
    #[serde(default)]
    answers: BTreeMap<String, String>,
}

async fn finish(
    State(service): Service,
    Path(number): Path<usize>,
    Json(body): Json<FinishBody>,
) -> Answer<RunView> {
    let session = service.session()?;
    session.finish(number, &body.answers)?;
    Ok(Json(session.view_run(number)?))
}

async fn cancel(State(service): Service, Path(number): Path<usize>) -> Answer<RunView> {
    service.session()?.cancel(number)?;
    Ok(Json(service.session()?.view_run(number)?))
}

async fn skip(State(service): Service, Path(number): Path<usize>) -> Answer<RunView> {
    service.session()?.skip(number)?;
    Ok(Json(service.session()?.view_run(number)?))
}

/// A note upon a run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteBody {
    note: String,
}

async fn note(
    State(service): Service,
    Path(number): Path<usize>,
    Json(body): Json<NoteBody>,
) -> Answer<RunView> {
    service.session()?.set_note(number, &body.note)?;
    Ok(Json(service.session()?.view_run(number)?))
}

/// How long a request waits.
#[derive(Debug, Deserialize)]
struct VerdictQuery {
    /// Seconds to wait for a verdict.
    #[serde(default)]
    wait: u64,
}

/// The run, as soon as its verdict is certain or it is no longer open, or when the time is over.
async fn verdict(
    State(service): Service,
    Path(number): Path<usize>,
    Query(query): Query<VerdictQuery>,
) -> Answer<RunView> {
    let session = Arc::clone(service.session()?);
    let wait = Duration::from_secs(query.wait).min(LONGEST_WAIT);
    let mut changes = service.changes.subscribe();
    let decided = async {
        loop {
            changes.mark_unchanged();
            let view = session.view_run(number)?;
            let is_certain = view.judged.as_ref().is_some_and(|judged| judged.certain);
            if is_certain || view.line.state != RunStateWord::Open {
                return Ok(view);
            }
            if changes.changed().await.is_err() {
                return Ok(view);
            }
        }
    };
    match tokio::time::timeout(wait, decided).await {
        Ok(decided) => decided.map(Json),
        Err(_) => Ok(Json(session.view_run(number)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_described() {
        let description = include_str!("../../../../docs/reference/live-api.yaml");
        let description: serde_json::Value = serde_yaml_ng::from_str(description).unwrap();
        let described: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
        for (path, _) in routes() {
            assert!(described.iter().any(|known| *known == path), "{path}");
        }
        assert_eq!(described.len(), routes().len());
    }
}
