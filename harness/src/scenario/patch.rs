//! The patch of a deviation: how an answer is changed.

use std::collections::BTreeSet;

use super::keys::{self, words_of};
use super::message_members::HEADERS;
use super::model::{Patch, Target, Template, Transport, Value};
use super::node::{Entry, Node};
use super::problem::Span;
use super::reader::{CaseReader, TextUse};
use super::suggest;
use super::values::ReadValues;

pub(crate) const PATCH: [&str; 9] = words_of(&keys::PATCH);

/// Claims that any JWT may have (RFC 7519, section 4.1); the others are members of the document
/// that it vouches for.
pub(crate) const JWT_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

impl CaseReader<'_> {
    /// Reads the changes of an answer.
    pub(super) fn patch(&mut self, entry: &Entry, at: &[Target]) -> Option<Patch> {
        let node = &entry.value;
        if !PATCH.iter().any(|key| node.get(key).is_some()) {
            return self.changes_nothing(entry);
        }
        let before = self.problems.len();
        let (set, remove, append) = self.members(node, at);
        let mut forge = Vec::new();
        for member in self.table_at(node, "forge") {
            self.member(at, &member.key, &member.key_span, "forge");
            match member.value.as_table() {
                Some(claims) => {
                    for claim in claims
                        .iter()
                        .filter(|claim| !JWT_CLAIMS.contains(&claim.key.as_str()))
                    {
                        self.member(at, &claim.key, &claim.key_span, "forge");
                    }
                }
                None => self.problem_with(
                    &member.value.span,
                    "expected a table with the claims of the JWT",
                    "write `forge.signed_metadata = { iss = \"{mcp.resource}\" }`",
                ),
            }
            forge.extend(
                self.value(&member.value, TextUse::Patch)
                    .map(|value| (member.key.clone(), value)),
            );
        }
        let mut raw = Vec::new();
        for member in self.table_at(node, "raw") {
            self.member(at, &member.key, &member.key_span, "raw");
            raw.extend(
                self.template(&member.value, TextUse::Patch)
                    .map(|text| (member.key.clone(), text)),
            );
        }
        let headers: Vec<_> = self
            .table_at(node, "headers")
            .iter()
            .filter_map(|header| self.header(header))
            .collect();
        let patch = Patch {
            set,
            remove,
            append,
            raw,
            forge,
            body: node
                .get("body")
                .and_then(|body| self.template(&body.value, TextUse::Patch)),
            status: node
                .get("status")
                .and_then(|status| self.number(&status.value, 200, 599)),
            headers,
            transport: node
                .get("transport")
                .and_then(|transport| self.word::<Transport>(&transport.value)),
        };
        if let Some(whole) = node.get("body").or(node.get("transport"))
            && let Some(part) = ["set", "remove", "append", "raw", "forge"]
                .iter()
                .find_map(|key| node.get(key))
        {
            self.problem_with(
                &part.key_span,
                format!("`{}` and `{}` exclude each other", whole.key, part.key),
                "remove one of them: with a body of its own or a broken transport no member is \
                 left to change",
            );
        }
        let Patch {
            set,
            remove,
            append,
            raw,
            forge,
            body,
            status,
            headers,
            transport,
        } = &patch;
        let members = set.is_empty()
            && remove.is_empty()
            && append.is_empty()
            && raw.is_empty()
            && forge.is_empty();
        let nothing = members
            && body.is_none()
            && status.is_none()
            && headers.is_empty()
            && transport.is_none();
        if self.problems.len() > before {
            None
        } else if nothing {
            self.changes_nothing(entry)
        } else {
            Some(patch)
        }
    }

    /// `set`, `remove` and `append`.
    #[allow(clippy::type_complexity)]
    pub(super) fn members(
        &mut self,
        node: &Node,
        at: &[Target],
    ) -> (Vec<(String, Value)>, Vec<String>, Vec<(String, Value)>) {
        let mut set = Vec::new();
        for member in self.table_at(node, "set") {
            self.member(at, &member.key, &member.key_span, "set");
            set.extend(
                self.value(&member.value, TextUse::Patch)
                    .map(|value| (member.key.clone(), value)),
            );
        }
        let mut remove = Vec::new();
        for member in node
            .get("remove")
            .map_or(&[][..], |members| self.list(&members.value))
        {
            if let Some(name) = self.text(member) {
                self.member(at, name, &member.span, "remove");
                remove.push(name.to_owned());
            }
        }
        let mut append = Vec::new();
        for member in self.table_at(node, "append") {
            append.extend(
                self.value(&member.value, TextUse::Patch)
                    .map(|value| (member.key.clone(), value)),
            );
        }
        (set, remove, append)
    }

    /// Refuses what none of the answers has as a member.
    fn member(&mut self, at: &[Target], name: &str, span: &Span, operation: &str) {
        for message in distinct(at.iter().filter_map(|target| target.message)) {
            let members = message.members();
            if !members.contains(&name) {
                let remedy = suggest::instead(name, members.iter().copied());
                self.problem_with(
                    span,
                    format!("`{operation}`: {message} has no member `{name}`"),
                    format!("{remedy} (use `append` for a member that no honest answer has)"),
                );
            }
        }
    }

    fn header(&mut self, entry: &Entry) -> Option<(String, Vec<Template>)> {
        if !HEADERS.contains(&entry.key.as_str()) {
            let remedy = suggest::instead(&entry.key, HEADERS.iter().copied());
            self.problem_with(
                &entry.key_span,
                format!("unknown header `{}`", entry.key),
                remedy,
            );
        }
        let lines = entry
            .value
            .as_list()
            .unwrap_or(std::slice::from_ref(&entry.value));
        let lines: Vec<_> = lines
            .iter()
            .map(|line| self.template(line, TextUse::Patch))
            .collect();
        Some((entry.key.clone(), lines.into_iter().collect::<Option<_>>()?))
    }

    fn table_at<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Entry] {
        node.get(key).map_or(&[], |entry| self.table(&entry.value))
    }
}

pub(super) fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    items.collect()
}
