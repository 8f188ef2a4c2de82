//! The URL of an authorization request.

use crate::authorization::pending_authorization::PendingAuthorization;
use crate::authorization::pkce;
use crate::defect::{Defect, Defects};
use crate::scope::Scope;
use url::{Url, form_urlencoded};

/// Builds the URL that the browser opens. The endpoint's own query is kept, except for parameters
/// that the client sets itself.
pub(super) fn build_authorization_url(pending: &PendingAuthorization, defects: &Defects) -> String {
    let own = build_parameters(pending, defects);
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&own)
        .finish();
    let endpoint = &pending.server.authorization_endpoint;
    if defects.has(Defect::BROWSER_THROUGH_SHELL) {
        // This client must not encode the server's text, so that it reaches the shell unchanged.
        let separator = if endpoint.contains('?') { '&' } else { '?' };
        return format!("{endpoint}{separator}{encoded}");
    }
    if defects.has(Defect::ENDPOINT_SECOND_QUESTION_MARK) {
        return format!("{endpoint}?{encoded}");
    }
    let Ok(mut url) = Url::parse(endpoint) else {
        // Only a client that does not check endpoints gets here.
        return format!("{endpoint}?{encoded}");
    };
    let sets_itself = |piece: &str| {
        form_urlencoded::parse(piece.as_bytes())
            .any(|(name, _)| own.iter().any(|(own_name, _)| *own_name == name))
    };
    let mut pieces: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|piece| !piece.is_empty())
        .collect();
    pieces.retain(|piece| !sets_itself(piece));
    if defects.has(Defect::ENDPOINT_QUERY_DROPPED) {
        pieces.clear();
    }
    pieces.push(&encoded);
    let query = pieces.join("&");
    url.set_query(Some(&query));
    url.into()
}

fn build_parameters(
    pending: &PendingAuthorization,
    defects: &Defects,
) -> Vec<(&'static str, String)> {
    let response_type = if defects.has(Defect::RESPONSE_TYPE_TOKEN) {
        "token"
    } else {
        "code"
    };
    let mut parameters = vec![
        ("response_type", response_type.to_owned()),
        ("client_id", pending.client.id.clone()),
    ];
    if !defects.has(Defect::REDIRECT_URI_OMITTED) {
        parameters.push(("redirect_uri", pending.redirect_uri.clone()));
    }
    let state = pending.state.iter().map(|state| ("state", state.clone()));
    parameters.extend(state.clone());
    if defects.has(Defect::STATE_SENT_TWICE) {
        parameters.extend(state);
    }
    if let Some(verifier) = &pending.verifier {
        let (challenge, method) = pkce::create_challenge(verifier, &pending.server, defects);
        parameters.push(("code_challenge", challenge));
        if !defects.has(Defect::PKCE_METHOD_OMITTED) {
            parameters.push(("code_challenge_method", method.to_owned()));
        }
    }
    parameters.extend(build_scope(&pending.scope, defects).map(|scope| ("scope", scope)));
    if !defects.has(Defect::NO_RESOURCE_IN_AUTHORIZATION_REQUEST) {
        let resource = pending.resource.iter();
        parameters.extend(resource.map(|resource| ("resource", resource.clone())));
    }
    parameters
}

/// The value of `scope`. It is omitted if no scope is known.
fn build_scope(scope: &Scope, defects: &Defects) -> Option<String> {
    if defects.has(Defect::OFFLINE_ACCESS_ALWAYS) {
        let offline_access = Scope::parse("offline_access");
        return Some(scope.union(&offline_access).to_parameter(defects));
    }
    match () {
        () if !scope.is_empty() => Some(scope.to_parameter(defects)),
        () if defects.has(Defect::SCOPE_EMPTY_SENT) => Some(String::new()),
        () if defects.has(Defect::SCOPE_DEFAULT_OPENID) => Some("openid".to_owned()),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoints_query_is_kept_and_no_parameter_occurs_twice() {
        let mut pending = PendingAuthorization::for_tests("http://localhost:1", true);
        pending.server.authorization_endpoint =
            "http://localhost:1/a?tenant=t%311&%72esource=x&resource=y&flag".into();
        let url = build_authorization_url(&pending, &Defects::none());
        let start = "http://localhost:1/a?tenant=t%311&flag&response_type=code&client_id=c&";
        assert!(url.starts_with(start), "{url}");
        let names: Vec<String> = Url::parse(&url)
            .unwrap()
            .query_pairs()
            .map(|(name, _)| name.into_owned())
            .collect();
        assert_eq!(names.iter().filter(|name| *name == "resource").count(), 1);
        assert!(url.contains("resource=http%3A%2F%2Flocalhost%3A1%2Fmcp"));
        assert!(url.contains("scope=a+b"));
    }
}
