//! JSON documents of others: fetched with care, and read member by member so that one odd member
//! spoils nothing else.

use crate::error::ClientError;
use reqwest::Response;
use serde_json::{Map, Value};

const LARGEST: usize = 1 << 20;

/// A JSON object out of an answer with status 200.
pub(crate) struct JsonDocument {
    pub members: Map<String, Value>,
    /// The text that it was read from.
    pub text: String,
}

impl JsonDocument {
    /// Fetches an object. Redirects are not followed, other statuses and other bodies are misses.
    pub(crate) async fn fetch(
        request: reqwest::RequestBuilder,
        what: &'static str,
    ) -> Result<Self, ClientError> {
        let response = request
            .header("Accept", "application/json")
            .send()
            .await
            .map_err(|_| ClientError::Unreachable(what))?;
        match response.status().as_u16() {
            200 => Self::read(response, what).await,
            status => Err(ClientError::Status(what, status)),
        }
    }

    /// Reads the body of an answer, whatever its status.
    pub(crate) async fn read(response: Response, what: &'static str) -> Result<Self, ClientError> {
        let body = body(response, what).await?;
        let text = String::from_utf8(body).map_err(|_| ClientError::Malformed(what))?;
        match serde_json::from_str(&text) {
            Ok(Value::Object(members)) => Ok(Self { members, text }),
            _ => Err(ClientError::Malformed(what)),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    pub(crate) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        Some(
            self.members
                .get(name)?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect(),
        )
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.members.get(name) == Some(&Value::Bool(true))
    }
}

/// The whole body, if it is not too large.
pub(crate) async fn body(
    mut response: Response,
    what: &'static str,
) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| ClientError::Unreachable(what))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(ClientError::Malformed(what));
        }
    }
    Ok(body)
}
