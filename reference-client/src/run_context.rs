//! What all parts of one run share.

use crate::config::ClientConfig;
use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::platform::Platform;
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct RunContext {
    pub config: ClientConfig,
    pub platform: Arc<dyn Platform>,
    pub store: Arc<Store>,
    /// Follows no redirect and knows no proxy: both would take secrets to places that nobody
    /// checked.
    pub http: reqwest::Client,
    /// One registration at a time, so that two servers that share an authorization server share the
    /// client ID.
    pub registering: tokio::sync::Mutex<()>,
    defect_state: Mutex<DefectState>,
}

/// What a conforming client does not have: state that all its connections share. Only defects use
/// it.
#[derive(Default)]
pub(crate) struct DefectState {
    pub current_issuer: Option<String>,
    pub pending_issuers: Vec<String>,
    pub any_server_advertised_iss: bool,
    pub latest_token: Option<String>,
    /// The refresh token that came with each access token.
    pub refresh_tokens: BTreeMap<String, String>,
    pub latest_session: Option<String>,
    pub first_resource: Option<String>,
    pub step_ups: u32,
    pub states_sent: u32,
    pub document_sent_to: Option<String>,
}

impl RunContext {
    pub(crate) fn new(
        config: ClientConfig,
        platform: Arc<dyn Platform>,
        store: Arc<Store>,
    ) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(config.patience)
            .build()
            .map_err(|_| ClientError::Internal)?;
        Ok(Self {
            config,
            platform,
            store,
            http,
            registering: tokio::sync::Mutex::new(()),
            defect_state: Mutex::default(),
        })
    }

    pub(crate) fn defects(&self) -> &Defects {
        &self.config.defects
    }

    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.config.defects.has(defect)
    }

    /// Whether the client's document was used at another authorization server: only
    /// [`Defect::CIMD_ONCE`] asks.
    pub(crate) fn uses_document_elsewhere(&self, issuer: &str) -> bool {
        self.defect_state()
            .document_sent_to
            .get_or_insert_with(|| issuer.to_owned())
            != issuer
    }

    /// Tells about progress, if the user wants to know. Never pass a secret, or foreign text that
    /// was not cleaned.
    pub(crate) fn tell(&self, line: &str) {
        if self.config.verbose {
            self.platform.print_error(line);
        }
    }

    pub(crate) fn defect_state(&self) -> MutexGuard<'_, DefectState> {
        self.defect_state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::platform::tests::NoBrowser;

    pub(crate) fn run_for(config: ClientConfig) -> RunContext {
        RunContext::new(config, Arc::new(NoBrowser), Arc::new(Store::in_memory())).unwrap()
    }
}
