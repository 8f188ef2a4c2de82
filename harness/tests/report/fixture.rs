//! A run made by hand: fixed ports, fixed secrets, one case of every kind.

use std::collections::BTreeMap;

use mcp_authspec::judge::{
    BaselineOutcome, Baselined, Conclusions, Declared, NotRunReason, Verdict,
};
use mcp_authspec::report::{Report, RunDescription};
use mcp_authspec::scenario::model::{Capability, Case, EventKind, Revision, Role};
use mcp_authspec::suite::{Record, Suite};
use mcp_authspec::transcript::{
    Actor, Durations, Event, Exchange, Header, PartyInfo, Secret, Status, Transcript,
};
use serde_json::{Value as Json, json};

/// What stands for every secret begins with this.
pub const LIVE: &str = "live-secret";

/// A transcript in the making.
pub struct Run {
    pub transcript: Transcript,
}

impl Run {
    pub fn of(case: &Case, status: Status) -> Self {
        let mut header = Header {
            format: 1,
            case: case.id.clone(),
            seed: "fixed".into(),
            revision: Some(Revision::LATEST),
            ..Header::default()
        };
        for (number, party) in case.world.values().enumerate() {
            let name = &party.name;
            let origin = format!(
                "http://{}:{}",
                if party.hostile {
                    "127.0.0.1"
                } else {
                    "localhost"
                },
                40_001 + number
            );
            let mut add = |value: &str, path: &str| {
                header
                    .addresses
                    .insert(format!("{name}.{value}"), format!("{origin}{path}"))
            };
            add("origin", "");
            match &party.role {
                Role::AuthorizationServer(_) => {
                    add("issuer", "");
                    add("authorization_endpoint", "/ab12cd34/authorize");
                    add("token_endpoint", "/ef56ab78/token");
                }
                Role::McpServer(_) => {
                    add("url", "/mcp");
                    add("resource", "/mcp");
                    add("prm_url", "/.well-known/oauth-protected-resource/mcp");
                }
                _ => {}
            }
            header.parties.insert(
                name.clone(),
                PartyInfo {
                    role: party.role.kind().to_string(),
                    hostile: party.hostile,
                },
            );
        }
        Self {
            transcript: Transcript {
                header,
                status,
                events: Vec::new(),
                exchanges: Vec::new(),
                secrets: Vec::new(),
                unsearched: mcp_authspec::transcript::Unsearched::default(),
                driven_by_person: false,
                attested: Vec::new(),
                durations: None,
            },
        }
    }

    pub fn address(&self, name: &str) -> String {
        self.transcript
            .header
            .addresses
            .get(name)
            .cloned()
            .unwrap_or_default()
    }

    /// A secret, handed out by the next event.
    pub fn issue(&mut self, name: &str) -> String {
        let number = self
            .transcript
            .secrets
            .iter()
            .filter(|s| s.name == name)
            .count()
            + 1;
        let value = format!("{LIVE}-{name}-{number}-0123456789abcdef");
        let event = self.transcript.events.len();
        self.transcript.secrets.push(Secret {
            name: name.to_owned(),
            number,
            value: value.clone(),
            event,
            audience: Vec::new(),
        });
        value
    }

    pub fn event(
        &mut self,
        party: Option<&str>,
        kind: EventKind,
        exchange: Option<usize>,
        fields: Json,
    ) -> &mut Event {
        let fields = serde_json::from_value(fields).unwrap();
        let party = party.map(str::to_owned);
        self.transcript.events.push(Event {
            run: 1,
            party,
            kind,
            exchange,
            deviations: Vec::new(),
            delivered: true,
            fields,
        });
        self.transcript.events.last_mut().unwrap()
    }

    /// A request to `party.value`, with a query or a form.
    pub fn ask(&mut self, actor: Actor, place: &str, sent: &[(&str, &str)], status: u16) -> usize {
        let address = url::Url::parse(&self.address(place)).unwrap();
        let encoded = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(sent)
            .finish();
        let post = place.ends_with("token_endpoint") || place.ends_with(".url");
        let query = if post || sent.is_empty() {
            String::new()
        } else {
            format!("?{encoded}")
        };
        self.transcript.exchanges.push(Exchange {
            thief: None,
            actor,
            party: place.split_once('.').map(|(party, _)| party.to_owned()),
            method: if post { "POST" } else { "GET" }.to_owned(),
            target: format!("{}{query}", address.path()),
            headers: Vec::new(),
            body: if place.ends_with("token_endpoint") {
                encoded
            } else {
                String::new()
            },
            status: Some(status),
            answer_headers: Vec::new(),
            answer_body: String::new(),
            note: String::new(),
        });
        self.transcript.exchanges.len() - 1
    }

