//! The conversation with one MCP server, from the first request to the last, with authorization
//! wherever it is demanded.

use crate::authorization::Authorizer;
use crate::defect::Defect;
use crate::discovery::{Challenge, discover_resource_metadata};
use crate::error::ClientError;
use crate::mcp::mcp_request::McpRequest;
use crate::mcp::mcp_response::{McpResponse, WHAT};
use crate::mcp::token_report::report_token;
use crate::mcp::transport::{McpTransport, client_info};
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use crate::server_address::ServerAddress;
use crate::text;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// How often the token is renewed for one request, in any way.
const MOST_RENEWALS: u32 = 5;
/// How often the user is asked for one request.
const MOST_AUTHORIZATIONS: u32 = 2;
/// How often more scope is requested for one tool.
const MOST_STEP_UPS: u32 = 2;
/// The limit for defective clients that repeat something for ever, so that a run ends.
const DEFECTIVE_LIMIT: u32 = 12;

/// The conversation with one MCP server.
pub(crate) struct McpSession {
    pub(super) run: Arc<RunContext>,
    transport: McpTransport,
    pub(super) authorizer: Authorizer,
    step_ups: Mutex<HashMap<String, u32>>,
    /// The URL of the server as it was configured.
    url: String,
}

impl McpSession {
    pub(crate) fn new(run: Arc<RunContext>, url: &str) -> Result<Self, ClientError> {
        let server = ServerAddress::parse(url)?;
        let transport = McpTransport::new(run.clone(), server.url.clone());
        Ok(Self {
            authorizer: Authorizer::new(run.clone(), server),
            transport,
            run,
            step_ups: Mutex::default(),
            url: url.to_owned(),
        })
    }

    /// Connects, lists the tools, calls them and ends the session.
    pub(crate) async fn hold(self: Arc<Self>) -> Result<(), ClientError> {
        self.prepare_defectively().await?;
        self.open().await?;
        let token = self.authorizer.current_token().await;
        report_token(&self.run, &self.transport.url, token.as_deref()).await;
        let tools = self
            .send_authorized(&McpRequest::Call {
                method: "tools/list",
                params: json!({}),
            })
            .await?;
        self.run
            .platform
            .print(&format!("tools: {}", format_names(&tools)));
        let called = if let Some(model) = &self.run.config.model {
            self.follow_model(model, &tools).await
        } else if self.run.config.at_once && self.run.config.servers.len() == 1 {
            self.call_all_at_once().await
        } else {
            self.call_one_after_the_other().await
        };
        self.close().await;
        called
    }

    /// What defective clients do before the server has demanded anything.
    async fn prepare_defectively(&self) -> Result<(), ClientError> {
        if self.run.has(Defect::METADATA_BEFORE_CONNECTING) {
            let server = ServerAddress::parse(&self.url)?;
            discover_resource_metadata(&self.run, &server, None, None).await?;
        }
        let signs_in = self.run.has(Defect::SIGNS_IN_UNASKED);
        if signs_in || self.run.has(Defect::SIGNS_IN_WITH_METADATA) {
            let signed_in = self.authorizer.renew_token(None, None).await;
            if signs_in {
                signed_in?;
            }
        }
        Ok(())
    }

    /// Starts the conversation, as the revision demands.
    async fn open(&self) -> Result<(), ClientError> {
        if !self.run.config.revision.has_sessions() {
            self.send_authorized(&McpRequest::Call {
                method: "server/discover",
                params: json!({}),
            })
            .await?;
            // The subscription starts before the list is requested, so that no change is missed.
            self.send_authorized(&McpRequest::Listen).await?;
            return Ok(());
        }
        let wanted = self.run.config.revision;
        let params = json!({
            "protocolVersion": wanted.as_str(),
            "capabilities": {},
            "clientInfo": client_info(),
        });
        let answer = self
            .send_authorized(&McpRequest::Call {
                method: "initialize",
                params,
            })
            .await?;
        let version = answer
            .get("protocolVersion")
            .and_then(Value::as_str)
            .and_then(|date| date.parse::<ProtocolRevision>().ok());
        self.transport.set_version(
            version
                .filter(|version| version.has_sessions())
                .ok_or(ClientError::Malformed(WHAT))?,
        );
        self.send_authorized(&McpRequest::Notify {
            method: "notifications/initialized",
        })
        .await?;
        if self.transport.has_session() {
            self.send_authorized(&McpRequest::OpenStream).await?;
        }
        Ok(())
    }

    /// Ends the session with the current token. A rejected token is not renewed for this, because
    /// the session is no longer needed.
    async fn close(&self) {
        if self.transport.has_session() {
            let token = self.authorizer.current_token().await;
            let _ = self
                .transport
                .send(&McpRequest::EndSession, token.as_deref())
                .await;
        }
    }

    async fn call_one_after_the_other(&self) -> Result<(), ClientError> {
        let mut failure = None;
        for tool in &self.run.config.call {
            match self.call(tool).await {
                Ok(()) => {}
                Err(error) if error.concerns_one_tool() => failure = failure.or(Some(error)),
                Err(error) => return Err(failure.unwrap_or(error)),
            }
        }
        failure.map_or(Ok(()), Err)
    }

