//! A timeline as lines of text: who asked whom for what, with all parameters, and what the client
//! did besides.

use crate::report::format::style::TextStyle;
use crate::report::model::timeline::{ShownExchange, Timeline, TimelineEntry};

/// The timeline, a heading and its lines. No text is wider than the style says.
pub(crate) fn chronicle(timeline: &Timeline, style: TextStyle) -> String {
    let mut lines = vec![style.bold(&format!("Timeline of {}", timeline.case))];
    lines.extend(
        timeline
            .deviations
            .iter()
            .map(|text| style.wrapped(text, "  ⚑ ", "    ")),
    );
    for entry in &timeline.entries {
        match entry {
            TimelineEntry::Exchange(exchange) => lines.extend(of_exchange(exchange, style)),
            TimelineEntry::Client { what, text } => {
                lines.push(style.dim(&format!("  client: {what}")));
                lines.extend(
                    text.lines()
                        .map(|line| style.dim(&style.wrapped(line, "      │ ", "      │ "))),
                );
            }
            TimelineEntry::LeftOut { count } => lines.push(style.dim(&format!("  … {count} more"))),
        }
    }
    lines.extend(
        timeline
            .secrets
            .iter()
            .map(|(tag, value)| format!("  {tag} = {value}")),
    );
    lines.join("\n")
}

fn of_exchange(exchange: &ShownExchange, style: TextStyle) -> Vec<String> {
    let arrow = &exchange.arrow;
    let status = arrow
        .status
        .map_or_else(|| "lost".to_owned(), |status| status.to_string());
    let marks: String = arrow.marks.iter().map(|mark| format!(" {mark}")).collect();
    let asked = if exchange.request.parameters.is_empty() {
        &arrow.label
    } else {
        &exchange.request.line
    };
    let line = style.wrapped(
        &format!("{} → {}  {asked} → {status}{marks}", arrow.from, arrow.to),
        "  ",
        "      ",
    );
    let mut lines = vec![if arrow.marks.is_empty() {
        line
    } else {
        style.odd(&line)
    }];
    let listed = |pairs: &[(String, String)], between: &str| {
        let all: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}{between}{value}"))
            .collect();
        all.join(", ")
    };
    let said = [
        listed(&exchange.request.parameters, "="),
        listed(
            &exchange
                .request
                .headers
                .iter()
                .filter(|(name, _)| tells(name))
                .cloned()
                .collect::<Vec<_>>(),
            ": ",
        ),
        listed(
            &exchange
                .response
                .headers
                .iter()
                .filter(|(name, _)| tells(name))
                .cloned()
                .collect::<Vec<_>>(),
            ": ",
        ),
        listed(&exchange.response.parameters, "="),
        exchange.note.clone(),
    ];
    let said = said
        .iter()
        .zip(["      ", "      ", "      ← ", "      ← ", "      ← "])
        .filter(|(text, _)| !text.is_empty());
    lines.extend(said.map(|(text, indent)| style.dim(&style.wrapped(text, indent, "        "))));
    lines
}

/// Headers that say something about authorization in a line.
fn tells(name: &str) -> bool {
    [
        "authorization",
        "dpop",
        "dpop-nonce",
        "www-authenticate",
        "location",
        "set-cookie",
        "cookie",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}
