//! The catalogue of requirements, read from its TOML files.

use std::collections::BTreeMap;

use fixtures::requirements;
use toml::Spanned;

use super::area::Area;
use super::catalogue_error::{CatalogueError, RequirementProblem};
use super::requirement::Requirement;
use super::requirement_table::RequirementTable;
use crate::scenario::line_and_column;

#[cfg(test)]
mod tests;

const FILES: &[(Area, &str)] = &[
    (Area::Prm, requirements::PRM),
    (Area::Asm, requirements::ASM),
    (Area::Reg, requirements::REG),
    (Area::Authz, requirements::AUTHZ),
    (Area::Iss, requirements::ISS),
    (Area::State, requirements::STATE),
    (Area::Pkce, requirements::PKCE),
    (Area::Resource, requirements::RESOURCE),
    (Area::Token, requirements::TOKEN),
    (Area::Bearer, requirements::BEARER),
    (Area::Scope, requirements::SCOPE),
    (Area::Refresh, requirements::REFRESH),
    (Area::Binding, requirements::BINDING),
    (Area::Tls, requirements::TLS),
    (Area::March, requirements::MARCH),
    (Area::ClientCredentials, requirements::EXT_CC),
    (Area::Enterprise, requirements::EXT_EMA),
    (Area::Dpop, requirements::EXT_DPOP),
    (Area::Workload, requirements::EXT_WIF),
    (Area::BestPractice, requirements::BCP),
];

/// All requirements, in the order of [`Area`] and, within an area, of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    by_id: BTreeMap<String, usize>,
}

impl Catalogue {
    /// The requirement with this id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.by_id.get(id).and_then(|&at| self.requirements.get(at))
    }

    /// All requirements, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Requirement> {
        self.requirements.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.requirements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl<'a> IntoIterator for &'a Catalogue {
    type Item = &'a Requirement;
    type IntoIter = std::slice::Iter<'a, Requirement>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Catalogue {
    /// The catalogue that this build carries.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::parse(FILES.iter().copied())
    }

    /// A catalogue from the texts of its files.
    pub fn parse<'a>(
        files: impl IntoIterator<Item = (Area, &'a str)>,
    ) -> Result<Self, CatalogueError> {
        let mut catalogue = Self {
            requirements: Vec::new(),
            by_id: BTreeMap::new(),
        };
        for (area, text) in files {
            catalogue.add_file(area, text)?;
        }
        Ok(catalogue)
    }

    fn add_file(&mut self, area: Area, text: &str) -> Result<(), CatalogueError> {
        let file = format!("{area}.toml");
        let tables: BTreeMap<Spanned<String>, RequirementTable> = match toml::from_str(text) {
            Ok(tables) => tables,
            Err(error) => {
                let source = Box::new(error);
                return Err(CatalogueError::Syntax { file, source });
            }
        };
        let mut tables: Vec<_> = tables.into_iter().collect();
        tables.sort_by_key(|(id, _)| id.span().start);
        for (id, table) in tables {
            let (line, _) = line_and_column(text, id.span().start);
            let id = id.into_inner();
            if let Err(problem) = self.add(area, &id, table) {
                return Err(CatalogueError::Requirement {
                    file,
                    line,
                    id,
                    problem,
                });
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        area: Area,
        id: &str,
        table: RequirementTable,
    ) -> Result<(), RequirementProblem> {
        let requirement = table.check(area, id)?;
        if self.by_id.contains_key(id) {
            return Err(RequirementProblem::Twice);
        }
        self.by_id.insert(id.to_owned(), self.requirements.len());
        self.requirements.push(requirement);
        Ok(())
    }
}
