//! What the client is handed besides credentials: a workload's JWTs, and what its user has at an
//! identity provider.

use super::issued_credentials::{UserIdentity, WorkloadTokens};
use super::party_id::PartyId;
use super::script::ScriptedChange;
use super::workload_platform::WorkloadPlatformError;
use super::world_state::WorldState;

/// The kind of the secret in a workload's token file.
const FILE_TOKEN: &str = "workload_file_jwt";

impl WorldState {
    /// The platform replaces a workload's JWT in its file when the JWT expires.
    pub(super) fn renew_workload_tokens(&mut self, change: &ScriptedChange) -> Result<(), String> {
        for (party, name) in &change.void {
            let server = self.parties.authorization_server(*party);
            let (Some(server), Some(platform)) = (server, &mut self.workload_platform) else {
                continue;
            };
            if name.kind == FILE_TOKEN {
                let token = platform.renew_file(&server.addresses.issuer);
                let token = token.map_err(|error| error.to_string())?;
                let audience = vec![server.name.clone()];
                let recorder = &mut self.recorder;
                recorder.issue_secret(&server.name, FILE_TOKEN, &token, audience);
            }
        }
        Ok(())
    }

    /// The JWTs of a workload that is to sign in at this authorization server. From now on they
    /// count as secrets of the client.
    pub(super) fn issue_workload_tokens(
        &mut self,
        party: PartyId,
    ) -> Result<Option<WorkloadTokens>, WorkloadPlatformError> {
        let server = self.parties.authorization_server(party);
        let (Some(server), Some(platform)) = (server, &mut self.workload_platform) else {
            return Ok(None);
        };
        let (tokens, in_file) = platform.issue_tokens(&server.addresses.issuer)?;
        for (kind, token) in [
            ("workload_jwt", &tokens.valid),
            ("wrong_audience_jwt", &tokens.wrong_audience),
            ("expired_jwt", &tokens.expired),
            (FILE_TOKEN, &in_file),
        ] {
            let audience = vec![server.name.clone()];
            self.recorder
                .issue_secret(&server.name, kind, token, audience);
        }
        Ok(Some(tokens))
    }

    /// What the client has at the identity provider of its company. `None`: there is none.
    pub(super) fn hand_out_identity(&mut self) -> Result<Option<UserIdentity>, String> {
        let Some(provider) = self.parties.find_identity_provider() else {
            return Ok(None);
        };
        let Some(server) = self.parties.authorization_server_mut(provider) else {
            return Ok(None);
        };
        let identity = server.hand_out_identity(&mut self.recorder);
        identity.map_err(|error| error.to_string())
    }
}
