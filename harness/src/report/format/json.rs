//! The report as JSON: all of it, for other programs.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::report::model::Report;

/// The report, with a line for each case, finding and requirement; of several revisions, a list of
/// reports.
pub(crate) fn render_json(reports: &[Report]) -> Result<String, serde_json::Error> {
    match reports {
        [one] => to_lines(one, 2),
        several => to_lines(several, 3),
    }
}

/// JSON in which the outer levels have a line for each value, and the inner ones are short.
fn to_lines(value: &(impl Serialize + ?Sized), levels: usize) -> Result<String, serde_json::Error> {
    let mut out = Vec::new();
    let formatter = LineFormatter {
        levels,
        depth: 0,
        has_value: false,
    };
    value.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
    out.push(b'\n');
    String::from_utf8(out).map_err(|error| serde_json::Error::io(io::Error::other(error)))
}

/// Breaks lines in the outer levels only.
struct LineFormatter {
    levels: usize,
    depth: usize,
    /// Whether the list or object that is written has a value yet.
    has_value: bool,
}

impl LineFormatter {
    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        out.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let breaks = self.has_value && self.depth <= self.levels;
        self.depth -= 1;
        if breaks {
            self.break_line(out)?;
        }
        out.write_all(bracket)
    }

    fn separate<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        if self.depth <= self.levels {
            self.break_line(out)?;
        }
        Ok(())
    }

    fn break_line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for LineFormatter {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.depth <= self.levels {
            b": "
        } else {
            b":"
        })
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::to_lines;

    #[test]
    fn only_outer_levels_have_lines() {
        let value = serde_json::json!({ "a": [{ "b": [1, 2] }, {}], "c": [], "d": { "e": 1 } });
        let expected = "{\n  \"a\": [\n    {\"b\":[1,2]},\n    {}\n  ],\n  \"c\": [],\n  \
                        \"d\": {\n    \"e\": 1\n  }\n}\n";
        assert_eq!(to_lines(&value, 2).unwrap(), expected);
    }
}
