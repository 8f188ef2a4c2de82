//! Is the format closed? Every key is renamed and every text replaced, one at a time, in every
//! case; what is let pass is listed here.

use std::collections::BTreeMap;

use super::super::draft::{self, CaseDraft};
use super::super::node::{Entry, NodeKind};
use super::*;

/// Mutations that may pass, by kind and shape: human text, free names, and values that servers
/// send.
const SURVIVORS: &[(&str, &str)] = &[
    ("word", "title"),
    ("word", "why"),
    ("key", "deviation.X"),
    ("word", "expect.X.because"),
    ("word", "deviation.X.set.error"),
    ("word", "deviation.X.set.iss"),
    ("word", "step.*.call.*"),
    ("word", "deviation.X.set.authorization_endpoint"),
    ("word", "deviation.X.set.issuer"),
    ("word", "deviation.X.set.resource"),
    ("word", "deviation.X.set.authorization_servers.*"),
    ("word", "world.P.scopes_supported.*"),
    ("word", "deviation.X.headers.Location"),
    ("word", "deviation.X.headers.WWW-Authenticate.*"),
    ("word", "deviation.X.headers.WWW-Authenticate"),
    ("word", "deviation.X.set.issued_token_type"),
    ("word", "official_differs"),
    ("word", "world.P.challenge_scope"),
    ("word", "deviation.X.set.token_endpoint"),
    ("word", "deviation.X.body"),
    ("key", "world.P"),
    ("word", "expect.X.any_of.*.eventually.where.contains"),
    ("word", "deviation.X.set.state"),
    ("word", "deviation.X.set.error_description"),
    ("word", "world.P.tool_text"),
    ("word", "expect.X.eventually.*.where.target"),
    ("word", "deviation.X.raw.iss"),
    ("word", "deviation.X.set.registration_endpoint"),
    ("word", "deviation.X.resource"),
    ("key", "deviation.X.append.iss"),
    ("word", "deviation.X.append.iss"),
    ("word", "deviation.X.set.code_challenge_methods_supported.*"),
    ("word", "step.*.url"),
    ("word", "deviation.X.set.code"),
    ("word", "deviation.X.set.token_type"),
    ("key", "deviation.X.append.next"),
    ("word", "deviation.X.append.next"),
    ("key", "deviation.X.append.url"),
    ("word", "deviation.X.append.url"),
    ("key", "deviation.X.append.redirect_uri"),
    ("word", "deviation.X.append.redirect_uri"),
    ("key", "deviation.X.append.return_to"),
    ("word", "deviation.X.append.return_to"),
    ("word", "expect.X.eventually.where.target"),
    ("word", "deviation.X.set.resource_metadata"),
    ("word", "deviation.X.headers.Content-Type"),
    ("word", "deviation.X.set.resource.*"),
    ("word", "world.P.resource"),
    ("word", "world.P.label"),
    ("word", "expect.X.every.has.target.contains"),
    ("key", "world.P.tool_scopes.tool-b"),
    ("word", "world.P.tool_scopes.tool-b.*"),
    ("word", "deviation.X.where.tool"),
    ("key", "world.P.tool_scopes.test-tool"),
    ("word", "world.P.tool_scopes.test-tool.*"),
    ("word", "world.P.client.id"),
    ("word", "world.P.client.secret"),
    ("key", "deviation.X.append.example:list"),
    ("key", "deviation.X.append.example_extension"),
    ("key", "deviation.X.append.example_extension.nested"),
    ("key", "deviation.X.append.example_extension.version"),
    ("key", "deviation.X.append.foo"),
    ("word", "deviation.X.append.foo"),
    ("key", "deviation.X.append.hint"),
    ("word", "deviation.X.append.hint"),
    ("key", "deviation.X.append.session_state"),
    ("word", "deviation.X.append.session_state"),
    (
        "word",
        "deviation.X.set.client_id_metadata_document_supported",
    ),
    // URLs, as with `set`, which may be anybody's
    (
        "word",
        "deviation.X.forge.signed_metadata.authorization_servers.*",
    ),
    ("word", "deviation.X.forge.signed_metadata.iss"),
    ("word", "deviation.X.forge.signed_metadata.resource"),
    ("word", "deviation.X.set.jwks_uri"),
    ("word", "deviation.X.set.service_documentation"),
    ("word", "deviation.X.set.op_policy_uri"),
    ("word", "deviation.X.set.op_tos_uri"),
    (
        "word",
        "deviation.X.set.token_endpoint_auth_methods_supported.*",
    ),
    ("word", "deviation.X.set.protected_resources.*"),
    // names that other texts give: of algorithms (RFC 7518), assertions (RFC 7521), extensions,
    // revisions, and what a token's claims say
    ("word", "expect.X.every.has.assertion.alg.one_of.*"),
    ("word", "expect.X.every.has.assertion.sub"),
    ("word", "expect.X.every.has.client_assertion_type"),
    ("word", "expect.X.every.has.extensions"),
    ("word", "expect.X.every.has.protocol_version"),
    ("word", "expect.X.in_order.*.where.target"),
    // scopes, which a server names as it likes
    ("word", "step.*.set.as.granted_scopes.*"),
    ("word", "world.P.granted_scopes.*"),
    ("word", "expect.X.every.has.target"),
    ("word", "expect.X.never.where.target"),
    ("word", "expect.X.never.*.where.target"),
    // what reports say of a variant
    ("word", "variety"),
    ("word", "differs"),
    ("word", "source"),
    // facts about deployments
    ("word", "profile.shaped_like.*"),
    ("word", "profile.as_of"),
    ("word", "profile.facts.*.says"),
    ("word", "profile.facts.*.source"),
    ("word", "profile.out_of_reach"),
];

