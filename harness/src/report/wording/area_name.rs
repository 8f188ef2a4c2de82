//! The names of the areas, for readers who do not know their codes.

use crate::requirements::Area;

/// The name of an area: `protected resource metadata`.
pub(crate) const fn area_name(area: Area) -> &'static str {
    match area {
        Area::Prm => "protected resource metadata",
        Area::Asm => "authorization server metadata",
        Area::Reg => "client registration",
        Area::Authz => "authorization requests",
        Area::Iss => "issuer in responses",
        Area::State => "state parameter",
        Area::Pkce => "proof key for code exchange",
        Area::Resource => "resource indicators",
        Area::Token => "token requests and storage",
        Area::Bearer => "use of access tokens",
        Area::Scope => "scope selection",
        Area::Refresh => "refresh tokens",
        Area::Binding => "binding to one issuer",
        Area::Tls => "transport security",
        Area::March => "rules of 2025-03-26 only",
        Area::ClientCredentials => "client credentials extension",
        Area::Enterprise => "enterprise-managed extension",
        Area::Dpop => "DPoP extension",
        Area::Workload => "workload identity extension",
        Area::BestPractice => "security best practices",
    }
}

/// The name of an area with its code: `protected resource metadata (prm)`.
pub(crate) fn area_title(area: Area) -> String {
    format!("{} ({area})", area_name(area))
}
