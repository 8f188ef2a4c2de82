//! Which file uses which, by the paths that are written in it, and the circles among them.
//!
//! A re-export is followed to the file that defines the name, so that `use crate::driver::Context`
//! leads to the file of `Context` and not to `driver/mod.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;

use petgraph::Directed;
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::GraphMap;
use syn::visit::Visit;

use crate::crate_files::{CrateFiles, ModulePath, is_for_tests};

/// One sentence for each circle, with the names that tie its files.
pub fn find_circles(files: &CrateFiles) -> Vec<String> {
    let imported: BTreeMap<&ModulePath, Imports> = files
        .files
        .iter()
        .map(|(module, file)| (module, Imports::read(module, &file.syntax)))
        .collect();
    let mut graph: GraphMap<&ModulePath, (), Directed, RandomState> = GraphMap::new();
    let mut ties: BTreeMap<(&ModulePath, &ModulePath), BTreeSet<String>> = BTreeMap::new();
    for (module, imports) in &imported {
        for path in &imports.paths {
            let Some((target, name)) = resolve(files, &imported, path, 0) else {
                continue;
            };
            if target != *module {
                graph.add_edge(module, target, ());
                ties.entry((module, target)).or_default().insert(name);
            }
        }
    }
    let groups: Vec<Vec<&ModulePath>> = tarjan_scc(&graph);
    let circles = groups.into_iter().filter(|group| group.len() > 1);
    circles
        .map(|circle| describe_circle(files, &circle, &ties))
        .collect()
}

fn describe_circle(
    files: &CrateFiles,
    circle: &[&ModulePath],
    ties: &BTreeMap<(&ModulePath, &ModulePath), BTreeSet<String>>,
) -> String {
    let mut lines = vec![format!(
        "{} files import each other in a circle:",
        circle.len()
    )];
    for ((from, to), names) in ties {
        if circle.contains(from) && circle.contains(to) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let (from, to) = (&files.files[*from].shown, &files.files[*to].shown);
            lines.push(format!("  {from} uses {} of {to}", names.join(", ")));
        }
    }
    lines.join("\n")
}

/// The module that defines what a path names, and the name.
fn resolve<'f>(
    files: &'f CrateFiles,
    imported: &BTreeMap<&ModulePath, Imports>,
    path: &[String],
    depth: usize,
) -> Option<(&'f ModulePath, String)> {
    let known = |n: &usize| files.files.contains_key(&path[..*n]);
    let length = (0..=path.len()).rev().find(known)?;
    let (module, _) = files.files.get_key_value(&path[..length])?;
    let name = path.get(length)?;
    let reexported = imported.get(module).and_then(|i| i.reexports.get(name));
    match reexported {
        Some(target) if depth < 8 => {
            let full = [target.as_slice(), &path[length + 1..]].concat();
            resolve(files, imported, &full, depth + 1)
        }
        _ => Some((module, name.clone())),
    }
}

/// What one file imports.
#[derive(Default)]
struct Imports {
    /// Absolute paths, from the crate's root, that the file mentions.
    paths: BTreeSet<ModulePath>,
    /// Names that the file exports again, with the absolute paths behind them.
    reexports: BTreeMap<String, ModulePath>,
}

impl Imports {
    fn read(module: &ModulePath, syntax: &syn::File) -> Self {
        let mut reader = Reader {
            module: module.clone(),
            local: BTreeMap::new(),
            children: BTreeSet::new(),
            imports: Self::default(),
        };
        for item in &syntax.items {
            if let syn::Item::Mod(child) = item {
                reader.children.insert(child.ident.to_string());
            }
        }
        for item in &syntax.items {
            if let syn::Item::Use(item) = item {
                reader.read_use(item);
            }
        }
        reader.visit_file(syntax);
        reader.imports
    }
}

struct Reader {
    module: ModulePath,
    /// Names that `use` brings into the file, with the absolute paths behind them.
    local: BTreeMap<String, ModulePath>,
    children: BTreeSet<String>,
    imports: Imports,
}

impl Reader {
    fn read_use(&mut self, item: &syn::ItemUse) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let exported = !matches!(item.vis, syn::Visibility::Inherited);
        for (name, path) in flatten(&item.tree, Vec::new()) {
            let Some(path) = self.absolute(&path) else {
                continue;
            };
            if exported {
                self.imports.reexports.insert(name, path);
            } else {
                self.imports.paths.insert(path.clone());
                self.local.insert(name, path);
            }
        }
    }

    /// The path from the crate's root; `None` for other crates' names.
    fn absolute(&self, path: &[String]) -> Option<ModulePath> {
        let first = path.first()?;
        Some(match first.as_str() {
            "crate" => path[1..].to_vec(),
            "self" => [&self.module, &path[1..]].concat(),
            "super" => {
                let ups = path
                    .iter()
                    .take_while(|segment| *segment == "super")
                    .count();
                let kept = self.module.len().checked_sub(ups)?;
                [&self.module[..kept], &path[ups..]].concat()
            }
            _ if self.children.contains(first) => [&self.module, path].concat(),
            _ if self.local.contains_key(first) => {
                [self.local[first].as_slice(), &path[1..]].concat()
            }
            _ => return None,
        })
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: ModulePath = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let Some(absolute) = self.absolute(&segments) {
            self.imports.paths.insert(absolute);
        }
        syn::visit::visit_path(self, path);
    }
}

/// The names that a `use` brings, with their paths as written.
fn flatten(tree: &syn::UseTree, mut before: ModulePath) -> Vec<(String, ModulePath)> {
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before)
        }
        syn::UseTree::Name(name) => {
            let ident = name.ident.to_string();
            if ident == "self" {
                return vec![(before.last().cloned().unwrap_or_default(), before)];
            }
            before.push(ident.clone());
            vec![(ident, before)]
        }
        syn::UseTree::Rename(rename) => {
            before.push(rename.ident.to_string());
            vec![(rename.rename.to_string(), before)]
        }
        syn::UseTree::Glob(_) => Vec::new(),
        syn::UseTree::Group(group) => {
            let trees = group.items.iter();
            trees
                .flat_map(|tree| flatten(tree, before.clone()))
                .collect()
        }
    }
}
