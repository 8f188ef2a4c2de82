//! What a grant decides.

/// What tokens are made from.
#[derive(Debug)]
pub(in super::super) struct Granted {
    pub(in super::super) client_id: String,
    pub(in super::super) audience: String,
    pub(in super::super) scope: String,
    pub(in super::super) requested_resource: Option<String>,
    /// The number of the authorization that all its tokens share.
    pub(in super::super) grant: usize,
    pub(in super::super) refresh: RefreshPolicy,
}

/// Whether a refresh token belongs to the grant.
#[derive(Debug)]
pub(in super::super) enum RefreshPolicy {
    Never,
    /// A first one.
    First,
    /// One that replaces this one, which was used to get it.
    Replace(String),
}
