//! What the client remembers: registrations by issuer, tokens by issuer and resource, and the
//! issuer of the configured credentials.

use crate::error::ClientError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const FILE: &str = "state.json";

/// What the client remembers, in memory or in a directory.
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
    /// Seconds since 1970; 0 means that the secret does not expire.
    #[serde(default)]
    pub secret_expires_at: u64,
    pub redirect_uri: String,
}

/// The tokens from one response of a token endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TokenSet {
    pub access_token: String,
    pub refresh_token: Option<String>,
    /// The granted scope.
    #[serde(default)]
    pub scope: String,
    /// The client that they were issued to.
    #[serde(default)]
    pub client_id: String,
    /// The algorithm of the key that the access token is bound to.
    #[serde(default)]
    pub proof_algorithm: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
struct StoredState {
    #[serde(default)]
    registrations: BTreeMap<String, StoredRegistration>,
    #[serde(default)]
    tokens: BTreeMap<String, BTreeMap<String, TokenSet>>,
    /// The issuer for each configured client ID.
    #[serde(default)]
    credentials: BTreeMap<String, String>,
    /// The private keys that tokens are bound to, by algorithm.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    proof_keys: BTreeMap<String, String>,
    /// Code verifiers by issuer. Only defective clients keep them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    verifiers: BTreeMap<String, String>,
    /// The code that was redeemed last. Only a defective client keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_code: Option<String>,
}

impl std::fmt::Debug for StoredState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredState")
            .field("registrations", &self.registrations.len())
            .finish_non_exhaustive()
    }
}

/// How many directories the defect `store-readable` opens: those of
/// `.local/state/reference-client`.
const READABLE_DIRECTORIES: usize = 3;

impl Store {
    /// A store that is lost when the process ends.
    pub fn in_memory() -> Self {
        Self {
            directory: None,
            file_mode: 0o600,
            memory: Mutex::default(),
        }
    }

    /// A store in one file of a directory. Only the user can read the file.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Result<Self, ClientError> {
        let directory = directory.into();
        create_private_directory(&directory).map_err(ClientError::Store)?;
        let memory = match fs::read(directory.join(FILE)) {
            // A damaged file is ignored, because everything in it can be obtained again.
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

    /// Lets everybody read the file. Only the defect `store-readable` uses it.
    #[doc(hidden)]
    pub fn readable_by_everybody(mut self) -> Self {
        self.file_mode = 0o644;
        #[cfg(unix)]
        for directory in self
            .directory
            .iter()
            .flat_map(|d| d.ancestors().take(READABLE_DIRECTORIES))
        {
            let _ = fs::set_permissions(
                directory,
                std::os::unix::fs::PermissionsExt::from_mode(0o755),
            );
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

    pub(crate) fn bind_credentials(
        &self,
        client_id: &str,
        issuer: &str,
    ) -> Result<(), ClientError> {
        self.change(|memory| {
            memory
                .credentials
                .insert(client_id.to_owned(), issuer.to_owned());
        })
    }

    /// The private key for proofs with this algorithm.
    pub(crate) fn proof_key(&self, algorithm: &str) -> Option<String> {
        self.memory().proof_keys.get(algorithm).cloned()
    }

    pub(crate) fn set_proof_key(&self, algorithm: &str, key: &str) -> Result<(), ClientError> {
        self.change(|memory| {
            let keys = &mut memory.proof_keys;
            keys.insert(algorithm.to_owned(), key.to_owned());
        })
    }

    /// Keeps a code, and returns the one that was kept before.
    pub(crate) fn replace_last_code(&self, code: &str) -> Result<Option<String>, ClientError> {
        let former = self.memory().last_code.clone();
        self.change(|memory| memory.last_code = Some(code.to_owned()))?;
        Ok(former)
    }

    pub(crate) fn verifier(&self, issuer: &str) -> Option<String> {
        self.memory().verifiers.get(issuer).cloned()
    }

    pub(crate) fn set_verifier(&self, issuer: &str, verifier: &str) -> Result<(), ClientError> {
        self.change(|memory| {
            memory
                .verifiers
                .insert(issuer.to_owned(), verifier.to_owned());
        })
    }

    pub(crate) fn forget_verifier(&self, issuer: &str) -> Result<(), ClientError> {
        self.change(|memory| {
            memory.verifiers.remove(issuer);
        })
    }

    /// Copies the tokens to the directory for temporary files. Only the defect `store-in-tmp` uses
    /// it.
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

/// Creates a directory that only the user can enter.
fn create_private_directory(directory: &Path) -> io::Result<()> {
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

/// Replaces the file atomically. The mode is set when the file is created, and again afterwards, so
/// that it does not depend on the umask.
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
    fn the_file_is_kept_and_private() {
        let directory = std::env::temp_dir().join(format!(
            "reference-client-test-{}",
            crate::random::unguessable().unwrap()
        ));
        let tokens = TokenSet {
            access_token: "a".into(),
            refresh_token: None,
            scope: String::new(),
            client_id: String::new(),
            proof_algorithm: None,
        };
        Store::in_directory(&directory)
            .unwrap()
            .set_tokens("i", "r", Some(tokens))
            .unwrap();
        let reopened = Store::in_directory(&directory).unwrap();
        assert_eq!(reopened.tokens("i", "r").unwrap().access_token, "a");
        assert!(reopened.tokens("i2", "r").is_none() && reopened.tokens("i", "r2").is_none());
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
