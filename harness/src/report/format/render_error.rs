//! The errors of rendering a report.

/// Why a report could not be put into a form.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the report cannot be written as XML: {0}")]
    Xml(#[from] std::io::Error),
    #[error("the report's template fails: {0}")]
    Template(#[from] minijinja::Error),
}
