//! What all parts of one run share.

use crate::address_guard::AddressGuard;
use crate::config::ClientConfig;
use crate::defect::{Defect, Defects};
use crate::dpop::DpopState;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::store::{Store, TokenSet};
use crate::trust::tls_config;
use reqwest::redirect::Policy;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many redirects in a row a defective client follows.
const MOST_REDIRECTS: usize = 5;

/// What all parts of one run share.
pub(crate) struct RunContext {
    pub config: ClientConfig,
    pub platform: Arc<dyn Platform>,
    pub store: Arc<Store>,
    /// The HTTP client. It follows no redirects and uses no proxy, because both would send secrets
    /// to hosts that nobody has checked.
    pub http: reqwest::Client,
    pub dpop: DpopState,
    /// Which addresses may be requested. Every URL that a server has named is checked.
    pub guard: AddressGuard,
    /// The HTTP client for requests without credentials: of metadata documents and for
    /// registration. In a conforming client it is the same.
    pub unauthenticated_http: reqwest::Client,
    /// Held during a registration, so that two MCP servers with the same authorization server share
    /// one client ID.
    pub registration_lock: tokio::sync::Mutex<()>,
    defect_state: Mutex<DefectState>,
}

/// State that all connections of a run share. A conforming client has none; only defects use it.
#[derive(Default)]
pub(crate) struct DefectState {
    pub current_issuer: Option<String>,
    pub pending_issuers: Vec<String>,
    pub any_server_advertised_iss: bool,
    pub latest_token: Option<String>,
    /// The refresh token that was issued together with each access token.
    pub refresh_tokens: BTreeMap<String, String>,
    pub latest_session: Option<String>,
    pub first_resource: Option<String>,
    pub step_ups: u32,
    pub states_sent: u32,
    pub verifiers_made: u32,
    /// The JWT that a workload has presented first.
    pub workload_jwt: Option<String>,
    /// The ID-JAG that was presented first.
    pub id_jag: Option<String>,
    document_sent_to: Option<String>,
}

impl DefectState {
    /// Records the issuer of a new authorization request.
    pub(crate) fn record_issuer(&mut self, issuer: &str) {
        self.current_issuer = Some(issuer.to_owned());
        self.pending_issuers.push(issuer.to_owned());
    }

    /// Records new tokens.
    pub(crate) fn record_tokens(&mut self, tokens: &TokenSet) {
        let access_token = &tokens.access_token;
        self.latest_token = Some(access_token.clone());
        if let Some(refresh_token) = tokens.refresh_token.clone() {
            self.refresh_tokens
                .insert(access_token.clone(), refresh_token);
        }
    }

    /// Whether the client's metadata document was used at another authorization server:
    /// [`Defect::CIMD_ONCE`].
    pub(crate) fn uses_document_elsewhere(&mut self, issuer: &str) -> bool {
        let first = self
            .document_sent_to
            .get_or_insert_with(|| issuer.to_owned());
        first != issuer
    }
}

impl RunContext {
    pub(crate) fn new(
        config: ClientConfig,
        platform: Arc<dyn Platform>,
        store: Arc<Store>,
    ) -> Result<Self, ClientError> {
        let guard = AddressGuard::new(&config);
        let http = http_client(&config, &config.defects, Policy::none())?;
        let unauthenticated_http = if config.defects.has(Defect::DISCOVERY_REDIRECT_FOLLOWED) {
            http_client(&config, &config.defects, Policy::default())?
        } else if config.defects.has(Defect::INTERNAL_REDIRECTS_FOLLOWED) {
            http_client(&config, &config.defects, https_redirects())?
        } else if config
            .defects
            .has(Defect::CERTIFICATE_UNCHECKED_IN_DISCOVERY)
        {
            unchecked_http_client(&config)?
        } else {
            http.clone()
        };
        Ok(Self {
            config,
            platform,
            store,
            http,
            dpop: DpopState::default(),
            guard,
            unauthenticated_http,
            registration_lock: tokio::sync::Mutex::new(()),
            defect_state: Mutex::default(),
        })
    }

    pub(crate) fn defects(&self) -> &Defects {
        &self.config.defects
    }

    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.config.defects.has(defect)
    }

    /// Reports progress on standard error if the run is verbose. The line must not contain a
    /// secret, or text from another party that was not cleaned.
    pub(crate) fn report_progress(&self, line: &str) {
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

/// An HTTP client that accepts any certificate, for defective clients.
pub(crate) fn unchecked_http_client(config: &ClientConfig) -> Result<reqwest::Client, ClientError> {
    let unchecked = Defects::from_iter([Defect::CERTIFICATE_UNCHECKED]);
    http_client(config, &unchecked, Policy::none())
}

/// An HTTP client that uses no proxy.
fn http_client(
    config: &ClientConfig,
    defects: &Defects,
    redirects: Policy,
) -> Result<reqwest::Client, ClientError> {
    let tls =
        tls_config(&config.trusted_authorities, defects).map_err(|_| ClientError::Internal)?;
    let mut builder = reqwest::Client::builder()
        .redirect(redirects)
        .no_proxy()
        .timeout(config.patience)
        .tls_backend_preconfigured(tls);
    if let Some(resolver) = AddressGuard::new(config).resolver() {
        builder = builder.dns_resolver(resolver);
    }
    builder.build().map_err(|_| ClientError::Internal)
}

/// Follows redirects to https URLs wherever they lead: [`Defect::INTERNAL_REDIRECTS_FOLLOWED`].
fn https_redirects() -> Policy {
    Policy::custom(|attempt| {
        if attempt.url().scheme() == "https" && attempt.previous().len() < MOST_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::platform::tests::NoBrowser;

    pub(crate) fn run_for(config: ClientConfig) -> RunContext {
        RunContext::new(config, Arc::new(NoBrowser), Arc::new(Store::in_memory())).unwrap()
    }
}
