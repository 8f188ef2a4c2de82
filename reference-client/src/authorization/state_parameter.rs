//! The `state` parameter of an authorization request.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::random;
use crate::run_context::RunContext;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

/// A new value of `state`, for one authorization request only. `None` means that a defective client
/// sends none.
pub(super) fn create_state(
    run: &RunContext,
    verifier: Option<&str>,
    defects: &Defects,
) -> Result<Option<String>, ClientError> {
    let fresh = random::unguessable()?;
    Ok(match () {
        () if defects.has(Defect::NO_STATE) => None,
        () if defects.has(Defect::STATIC_STATE) => Some("the-same-state-every-time".to_owned()),
        () if defects.has(Defect::COUNTER_STATE) => {
            let mut defect_state = run.defect_state();
            defect_state.states_sent += 1;
            Some(defect_state.states_sent.to_string())
        }
        () if defects.has(Defect::STATE_OF_FIXED_SEED) => {
            let mut defect_state = run.defect_state();
            defect_state.states_sent += 1;
            let drawn = Sha256::digest(defect_state.states_sent.to_string());
            Some(URL_SAFE_NO_PAD.encode(drawn))
        }
        () if defects.has(Defect::STATE_DATA_TRUSTED) => {
            let data = json!({ "nonce": fresh, "to": "/inbox" });
            Some(URL_SAFE_NO_PAD.encode(data.to_string()))
        }
        () if defects.has(Defect::STATE_REVEALS_VERIFIER) => {
            let data = json!({ "verifier": verifier, "nonce": fresh });
            Some(URL_SAFE_NO_PAD.encode(data.to_string()))
        }
        () => Some(fresh),
    })
}
