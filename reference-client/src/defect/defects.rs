//! The set of defects that a client has.

use crate::defect::defect::Defect;
use crate::reference_client_kind::ReferenceClientKind;

/// The defects of a client: normally none, or one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defects(Vec<Defect>);

impl Defects {
    /// The conforming client, without a defect.
    pub fn none() -> Self {
        Self::default()
    }

    /// A client with exactly one defect.
    pub fn only(defect: Defect) -> Self {
        Self(vec![defect])
    }

    /// The kind of application that the first defect belongs to.
    pub fn application(&self) -> ReferenceClientKind {
        self.0
            .first()
            .map_or(ReferenceClientKind::default(), |defect| {
                defect.info().application
            })
    }

    /// Whether the client has this defect.
    pub fn has(&self, defect: Defect) -> bool {
        self.0.contains(&defect)
    }

    /// Whether honest servers refuse what a client with these defects sends.
    pub(crate) fn any_refused(&self) -> bool {
        self.0.iter().any(|defect| defect.info().refused)
    }

    /// Whether honest servers refuse what a client with these defects sends in the flow of an
    /// extension, whose requirements begin with `prefix`.
    pub(crate) fn any_refused_in(&self, prefix: &str) -> bool {
        self.0.iter().any(|defect| {
            let info = defect.info();
            info.refused && info.breaks.iter().any(|id| id.starts_with(prefix))
        })
    }

    /// The defects that honest servers do not refuse.
    pub(crate) fn without_refused(&self) -> Self {
        self.0
            .iter()
            .copied()
            .filter(|defect| !defect.info().refused)
            .collect()
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<T: IntoIterator<Item = Defect>>(defects: T) -> Self {
        Self(defects.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_refused_removes_refused_defects() {
        let defects = Defects::only(Defect::NO_PKCE);
        assert!(defects.has(Defect::NO_PKCE) && !defects.has(Defect::PLAIN_PKCE));
        assert!(!defects.without_refused().has(Defect::NO_PKCE));
    }
}
