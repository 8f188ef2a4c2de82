//! A TOML document as a tree in which every key and value knows its place, and the overlay that
//! makes variants.

use toml::de::{DeTable, DeValue};

use super::problem::{ScenarioProblem, Span};

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: NodeKind,
}

#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Table),
    /// A value that scenario files cannot have: a float, a date, an integer out of range.
    Useless(&'static str),
}

/// Keys and values in the order of the file.
pub(crate) type Table = Vec<Entry>;

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

impl Node {
    /// The whole document as a table.
    pub(crate) fn parse(text: &str) -> Result<Self, ScenarioProblem> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Self {
                span: 0..0,
                kind: NodeKind::Table(convert_table(table.get_ref())),
            }),
            Err(error) => Err(ScenarioProblem {
                span: error.span().unwrap_or(0..0),
                message: format!("invalid TOML: {}", error.message()),
                remedy: Some(
                    "https://toml.io has the grammar; inline tables stay on one line, a \
                 key is written once"
                        .to_owned(),
                ),
            }),
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        if let NodeKind::Text(text) = &self.kind {
            Some(text)
        } else {
            None
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        if let NodeKind::List(items) = &self.kind {
            Some(items)
        } else {
            None
        }
    }

    pub(crate) fn as_table(&self) -> Option<&[Entry]> {
        if let NodeKind::Table(entries) = &self.kind {
            Some(entries)
        } else {
            None
        }
    }

    /// The entry of a table by its key.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.as_table()?.iter().find(|entry| entry.key == key)
    }

    /// The kind of value, for messages.
    pub(crate) fn name_of_kind(&self) -> &'static str {
        match self.kind {
            NodeKind::Text(_) => "a text",
            NodeKind::Integer(_) => "an integer",
            NodeKind::Boolean(_) => "a boolean",
            NodeKind::List(_) => "a list",
            NodeKind::Table(_) => "a table",
            NodeKind::Useless(name) => name,
        }
    }

    /// Every key and every text in it.
    pub(crate) fn words<'a>(&'a self, found: &mut Vec<(&'a str, Span)>) {
        match &self.kind {
            NodeKind::Text(text) => found.push((text, self.span.clone())),
            NodeKind::List(items) => items.iter().for_each(|item| item.words(found)),
            NodeKind::Table(entries) => {
                for entry in entries {
                    found.push((&entry.key, entry.key_span.clone()));
                    entry.value.words(found);
                }
            }
            NodeKind::Integer(_) | NodeKind::Boolean(_) | NodeKind::Useless(_) => {}
        }
    }
}

/// One value laid over another: tables merge, everything else is replaced.
pub(crate) fn overlay(base: &Node, top: &Node) -> Node {
    let (NodeKind::Table(below), NodeKind::Table(above)) = (&base.kind, &top.kind) else {
        return top.clone();
    };
    let mut merged = below.clone();
    for entry in above {
        match merged.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => {
                known.value = overlay(&known.value, &entry.value);
                known.key_span = entry.key_span.clone();
            }
            None => merged.push(entry.clone()),
        }
    }
    Node {
        span: top.span.clone(),
        kind: NodeKind::Table(merged),
    }
}

fn convert_table(table: &DeTable<'_>) -> Table {
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<_>)| Entry {
        key: String::from(std::borrow::Cow::as_ref(key.get_ref())),
        key_span: key.span(),
        value: convert(value),
    };
    table.iter().map(entry).collect()
}

fn convert(value: &toml::Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(text) => NodeKind::Text(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            i64::from_str_radix(&digits, number.radix()).map_or(
                NodeKind::Useless("an integer out of range"),
                NodeKind::Integer,
            )
        }
        DeValue::Boolean(yes) => NodeKind::Boolean(*yes),
        DeValue::Array(items) => NodeKind::List(items.iter().map(convert).collect()),
        DeValue::Table(table) => NodeKind::Table(convert_table(table)),
        DeValue::Float(_) => NodeKind::Useless("a float"),
        DeValue::Datetime(_) => NodeKind::Useless("a date"),
    };
    Node {
        span: value.span(),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_merges_tables_and_keeps_places() {
        let text = "a = { x = 1, y = [1, 2] }\n[over]\na.y = [3]\na.z = \"new\"\n";
        let root = Node::parse(text).unwrap();
        let over = &root.get("over").unwrap().value;
        let base = Node {
            span: 0..0,
            kind: NodeKind::Table(vec![root.get("a").unwrap().clone()].into_iter().collect()),
        };
        let merged = overlay(&base, over);
        let a = &merged.get("a").unwrap().value;
        let keys: Vec<_> = a
            .as_table()
            .unwrap()
            .iter()
            .map(|e| e.key.as_str())
            .collect();
        assert_eq!(keys, ["x", "y", "z"]);
        let y = &a.get("y").unwrap().value;
        assert_eq!(y.as_list().unwrap().len(), 1);
        assert_eq!(&text[y.span.clone()], "[3]");
        assert_eq!(&text[a.get("z").unwrap().value.span.clone()], "\"new\"");
    }

    #[test]
    fn integers_of_all_spellings() {
        let root = Node::parse("a = 1_000\nb = 0x1F\nc = -7\nd = 99999999999999999999\ne = 1.5\n")
            .unwrap();
        let kind = |key: &str| root.get(key).unwrap().value.kind.clone();
        assert!(matches!(kind("a"), NodeKind::Integer(1000)));
        assert!(matches!(kind("b"), NodeKind::Integer(31)));
        assert!(matches!(kind("c"), NodeKind::Integer(-7)));
        assert!(matches!(
            kind("d"),
            NodeKind::Useless("an integer out of range")
        ));
        assert!(matches!(kind("e"), NodeKind::Useless("a float")));
    }
}
