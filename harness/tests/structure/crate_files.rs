//! The files of a crate, by module path, as its `mod` declarations say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `["driver", "process"]` for `crate::driver::process`.
pub type ModulePath = Vec<String>;

pub struct SourceFile {
    /// Where it is, from the workspace's folder.
    pub shown: String,
    pub text: String,
    pub syntax: syn::File,
}

/// All files of one crate that its root reaches, without those that only tests compile.
pub struct CrateFiles {
    pub files: BTreeMap<ModulePath, SourceFile>,
}

impl CrateFiles {
    pub fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let folder = root.parent().unwrap();
        read_module(root.to_owned(), folder.to_owned(), Vec::new(), &mut files);
        Self { files }
    }
}

fn read_module(
    path: PathBuf,
    folder_of_children: PathBuf,
    module: ModulePath,
    files: &mut BTreeMap<ModulePath, SourceFile>,
) {
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
    let syntax =
        syn::parse_file(&text).unwrap_or_else(|e| panic!("cannot parse {}: {e}", path.display()));
    let children: Vec<String> = syntax
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(child) if child.content.is_none() && !is_for_tests(&child.attrs) => {
                Some(child.ident.to_string())
            }
            _ => None,
        })
        .collect();
    let shown = path.to_string_lossy();
    let shown = shown.rsplit("/../").next().unwrap_or_default().to_owned();
    let file = SourceFile {
        shown,
        text,
        syntax,
    };
    files.insert(module.clone(), file);
    for child in children {
        let beside = folder_of_children.join(format!("{child}.rs"));
        let inside = folder_of_children.join(&child).join("mod.rs");
        let path = if beside.exists() { beside } else { inside };
        let below = [module.clone(), vec![child.clone()]].concat();
        read_module(path, folder_of_children.join(child), below, files);
    }
}

/// Whether an item is compiled for tests only.
pub fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|argument| argument == "test")
    })
}
