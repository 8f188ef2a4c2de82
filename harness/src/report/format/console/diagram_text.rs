//! Draws a sequence diagram with characters: a column for each participant, a line for each arrow.

use crate::report::format::style::TextStyle;
use crate::report::model::shortening::{shortened, shortened_request};
use crate::report::model::{Arrow, Diagram, Mark};

/// Columns before the first participant's name.
const INDENT: usize = 2;
/// Columns between two names.
const GAP: usize = 3;
/// Labels that get fewer columns than this are of no use.
const ROOM: usize = 30;

/// The diagram, a line each. No line is wider than the style says.
pub(crate) fn draw(diagram: &Diagram, style: TextStyle) -> Vec<String> {
    let columns = DiagramColumns::of(&diagram.participants);
    let room = style.columns().saturating_sub(columns.width + 2);
    if room < ROOM {
        return diagram
            .arrows
            .iter()
            .map(|arrow| written(arrow, style))
            .collect();
    }
    let mut lines = vec![style.dim(columns.header.trim_end())];
    for arrow in &diagram.arrows {
        let shaft = columns.shaft(arrow);
        let padding = " ".repeat((columns.width + 2).saturating_sub(shaft.chars().count()));
        lines.push(coloured(
            arrow,
            &format!("{shaft}{padding}{}", label(arrow, room)),
            style,
        ));
    }
    lines
}

/// Where the participants stand.
struct DiagramColumns<'a> {
    header: String,
    /// Each name with the column of its middle.
    middles: Vec<(&'a str, usize)>,
    width: usize,
}

impl<'a> DiagramColumns<'a> {
    fn of(participants: &'a [String]) -> Self {
        let mut header = " ".repeat(INDENT);
        let mut middles = Vec::new();
        for name in participants {
            let start = header.chars().count();
            middles.push((name.as_str(), start + name.chars().count() / 2));
            header.push_str(name);
            header.push_str(&" ".repeat(GAP));
        }
        let width = header.trim_end().chars().count();
        Self {
            header,
            middles,
            width,
        }
    }

    fn middle(&self, name: &str) -> usize {
        self.middles
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(INDENT, |(_, middle)| *middle)
    }

    fn shaft(&self, arrow: &Arrow) -> String {
        if arrow.is_elision() {
            let middle = self.middles.first().map_or(INDENT, |(_, middle)| *middle);
            return format!("{}⋮", " ".repeat(middle));
        }
        let (from, to) = (self.middle(&arrow.from), self.middle(&arrow.to));
        let line = "─".repeat(from.abs_diff(to).saturating_sub(1));
        match from.cmp(&to) {
            std::cmp::Ordering::Less => format!("{}├{line}▶", " ".repeat(from)),
            std::cmp::Ordering::Greater => format!("{}◀{line}┤", " ".repeat(to)),
            std::cmp::Ordering::Equal => format!("{}●", " ".repeat(from)),
        }
    }
}

/// An arrow where there is no room for columns.
fn written(arrow: &Arrow, style: TextStyle) -> String {
    if arrow.is_elision() {
        return format!("  {}", arrow.label);
    }
    let ends = format!("  {} → {}  ", arrow.from, arrow.to);
    let room = style.columns().saturating_sub(ends.chars().count());
    coloured(arrow, &format!("{ends}{}", label(arrow, room)), style)
}

/// What was asked, what came back, and the marks; where room is short, first the answer's words
/// give way, then what the arrow shows already, then the last details.
fn label(arrow: &Arrow, room: usize) -> String {
    if arrow.is_elision() {
        return arrow.label.to_string();
    }
    let marks: Vec<String> = arrow.marks.iter().map(ToString::to_string).collect();
    let status = arrow
        .status
        .map_or_else(|| "lost".to_owned(), |status| status.to_string());
    let ending = |answer: &str| {
        let parts = std::iter::once(answer)
            .chain(marks.iter().map(String::as_str))
            .filter(|part| !part.is_empty());
        parts.fold(format!(" → {status}"), |ending, part| {
            format!("{ending} {part}")
        })
    };
    let width = |text: &str| text.chars().count();
    let full = ending(&arrow.answer);
    if width(&arrow.label) + width(&full) <= room {
        return format!("{}{full}", arrow.label);
    }
    let ending = ending("");
    let left = room.saturating_sub(width(&ending)).max(8);
    let mut label = arrow.label.to_string();
    if width(&label) > left {
        label = label.replacen(&format!("{{{}.", arrow.to), "{", 1);
    }
    while width(&label) > left
        && let Some((kept, _)) = label.trim_end_matches(", …").rsplit_once(", ")
    {
        label = format!("{kept}, …");
    }
    shortened(
        &format!("{}{ending}", shortened_request(&label, left)),
        room,
    )
}

fn coloured(arrow: &Arrow, line: &str, style: TextStyle) -> String {
    if arrow.marks.contains(&Mark::Violation) || arrow.marks.contains(&Mark::Attacker) {
        style.bad(line)
    } else if !arrow.marks.is_empty() {
        style.odd(line)
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::printable_text::PrintableText;

    fn arrow(from: &str, to: &str, label: &str, status: u16, marks: Vec<Mark>) -> Arrow {
        Arrow {
            from: from.into(),
            to: to.into(),
            label: label.into(),
            status: Some(status),
            answer: PrintableText::default(),
            marks,
        }
    }

    fn diagram() -> Diagram {
        Diagram {
            participants: ["client", "browser", "hostile-mcp", "hostile-as", "as"]
                .map(str::to_owned)
                .into(),
            hostile: Vec::new(),
            arrows: vec![
                arrow(
                    "client",
                    "hostile-mcp",
                    "POST {hostile-mcp.url}",
                    401,
                    Vec::new(),
                ),
                arrow("", "", "… 7 more", 0, Vec::new()),
                arrow(
                    "browser",
                    "hostile-as",
                    "GET {hostile-as.authorization_endpoint}",
                    302,
                    vec![Mark::Deviation("relay".into())],
                ),
                arrow(
                    "browser",
                    "client",
                    "GET callback code=⟨as.code#1⟩",
                    200,
                    Vec::new(),
                ),
                arrow(
                    "hostile-as",
                    "as",
                    "POST {as.token_endpoint} code=⟨as.code#1⟩",
                    200,
                    vec![Mark::Attacker],
                ),
            ],
        }
    }

    #[test]
    fn columns() {
        let lines = draw(
            &diagram(),
            TextStyle {
                width: 110,
                ..TextStyle::default()
            },
        );
        insta::assert_snapshot!("columns", lines.join("\n"));
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for width in [40, 60, 80, 100] {
            for line in draw(
                &diagram(),
                TextStyle {
                    width,
                    ..TextStyle::default()
                },
            ) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}
