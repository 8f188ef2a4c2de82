//! What a person is asked to do, and what to expect, in sentences.

use serde::Serialize;

use crate::driver::{PersonTask, Provision};
use crate::scenario::model::Case;

/// What a person is asked to do in one start of the client.
#[derive(Debug, Clone, Serialize)]
pub struct Instructions {
    /// Which start of the client this is, and of how many.
    pub start: u32,
    pub of: usize,
    /// What to do.
    pub action: String,
    /// The URLs of the MCP servers, in the order in which the client is to be connected.
    pub urls: Vec<String>,
    /// What is to be typed into the client before it connects.
    pub credentials: Vec<Credential>,
    pub links: Vec<DeepLink>,
}

/// Something to be typed into the client.
#[derive(Debug, Clone, Serialize)]
pub struct Credential {
    pub name: &'static str,
    pub value: String,
}

/// A link that opens a product with the server's URL.
#[derive(Debug, Clone, Serialize)]
pub struct DeepLink {
    pub product: &'static str,
    pub url: String,
}

impl Instructions {
    /// What the task asks of a person.
    pub fn new(case: &Case, task: &PersonTask) -> Self {
        let tools = task.call.iter().map(|tool| format!("`{tool}`"));
        let tools = tools.collect::<Vec<_>>().join(", then ");
        let servers = match task.urls.len() {
            0 | 1 => "this MCP server",
            _ => "these MCP servers, one after the other",
        };
        let begin = if task.run == 1 {
            "Connect the client to"
        } else {
            "Quit the client, start it again with what it has stored, and connect it to"
        };
        let name = server_name(case);
        Self {
            start: task.run,
            of: case.starts().count(),
            action: format!("{begin} {servers}, sign in if it asks you to, and call {tools}."),
            urls: task.urls.clone(),
            credentials: credentials(&task.provision),
            links: task
                .urls
                .first()
                .map_or_else(Vec::new, |url| deep_links(&name, url)),
        }
    }
}

/// What to expect in a case.
pub fn expectation(case: &Case) -> &'static str {
    if case.deviations.is_empty() && case.goal.is_none() {
        "All servers are honest here, so the client should connect and the call should succeed."
    } else if case.deviations.is_empty() {
        "All servers are honest here. Let the client go as far as it does, and finish when it has \
         come to rest."
    } else {
        "A server misbehaves here. The client may refuse it or go on; let it do what it does, and \
         finish when it has come to rest."
    }
}

/// A name for the server in a product's list.
fn server_name(case: &Case) -> String {
    let name = case.id.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    name.trim_matches('-').to_owned()
}

fn credentials(provision: &Provision) -> Vec<Credential> {
    let parts = [
        ("client ID", provision.client_id()),
        ("client secret", provision.client_secret()),
        ("private key", provision.private_key_pem()),
        ("issuer", provision.issuer()),
    ];
    let filled = |(name, value): (&'static str, Option<&str>)| {
        let value = value?.to_owned();
        Some(Credential { name, value })
    };
    parts.into_iter().filter_map(filled).collect()
}

/// Links that products have for adding a server.
fn deep_links(name: &str, url: &str) -> Vec<DeepLink> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    let code = serde_json::json!({ "name": name, "type": "http", "url": url }).to_string();
    let cursor = STANDARD.encode(serde_json::json!({ "url": url }).to_string());
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    vec![
        DeepLink {
            product: "VS Code",
            url: format!("vscode:mcp/install?{}", encode(&code)),
        },
        DeepLink {
            product: "Cursor",
            url: format!(
                "cursor://anysphere.cursor-deeplink/mcp/install?name={}&config={}",
                encode(name),
                encode(&cursor)
            ),
        },
    ]
}
