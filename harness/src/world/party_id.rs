//! The handle of a party. Names are resolved to handles when a world is set up; afterwards no party
//! is looked up by its name.

/// A party of one world. The order of handles is the order of the parties' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartyId(pub(super) usize);

/// An origin of one world, where one party or several are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SiteId(pub(super) usize);
