//! The capabilities that a token request shows.

use std::collections::BTreeSet;

use crate::requirements::Capability;
use crate::scenario::model::EventField;
use crate::transcript::{Event, Transcript};

/// Adds what a token request shows: grants, extensions, a key of the client's own.
pub(super) fn add_shown_by_token_request(
    event: &Event,
    transcript: &Transcript,
    shown: &mut BTreeSet<Capability>,
) {
    if event.fields.get(EventField::Dpop).is_some() {
        shown.insert(Capability::Dpop);
    }
    if is_without_user(event) && handed_out(transcript, "workload_jwt") {
        shown.insert(Capability::Workload);
    }
    if is_without_user(event) && handed_out(transcript, "id_token") {
        shown.insert(Capability::Enterprise);
    }
    if event
        .fields
        .texts(EventField::Carries)
        .any(|tag| tag.contains(".workload_file_jwt"))
    {
        shown.insert(Capability::WorkloadTokenFile);
    }
    match event.fields.text(EventField::GrantType) {
        "refresh_token" => {
            shown.insert(Capability::Refresh);
        }
        "client_credentials" => {
            shown.insert(Capability::ClientCredentials);
        }
        "urn:ietf:params:oauth:grant-type:token-exchange" => {
            shown.insert(Capability::Enterprise);
            if event.fields.text(EventField::ClientAuth) != "none" {
                shown.insert(Capability::IdpCredentials);
            }
        }
        _ => {}
    }
    // A key that belongs to pre-registered credentials came from the harness. It does not show that
    // the client has a key of its own.
    let registered_itself = matches!(event.fields.text(EventField::ClientKind), "cimd" | "dcr");
    if registered_itself && event.fields.text(EventField::ClientAuth) == "private_key_jwt" {
        shown.insert(Capability::PrivateKeyJwt);
    }
}

/// Whether a token request uses a grant that involves no user. A client that was handed what an
/// extension takes, and sends such a request, attempts the extension, even if it does it wrongly.
fn is_without_user(event: &Event) -> bool {
    let grant_type = event.fields.text(EventField::GrantType);
    !matches!(grant_type, "authorization_code" | "refresh_token")
}

/// Whether the client was handed a secret of this kind.
fn handed_out(transcript: &Transcript, kind: &str) -> bool {
    let mut secrets = transcript.secrets.iter();
    secrets.any(|secret| secret.name.split_once('.').map(|(_, name)| name) == Some(kind))
}
