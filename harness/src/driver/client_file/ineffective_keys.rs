//! Keys that have no effect with a client's adapter.

use super::adapter::Adapter;
use super::client_file::ClientFile;

/// A key that has no effect with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` has no effect with the adapter `{adapter}`")]
pub struct IneffectiveKey {
    pub key: &'static str,
    pub adapter: Adapter,
}

impl ClientFile {
    /// The keys that are written although they have no effect with the client's adapter.
    pub fn ineffective_keys(&self) -> Vec<IneffectiveKey> {
        let adapter = self.adapter.unwrap_or(Adapter::Official);
        let is_persistent = adapter == Adapter::Persistent;
        let has_own_streams = is_persistent || adapter == Adapter::Stdio;
        let keys = [
            ("pty", self.pty == Some(true) && has_own_streams),
            ("setup", self.setup.is_some() && is_persistent),
            ("teardown", self.teardown.is_some() && is_persistent),
            (
                "with_credentials",
                self.with_credentials.is_some() && is_persistent,
            ),
        ];
        keys.into_iter()
            .filter(|(_, is_ineffective)| *is_ineffective)
            .map(|(key, _)| IneffectiveKey { key, adapter })
            .collect()
    }
}