    pub fn challenged(&mut self, mcp: &str) {
        let asked = self.ask(Actor::Client, &format!("{mcp}.url"), &[], 401);
        self.event(
            Some(mcp),
            EventKind::McpRequest,
            Some(asked),
            json!({ "rpc": "server/discover" }),
        );
        self.event(
            Some(mcp),
            EventKind::Challenge,
            Some(asked),
            json!({ "status": 401 }),
        );
        let asked = self.ask(Actor::Client, &format!("{mcp}.prm_url"), &[], 200);
        self.event(
            Some(mcp),
            EventKind::PrmRequest,
            Some(asked),
            json!({ "location": "path" }),
        );
        self.event(
            Some(mcp),
            EventKind::Prm,
            Some(asked),
            json!({ "status": 200 }),
        );
    }

    pub fn metadata(&mut self, server: &str) {
        let asked = self.ask(Actor::Client, &format!("{server}.origin"), &[], 200);
        self.transcript.exchanges[asked].target =
            "/.well-known/oauth-authorization-server".to_owned();
        self.event(
            Some(server),
            EventKind::MetadataRequest,
            Some(asked),
            json!({ "location": "oauth" }),
        );
        self.event(
            Some(server),
            EventKind::Metadata,
            Some(asked),
            json!({ "status": 200 }),
        );
    }

    /// The browser at an authorization endpoint, whose answer may deviate.
    pub fn authorize(&mut self, server: &str, resource: &str, deviation: Option<&str>) {
        let resource = self.address(resource);
        let sent = [
            ("state", "state-0123456789abcdef"),
            ("code_challenge_method", "plain"),
            ("resource", &resource),
        ];
        let actor = if self
            .transcript
            .exchanges
            .iter()
            .any(|e| e.actor == Actor::UserAgent)
        {
            Actor::Relayed
        } else {
            Actor::UserAgent
        };
        let asked = self.ask(
            actor,
            &format!("{server}.authorization_endpoint"),
            &sent,
            302,
        );
        let fields = json!({
            "state": sent[0].1,
            "resource": resource,
            "code_challenge_method": "plain",
            "by": "user-agent",
        });
        if actor == Actor::UserAgent {
            self.event(
                Some(server),
                EventKind::AuthorizationRequest,
                Some(asked),
                fields,
            );
        }
        let answer = self.event(
            Some(server),
            EventKind::AuthorizationResponse,
            Some(asked),
            json!({}),
        );
        answer.deviations.extend(deviation.map(str::to_owned));
    }

    pub fn callback(&mut self, code: &str, iss: &str) {
        let iss = self.address(iss);
        let sent = [
            ("code", code),
            ("iss", &iss),
            ("state", "state-0123456789abcdef"),
        ];
        let asked = self.ask(Actor::UserAgent, "as.origin", &sent, 200);
        self.transcript.exchanges[asked].party = None;
        self.event(
            None,
            EventKind::CallbackPage,
            Some(asked),
            json!({ "status": 200 }),
        );
    }

    pub fn redeem(&mut self, server: &str, code: &str, tag: &str) {
        let asked = self.ask(
            Actor::Client,
            &format!("{server}.token_endpoint"),
            &[("grant_type", "authorization_code"), ("code", code)],
            200,
        );
        let fields = json!({ "grant_type": "authorization_code", "code": code, "carries": [tag] });
        self.event(Some(server), EventKind::TokenRequest, Some(asked), fields);
        self.event(
            Some(server),
            EventKind::TokenResponse,
            Some(asked),
            json!({ "status": 200 }),
        );
    }

    pub fn call(&mut self, mcp: &str, token: &str) {
        let asked = self.ask(Actor::Client, &format!("{mcp}.url"), &[], 200);
        let exchange = &mut self.transcript.exchanges[asked];
        exchange
            .headers
            .push(("authorization".to_owned(), format!("Bearer {token}")));
        exchange.body = json!({ "method": "tools/call" }).to_string();
        self.event(
            Some(mcp),
            EventKind::McpRequest,
            Some(asked),
            json!({ "rpc": "tools/call" }),
        );
        self.event(Some(mcp), EventKind::CallAccepted, None, json!({}));
        self.event(
            Some(mcp),
            EventKind::ToolCalled,
            None,
            json!({ "tool": "test-tool" }),
        );
    }

    /// From the first request to the call of a tool, everybody honest.
    pub fn whole_flow(&mut self, mcp: &str) {
        self.challenged(mcp);
        self.metadata("as");
        self.authorize("as", &format!("{mcp}.resource"), None);
        let code = self.issue("as.code");
        self.callback(&code, "as.issuer");
        self.redeem("as", &code, "as.code#1");
        let token = self.issue("as.access_token");
        self.call(mcp, &token);
    }
}

