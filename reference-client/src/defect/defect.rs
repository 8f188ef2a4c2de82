//! One defect and its description.

use crate::reference_client_kind::ReferenceClientKind;

/// The description of one defect.
#[derive(Debug, PartialEq, Eq)]
pub struct DefectInfo {
    /// The name to give to `--defect`.
    pub name: &'static str,
    /// What the client does wrong: the rest of a sentence that starts with "the client".
    pub summary: &'static str,
    /// Ids of the requirements that it violates.
    pub breaks: &'static [&'static str],
    /// Whether honest servers refuse what the client sends. The client then tries once more
    /// without the defect.
    pub refused: bool,
    /// The kind of application that can have the defect.
    pub application: ReferenceClientKind,
}

/// One way in which the client can be broken.
///
/// The constants of this type are declared in the tables of the `areas` module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Defect(&'static DefectInfo);

impl Defect {
    pub(super) const fn new(info: &'static DefectInfo) -> Self {
        Self(info)
    }

    /// The description of the defect.
    pub fn info(self) -> &'static DefectInfo {
        self.0
    }
}

impl std::fmt::Debug for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}
