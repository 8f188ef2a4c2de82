//! JUnit XML, as common CI systems read it: a suite for each area, a case for each verdict,
//! failures apart from errors.
//!
//! A scenario is run once for all its requirements: its time, and that of the control run that it
//! needs, stands at the first of them. So the times of suites add up to what all runs took one
//! after another; the time of the whole is by the clock.
//!
//! The crate quick-junit would write the same elements. It is not used because it brings chrono,
//! uuid and a second version of quick-xml, writes an attribute that the schema in fixtures/schemas
//! does not allow, and drops characters that XML cannot hold where this shows U+FFFD.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::report::format::test_case::{TestCase, TestOutcome, details, test_cases};
use crate::report::model::Report;

type Xml = Writer<Vec<u8>>;

/// The reports as one document.
pub(crate) fn render_junit(reports: &[Report]) -> io::Result<String> {
    let mut xml: Xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<(&Report, Vec<TestCase<'_>>)> = reports
        .iter()
        .map(|report| (report, test_cases(report)))
        .collect();
    let seconds: f64 = reports.iter().map(|report| report.seconds).sum();
    let counts = Counts::of(all.iter().flat_map(|(_, cases)| cases));
    xml.create_element("testsuites")
        .with_attribute(("name", "mcp-authspec"))
        .with_attributes(
            counts
                .attributes()
                .iter()
                .filter(|(name, _)| *name != "skipped")
                .map(|(n, v)| (*n, v.as_str())),
        )
        .with_attribute(("time", time(seconds).as_str()))
        .write_inner_content(|xml| {
            for (report, cases) in &all {
                for suite in suites(cases) {
                    write_suite(xml, report, &suite)?;
                }
            }
            Ok(())
        })?;
    let mut text = String::from_utf8(xml.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

/// Neighbours of one suite.
fn suites<'c, 'r>(cases: &'c [TestCase<'r>]) -> Vec<Vec<&'c TestCase<'r>>> {
    let mut out: Vec<Vec<&TestCase<'_>>> = Vec::new();
    for case in cases {
        match out.last_mut() {
            Some(suite) if suite.first().is_some_and(|first| first.suite == case.suite) => {
                suite.push(case)
            }
            _ => out.push(vec![case]),
        }
    }
    out
}

fn write_suite(xml: &mut Xml, report: &Report, cases: &[&TestCase<'_>]) -> io::Result<()> {
    let Some(first) = cases.first() else {
        return Ok(());
    };
    let name = format!("{} {}", report.revision, first.suite);
    let counts = Counts::of(cases.iter().copied());
    let seconds = cases
        .iter()
        .map(|case| case.seconds)
        .sum::<Option<f64>>()
        .map(time);
    xml.create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attributes(counts.attributes().iter().map(|(n, v)| (*n, v.as_str())))
        .with_attributes(seconds.iter().map(|seconds| ("time", seconds.as_str())))
        .write_inner_content(|xml| {
            let mut about = vec![
                ("revision", report.revision.to_string()),
                ("client", report.client.to_string()),
                ("harness", report.harness.clone()),
                ("seed", report.seed.to_string()),
            ];
            about.extend(report.shard.iter().map(|shard| ("shard", shard.clone())));
            write_properties(xml, &about)?;
            cases
                .iter()
                .try_for_each(|case| write_case(xml, &name, case))
        })?;
    Ok(())
}

fn write_case(xml: &mut Xml, suite: &str, case: &TestCase<'_>) -> io::Result<()> {
    let class = format!("mcp-authspec.{}", suite.replace(' ', "."));
    let seconds = case.seconds.map(time);
    let element = xml
        .create_element("testcase")
        .with_attribute(("classname", class.as_str()))
        .with_attribute(("name", case.name.as_str()));
    let element = element.with_attributes(seconds.iter().map(|seconds| ("time", seconds.as_str())));
    element.write_inner_content(|xml| {
        let properties = properties_of(case);
        if !properties.is_empty() {
            write_properties(xml, &properties)?;
        }
        let told = case
            .finding
            .map(|finding| details(finding).join("\n"))
            .unwrap_or_default();
        match &case.outcome {
            TestOutcome::Passed => Ok(()),
            TestOutcome::Warning(seen) => {
                write_text(xml, "system-out", &[], &format!("warning, {seen}\n{told}"))
            }
            TestOutcome::Failed(kind, seen) => {
                write_text(xml, "failure", &[("type", kind), ("message", seen)], &told)
            }
            TestOutcome::Skipped(reason) => write_text(xml, "skipped", &[("message", reason)], ""),
            // as test runners write what is expected to fail
            TestOutcome::Known(reason) => {
                write_text(
                    xml,
                    "skipped",
                    &[
                        ("type", "known-failure"),
                        ("message", &format!("known failure: {reason}")),
                    ],
                    "",
                )?;
                write_text(xml, "system-out", &[], &told)
            }
            TestOutcome::Error(kind, text) => {
                write_text(xml, "error", &[("type", kind), ("message", text)], "")
            }
        }
    })?;
    Ok(())
}

/// The requirement that a case is about, and how to run it again.
fn properties_of(case: &TestCase<'_>) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if let Some(row) = case.row {
        let level = case.finding.map_or(row.level, |finding| finding.level);
        properties.extend([
            ("requirement", row.id.clone()),
            ("level", level.to_string()),
            ("source", row.source.to_string()),
            ("url", row.source.url.to_string()),
        ]);
    }
    properties.extend(
        case.finding
            .map(|finding| ("rerun", finding.rerun.to_string())),
    );
    properties
}

fn write_properties(xml: &mut Xml, properties: &[(&str, String)]) -> io::Result<()> {
    xml.create_element("properties")
        .write_inner_content(|xml| {
            for (name, value) in properties {
                xml.create_element("property")
                    .with_attribute(("name", *name))
                    .with_attribute(("value", allowed(value).as_str()))
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn write_text(
    xml: &mut Xml,
    element: &str,
    attributes: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let attributes: Vec<(&str, String)> = attributes
        .iter()
        .map(|(name, value)| (*name, allowed(value)))
        .collect();
    let element = xml.create_element(element).with_attributes(
        attributes
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    if text.is_empty() {
        element.write_empty()?
    } else {
        element.write_text_content(BytesText::new(&allowed(text)))?
    };
    Ok(())
}

/// The text without characters that XML cannot hold, not even escaped (XML 1.0 section 2.2).
fn allowed(text: &str) -> String {
    let is_allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}')
    };
    text.chars()
        .map(|c| if is_allowed(c) { c } else { '\u{fffd}' })
        .collect()
}

fn time(seconds: f64) -> String {
    format!("{seconds:.3}")
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'c, 'r: 'c>(cases: impl IntoIterator<Item = &'c TestCase<'r>>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.outcome {
                TestOutcome::Failed(..) => counts.failures += 1,
                TestOutcome::Error(..) => counts.errors += 1,
                TestOutcome::Skipped(_) | TestOutcome::Known(_) => counts.skipped += 1,
                TestOutcome::Passed | TestOutcome::Warning(_) => {}
            }
        }
        counts
    }

    fn attributes(&self) -> [(&'static str, String); 4] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn no_character_breaks_the_document() {
        assert_eq!(
            allowed("a\u{0}b\u{1b}[31mc\u{ffff}\n\t✓"),
            "a\u{fffd}b\u{fffd}[31mc\u{fffd}\n\t✓"
        );
    }
}
