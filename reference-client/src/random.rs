//! Unguessable strings.

use crate::error::ClientError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// 256 random bits in 43 unreserved characters: fit for `state` and for a code verifier.
pub(crate) fn unguessable() -> Result<String, ClientError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| ClientError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    #[test]
    fn never_twice() {
        assert_ne!(super::unguessable().unwrap(), super::unguessable().unwrap());
        assert_eq!(super::unguessable().unwrap().len(), 43);
    }
}
