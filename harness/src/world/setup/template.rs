//! Placeholders in settings.

use crate::scenario::model::Template;
use crate::transcript::{Header, Resolver, View};

/// The text of a template before anything has happened.
pub(super) fn resolve_template(header: &Header, template: &Template) -> Option<String> {
    let view = View {
        header,
        events: &[],
        secrets: &[],
        shared: None,
    };
    Resolver {
        view,
        at: 0,
        original: None,
    }
    .text(template)
}
