//! Whether the authorization server supports PKCE with S256.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::revision::ProtocolRevision;

/// Checks `code_challenge_methods_supported`. S256 has to be listed; before revision 2025-11-25 the
/// list may also be absent.
///
/// Returns whether the client uses S256. A client with a downgrade defect uses the plain method
/// instead.
pub(super) fn check_pkce_support(
    revision: ProtocolRevision,
    methods: Option<&[&str]>,
    is_openid: bool,
    defects: &Defects,
) -> Result<bool, ClientError> {
    let is_s256_in_any_case = |method: &&str| method.eq_ignore_ascii_case("S256");
    match methods {
        Some(methods) if methods.contains(&"S256") => Ok(true),
        Some(methods)
            if defects.has(Defect::PKCE_METHOD_CASE_FOLDED)
                && methods.iter().any(is_s256_in_any_case) =>
        {
            Ok(true)
        }
        Some([]) if defects.has(Defect::PKCE_EMPTY_LIST_ACCEPTED) => Ok(true),
        None if defects.has(Defect::PKCE_SUPPORT_ASSUMED)
            || (is_openid && defects.has(Defect::PKCE_SUPPORT_ASSUMED_OPENID)) =>
        {
            Ok(true)
        }
        None if !revision.is_november_or_later() => Ok(true),
        Some(_) if defects.has(Defect::PKCE_DOWNGRADE) => Ok(false),
        _ => Err(ClientError::PkceUnsupported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_has_to_be_announced() {
        let is_supported = |revision, methods: Option<&[&str]>| {
            check_pkce_support(revision, methods, false, &Defects::none()).is_ok()
        };
        assert!(is_supported(
            ProtocolRevision::July2026,
            Some(&["plain", "S256"])
        ));
        for methods in [None, Some(&[][..]), Some(&["plain"]), Some(&["s256"])] {
            assert!(
                !is_supported(ProtocolRevision::November2025, methods),
                "{methods:?}"
            );
        }
        assert!(is_supported(ProtocolRevision::June2025, None));
        assert!(!is_supported(ProtocolRevision::June2025, Some(&["plain"])));
    }
}
