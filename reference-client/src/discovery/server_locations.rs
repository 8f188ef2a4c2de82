//! The well-known URLs of authorization server metadata (RFC 8414 section 3.1, OpenID Connect
//! Discovery section 4).

use crate::defect::{Defect, Defects};
use crate::url_rules;
use url::Url;

/// What kind of document a well-known URL is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerDocumentKind {
    OAuth,
    Openid,
    /// The document at the host's root, requested for an issuer with a path:
    /// [`Defect::ROOT_METADATA_FOR_TENANT`].
    RootOfTenant,
}

/// The well-known URLs for an issuer, in the order in which they are requested.
pub(super) fn list_server_locations(
    issuer: &Url,
    defects: &Defects,
) -> Vec<(Url, ServerDocumentKind)> {
    use ServerDocumentKind::{OAuth, Openid, RootOfTenant};
    let origin = url_rules::origin(issuer);
    let path = if defects.has(Defect::ISSUER_SLASH_KEPT_IN_URL) {
        issuer.path()
    } else {
        issuer.path().trim_end_matches('/')
    };
    let has_path = !path.is_empty();
    let oauth = format!("{origin}/.well-known/oauth-authorization-server{path}");
    let inserted = format!("{origin}/.well-known/openid-configuration{path}");
    let appended = format!("{origin}{path}/.well-known/openid-configuration");

    let oauth = Some((oauth, OAuth));
    let requests_openid = !defects.has(Defect::OPENID_IGNORED);
    let skips_inserted = has_path && defects.has(Defect::NO_OPENID_INSERTED);
    let inserted = (requests_openid && !skips_inserted).then_some((inserted, Openid));
    let skips_appended = !has_path || defects.has(Defect::NO_OPENID_APPENDED);
    let appended = (requests_openid && !skips_appended).then_some((appended, Openid));

    let mut locations = Vec::new();
    if defects.has(Defect::VENDOR_SUFFIX_FIRST) {
        let vendor = format!("{origin}/.well-known/mcp-authorization-server{path}");
        locations.push(Some((vendor, OAuth)));
    }
    if defects.has(Defect::ROOT_METADATA_FOR_TENANT) && has_path {
        let root = format!("{origin}/.well-known/oauth-authorization-server");
        locations.push(Some((root, RootOfTenant)));
    }
    locations.extend(match () {
        () if defects.has(Defect::OPENID_FIRST) => [inserted, appended, oauth],
        () if defects.has(Defect::OPENID_APPENDED_BEFORE_INSERTED) => [oauth, appended, inserted],
        () => [oauth, inserted, appended],
    });
    locations
        .into_iter()
        .flatten()
        .filter_map(|(url, kind)| Some((Url::parse(&url).ok()?, kind)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_paths(issuer: &str, defects: &Defects) -> Vec<String> {
        list_server_locations(&Url::parse(issuer).unwrap(), defects)
            .into_iter()
            .map(|(url, _)| url.path().to_owned())
            .collect()
    }

    #[test]
    fn the_order_follows_the_specification() {
        let none = Defects::none();
        let tenant = [
            "/.well-known/oauth-authorization-server/tenant1",
            "/.well-known/openid-configuration/tenant1",
            "/tenant1/.well-known/openid-configuration",
        ];
        assert_eq!(list_paths("http://localhost:1/tenant1", &none), tenant);
        assert_eq!(list_paths("http://localhost:1/tenant1/", &none), tenant);
        let root = [
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ];
        assert_eq!(list_paths("http://localhost:1", &none), root);
        assert_eq!(list_paths("http://localhost:1/", &none), root);
        let oauth_only = Defects::only(Defect::OPENID_IGNORED);
        assert_eq!(list_paths("http://localhost:1", &oauth_only), root[..1]);
    }
}
