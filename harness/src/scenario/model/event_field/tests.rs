use super::super::field_facts::OAUTH_MESSAGES;
use super::*;

#[test]
fn every_field_occurs_in_an_event() {
    for field in EventField::ALL {
        assert!(!field.facts().events.is_empty(), "{field}");
    }
}

#[test]
fn fields_of_requests_are_fields_of_every_request() {
    for field in EventField::all_of(EventKind::Request) {
        assert!(
            REQUESTS.iter().all(|kind| field.occurs_in(*kind)),
            "{field}"
        );
    }
    assert!(REQUESTS.iter().all(|kind| kind.is_request()));
}

#[test]
fn oauth_parameters_occur_in_all_oauth_messages() {
    for field in EventField::oauth_parameters() {
        let occurs = OAUTH_MESSAGES.iter().all(|kind| field.occurs_in(*kind));
        assert!(occurs, "{field}");
    }
}
