//! A certificate as a page and as a badge, to show. Neither proves anything by itself.

use minijinja::value::{Serde, Value};

use super::claim::ClaimedLevel;
use super::statement::{ResultWord, Statement};
use crate::report::{GREEN, PAGE_STYLE, RED, RenderError, draw_badge, policy_hash, templates};

const STYLE: &str = include_str!("certificate.css");

/// The page. `key` is the fingerprint of the key that signs.
pub(super) fn render_page(statement: &Statement, key: &str) -> Result<String, RenderError> {
    let style = format!("{PAGE_STYLE}\n{STYLE}");
    let details = &statement.predicate.mcp_authspec;
    let configuration = statement.predicate.configuration.first();
    let context = minijinja::context! {
        style_hash => policy_hash(&style),
        style => Value::from_safe_string(style),
        client => Value::from(Serde(&details.client)),
        claims => Value::from(Serde(&details.claims)),
        attested => Value::from(Serde(&details.attested)),
        harness => &details.harness,
        challenge => details.challenge.as_deref(),
        rules => configuration.map(|rules| &rules.digest.mcp_authspec_rules),
        artifacts => Value::from(Serde(statement.subject.get(1..).unwrap_or_default())),
        key,
    };
    Ok(templates()?
        .get_template("certificate.html")?
        .render(context)?)
}

/// The badge.
pub(super) fn render_badge(statement: &Statement) -> Result<String, RenderError> {
    let claims = &statement.predicate.mcp_authspec.claims;
    let lowest = claims.iter().map(|claim| claim.level).min();
    let level = match lowest {
        None | Some(ClaimedLevel::None) => "no level",
        Some(ClaimedLevel::MustsSampled) => "each MUST in some case",
        Some(ClaimedLevel::Musts) => "all MUSTs",
        Some(ClaimedLevel::MustsAndShoulds) => "all MUSTs and SHOULDs",
    };
    let revisions: Vec<&str> = claims.iter().map(|claim| claim.revision.as_str()).collect();
    let colour = match statement.predicate.result {
        ResultWord::Passed => GREEN,
        ResultWord::Failed => RED,
    };
    draw_badge(
        "MCP authorization certificate",
        &format!("{}: {level}", revisions.join(", ")),
        colour,
    )
}