    async fn call_all_at_once(self: &Arc<Self>) -> Result<(), ClientError> {
        let mut calls = JoinSet::new();
        for tool in self.run.config.call.clone() {
            let session = self.clone();
            calls.spawn(async move { session.call(&tool).await });
        }
        let mut failure = None;
        while let Some(outcome) = calls.join_next().await {
            failure = failure.or(outcome.unwrap_or(Err(ClientError::Internal)).err());
        }
        failure.map_or(Ok(()), Err)
    }

    async fn call(&self, tool: &str) -> Result<(), ClientError> {
        self.call_for_result(tool).await.map(drop)
    }

    /// Calls a tool, and returns its result.
    pub(super) async fn call_for_result(&self, tool: &str) -> Result<Value, ClientError> {
        let outcome = self
            .send_authorized(&McpRequest::call_tool(tool))
            .await
            .and_then(|result| match result.get("isError") {
                Some(Value::Bool(true)) => Err(ClientError::Tool),
                _ => Ok(result),
            });
        match &outcome {
            Ok(_) => self
                .run
                .platform
                .print(&format!("{}: ok", text::printable(tool))),
            Err(_) => self
                .run
                .platform
                .print(&format!("{}: failed", text::printable(tool))),
        }
        outcome
    }

    /// Sends a request, and again with another token as long as the server demands one. The number
    /// of attempts is limited.
    async fn send_authorized(&self, request: &McpRequest) -> Result<Value, ClientError> {
        let mut token = self.authorizer.current_token().await;
        let (mut renewals, mut authorizations, mut step_ups) = (0, 0, 0);
        let is_unlimited = self.run.has(Defect::REAUTHORIZE_FOR_EVER);
        let (most_renewals, most_authorizations) = if is_unlimited {
            (DEFECTIVE_LIMIT, DEFECTIVE_LIMIT)
        } else {
            (MOST_RENEWALS, MOST_AUTHORIZATIONS)
        };
        loop {
            let renewal = match self.transport.send(request, token.as_deref()).await? {
                McpResponse::Result(result) => return Ok(result),
                McpResponse::Unauthorized(_)
                    if renewals == most_renewals || authorizations == most_authorizations =>
                {
                    return Err(ClientError::StillUnauthorized);
                }
                McpResponse::Unauthorized(_)
                    if token.is_none()
                        && request.tool().is_some()
                        && self.run.has(Defect::UNAUTHORIZED_ONLY_AT_FIRST) =>
                {
                    return Err(ClientError::StillUnauthorized);
                }
                McpResponse::Unauthorized(challenge) => {
                    renewals += 1;
                    self.authorizer
                        .renew_token(challenge.as_ref(), token.as_deref())
                        .await?
                }
                McpResponse::Forbidden(challenge) => {
                    self.count_step_up(request, challenge.as_ref(), &mut step_ups)?;
                    let renewal = self
                        .authorizer
                        .step_up(challenge.as_ref(), token.as_deref())
                        .await?;
                    if self.run.has(Defect::STEP_UP_CALL_LOST) {
                        return Err(ClientError::Forbidden);
                    }
                    // Step-up attempts have a limit of their own.
                    token = Some(renewal.token);
                    continue;
                }
            };
            authorizations += u32::from(renewal.asked_user);
            token = Some(renewal.token);
        }
    }

    /// Counts a step-up attempt. Only `insufficient_scope` is a reason to request more scope, and
    /// the number of attempts for one operation is limited.
    fn count_step_up(
        &self,
        request: &McpRequest,
        challenge: Option<&Challenge>,
        in_this_request: &mut u32,
    ) -> Result<(), ClientError> {
        let insufficient = challenge.and_then(Challenge::error) == Some("insufficient_scope");
        if !insufficient && !self.run.has(Defect::FORBIDDEN_IS_STEP_UP)
            || self.run.has(Defect::STEP_UP_IGNORED)
        {
            return Err(ClientError::Forbidden);
        }
        *in_this_request += 1;
        let mut step_ups = self.step_ups.lock().unwrap_or_else(PoisonError::into_inner);
        let of_operation = step_ups.entry(request.operation()).or_default();
        *of_operation += 1;
        let mut defect_state = self.run.defect_state();
        defect_state.step_ups += 1;
        let exhausted = match () {
            () if self.run.has(Defect::STEP_UP_FOR_EVER) => *in_this_request > DEFECTIVE_LIMIT,
            () if self.run.has(Defect::STEP_UP_FORGOTTEN) => *in_this_request > MOST_STEP_UPS,
            () if self.run.has(Defect::STEP_UP_COUNTED_GLOBALLY) => {
                defect_state.step_ups > MOST_STEP_UPS
            }
            () => *of_operation > MOST_STEP_UPS,
        };
        if exhausted {
            Err(ClientError::ScopeNeverEnough)
        } else {
            Ok(())
        }
    }
}

/// The names of the tools in a response to `tools/list`, safe to print.
fn format_names(tools: &Value) -> String {
    let names = tools
        .get("tools")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let names: Vec<String> = names
        .filter_map(|tool| tool.get("name")?.as_str().map(text::printable))
        .collect();
    names.join(" ")
}
