//! Tests of a whole world.

use serde_json::json;

use super::http_request::HttpRequest;
use super::sender::Arrival;
use super::{World, WorldPlan};
use crate::scenario::model::{EventField, EventKind, Revision};
use crate::suite::Suite;

const CLIENT: Arrival = Arrival::Network;
const BROWSER: Arrival = Arrival::Browser {
    redirected_by_server: false,
};

#[tokio::test]
async fn an_address_that_client_and_browser_load_is_one_request() {
    let suite = Suite::embedded().unwrap();
    let case = suite.cases.iter().find(|case| case.id == "plain/flow");
    let plan = WorldPlan {
        case: case.unwrap(),
        control: false,
        revision: Revision::LATEST,
        seed: String::new(),
        client_documents: Default::default(),
        network: None,
    };
    let world = World::start(plan).unwrap();
    let shared = world.shared();
    let header = shared.transcript_so_far().header;
    let endpoint = url::Url::parse(&header.addresses["as.authorization_endpoint"]).unwrap();
    let site = shared.find_origin(&endpoint).unwrap();
    let is_loaded_before = |arrival, query: &str| {
        let target = format!("{}?{query}", endpoint.path());
        shared.handle(&site, &HttpRequest::get(arrival, &target));
        let events = shared.transcript_so_far().events;
        let request = events
            .iter()
            .rfind(|event| event.kind == EventKind::AuthorizationRequest);
        request.unwrap().fields.get(EventField::LoadedBefore) == Some(&json!(true))
    };
    assert!(!is_loaded_before(CLIENT, "state=1"), "the first request");
    assert!(
        is_loaded_before(BROWSER, "state=1"),
        "the browser opens what the client has looked at"
    );
    assert!(
        !is_loaded_before(BROWSER, "state=1"),
        "the browser opens it once more"
    );
    assert!(!is_loaded_before(CLIENT, "scope=a+b"));
    assert!(
        is_loaded_before(BROWSER, "scope=a%20b"),
        "the same request, spelled differently"
    );
    assert!(!is_loaded_before(BROWSER, "state=2"), "another request");
}
