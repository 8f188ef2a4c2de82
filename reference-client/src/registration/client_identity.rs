//! The client as one authorization server knows it.

use crate::registration::auth_method::AuthMethod;
use crate::store::StoredRegistration;

/// The client as one authorization server knows it.
#[derive(Clone)]
pub(crate) struct ClientIdentity {
    pub id: String,
    pub secret: Option<String>,
    pub auth_method: AuthMethod,
    /// The key under which the store keeps the registration, if the client was registered
    /// dynamically.
    pub store_key: Option<String>,
}

impl ClientIdentity {
    /// A public client, which does not authenticate.
    pub(crate) fn public(id: String) -> Self {
        Self {
            id,
            secret: None,
            auth_method: AuthMethod::None,
            store_key: None,
        }
    }

    /// A client that was registered dynamically.
    pub(super) fn from_registration(registration: StoredRegistration, store_key: String) -> Self {
        let auth_method = AuthMethod::from_name(&registration.auth_method);
        Self {
            id: registration.client_id,
            secret: registration.client_secret,
            auth_method: auth_method.unwrap_or(AuthMethod::None),
            store_key: Some(store_key),
        }
    }
}
