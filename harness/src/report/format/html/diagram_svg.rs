//! Draws a sequence diagram as SVG: a line of life for each party, a row for each exchange. Colours
//! come from the page's style sheet.

use std::io;

use minijinja::Value;
use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::report::model::shortening::shortened_request;
use crate::report::model::{Arrow, Diagram, Mark};

/// Pixels that a character of a label takes.
const CHARACTER: f64 = 7.3;
/// Between the middles of two parties, at least and at most.
const APART: (f64, f64) = (150.0, 270.0);
/// From the top to the first row.
const HEAD: f64 = 56.0;
const ROW: f64 = 50.0;
const ELISION: f64 = 26.0;
/// To the right, for what is special about a row.
const MARGIN: f64 = 176.0;
/// The narrowest diagram in which labels can be read.
const NARROWEST: f64 = 1_040.0;

type Xml = Writer<Vec<u8>>;

/// The diagram as an `svg` element, which templates do not escape once more.
pub(crate) fn sequence(diagram: &Diagram) -> io::Result<Value> {
    draw_svg(diagram).map(Value::from_safe_string)
}

/// The diagram as the text of an `svg` element.
pub(crate) fn draw_svg(diagram: &Diagram) -> io::Result<String> {
    let page = SvgDiagram::of(diagram);
    let mut xml: Xml = Writer::new(Vec::new());
    let (width, height) = (page.width, page.height());
    let told = format!("Sequence diagram of {}", diagram.participants.join(", "));
    xml.create_element("svg")
        .with_attribute(("class", "sequence"))
        .with_attribute(("viewBox", format!("0 0 {width} {height}").as_str()))
        .with_attribute(("width", number(width).as_str()))
        .with_attribute(("height", number(height).as_str()))
        .with_attribute(("role", "img"))
        .with_attribute(("aria-label", told.as_str()))
        .write_inner_content(|xml| page.draw(xml))?;
    String::from_utf8(xml.into_inner()).map_err(io::Error::other)
}

struct SvgDiagram<'d> {
    diagram: &'d Diagram,
    middles: Vec<f64>,
    width: f64,
}

impl<'d> SvgDiagram<'d> {
    fn of(diagram: &'d Diagram) -> Self {
        let mut middles: Vec<f64> = Vec::new();
        let apart = ((NARROWEST - MARGIN) / diagram.participants.len().max(1) as f64)
            .clamp(APART.0, APART.1);
        let mut right = 0.0;
        for name in &diagram.participants {
            let half = half_box(name);
            let middle = middles.last().map_or(half + 4.0, |last: &f64| {
                (last + apart).max(right + half + 16.0)
            });
            right = middle + half;
            middles.push(middle);
        }
        Self {
            diagram,
            middles,
            width: (right + MARGIN).max(NARROWEST),
        }
    }

    fn height(&self) -> f64 {
        HEAD + self.diagram.arrows.iter().map(height_of).sum::<f64>() + 10.0
    }

    fn middle(&self, name: &str) -> f64 {
        let at = self
            .diagram
            .participants
            .iter()
            .position(|known| known == name);
        at.and_then(|at| self.middles.get(at))
            .copied()
            .unwrap_or_default()
    }

    fn draw(&self, xml: &mut Xml) -> io::Result<()> {
        let mut top = HEAD;
        for arrow in &self.diagram.arrows {
            self.band(xml, arrow, top)?;
            top += height_of(arrow);
        }
        for (name, middle) in self.diagram.participants.iter().zip(&self.middles) {
            self.party(xml, name, *middle)?;
        }
        let mut top = HEAD;
        for arrow in &self.diagram.arrows {
            if arrow.is_elision() {
                text(
                    xml,
                    "elision",
                    self.middles.first().copied().unwrap_or_default() + 12.0,
                    top + 17.0,
                    &arrow.label,
                )?;
            } else {
                self.arrow(xml, arrow, top)?;
            }
            top += height_of(arrow);
        }
        Ok(())
    }

    /// What stands out has a band behind it.
    fn band(&self, xml: &mut Xml, arrow: &Arrow, top: f64) -> io::Result<()> {
        if arrow.marks.is_empty() {
            return Ok(());
        }
        let area = [
            ("x", 0.0),
            ("y", top),
            ("width", self.width),
            ("height", ROW - 2.0),
            ("rx", 6.0),
        ];
        element(xml, "rect", &format!("band {}", tone(arrow)), &area)
    }

    fn party(&self, xml: &mut Xml, name: &str, middle: f64) -> io::Result<()> {
        let hostile = self.diagram.hostile.iter().any(|hostile| hostile == name);
        let class = if hostile { "party hostile" } else { "party" };
        let half = half_box(name);
        element(
            xml,
            "line",
            "life",
            &[
                ("x1", middle),
                ("y1", 34.0),
                ("x2", middle),
                ("y2", self.height()),
            ],
        )?;
        element(
            xml,
            "rect",
            class,
            &[
                ("x", middle - half),
                ("y", 4.0),
                ("width", 2.0 * half),
                ("height", 30.0),
                ("rx", 6.0),
            ],
        )?;
        let shown = if hostile {
            format!("☠ {name}")
        } else {
            name.to_owned()
        };
        text(xml, class, middle, 24.0, &shown)
    }

