//! Writes one page of the reference as Markdown.

/// A page that is being written.
pub(super) struct MarkdownPage {
    text: String,
}

impl MarkdownPage {
    pub(super) fn titled(title: &str) -> Self {
        Self {
            text: format!("# {title}\n"),
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn heading(&mut self, heading: &str) {
        self.text += &format!("\n## {heading}\n");
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.text += &format!("\n{}\n", text.trim());
    }

    pub(super) fn item(&mut self, label: &str, text: &str) {
        self.text += &format!("\n**{label}:** {}\n", text.trim());
    }

    pub(super) fn list(&mut self, heading: &str, entries: impl IntoIterator<Item = String>) {
        let entries: Vec<String> = entries.into_iter().collect();
        if !entries.is_empty() {
            self.text += &format!("\n**{heading}**\n\n");
            self.text
                .extend(entries.iter().map(|entry| format!("- {entry}\n")));
        }
    }

    /// A table of two columns or more; the first row is its head.
    pub(super) fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let rule = vec!["---"; head.len()];
        self.text += &format!("\n| {} |\n| {} |\n", head.join(" | "), rule.join(" | "));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
            self.text += &format!("| {} |\n", cells.join(" | "));
        }
    }
}

/// Text for a cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
