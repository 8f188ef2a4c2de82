//! The redirect URIs that the client registers.

use crate::defect::{Defect, Defects};
use crate::reference_client_kind::ReferenceClientKind;

/// The redirect URIs that a client of this kind registers. `listener` is the address of the
/// callback listener, if there is one at this moment.
pub(super) fn redirect_uris(
    kind: ReferenceClientKind,
    listener: Option<&str>,
    defects: &Defects,
) -> Vec<String> {
    let mut uris = match (kind.redirect_uris(), listener) {
        (Some(own), _) => own
            .iter()
            .map(|uri| own_redirect_uri(uri, defects))
            .collect(),
        (None, Some(listener)) => vec![listener.to_owned()],
        // The port is different each time, and loopback redirect URIs are compared without it (RFC
        // 8252 section 7.3).
        (None, None) if defects.has(Defect::REDIRECT_LOCALHOST) => {
            vec!["http://localhost/callback".to_owned()]
        }
        (None, None) => vec!["http://127.0.0.1/callback".to_owned()],
    };
    if listener.is_some() && defects.has(Defect::DCR_LAN_REDIRECT_URI) {
        uris.push("http://192.168.1.5/callback".to_owned());
    }
    uris
}

/// A redirect URI of the application itself. Only [`Defect::SCHEME_WITHOUT_DOMAIN`] changes it.
pub(crate) fn own_redirect_uri(uri: &str, defects: &Defects) -> String {
    if defects.has(Defect::SCHEME_WITHOUT_DOMAIN) {
        uri.replace("example.reference-client:", "reference-client:")
    } else {
        uri.to_owned()
    }
}
