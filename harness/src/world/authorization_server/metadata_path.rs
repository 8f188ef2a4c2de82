//! Where authorization server metadata lies.

use crate::scenario::model::MetadataPlace;

/// The path of a well-known location for an issuer path (RFC 8414 section 3.1: a final slash is
/// removed first).
pub(crate) fn metadata_path(place: MetadataPlace, issuer_path: &str) -> String {
    let path = issuer_path.strip_suffix('/').unwrap_or(issuer_path);
    match place {
        MetadataPlace::OAuth => format!("/.well-known/oauth-authorization-server{path}"),
        MetadataPlace::OpenId => format!("/.well-known/openid-configuration{path}"),
        MetadataPlace::OpenIdAppended => format!("{path}/.well-known/openid-configuration"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_follow_the_issuer_path() {
        let path = |place, issuer| metadata_path(place, issuer);
        assert_eq!(
            path(MetadataPlace::OAuth, ""),
            "/.well-known/oauth-authorization-server"
        );
        assert_eq!(
            path(MetadataPlace::OAuth, "/tenant1/"),
            "/.well-known/oauth-authorization-server/tenant1"
        );
        assert_eq!(
            path(MetadataPlace::OpenId, "/tenant1"),
            "/.well-known/openid-configuration/tenant1"
        );
        assert_eq!(
            path(MetadataPlace::OpenIdAppended, "/tenant1"),
            "/tenant1/.well-known/openid-configuration"
        );
    }
}
