//! Readers of plain values: each takes what it can and notes what is wrong, with its place and a
//! remedy.

use std::str::FromStr;

use super::node::{Entry, Node, NodeKind};
use super::problem::{ScenarioProblem, Span};
use super::suggest;
use crate::words::UnknownWord;

/// Something that reads a file and collects problems.
pub(crate) trait ReadValues {
    /// The problems found so far.
    fn problems(&mut self) -> &mut Vec<ScenarioProblem>;

    fn problem(&mut self, span: &Span, message: impl Into<String>) {
        self.problems().push(ScenarioProblem {
            span: span.clone(),
            message: message.into(),
            remedy: None,
        });
    }

    fn problem_with(&mut self, span: &Span, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems().push(ScenarioProblem {
            span: span.clone(),
            message: message.into(),
            remedy: Some(remedy.into()),
        });
    }

    fn expected(&mut self, node: &Node, what: &str) {
        self.problem(
            &node.span,
            format!("expected {what}, found {}", node.name_of_kind()),
        );
    }

    fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        node.as_text().or_else(|| {
            self.expected(node, "a text");
            None
        })
    }

    fn boolean(&mut self, node: &Node) -> Option<bool> {
        if let NodeKind::Boolean(yes) = node.kind {
            return Some(yes);
        }
        self.expected(node, "true or false");
        None
    }

    /// An integer in a range.
    fn number<T: TryFrom<i64>>(&mut self, node: &Node, least: i64, most: i64) -> Option<T> {
        let NodeKind::Integer(number) = node.kind else {
            self.expected(node, "an integer");
            return None;
        };
        let fits = (least..=most)
            .contains(&number)
            .then(|| T::try_from(number).ok())
            .flatten();
        if fits.is_none() {
            let range = if most == i64::from(u32::MAX) {
                format!("at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            self.problem(
                &node.span,
                format!("{number} is out of range: expected {range}"),
            );
        }
        fits
    }

    fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        node.as_list().unwrap_or_else(|| {
            self.expected(node, "a list");
            &[]
        })
    }

    fn table<'n>(&mut self, node: &'n Node) -> &'n [Entry] {
        node.as_table().unwrap_or_else(|| {
            self.expected(node, "a table");
            &[]
        })
    }

    /// A word of a list that the model has as an enum.
    fn word<T: FromStr<Err = UnknownWord>>(&mut self, node: &Node) -> Option<T> {
        self.word_by(node, str::parse)
    }

    /// A word that `parse` knows.
    fn word_by<T>(
        &mut self,
        node: &Node,
        parse: impl Fn(&str) -> Result<T, UnknownWord>,
    ) -> Option<T> {
        let text = self.text(node)?;
        match parse(text) {
            Ok(word) => Some(word),
            Err(unknown) => {
                let remedy = suggest::instead(text, unknown.known.iter().copied());
                self.problem_with(&node.span, format!("unknown value `{text}`"), remedy);
                None
            }
        }
    }

    fn words<T: FromStr<Err = UnknownWord>>(&mut self, node: &Node) -> Vec<T> {
        self.words_by(node, str::parse)
    }

    /// A list of words that `parse` knows.
    fn words_by<T>(
        &mut self,
        node: &Node,
        parse: impl Fn(&str) -> Result<T, UnknownWord>,
    ) -> Vec<T> {
        let items = self.list(node);
        items
            .iter()
            .filter_map(|item| self.word_by(item, &parse))
            .collect()
    }

    /// Refuses keys that a table cannot have.
    fn only_keys(&mut self, entries: &[Entry], known: &[&str], of: &str) {
        for entry in entries
            .iter()
            .filter(|entry| !known.contains(&entry.key.as_str()))
        {
            let remedy = suggest::instead(&entry.key, known.iter().copied());
            self.problem_with(
                &entry.key_span,
                format!("unknown key `{}` in {of}", entry.key),
                remedy,
            );
        }
    }
}
