//! Errors as answers of the API.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::live::error::LiveError;

/// An error as the answer of the API.
#[derive(Debug)]
pub(super) struct Problem(LiveError);

/// The body of the answer.
#[derive(Debug, Serialize)]
struct ProblemBody {
    error: String,
    /// The question that has to be answered first, if that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<&'static str>,
}

impl From<LiveError> for Problem {
    fn from(error: LiveError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let question = match &self.0 {
            LiveError::QuestionOpen { question } => Some(*question),
            _ => None,
        };
        let body = ProblemBody {
            error: self.0.to_string(),
            question,
        };
        (status_of(&self.0), Json(body)).into_response()
    }
}

const fn status_of(error: &LiveError) -> StatusCode {
    match error {
        LiveError::NoSuchRun { .. } => StatusCode::NOT_FOUND,
        LiveError::NothingChosen
        | LiveError::AlreadyChosen
        | LiveError::NotOpen { .. }
        | LiveError::AlreadyOpen { .. }
        | LiveError::QuestionOpen { .. } => StatusCode::CONFLICT,
        LiveError::NothingToRun
        | LiveError::UnknownCapability { .. }
        | LiveError::UnknownAnswer { .. }
        | LiveError::NoSuchQuestion { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
