//! Errors of scenario files: where, what, and what to write instead.

use super::problem::ScenarioProblem;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}{}", help_line(remedy.as_deref()))]
pub struct ScenarioError {
    /// The file, as the loader was given it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: Option<String>,
}

impl ScenarioError {
    /// The error with the line that it is about, and a caret below the place.
    pub fn render(&self, text: &str) -> String {
        let Self {
            file,
            line,
            column,
            message,
            remedy,
        } = self;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let source = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        // Tabs stay tabs, so that the caret stands where the reader sees the character.
        let indent: String = source
            .chars()
            .take(column.saturating_sub(1))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let help = remedy
            .as_ref()
            .map(|r| format!("\n{margin} = help: {r}"))
            .unwrap_or_default();
        format!(
            "error: {message}\n{margin}--> {file}:{line}:{column}\n{margin} |\n{number} | \
             {source}\n{margin} | {indent}^{help}"
        )
    }
}

fn help_line(remedy: Option<&str>) -> String {
    remedy.map_or_else(String::new, |remedy| format!("\n  help: {remedy}"))
}

/// Problems in the order of the file, each once: what is wrong in the base shows in every variant.
pub(crate) fn located(
    file: &str,
    text: &str,
    mut problems: Vec<ScenarioProblem>,
) -> Vec<ScenarioError> {
    problems.sort_by(|a, b| (a.span.start, &a.message).cmp(&(b.span.start, &b.message)));
    problems.dedup_by(|a, b| a.span.start == b.span.start && a.message == b.message);
    problems
        .into_iter()
        .map(
            |ScenarioProblem {
                 span,
                 message,
                 remedy,
             }| {
                let (line, column) = line_and_column(text, span.start);
                ScenarioError {
                    file: file.to_owned(),
                    line,
                    column,
                    message,
                    remedy,
                }
            },
        )
        .collect()
}

/// Line and column (in characters) of a byte, both counted from 1.
pub(crate) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_start_at_one() {
        let text = "a = 1\nümlaut = 2\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(
            line_and_column(text, text.find('=').map_or(0, |at| at + 2)),
            (1, 5)
        );
        assert_eq!(line_and_column(text, text.rfind('=').unwrap_or(0)), (2, 8));
        assert_eq!(line_and_column(text, text.len() + 5), (3, 1));
    }

    #[test]
    fn the_caret_stands_below_the_place() {
        let error = ScenarioError {
            file: "x.toml".into(),
            line: 1,
            column: 4,
            message: "bad".into(),
            remedy: Some("good".into()),
        };
        assert_eq!(
            error.render("\tab cd"),
            "error: bad\n --> x.toml:1:4\n  |\n1 | \tab cd\n  | \t  ^\n  = help: good"
        );
        assert_eq!(error.to_string(), "x.toml:1:4: bad\n  help: good");
    }
}
