//! The live page: its API is what its description says, strangers are refused, runs are saved and
//! go on after a restart, and many worlds at once do not mix.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use common::{PROGRAM, run, text};
use mcp_authspec::live::{LiveService, LiveSettings, bind_page};
use mcp_authspec::suite::Suite;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// The description of the API.
const DESCRIPTION: &str = include_str!("../../docs/reference/live-api.yaml");

/// A page, with a client for its API.
struct Page {
    url: String,
    http: Client,
    server: tokio::task::JoinHandle<()>,
}

impl Page {
    async fn open(folder: &Path, resume: bool) -> Self {
        let settings = LiveSettings {
            folder: folder.to_owned(),
            patterns: Vec::new(),
            seed: "live".to_owned(),
            ttl: Duration::from_secs(600),
        };
        let service = LiveService::new(Suite::embedded().unwrap(), settings);
        if resume {
            service.resume().unwrap();
        }
        let address = "127.0.0.1:0".parse().unwrap();
        let page = bind_page(Arc::new(service), address).await.unwrap();
        Self {
            url: page.url().to_owned(),
            http: Client::new(),
            server: tokio::spawn(async move { page.serve().await.unwrap() }),
        }
    }

    /// The status and the JSON of an answer.
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let url = format!("{}api/{path}", self.url);
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            let request_with_type = request.header("content-type", "application/json");
            request = request_with_type.body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(json!(text)))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    async fn begin(&self, plan: &str) -> Value {
        self.post("session", &choice(plan)).await
    }

    /// Plays a run with the bundled client. Returns what the API says of the finished run.
    async fn play(&self, number: usize, answers: &Value) -> Value {
        let home = tempfile::tempdir().unwrap();
        let mut view = self.post(&format!("runs/{number}/start"), &json!({})).await;
        while view["state"] == "open" {
            for url in view["task"]["urls"].as_array().unwrap() {
                connect(url.as_str().unwrap(), home.path()).await;
            }
            let start = view["task"]["start"].clone();
            let body = json!({ "answers": answers });
            self.post(&format!("runs/{number}/finish"), &body).await;
            view = self
                .when(number, |view| view["task"]["start"] != start)
                .await;
        }
        view
    }

    /// The run, as soon as it fits.
    async fn when(&self, number: usize, fits: impl Fn(&Value) -> bool) -> Value {
        let mut events = self
            .http
            .get(format!("{}api/events?run={number}", self.url))
            .send()
            .await
            .unwrap();
        let mut text = String::new();
        loop {
            let chunk = events.chunk().await.unwrap().expect("the stream goes on");
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.strip_prefix("data: ").map(str::to_owned);
                text = rest.to_owned();
                let Some(data) = data else { continue };
                let update: Value = serde_json::from_str(&data).unwrap();
                let run = &update["run"];
                if fits(run) && (run["state"] != "open" || !run["task"].is_null()) {
                    return run.clone();
                }
            }
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn choice(plan: &str) -> Value {
    json!({
        "client": "Bundled client 1.0",
        "revision": "2026-07-28",
        "kind": "headless",
        "plan": plan,
        "capabilities": ["several-servers"],
    })
}

/// The bundled client connects, signs in without a browser and calls a tool.
async fn connect(url: &str, home: &Path) {
    let mut client = tokio::process::Command::new(PROGRAM);
    client
        .args(["reference-client", "--headless", "--store"])
        .arg(home)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    client.status().await.unwrap();
}

/// The schema of a component of the description.
fn schema(name: &str) -> jsonschema::Validator {
    let mut description: Value = serde_yaml_ng::from_str(DESCRIPTION).unwrap();
    description["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::validator_for(&description).unwrap()
}

#[track_caller]
fn assert_fits(name: &str, answer: &Value) {
    let problems: Vec<String> = schema(name)
        .iter_errors(answer)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{name}: {problems:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_of_the_description_is_served_and_answers_as_described() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page::open(&folder.path().join("run"), false).await;
    let (status, refusal) = page.call(Method::GET, "runs/1", None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_fits("Problem", &refusal);
    assert_fits("Session", &page.get("session").await);
    assert_fits("Session", &page.begin("short").await);
    let (status, _) = page
        .call(Method::POST, "session", Some(&choice("full")))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_fits("Run", &page.post("runs/1/start", &json!({})).await);
    assert_fits("Run", &page.get("runs/1/verdict?wait=0").await);
    let wrong = json!({ "answers": { "error-shown": "perhaps" } });
    let (status, refusal) = page.call(Method::POST, "runs/1/finish", Some(&wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refusal}");
    assert_fits("Run", &page.post("runs/1/cancel", &json!({})).await);
    assert_fits("Run", &page.when(1, |run| run["state"] == "waiting").await);
    assert_fits("Run", &page.post("runs/2/skip", &json!({})).await);
    let (status, _) = page.call(Method::GET, "runs/0", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    let description: Value = serde_yaml_ng::from_str(DESCRIPTION).unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let url = format!("{}{}", page.url, &path[1..].replace("{number}", "3"));
        for method in methods.as_object().unwrap().keys() {
            let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else {
                continue;
            };
            let is_method = matches!(method.as_str(), "GET" | "POST" | "PUT");
            if is_method {
                let response = page
                    .http
                    .request(method.clone(), &url)
                    .send()
                    .await
                    .unwrap();
                let status = response.status();
                assert!(
                    !matches!(status.as_u16(), 404 | 405),
                    "{method} {path}: {status}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page::open(&folder.path().join("run"), false).await;
    let status = async |url: &str, header: Option<(&str, &str)>| {
        let mut request = page.http.get(url);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status()
    };
    let (origin, token) = page.url.trim_end_matches('/').rsplit_once('/').unwrap();
    assert_eq!(token.len(), 32);
    assert_eq!(status(&page.url, None).await, StatusCode::OK);
    let own = ("origin", origin);
    assert_eq!(status(&page.url, Some(own)).await, StatusCode::OK);
    for url in [
        format!("{origin}/"),
        format!("{origin}/api/session"),
        format!("{origin}/{}/", "0".repeat(32)),
        format!("{}../../etc/passwd", page.url),
    ] {
        assert_eq!(status(&url, None).await, StatusCode::NOT_FOUND, "{url}");
    }
    for header in [
        ("host", "rebound.example"),
        ("origin", "http://rebound.example"),
        ("origin", "null"),
    ] {
        let refused = status(&page.url, Some(header)).await;
        assert_eq!(refused, StatusCode::MISDIRECTED_REQUEST, "{header:?}");
    }
    let response = page.http.get(&page.url).send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str();
    assert!(
        policy
            .unwrap()
            .starts_with("default-src 'none'; script-src 'self'")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_saved_judged_and_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().join("run");
    let page = Page::open(&save, false).await;
    page.begin("short").await;
    let view = page.play(1, &json!({ "error-shown": "no" })).await;
    assert_eq!(view["judged"]["checks"][0]["verdict"], "pass", "{view}");
    assert_eq!(view["attested"][0]["answer"], "no");
    assert!(view["diagram"].as_str().unwrap().starts_with("<svg"));
    page.post("runs/2/skip", &json!({})).await;
    let note = json!({ "note": "a note" });
    page.call(Method::PUT, "runs/3/note", Some(&note)).await;
    drop(page);

    let page = Page::open(&save, true).await;
    let session = page.get("session").await;
    let states: Vec<&str> = (0..3)
        .map(|index| session["runs"][index]["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["finished", "skipped", "waiting"]);
    assert_eq!(page.get("runs/3").await["note"], "a note");
    assert_eq!(page.get("runs/1").await["attested"], view["attested"]);
    let report = run(&["report", save.to_str().unwrap(), "--format", "json"]);
    let report: Value = serde_json::from_str(&text(&report.stdout)).unwrap();
    assert_eq!(report["client"], "Bundled client 1.0");
    assert_eq!(report["summary"]["cases_run"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certain_failure_is_told_before_the_run_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page::open(&folder.path().join("run"), false).await;
    let session = page.begin("attacks").await;
    let runs = session["runs"].as_array().unwrap();
    let number = |wanted: &str| {
        let mut runs = runs.iter();
        runs.position(|run| run["case"] == wanted).unwrap() + 1
    };
    let number = number("asm/issuer-mismatch/another-host");
    let view = page.post(&format!("runs/{number}/start"), &json!({})).await;
    let home = tempfile::tempdir().unwrap();
    let url = view["task"]["urls"][0].as_str().unwrap();
    let mut broken = tokio::process::Command::new(PROGRAM);
    broken
        .args([
            "reference-client",
            "--headless",
            "--defect",
            "issuer-unchecked",
        ])
        .arg("--store")
        .arg(home.path())
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    broken.status().await.unwrap();
    let view = page.get(&format!("runs/{number}/verdict?wait=60")).await;
    assert_eq!(view["state"], "open");
    assert_eq!(view["judged"]["verdict"], "fail", "{view}");
    assert_eq!(view["judged"]["certain"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_worlds_at_once_do_not_mix() {
    const WORLDS: usize = 50;
    let folder = tempfile::tempdir().unwrap();
    let page = Page::open(&folder.path().join("run"), false).await;
    page.begin("short").await;
    let mut urls = BTreeSet::new();
    let mut clients = tokio::task::JoinSet::new();
    for number in 1..=WORLDS {
        let view = page.post(&format!("runs/{number}/start"), &json!({})).await;
        let url = view["task"]["urls"][0].as_str().unwrap().to_owned();
        assert!(urls.insert(url.clone()), "{url} is there twice");
    }
    for (number, url) in (1..).zip(&urls) {
        let url = url.clone();
        clients.spawn(async move {
            let home = tempfile::tempdir().unwrap();
            connect(&url, home.path()).await;
            number
        });
    }
    assert_eq!(clients.join_all().await.len(), WORLDS);
    for number in 1..=WORLDS {
        let view = page.get(&format!("runs/{number}")).await;
        assert_ne!(view["requests"], 0, "{view}");
        let judged = &view["judged"];
        let is_bad = judged["verdict"] == "fail" && judged["certain"] == true;
        assert!(!is_bad, "{view}");
    }
}
