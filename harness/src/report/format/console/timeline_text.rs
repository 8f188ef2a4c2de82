//! A timeline as lines of text: every request with its parameters and its response, and what the
//! client did in between.

use crate::report::format::style::TextStyle;
use crate::report::model::printable_text::PrintableText;
use crate::report::model::timeline::{ShownExchange, Timeline, TimelineEntry};

/// Headers that concern authorization. The others are left out.
const SHOWN_HEADERS: [&str; 7] = [
    "authorization",
    "dpop",
    "dpop-nonce",
    "www-authenticate",
    "location",
    "set-cookie",
    "cookie",
];

/// Writes a timeline: a heading, then its entries. Lines are at most as wide as the style says.
pub(crate) fn timeline_text(timeline: &Timeline, style: TextStyle) -> String {
    let mut lines = vec![style.bold(&format!("Timeline of {}", timeline.case))];
    for deviation in &timeline.deviations {
        lines.push(style.wrapped(deviation, "  ⚑ ", "    "));
    }
    for entry in &timeline.entries {
        match entry {
            TimelineEntry::Exchange(exchange) => lines.extend(exchange_lines(exchange, style)),
            TimelineEntry::Client { what, text } => {
                lines.push(style.dim(&format!("  client: {what}")));
                for line in text.lines() {
                    lines.push(style.dim(&style.wrapped(line, "      │ ", "      │ ")));
                }
            }
            TimelineEntry::LeftOut { count } => {
                lines.push(style.dim(&format!("  … {count} more")));
            }
        }
    }
    for (tag, value) in &timeline.secrets {
        lines.push(format!("  {tag} = {value}"));
    }
    lines.join("\n")
}

fn exchange_lines(exchange: &ShownExchange, style: TextStyle) -> Vec<String> {
    let arrow = &exchange.arrow;
    let status = arrow
        .status
        .map_or_else(|| "lost".to_owned(), |status| status.to_string());
    let marks: String = arrow.marks.iter().map(|mark| format!(" {mark}")).collect();
    // the label of the arrow repeats the most important parameters
    let request = if exchange.request.parameters.is_empty() {
        &arrow.label
    } else {
        &exchange.request.line
    };
    let summary = format!("{} → {}  {request} → {status}{marks}", arrow.from, arrow.to);
    let summary = style.wrapped(&summary, "  ", "      ");
    let mut lines = vec![if arrow.marks.is_empty() {
        summary
    } else {
        style.odd(&summary)
    }];
    let details = [
        ("      ", join_pairs(&exchange.request.parameters, "=")),
        ("      ", join_headers(&exchange.request.headers)),
        ("      ← ", join_headers(&exchange.response.headers)),
        ("      ← ", join_pairs(&exchange.response.parameters, "=")),
        ("      ← ", exchange.note.to_string()),
    ];
    for (indent, text) in details.iter().filter(|(_, text)| !text.is_empty()) {
        lines.push(style.dim(&style.wrapped(text, indent, "        ")));
    }
    lines
}

fn join_headers(headers: &[(PrintableText, PrintableText)]) -> String {
    let is_shown = |name: &str| {
        SHOWN_HEADERS
            .iter()
            .any(|shown| name.eq_ignore_ascii_case(shown))
    };
    let shown = headers.iter().filter(|(name, _)| is_shown(name));
    join_pairs(shown, ": ")
}

fn join_pairs<'p>(
    pairs: impl IntoIterator<Item = &'p (PrintableText, PrintableText)>,
    separator: &str,
) -> String {
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}{separator}{value}"))
        .collect();
    pairs.join(", ")
}