/// The suite with two monitors, so that hand-made transcripts need not be perfect in every respect.
pub fn suite() -> Suite {
    let mut suite = Suite::embedded().unwrap();
    suite.monitors.retain(|monitor| {
        ["pkce-s256", "refresh-only-to-issuer"].contains(&monitor.requirement.as_str())
    });
    suite
}

pub fn case<'a>(suite: &'a Suite, id: &str) -> &'a Case {
    suite.cases.iter().find(|case| case.id == id).unwrap()
}

/// The reason why a case that needs TLS is not run.
pub const NEEDS_TLS: NotRunReason = NotRunReason::FacilityMissing {
    facility: Capability::PrivateNetwork,
};

/// A record of these runs, each with a control twin that reached its goal.
pub fn record(suite: &Suite, runs: Vec<(&str, Result<Transcript, NotRunReason>)>) -> Record {
    let mut controls = BTreeMap::new();
    let mut cases = Vec::new();
    for (number, (id, mut outcome)) in runs.into_iter().enumerate() {
        let case = case(suite, id);
        if let Ok(transcript) = &mut outcome {
            let seconds = 0.125 * f64::from(1 << (2 * number));
            transcript.durations = Some(Durations {
                seconds,
                starts: vec![seconds / 4.0, seconds / 2.0],
            });
        }
        if outcome.is_ok() && !case.deviations.is_empty() {
            let mut run = Run::of(case, Status::Completed);
            for server in case.starts().flat_map(|start| &start.connect) {
                run.event(Some(server), EventKind::ToolCalled, None, json!({}));
            }
            run.transcript.durations = Some(Durations {
                seconds: 0.0625,
                starts: vec![0.03125],
            });
            controls.insert(case.world_digest(), (case.control(), run.transcript));
        }
        cases.push((case.clone(), outcome));
    }
    Record {
        revision: Revision::LATEST,
        complete: false,
        cases,
        controls,
        faults: Vec::new(),
        flaky: Vec::new(),
        fixed_callback_port: None,
    }
}

/// The case whose failures are known.
pub const KNOWN: &str = "iss/two-values/right-then-wrong";

pub fn conclusions(suite: &Suite, record: &Record) -> Conclusions {
    let mut conclusions = record.conclude(suite, &Declared::default());
    for case in conclusions
        .cases
        .iter_mut()
        .filter(|case| case.case == KNOWN)
    {
        for check in case
            .checks
            .iter_mut()
            .filter(|check| !check.monitor && check.verdict == Verdict::Fail)
        {
            let reason = "issue 7: the library takes the first of two values".to_owned();
            check.baselined = Some(Baselined {
                reason,
                place: "known-failures.toml:3".into(),
            });
            conclusions.baseline = Some(BaselineOutcome {
                file: "known-failures.toml".into(),
                outdated: Vec::new(),
            });
        }
    }
    conclusions
}

pub fn about() -> RunDescription {
    RunDescription {
        client: "node client.mjs".into(),
        rerun: "mcp-authspec run --spec 2026-07-28 -- node client.mjs".into(),
        seed: "fixed".into(),
        shard: None,
        seconds: 1.25,
        interrupted: false,
        strict: false,
        show_secrets: false,
    }
}

pub fn report(suite: &Suite, record: &Record) -> Report {
    Report::in_full(suite, record, &conclusions(suite, record), &about())
}

/// One attack that works: the code of the honest server goes to the hostile one, which uses it.
pub fn mixed_up(case: &Case, fooled: bool) -> Transcript {
    let mut run = Run::of(case, Status::Completed);
    run.challenged("hostile-mcp");
    run.metadata("hostile-as");
    run.authorize("hostile-as", "hostile-mcp.resource", Some("relay"));
    run.authorize("as", "mcp.resource", None);
    let code = run.issue("as.code");
    run.callback(&code, "as.issuer");
    if fooled {
        run.redeem("hostile-as", &code, "as.code#1");
        run.ask(
            Actor::Attacker,
            "as.token_endpoint",
            &[("grant_type", "authorization_code"), ("code", &code)],
            200,
        );
        run.event(
            Some("hostile-as"),
            EventKind::AttackerGain,
            None,
            json!({ "what": "code-redeemed", "from": "as" }),
        );
    }
    run.transcript
}

/// The version says when a snapshot was made, not what it holds.
pub fn without_version(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    text.replace(&format!("mcp-authspec {version}"), "mcp-authspec VERSION")
        .replace(&format!("\"{version}\""), "\"VERSION\"")
}
