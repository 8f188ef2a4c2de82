//! Clients under test, as functions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use mcp_authspec::{Capability, Context, Subject};
use reference_client::{BrowserClosed, ClientConfig, Defects, Platform, Store};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use url::Url;

/// The environment variable that names the file of known failures.
pub const BASELINE: &str = "BASELINE_OF_THIS_TEST";

/// The time-out for clients that never return. No other outcome depends on it.
const SHORT: Duration = Duration::from_millis(200);

pub fn subject(name: &str) -> Subject {
    let conforming = |context| drive(context, Defects::none());
    let broken = |context| drive(context, Defects::only("no-iss-check".parse().unwrap()));
    let subject = match name {
        "conforming" => Subject::from(conforming),
        "lacks-refresh" => Subject::from(conforming)
            .has([Capability::KeepsState])
            .lacks([Capability::Refresh]),
        "without-a-listener" => Subject::from(by_hand),
        "no-iss-check" => Subject::from(broken),
        "plain-pkce" => {
            Subject::from(|context| drive(context, Defects::only("plain-pkce".parse().unwrap())))
        }
        "errs" => Subject::from(async |_: Context| Err::<(), _>("no route to the server")),
        "panics-once" => Subject::from(panics_once),
        "never-returns" => {
            Subject::from(async |_: Context| std::future::pending::<Result<(), String>>().await)
                .timeout(SHORT)
        }
        "blocks" => Subject::from(blocks).timeout(SHORT),
        "leaves-a-task" => Subject::from(leaves_a_task),
        other => panic!("no client {other}"),
    };
    match std::env::var(BASELINE) {
        Ok(file) => subject.baseline(file),
        Err(_) => subject,
    }
}

async fn panics_once(context: Context) -> Result<(), reference_client::ClientError> {
    static BEFORE: AtomicBool = AtomicBool::new(false);
    if !BEFORE.swap(true, Ordering::SeqCst) {
        panic!("index out of bounds: {}", context.call.len());
    }
    drive(context, Defects::none()).await
}

async fn blocks(_: Context) -> Result<(), String> {
    loop {
        std::thread::park();
    }
}

/// Fails if a task of an earlier start still runs.
async fn leaves_a_task(context: Context) -> Result<(), String> {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    if ALIVE.fetch_add(1, Ordering::SeqCst) > 0 {
        return Err("a task of an earlier start still runs".to_owned());
    }
    let alive = Alive;
    tokio::spawn(async {
        let _alive = alive;
        std::future::pending::<()>().await;
    });
    drive(context, Defects::none())
        .await
        .map_err(|error| error.to_string())
}

// ------------------------------------------------------------ the bundled client

async fn drive(context: Context, defects: Defects) -> Result<(), reference_client::ClientError> {
    let revision = context.revision.as_str().parse().unwrap();
    let config = ClientConfig {
        servers: context.servers.clone(),
        call: context.call.clone(),
        defects,
        ..ClientConfig::new(revision, &context.url)
    };
    let store = Store::in_directory(&context.storage)?;
    reference_client::run(&config, Arc::new(Surroundings(context)), Arc::new(store)).await
}

struct Surroundings(Context);

impl Platform for Surroundings {
    fn open_url(&self, url: &str) -> std::io::Result<BrowserClosed> {
        let window = self.0.browser.open(url);
        Ok(Box::pin(async move {
            window.await;
            None
        }))
    }

    fn print(&self, line: &str) {
        self.0.show(line);
    }

    fn print_error(&self, line: &str) {
        self.0.show(line);
    }
}

// ------------------------------------------------------------ a client in one function

const REDIRECT_URI: &str = "http://127.0.0.1:1/callback";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
const CHALLENGE: &str = "y5UF_tmp_ICTDGza-Ou2vUvx2cu7DBN-Xwf_z0RDfTw";

/// Authorizes step by step with one honest server. The client does not listen for the callback: the
/// browser returns it.
async fn by_hand(context: Context) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let http = reqwest::Client::new();
    let get = async |url: String| -> Result<Value, reqwest::Error> {
        Ok(serde_json::from_str(&http.get(url).send().await?.text().await?).unwrap_or_default())
    };
    let text =
        |document: &Value, member: &str| document[member].as_str().unwrap_or_default().to_owned();
    let unauthorized = call(&http, &context, "", "tools/list", json!({})).await?;
    let challenge = unauthorized.headers()["www-authenticate"]
        .to_str()?
        .to_owned();
    let resource_metadata = challenge
        .split("resource_metadata=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .ok_or("no metadata")?;
    let resource = get(resource_metadata.to_owned()).await?;
    let issuer = resource["authorization_servers"][0]
        .as_str()
        .ok_or("no authorization server")?
        .to_owned();
    let server = get(format!(
        "{}/.well-known/oauth-authorization-server",
        issuer.trim_end_matches('/')
    ))
    .await?;
    let registration = json!({
        "redirect_uris": [REDIRECT_URI],
        "client_name": "by hand",
        "token_endpoint_auth_method": "none",
    });
    let registered = http
        .post(text(&server, "registration_endpoint"))
        .header(CONTENT_TYPE, "application/json");
    let registered: Value = serde_json::from_str(
        &registered
            .body(registration.to_string())
            .send()
            .await?
            .text()
            .await?,
    )?;
    let client = text(&registered, "client_id");

    let url = with_parameters(
        &text(&server, "authorization_endpoint"),
        &[
            ("response_type", "code"),
            ("client_id", &client),
            ("redirect_uri", REDIRECT_URI),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "a-state"),
            ("resource", &context.url),
        ],
    )?;
    let callback = Url::parse(&context.browser.authorize(url.as_str()).await?)?;
    let code = callback
        .query_pairs()
        .find(|(name, _)| name == "code")
        .ok_or("no code")?
        .1
        .into_owned();
    let form = with_parameters(
        "http://form",
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", &client),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
            ("resource", &context.url),
        ],
    )?;
    let tokens = http
        .post(text(&server, "token_endpoint"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let tokens = tokens
        .body(form.query().unwrap_or_default().to_owned())
        .send()
        .await?
        .text()
        .await?;
    let token = text(&serde_json::from_str(&tokens)?, "access_token");
    call(&http, &context, &token, "tools/list", json!({}))
        .await?
        .error_for_status()?;
    for tool in &context.call {
        call(
            &http,
            &context,
            &token,
            "tools/call",
            json!({ "name": tool, "arguments": {} }),
        )
        .await?
        .error_for_status()?;
    }
    Ok(())
}

fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> Result<Url, url::ParseError> {
    let mut url = Url::parse(url)?;
    url.query_pairs_mut().extend_pairs(parameters);
    Ok(url)
}

/// A request of the stateless revision.
async fn call(
    http: &reqwest::Client,
    context: &Context,
    token: &str,
    method: &str,
    mut params: Value,
) -> Result<reqwest::Response, reqwest::Error> {
    let revision = context.revision.as_str();
    let tool = params["name"].as_str().unwrap_or_default().to_owned();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": revision,
        "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut request = http
        .post(&context.url)
        .header(CONTENT_TYPE, "application/json")
        .header("accept", "application/json, text/event-stream");
    request = request
        .header("mcp-protocol-version", revision)
        .header("mcp-method", method);
    if !tool.is_empty() {
        request = request.header("mcp-name", tool);
    }
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body.to_string()).send().await
}
