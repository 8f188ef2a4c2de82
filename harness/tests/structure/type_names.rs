//! Names of types that are defined more than once in the workspace.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

use crate::crate_files::{CrateFiles, SourceFile, is_for_tests};

/// One sentence for each name that has several definitions.
pub fn find_repeated_names(crates: &[CrateFiles]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in crates.iter().flat_map(|files| files.files.values()) {
        for name in names_in(file) {
            places.entry(name).or_default().push(&file.shown);
        }
    }
    places.retain(|_, files| files.len() > 1);
    places
        .into_iter()
        .map(|(name, files)| format!("`{name}` is defined in {}", files.join(" and ")))
        .collect()
}

fn names_in(file: &SourceFile) -> Vec<String> {
    let mut definitions = Definitions { names: Vec::new() };
    definitions.visit_file(&file.syntax);
    definitions.names
}

/// Structs, enums and traits, also those that a macro such as `words!` makes.
struct Definitions {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for Definitions {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.names.push(item.ident.to_string());
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.names.push(item.ident.to_string());
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.names.push(item.ident.to_string());
        syn::visit::visit_item_trait(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        self.read_tokens(item.mac.tokens.clone());
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }
}

impl Definitions {
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut is_definition = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.read_tokens(group.stream()),
                TokenTree::Ident(ident) if is_definition => {
                    self.names.push(ident.to_string());
                    is_definition = false;
                }
                TokenTree::Ident(ident) => is_definition = ident == "struct" || ident == "enum",
                _ => is_definition = false,
            }
        }
    }
}
