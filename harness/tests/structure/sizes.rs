//! Files, functions and lines that are longer than a reader can take in at once.

use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::crate_files::{CrateFiles, SourceFile, is_for_tests};

/// Lines of a file.
const LONGEST_FILE: usize = 400;
/// Lines of a function. A longer one has its reason in a comment that begins with `// Long because`
/// directly above it or its attributes.
const LONGEST_FUNCTION: usize = 60;
/// Columns of a line.
const LONGEST_LINE: usize = 100;

pub fn find_long_parts(files: &CrateFiles) -> Vec<String> {
    files.files.values().flat_map(find_in_file).collect()
}

fn find_in_file(file: &SourceFile) -> Vec<String> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = Vec::new();
    if lines.len() > LONGEST_FILE {
        found.push(format!("{}: {} lines", file.shown, lines.len()));
    }
    found.extend(find_long_lines(&file.shown, &file.text));
    let mut functions = Functions {
        file,
        lines: &lines,
        found,
    };
    functions.visit_file(&file.syntax);
    functions.found
}

fn find_long_lines(shown: &str, text: &str) -> Vec<String> {
    let columns = text.lines().map(|line| line.chars().count());
    columns
        .enumerate()
        .filter(|(_, columns)| *columns > LONGEST_LINE)
        .map(|(number, columns)| format!("{shown}:{}: {columns} columns", number + 1))
        .collect()
}

/// The long lines of every Rust file in a folder of tests.
pub fn find_long_lines_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(find_long_lines_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(find_long_lines(&path.display().to_string(), &text));
        }
    }
    found
}

struct Functions<'f> {
    file: &'f SourceFile,
    lines: &'f [&'f str],
    found: Vec<String>,
}

impl Functions<'_> {
    fn check(&mut self, name: &syn::Ident, whole: proc_macro2::Span) {
        let (first, last) = (whole.start().line, whole.end().line);
        let length = last - first + 1;
        if length > LONGEST_FUNCTION && !self.has_reason(first) {
            let place = format!("{}:{first}", self.file.shown);
            self.found
                .push(format!("{place}: `{name}` has {length} lines"));
        }
    }

    /// Whether the comment above or the first lines of the function give the reason.
    fn has_reason(&self, first: usize) -> bool {
        let near = self.lines[first.saturating_sub(6)..first + 2].iter();
        near.clone()
            .any(|line| line.trim_start().starts_with("// Long because"))
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.check(&function.sig.ident, function.span());
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.check(&function.sig.ident, function.span());
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }
}
