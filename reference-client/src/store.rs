//! What the client remembers: registrations by issuer, tokens by issuer and resource, and whose the
//! configured credentials are.

use crate::error::ClientError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const FILE: &str = "state.json";

/// A memory that may outlive the process.
#[derive(Debug)]
pub struct Store {
    directory: Option<PathBuf>,
    file_mode: u32,
    memory: Mutex<StoredState>,
}

/// A client registered dynamically.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredRegistration {
    pub client_id: String,
    pub client_secret: Option<String>,
    pub auth_method: String,
    /// Seconds since 1970; 0 means never.
    #[serde(default)]
    pub secret_expires_at: u64,
    pub redirect_uri: String,
}

/// What a token endpoint gave.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TokenSet {
    pub access_token: String,
    pub refresh_token: Option<String>,
    /// What was asked for, and so may be assumed to be granted.
    #[serde(default)]
    pub scope: String,
    /// Whom they were issued to.
    #[serde(default)]
    pub client_id: String,
}

#[derive(Default, Serialize, Deserialize)]
struct StoredState {
    #[serde(default)]
    registrations: BTreeMap<String, StoredRegistration>,
    #[serde(default)]
    tokens: BTreeMap<String, BTreeMap<String, TokenSet>>,
    /// Client ID to issuer.
    #[serde(default)]
    credentials: BTreeMap<String, String>,
    /// Only defective clients keep one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    verifiers: BTreeMap<String, String>,
}

impl std::fmt::Debug for StoredState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredState")
            .field("registrations", &self.registrations.len())
            .finish_non_exhaustive()
    }
}

/// The defect opens this many folders: `.local/state/reference-client`.
const READABLE_FOLDERS: usize = 3;

impl Store {
    /// Forgets everything at the end.
    pub fn in_memory() -> Self {
        Self {
            directory: None,
            file_mode: 0o600,
            memory: Mutex::default(),
        }
    }

    /// Keeps everything in one file of this directory that nobody but the user can read.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Result<Self, ClientError> {
        let directory = directory.into();
        make_private(&directory).map_err(ClientError::Store)?;
        let memory = match fs::read(directory.join(FILE)) {
            // A file that cannot be read is as good as none: everything in it can be asked for
            // again.
            Ok(json) => serde_json::from_slice(&json).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => StoredState::default(),
            Err(error) => return Err(ClientError::Store(error)),
        };
        Ok(Self {
            directory: Some(directory),
            file_mode: 0o600,
            memory: Mutex::new(memory),
        })
    }

    /// Lets everybody read the file, and reach it: a defect.
    #[doc(hidden)]
    pub fn readable_by_everybody(mut self) -> Self {
        self.file_mode = 0o644;
        #[cfg(unix)]
        for folder in self
            .directory
            .iter()
            .flat_map(|d| d.ancestors().take(READABLE_FOLDERS))
        {
            let _ =
                fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755));
        }
        self
    }

    pub(crate) fn registration(&self, issuer: &str) -> Option<StoredRegistration> {
        self.memory().registrations.get(issuer).cloned()
    }

    pub(crate) fn any_registration(&self) -> Option<StoredRegistration> {
        self.memory().registrations.values().next().cloned()
    }

    pub(crate) fn set_registration(
        &self,
        issuer: &str,
        registration: Option<StoredRegistration>,
    ) -> Result<(), ClientError> {
        self.change(|memory| {
            match registration {
                Some(registration) => memory.registrations.insert(issuer.to_owned(), registration),
                None => memory.registrations.remove(issuer),
            };
        })
    }

    pub(crate) fn tokens(&self, issuer: &str, resource: &str) -> Option<TokenSet> {
        self.memory().tokens.get(issuer)?.get(resource).cloned()
    }

    pub(crate) fn set_tokens(
        &self,
        issuer: &str,
        resource: &str,
        tokens: Option<TokenSet>,
    ) -> Result<(), ClientError> {
        self.change(|memory| {
            let of_issuer = memory.tokens.entry(issuer.to_owned()).or_default();
            match tokens {
                Some(tokens) => of_issuer.insert(resource.to_owned(), tokens),
                None => of_issuer.remove(resource),
            };
            memory.tokens.retain(|_, resources| !resources.is_empty());
        })
    }

    /// The issuer that a configured client ID was first used with.
    pub(crate) fn issuer_of(&self, client_id: &str) -> Option<String> {
        self.memory().credentials.get(client_id).cloned()
    }

    pub(crate) fn bind(&self, client_id: &str, issuer: &str) -> Result<(), ClientError> {
        self.change(|memory| {
            memory
                .credentials
                .insert(client_id.to_owned(), issuer.to_owned());
        })
    }

    pub(crate) fn verifier(&self, issuer: &str) -> Option<String> {
        self.memory().verifiers.get(issuer).cloned()
    }

    pub(crate) fn keep_verifier(&self, issuer: &str, verifier: &str) -> Result<(), ClientError> {
        self.change(|memory| {
            drop(
                memory
                    .verifiers
                    .insert(issuer.to_owned(), verifier.to_owned()),
            )
        })
    }

    pub(crate) fn forget_verifier(&self, issuer: &str) -> Result<(), ClientError> {
        self.change(|memory| drop(memory.verifiers.remove(issuer)))
    }

    /// Leaves a copy of the tokens where everybody looks: a defect.
    pub(crate) fn copy_to_tmp(&self) {
        if let Ok(json) = serde_json::to_vec(&*self.memory()) {
            let _ = fs::write(
                std::env::temp_dir().join("reference-client-tokens.json"),
                json,
            );
        }
    }

    fn memory(&self) -> MutexGuard<'_, StoredState> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut StoredState)) -> Result<(), ClientError> {
        let mut memory = self.memory();
        change(&mut memory);
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let json = serde_json::to_vec_pretty(&*memory)
            .map_err(|error| ClientError::Store(error.into()))?;
        write_private(directory, &json, self.file_mode).map_err(ClientError::Store)
    }
}

/// The directory exists and is the user's alone.
fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    #[cfg(unix)]
    fs::set_permissions(
        directory,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )?;
    Ok(())
}

/// Replaces the file in one go. The mode is set at creation and again after it, so that no umask
/// can open or close it.
fn write_private(directory: &Path, json: &[u8], mode: u32) -> io::Result<()> {
    let new = directory.join(format!("{FILE}.new"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(&new)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    file.write_all(json)?;
    drop(file);
    fs::rename(new, directory.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_and_stays_private() {
        let directory = std::env::temp_dir().join(format!(
            "reference-client-test-{}",
            crate::random::unguessable().unwrap()
        ));
        let tokens = TokenSet {
            access_token: "a".into(),
            refresh_token: None,
            scope: String::new(),
            client_id: String::new(),
        };
        Store::in_directory(&directory)
            .unwrap()
            .set_tokens("i", "r", Some(tokens))
            .unwrap();
        let again = Store::in_directory(&directory).unwrap();
        assert_eq!(again.tokens("i", "r").unwrap().access_token, "a");
        assert!(again.tokens("i2", "r").is_none() && again.tokens("i", "r2").is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(directory.join(FILE))
                    .unwrap()
                    .permissions()
                    .mode()
                    & 0o777,
                0o600
            );
            assert_eq!(
                fs::metadata(&directory).unwrap().permissions().mode() & 0o777,
                0o700
            );
        }
        fs::remove_dir_all(directory).unwrap();
    }
}
