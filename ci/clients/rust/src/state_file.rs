//! State for one server, as JSON in the user's state folder, readable only for the user: the SDK's
//! credentials and the port of the callback.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rmcp::transport::auth::{AuthError, CredentialStore, StoredCredentials};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The state for one server. Clones share it.
#[derive(Clone)]
pub struct StateFile {
    file: Option<PathBuf>,
    data: Arc<Mutex<Data>>,
}

#[derive(Default, Clone, Serialize, Deserialize)]
struct Data {
    port: Option<u16>,
    credentials: Option<StoredCredentials>,
}

impl StateFile {
    /// Opens the file. Without a folder, the state is kept in memory.
    pub fn open(folder: Option<&Path>, server: &str) -> Self {
        let file = folder.and_then(|folder| {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .ok()?;
            let name: String = Sha256::digest(server)
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            Some(folder.join(format!("{name}.json")))
        });
        let data = file
            .as_ref()
            .and_then(|file| serde_json::from_slice(&fs::read(file).ok()?).ok());
        Self {
            file,
            data: Arc::new(Mutex::new(data.unwrap_or_default())),
        }
    }

    pub fn port(&self) -> Option<u16> {
        self.read().port
    }

    /// Sets the port. A registration with another port is removed, because it can no longer be
    /// used.
    pub fn set_port(&self, port: u16) -> std::io::Result<()> {
        self.change(|data| {
            *data = Data {
                port: Some(port),
                credentials: None,
            }
        })
    }

    fn read(&self) -> Data {
        self.data
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change(&self, change: impl FnOnce(&mut Data)) -> std::io::Result<()> {
        let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut data);
        let Some(file) = &self.file else {
            return Ok(());
        };
        let fresh = file.with_extension("new");
        let mut out = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)?;
        out.write_all(&serde_json::to_vec(&*data)?)?;
        fs::rename(fresh, file)
    }

    fn store(&self, credentials: Option<StoredCredentials>) -> Result<(), AuthError> {
        self.change(|data| data.credentials = credentials)
            .map_err(|error| AuthError::CredentialStoreError(error.to_string()))
    }
}

#[async_trait]
impl CredentialStore for StateFile {
    async fn load(&self) -> Result<Option<StoredCredentials>, AuthError> {
        Ok(self.read().credentials)
    }

    async fn save(&self, credentials: StoredCredentials) -> Result<(), AuthError> {
        self.store(Some(credentials))
    }

    async fn clear(&self) -> Result<(), AuthError> {
        self.store(None)
    }
}
