//! A client that signs in twice at the same time, as one does whose event stream and tool call are
//! both refused: a right client, in whatever order its two authorizations end.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use mcp_authspec::driver::{Context, FunctionClient, ReferenceClient};
use mcp_authspec::judge::{CaseResult, Conclusions, Declared, Verdict};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
use reference_client::{
    BrowserClosed, ClientConfig, ClientError, ConfiguredCredentials, Platform, Store,
    TrustedAuthorities,
};
use tokio::sync::{oneshot, watch};

/// Which of the two authorizations comes back first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    FirstOpened,
    LastOpened,
}

/// Whether the two sign-ins keep their tokens in one place, where the later replaces the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tokens {
    Apart,
    Shared,
}

/// How far the two sign-ins have come.
#[derive(Debug, Default, Clone, Copy)]
struct Progress {
    opened: usize,
    closed: usize,
    ended: usize,
}

/// The browser of both sign-ins. It loads nothing until both authorization requests are made, and
/// then one after the other.
struct SharedBrowser {
    context: Context,
    order: Order,
    progress: watch::Sender<Progress>,
    opened: Mutex<usize>,
}

impl SharedBrowser {
    /// Whether the authorization that was opened as `number` may be loaded now.
    fn may_load(&self, number: usize, progress: Progress) -> bool {
        let both = progress.opened >= 2 || progress.ended > 0;
        let is_first = match self.order {
            Order::FirstOpened => number == 1,
            Order::LastOpened => number == 2,
        };
        // later ones, such as a step-up, are loaded at once
        number > 2 || both && (is_first || progress.closed > 0 || progress.ended > 0)
    }
}

/// What one of the two sign-ins sees of the machine.
struct OneOfTwo(Arc<SharedBrowser>);

impl Platform for OneOfTwo {
    fn open_url(&self, url: &str) -> std::io::Result<BrowserClosed> {
        let browser = Arc::clone(&self.0);
        let url = url.to_owned();
        let number = {
            let mut opened = browser.opened.lock().unwrap();
            *opened += 1;
            *opened
        };
        browser
            .progress
            .send_modify(|progress| progress.opened += 1);
        let (closed, is_closed) = oneshot::channel();
        tokio::spawn(async move {
            let mut progress = browser.progress.subscribe();
            let _ = progress
                .wait_for(|progress| browser.may_load(number, *progress))
                .await;
            browser.context.browser.open(&url).await;
            browser
                .progress
                .send_modify(|progress| progress.closed += 1);
            let _ = closed.send(());
        });
        Ok(Box::pin(async move {
            let _ = is_closed.await;
            None
        }))
    }

    fn print(&self, _: &str) {}

    fn print_error(&self, line: &str) {
        self.0.context.show(line);
    }
}

async fn sign_in(
    config: ClientConfig,
    browser: Arc<SharedBrowser>,
    store: Arc<Store>,
) -> Result<(), ClientError> {
    let platform = Arc::new(OneOfTwo(Arc::clone(&browser)));
    let outcome = reference_client::run(&config, platform, store).await;
    browser.progress.send_modify(|progress| progress.ended += 1);
    outcome
}

async fn sign_in_twice(context: Context, order: Order, tokens: Tokens) -> Result<(), ClientError> {
    let revision = context.revision.as_str().parse().unwrap();
    let provision = &context.provision;
    let config = ClientConfig {
        servers: context.servers.clone(),
        call: context.call.clone(),
        at_once: context.at_once,
        trusted_authorities: TrustedAuthorities::Only(
            context.authority.clone().unwrap_or_default(),
        ),
        credentials: provision.client_id().map(|id| ConfiguredCredentials {
            client_id: id.to_owned(),
            client_secret: provision.client_secret().map(str::to_owned),
            private_key_pem: provision.private_key_pem().map(str::to_owned),
            issuer: provision.issuer().map(str::to_owned),
        }),
        ..ClientConfig::new(revision, context.url.clone())
    };
    let store = |name: &str| {
        let folder = context.storage.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Arc::new(Store::in_directory(folder).unwrap())
    };
    let stream = store("stream");
    let call = match tokens {
        Tokens::Apart => store("call"),
        Tokens::Shared => Arc::clone(&stream),
    };
    let browser = Arc::new(SharedBrowser {
        context,
        order,
        progress: watch::Sender::default(),
        opened: Mutex::default(),
    });
    let listening = ClientConfig {
        call: Vec::new(),
        ..config.clone()
    };
    let (one, other) = tokio::join!(
        sign_in(listening, Arc::clone(&browser), stream),
        sign_in(config, browser, call),
    );
    one.and(other)
}

/// Judges the client in the cases of some areas.
fn judge(order: Order, tokens: Tokens, areas: &[&str]) -> Conclusions {
    let suite = Suite::embedded().unwrap();
    let (has, lacks) = ReferenceClient::default().capabilities();
    let declared = Declared {
        has,
        lacks,
        ..Declared::default()
    };
    let selection: Vec<String> = areas.iter().map(|area| (*area).to_owned()).collect();
    let cases = suite.select(Revision::LATEST, &selection);
    let client = FunctionClient::new(move |context| sign_in_twice(context, order, tokens));
    let options = SuiteOptions {
        jobs: 2,
        declared: declared.clone(),
        seed: "two-sign-ins".to_owned(),
        ..SuiteOptions::new(Revision::LATEST)
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let record = runtime.block_on(run_suite(&cases, Arc::new(client), &options));
    record.conclude(&suite, &declared)
}

/// The failed requirements, each with a case.
fn failures(conclusions: &Conclusions) -> Vec<String> {
    let of_cases = conclusions.cases.iter().flat_map(|case| {
        let failed = case.checks.iter().filter(|c| c.verdict == Verdict::Fail);
        failed.map(|check| format!("{} in {}", check.requirement, case.case))
    });
    of_cases.collect()
}

/// What is judged. Scenarios about a 403 are not among them: they cannot tell an authorization that
/// is under way from one that the 403 has caused.
const AREAS: [&str; 9] = [
    "plain/*",
    "refresh/*",
    "state/*",
    "pkce/*",
    "token/*",
    "authz/*",
    "bearer/*",
    "scope/from-*",
    "scope/granted-less",
];

/// The failures with each way to keep tokens, and whether the client was seen to get over a refused
/// token.
fn check(order: Order) {
    for tokens in [Tokens::Apart, Tokens::Shared] {
        let conclusions = judge(order, tokens, &AREAS);
        assert_eq!(failures(&conclusions), [""; 0], "{tokens:?}");
        let is_judged = |case: &&CaseResult| case.case == "refresh/none-issued";
        let case = conclusions.cases.iter().find(is_judged).unwrap();
        let verdict = |id: &str| {
            let check = case.checks.iter().find(|check| check.requirement == id);
            check.map(|check| check.verdict)
        };
        assert_eq!(
            verdict("refresh-not-assumed"),
            Some(Verdict::Pass),
            "{tokens:?}"
        );
        assert_eq!(verdict("state-send"), Some(Verdict::Pass), "{tokens:?}");
    }
}

#[test]
fn two_sign_ins_at_once_are_right_if_the_first_ends_first() {
    check(Order::FirstOpened);
}

#[test]
fn two_sign_ins_at_once_are_right_if_the_last_ends_first() {
    check(Order::LastOpened);
}
