//! The texts that a scenario looks for in what a client shows and leaves.

use crate::scenario::model::{
    Case, EventField, Expectation, FieldKind, FieldMatch, Matcher, Template, Value,
};
use crate::transcript::Resolver;

/// The texts that the expectations of a case look for in what a client shows and leaves. They have
/// to be known when it is captured, because only an excerpt of it is kept.
#[derive(Debug, Default)]
pub struct SoughtTexts(Vec<Template>);

impl SoughtTexts {
    /// The texts that the expectations of a case look for.
    pub fn of_case(case: &Case) -> Self {
        let fields = case
            .expectations
            .iter()
            .flat_map(Expectation::field_matches);
        let searched = fields.filter(|field| field.field == EventField::Contains);
        let mut texts: Vec<Template> = searched.flat_map(texts_of).cloned().collect();
        texts.dedup();
        Self(texts)
    }

    /// The texts as they are in this run. A text with a secret that was never issued is left out.
    pub fn resolve(&self, resolver: &Resolver<'_>) -> Vec<String> {
        let texts = self.0.iter().filter_map(|text| resolver.text(text));
        texts.filter(|text| !text.is_empty()).collect()
    }
}

fn texts_of(field: &FieldMatch) -> impl Iterator<Item = &Template> {
    debug_assert_eq!(field.field.kind(), FieldKind::SearchedText);
    field.matchers.iter().flat_map(|matcher| match matcher {
        Matcher::Contains(text) | Matcher::StartsWith(text) => vec![text],
        Matcher::Equals(value) | Matcher::Not(value) => text_of(value).into_iter().collect(),
        Matcher::OneOf(values) | Matcher::Includes(values) | Matcher::SameSet(values) => {
            values.iter().filter_map(text_of).collect()
        }
        Matcher::Present(_)
        | Matcher::Sent(_)
        | Matcher::Fresh(_)
        | Matcher::Unshared(_)
        | Matcher::LooksRandom(_)
        | Matcher::Length(..)
        | Matcher::Charset(_) => Vec::new(),
    })
}

fn text_of(value: &Value) -> Option<&Template> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
