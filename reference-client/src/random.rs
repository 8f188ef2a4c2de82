//! Random strings that cannot be guessed.

use crate::error::ClientError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A string of 256 random bits in 43 unreserved characters, suitable for `state` and as a code
/// verifier.
pub(crate) fn unguessable() -> Result<String, ClientError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| ClientError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    #[test]
    fn strings_differ_and_have_43_characters() {
        assert_ne!(super::unguessable().unwrap(), super::unguessable().unwrap());
        assert_eq!(super::unguessable().unwrap().len(), 43);
    }
}