#[test]
fn no_word_can_be_changed_unnoticed() {
    let suite = Suite::new();
    let mut survivors: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for_each_mutant(&suite, |mutant| {
        if mutant.loads {
            survivors
                .entry((mutant.kind, mutant.shape.clone()))
                .or_default()
                .push(mutant.id.to_owned());
        }
    });
    survivors.retain(|(kind, shape), _| !SURVIVORS.iter().any(|(k, s)| k == kind && s == shape));
    let let_pass: Vec<String> = survivors
        .iter()
        .map(|((kind, shape), ids)| {
            format!("{kind} {shape}: {} let pass, e.g. {}", ids.len(), ids[0])
        })
        .collect();
    assert!(let_pass.is_empty(), "{}", let_pass.join("\n"));
}

/// A case of which one word was changed.
pub(super) struct Mutant<'m> {
    pub(super) id: &'m str,
    /// `key` or `word`.
    pub(super) kind: &'static str,
    /// Where: [`shape`] of the path.
    pub(super) shape: String,
    pub(super) tree: &'m Node,
    /// Whether the loader takes it.
    pub(super) loads: bool,
}

/// Changes each key and each text of every case, one at a time.
pub(super) fn for_each_mutant(suite: &Suite, mut look: impl FnMut(&Mutant<'_>)) {
    let mut tried = 0;
    for (name, text) in files() {
        let drafts = draft::drafts(&name, Node::parse(&text).unwrap(), &mut Vec::new());
        // of a variety one case is enough: its variants are lines of data, with words of many
        // servers
        let cases = if text.contains("\nvariety = ") {
            1
        } else {
            drafts.len()
        };
        let drafts = drafts.into_iter().take(cases);
        for CaseDraft {
            id,
            mut tree,
            place,
        } in drafts
        {
            let mut points = Vec::new();
            mutation_points(&tree, &mut Vec::new(), &mut points);
            // of a profile, what its servers send is data as well
            points.retain(|(_, path)| tree.get("profile").is_none() || !is_sent(path));
            for (kind, path) in points {
                tried += 1;
                let untouched = tree.clone();
                mutate(&mut tree, kind, &path);
                let draft = CaseDraft {
                    id: id.clone(),
                    tree,
                    place: place.clone(),
                };
                let loads = suite
                    .with(|known| case::read(&draft, &name, &text, known))
                    .problems
                    .is_empty();
                look(&Mutant {
                    id: &id,
                    kind,
                    shape: shape(&path),
                    tree: &draft.tree,
                    loads,
                });
                tree = untouched;
            }
        }
    }
    assert!(
        tried > 4000,
        "only {tried} mutations: are the scenarios read at all?"
    );
}

type Path = Vec<String>;

/// Whether a word is in what a deviation makes a server send.
fn is_sent(path: &Path) -> bool {
    let [deviation, _, key, _, ..] = path.as_slice() else {
        return false;
    };
    deviation == "deviation" && ["append", "set", "headers"].contains(&key.as_str())
}

fn mutation_points(node: &Node, path: &mut Path, found: &mut Vec<(&'static str, Path)>) {
    match &node.kind {
        NodeKind::Text(_) => found.push(("word", path.clone())),
        NodeKind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(format!("#{index}"));
                mutation_points(item, path, found);
                path.pop();
            }
        }
        NodeKind::Table(entries) => {
            for entry in entries {
                path.push(entry.key.clone());
                found.push(("key", path.clone()));
                mutation_points(&entry.value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn mutate(node: &mut Node, kind: &str, path: &[String]) {
    let Some((first, rest)) = path.split_first() else {
        node.kind = NodeKind::Text("zzz".to_owned());
        return;
    };
    match &mut node.kind {
        NodeKind::List(items) => {
            mutate(&mut items[first[1..].parse::<usize>().unwrap()], kind, rest)
        }
        NodeKind::Table(entries) => {
            let entry: &mut Entry = entries
                .iter_mut()
                .find(|entry| entry.key == *first)
                .unwrap();
            match (kind, rest) {
                ("key", []) => entry.key = "zzz".to_owned(),
                _ => mutate(&mut entry.value, kind, rest),
            }
        }
        _ => unreachable!(),
    }
}

/// `expect.X.never.where.tool`: a path without the names that a file gives.
fn shape(path: &[String]) -> String {
    let mut words: Vec<_> = path
        .iter()
        .map(|word| {
            if word.starts_with('#') {
                "*"
            } else {
                word.as_str()
            }
        })
        .collect();
    match words.as_mut_slice() {
        ["expect" | "deviation", name, ..] => *name = "X",
        ["world", name, ..] => *name = "P",
        _ => {}
    }
    words.join(".")
}