    /// The request above, its answer below.
    fn arrow(&self, xml: &mut Xml, arrow: &Arrow, top: f64) -> io::Result<()> {
        let (from, to) = (self.middle(&arrow.from), self.middle(&arrow.to));
        let (asked, answered) = (top + 21.0, top + 42.0);
        let tone = tone(arrow);
        shaft(xml, &format!("request {tone}"), from, to, asked)?;
        let left = from.min(to) + 10.0;
        let room = ((self.width - MARGIN - left) / CHARACTER).max(20.0);
        let answer = match arrow.status {
            Some(status) => format!("{status} {}", arrow.answer),
            None => "no answer".to_owned(),
        };
        xml.create_element("g").write_inner_content(|xml| {
            xml.create_element("title")
                .write_text_content(BytesText::new(&format!(
                    "{} → {}: {} → {answer}",
                    arrow.from, arrow.to, arrow.label
                )))?;
            text(
                xml,
                &format!("label {tone}"),
                left,
                asked - 6.0,
                &clipped(&arrow.label, room),
            )?;
            if arrow.status.is_some() {
                shaft(xml, &format!("answer {tone}"), to, from, answered)?;
            }
            text(
                xml,
                &format!("label {tone} faint"),
                left,
                answered - 6.0,
                &clipped(answer.trim_end(), room),
            )
        })?;
        let mut line = asked - 5.0;
        for mark in &arrow.marks {
            let said = match mark {
                Mark::Deviation(name) => format!("⚑ deviation {name}"),
                Mark::Violation => "✗ the fault".to_owned(),
                Mark::Attacker => "☠ the attacker".to_owned(),
            };
            text(
                xml,
                &format!("mark {tone}"),
                self.width - 10.0,
                line,
                &clipped(&said, (MARGIN - 12.0) / 6.7),
            )?;
            line += 17.0;
        }
        Ok(())
    }
}

fn height_of(arrow: &Arrow) -> f64 {
    if arrow.is_elision() { ELISION } else { ROW }
}

fn half_box(name: &str) -> f64 {
    (name.chars().count() as f64 * CHARACTER / 2.0 + 18.0).max(40.0)
}

fn tone(arrow: &Arrow) -> &'static str {
    if arrow
        .marks
        .iter()
        .any(|mark| matches!(mark, Mark::Violation | Mark::Attacker))
    {
        "bad"
    } else if arrow.marks.is_empty() {
        "plain"
    } else {
        "odd"
    }
}

fn clipped(label: &str, room: f64) -> String {
    let mut longest = 0;
    while f64::from(longest) < room {
        longest += 1;
    }
    shortened_request(label, usize::try_from(longest).unwrap_or_default())
}

/// A line with a head at its end; a loop if it leads back.
fn shaft(xml: &mut Xml, class: &str, from: f64, to: f64, y: f64) -> io::Result<()> {
    let back = if to < from { 7.0 } else { -7.0 };
    let path = if (from - to).abs() < 1.0 {
        format!("M{from} {} h26 v8 h-26", number(y - 4.0))
    } else {
        format!("M{} {y} H{}", number(from), number(to))
    };
    xml.create_element("path")
        .with_attribute(("class", class))
        .with_attribute(("d", path.as_str()))
        .write_empty()?;
    let head = format!(
        "M{} {} L{} {y} L{} {}",
        number(to + back),
        number(y - 4.0),
        number(to),
        number(to + back),
        number(y + 4.0)
    );
    xml.create_element("path")
        .with_attribute(("class", format!("head {class}").as_str()))
        .with_attribute(("d", head.as_str()))
        .write_empty()?;
    Ok(())
}

fn element(xml: &mut Xml, name: &str, class: &str, numbers: &[(&str, f64)]) -> io::Result<()> {
    let numbers: Vec<(&str, String)> = numbers
        .iter()
        .map(|(name, value)| (*name, number(*value)))
        .collect();
    let element = xml.create_element(name).with_attribute(("class", class));
    element
        .with_attributes(numbers.iter().map(|(name, value)| (*name, value.as_str())))
        .write_empty()?;
    Ok(())
}

fn text(xml: &mut Xml, class: &str, x: f64, y: f64, said: &str) -> io::Result<()> {
    let element = xml.create_element("text").with_attribute(("class", class));
    element
        .with_attribute(("x", number(x).as_str()))
        .with_attribute(("y", number(y).as_str()))
        .write_text_content(BytesText::new(said))?;
    Ok(())
}

fn number(value: f64) -> String {
    format!("{}", (value * 10.0).round() / 10.0)
}
