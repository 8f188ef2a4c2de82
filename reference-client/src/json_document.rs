//! JSON documents from other parties. Their members are read one by one, so that an unexpected
//! member does not make the others unreadable.

use crate::error::ClientError;
use reqwest::{Response, Version};
use serde_json::{Map, Value};

/// The largest body that the client reads, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// A JSON object from the body of a response.
pub(crate) struct JsonDocument {
    pub members: Map<String, Value>,
    /// The body before parsing.
    pub text: String,
    /// The Content-Type as it was written.
    pub content_type: String,
    /// Whether the response could have a reason phrase.
    pub has_reason_phrase: bool,
}

impl JsonDocument {
    /// Fetches an object. Redirects are not followed; any status other than 200 is an error.
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

    /// Reads the body of a response, whatever its status.
    pub(crate) async fn read(response: Response, what: &'static str) -> Result<Self, ClientError> {
        let content_type = response.headers().get("content-type");
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let has_reason_phrase = response.version() <= Version::HTTP_11;
        let body = read_body(response, what).await?;
        let text = String::from_utf8(body).map_err(|_| ClientError::Malformed(what))?;
        match serde_json::from_str(&text) {
            Ok(Value::Object(members)) => Ok(Self {
                members,
                text,
                content_type,
                has_reason_phrase,
            }),
            _ => Err(ClientError::Malformed(what)),
        }
    }

    /// A member that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    /// The strings in a member that is an array.
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

    /// Whether the Content-Type is written in the usual way, without parameters. Only defective
    /// clients ask.
    pub(crate) fn has_plain_media_type(&self) -> bool {
        self.content_type == "application/json"
    }

    /// Whether a member is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.members.get(name) == Some(&Value::Bool(true))
    }
}

/// Reads a whole body, if it is not too large.
pub(crate) async fn read_body(
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
        if body.len() > LARGEST_BODY {
            return Err(ClientError::Malformed(what));
        }
    }
    Ok(body)
}
