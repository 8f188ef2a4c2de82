//! From a file to its cases: each variant is laid over the rest of the file.

use super::grammar::Grammar;
use super::node::{Entry, Node, NodeKind, overlay};
use super::problem::{ScenarioProblem, Span};
use super::template::is_name;

/// A case before it is read.
pub(crate) struct CaseDraft {
    pub(crate) id: String,
    pub(crate) tree: Node,
    /// The name of the variant; the start of the file if there are no variants.
    pub(crate) place: Span,
}

/// The cases of a file: one for each variant, or the file itself.
pub(crate) fn drafts(
    name: &str,
    root: Node,
    problems: &mut Vec<ScenarioProblem>,
) -> Vec<CaseDraft> {
    let mut variants = variants_of(&root, problems);
    variants.extend(generated_variants(&root, problems));
    let base = match root.kind {
        NodeKind::Table(entries) => {
            let entries = entries
                .into_iter()
                .filter(|entry| entry.key != "variant")
                .collect();
            Node {
                span: root.span,
                kind: NodeKind::Table(entries),
            }
        }
        _ => root,
    };
    if variants.is_empty() {
        return vec![CaseDraft {
            id: name.to_owned(),
            tree: base,
            place: 0..0,
        }];
    }
    let drafts = variants
        .iter()
        .filter_map(|variant| draft_of_variant(name, &base, variant, problems));
    drafts.collect()
}

/// The variants of a file.
fn variants_of(root: &Node, problems: &mut Vec<ScenarioProblem>) -> Vec<Entry> {
    let Some(variants) = root.get("variant") else {
        return Vec::new();
    };
    match variants.value.as_table() {
        Some(entries) => entries.to_vec(),
        None => {
            problems.push(not_a_variant(&variants.value));
            Vec::new()
        }
    }
}

/// The variants that the grammar of a file yields. They patch the header of its first deviation.
fn generated_variants(root: &Node, problems: &mut Vec<ScenarioProblem>) -> Vec<Entry> {
    let Some(named) = root.get("grammar") else {
        return Vec::new();
    };
    let text = named.value.as_text().unwrap_or_default();
    let deviation = root
        .get("deviation")
        .and_then(|deviations| deviations.value.as_table()?.first());
    let (grammar, deviation) = match (text.parse::<Grammar>(), deviation) {
        (Ok(grammar), Some(deviation)) => (grammar, deviation),
        // the reader of the case refuses an unknown grammar
        (Err(_), _) => return Vec::new(),
        (Ok(_), None) => {
            problems.push(ScenarioProblem {
                span: named.key_span.clone(),
                message: "a grammar needs a deviation whose header it spells".to_owned(),
                remedy: Some("write `[deviation.NAME]` with `at`".to_owned()),
            });
            return Vec::new();
        }
    };
    let span = &named.key_span;
    let spellings = grammar.spellings().into_iter();
    spellings
        .map(|spelling| {
            let lines = spelling.lines.iter().map(|line| text_node(span, line));
            let lines = Node {
                span: span.clone(),
                kind: NodeKind::List(lines.collect()),
            };
            let headers = table_node(span, vec![entry(span, grammar.header(), lines)]);
            let patch = table_node(span, vec![entry(span, "headers", headers)]);
            let deviations = table_node(span, vec![entry(span, &deviation.key, patch)]);
            let rare = Node {
                span: span.clone(),
                kind: NodeKind::Boolean(spelling.combined),
            };
            let keys = vec![
                entry(span, "differs", text_node(span, &spelling.differs)),
                entry(span, "source", text_node(span, &spelling.source)),
                entry(span, "rare", rare),
                entry(span, "deviation", deviations),
            ];
            entry(span, &spelling.name, table_node(span, keys))
        })
        .collect()
}

fn entry(span: &Span, key: &str, value: Node) -> Entry {
    Entry {
        key: key.to_owned(),
        key_span: span.clone(),
        value,
    }
}

fn text_node(span: &Span, text: &str) -> Node {
    Node {
        span: span.clone(),
        kind: NodeKind::Text(text.to_owned()),
    }
}

fn table_node(span: &Span, entries: Vec<Entry>) -> Node {
    Node {
        span: span.clone(),
        kind: NodeKind::Table(entries),
    }
}

/// The case of one variant: an overlay on the rest of the file.
fn draft_of_variant(
    name: &str,
    base: &Node,
    variant: &Entry,
    problems: &mut Vec<ScenarioProblem>,
) -> Option<CaseDraft> {
    if !is_name(&variant.key) {
        let message = format!(
            "`{}`: the name of a variant consists of lower case letters, digits and hyphens",
            variant.key
        );
        problems.push(ScenarioProblem {
            span: variant.key_span.clone(),
            message,
            remedy: None,
        });
    }
    if variant.value.as_table().is_none() {
        problems.push(not_a_variant(&variant.value));
        return None;
    }
    Some(CaseDraft {
        id: format!("{name}/{}", variant.key),
        tree: overlay(base, &variant.value),
        place: variant.key_span.clone(),
    })
}

fn not_a_variant(node: &Node) -> ScenarioProblem {
    ScenarioProblem {
        span: node.span.clone(),
        message: format!("expected a table, found {}", node.name_of_kind()),
        remedy: Some("write `[variant.NAME]`".to_owned()),
    }
}
