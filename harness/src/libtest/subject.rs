//! A client under test with what is declared about it.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::driver::{Client, ClientOutcome, Context, FunctionClient};
use crate::judge::Declared;
use crate::requirements::Capability;
use crate::scenario::model::Revision;
use crate::suite::DEFAULT_TIMEOUT;

/// A client under test with what is declared about it.
pub struct Subject {
    pub(super) client: Arc<dyn Client>,
    pub(super) revisions: Vec<Revision>,
    pub(super) declared: Declared,
    pub(super) timeout: Duration,
    pub(super) strict: bool,
    pub(super) baseline: Option<PathBuf>,
}

impl Subject {
    /// Takes any client of the library; an `async fn` becomes one by [`Subject::from`].
    pub fn new(client: impl Client + 'static) -> Self {
        Self {
            client: Arc::new(client),
            revisions: vec![Revision::LATEST],
            declared: Declared::default(),
            timeout: DEFAULT_TIMEOUT,
            strict: false,
            baseline: None,
        }
    }

    /// Sets the revisions of MCP to test; the default is the newest.
    #[must_use]
    pub fn revisions(mut self, revisions: impl IntoIterator<Item = Revision>) -> Self {
        self.revisions = revisions.into_iter().collect();
        self
    }

    /// Declares capabilities of the client. Cases that need others are ignored.
    #[must_use]
    pub fn has(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declared
            .has
            .extend(capabilities.into_iter().map(|c| c.to_string()));
        self
    }

    /// Declares capabilities that the client does not have, so that cases which need them are not
    /// applicable.
    #[must_use]
    pub fn lacks(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declared
            .lacks
            .extend(capabilities.into_iter().map(|c| c.to_string()));
        self
    }

    /// Sets how long one start of the client may take; the default is 30 seconds. A start that
    /// takes longer fails its test.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Names a file of known failures, each with a reason. They do not fail their tests. An entry
    /// whose failure is gone fails its test, so that the file stays true.
    ///
    /// The file is that of `mcp-authspec run --baseline`: a table `[known]` with entries such as
    /// `"iss/two-values:iss-multiple-identifiers" = "issue 12"`. A relative path starts at the
    /// folder of the package, as it does in every test.
    #[must_use]
    pub fn baseline(self, file: impl Into<PathBuf>) -> Self {
        Self {
            baseline: Some(file.into()),
            ..self
        }
    }

    /// Makes a failed `SHOULD` fail its test.
    #[must_use]
    pub fn strict(self) -> Self {
        Self {
            strict: true,
            ..self
        }
    }
}

impl<F, Fut, T, E> From<F> for Subject
where
    F: Fn(Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    T: Into<ClientOutcome>,
    E: Display,
{
    fn from(function: F) -> Self {
        Self::new(FunctionClient::new(function))
    }
}
