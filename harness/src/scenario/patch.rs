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
        let patch = Patch {
            set,
            remove,
            append,
            forge: self.forged_members(node, at),
            raw: self.raw_members(node, at),
            headers: self.headers(node),
            body: node
                .get("body")
                .and_then(|body| self.template(&body.value, TextUse::Patch)),
            status: node
                .get("status")
                .and_then(|status| self.number(&status.value, 200, 599)),
            transport: node
                .get("transport")
                .and_then(|transport| self.word::<Transport>(&transport.value)),
        };
        self.check_members_remain(node);
        if self.problems.len() > before {
            None
        } else if patch.is_empty() {
            self.changes_nothing(entry)
        } else {
            Some(patch)
        }
    }

    /// `forge`: members whose values are JWTs with these claims.
    fn forged_members(&mut self, node: &Node, at: &[Target]) -> Vec<(String, Value)> {
        let mut forged = Vec::new();
        for member in self.table_at(node, "forge") {
            self.member(at, &member.key, &member.key_span, "forge");
            let Some(claims) = member.value.as_table() else {
                self.problem_with(
                    &member.value.span,
                    "expected a table with the claims of the JWT",
                    "write `forge.signed_metadata = { iss = \"{mcp.resource}\" }`",
                );
                continue;
            };
            for claim in claims {
                if !JWT_CLAIMS.contains(&claim.key.as_str()) {
                    self.member(at, &claim.key, &claim.key_span, "forge");
                }
            }
            let value = self.value(&member.value, TextUse::Patch);
            forged.extend(value.map(|value| (member.key.clone(), value)));
        }
        forged
    }

    /// `raw`: members whose values are not encoded.
    fn raw_members(&mut self, node: &Node, at: &[Target]) -> Vec<(String, Template)> {
        let mut raw = Vec::new();
        for member in self.table_at(node, "raw") {
            self.member(at, &member.key, &member.key_span, "raw");
            let text = self.template(&member.value, TextUse::Patch);
            raw.extend(text.map(|text| (member.key.clone(), text)));
        }
        raw
    }

    fn headers(&mut self, node: &Node) -> Vec<(String, Vec<Template>)> {
        let headers = self.table_at(node, "headers").iter();
        headers.filter_map(|header| self.header(header)).collect()
    }

    /// Refuses changes of members together with a body of its own or a broken transport.
    fn check_members_remain(&mut self, node: &Node) {
        let members = ["set", "remove", "append", "raw", "forge"];
        if let Some(whole) = node.get("body").or(node.get("transport"))
            && let Some(part) = members.iter().find_map(|key| node.get(key))
        {
            self.problem_with(
                &part.key_span,
                format!("`{}` and `{}` exclude each other", whole.key, part.key),
                "remove one of them: with a body of its own or a broken transport no member is \
                 left to change",
            );
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
