//! Sets of scopes, in the order in which they were listed.

use crate::defect::{Defect, Defects};
use crate::discovery::Challenge;

/// A set of scopes, in the order in which they were listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scope(Vec<String>);

impl Scope {
    /// Parses a space-separated list. Invalid scope tokens (RFC 6749 section 3.3) are ignored.
    pub(crate) fn parse(list: &str) -> Self {
        Self::from_names(list.split(' '))
    }

    pub(crate) fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut scope = Self::default();
        for name in names {
            if is_scope_token(name) && !scope.0.iter().any(|listed| listed == name) {
                scope.0.push(name.to_owned());
            }
        }
        scope
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::from_names(self.0.iter().chain(&other.0).map(String::as_str))
    }

    /// The value of the `scope` parameter.
    pub(crate) fn to_parameter(&self, defects: &Defects) -> String {
        if defects.has(Defect::SCOPE_COMMA_JOINED) {
            return self.0.join(",");
        }
        if defects.has(Defect::SCOPE_JSON_ARRAY) && !self.is_empty() {
            return format!("[\"{}\"]", self.0.join("\",\""));
        }
        self.0.join(" ")
    }
}

/// The scope of the first authorization: the one that the challenge names, or else the scopes that
/// the resource metadata lists.
pub(crate) fn choose_initial_scope(
    challenge: Option<&Challenge>,
    listed: &Scope,
    listed_by_server: &Scope,
    defects: &Defects,
) -> Scope {
    let challenged = challenge
        .and_then(Challenge::scope)
        .map(Scope::parse)
        .filter(|scope| !scope.is_empty());
    if defects.has(Defect::SCOPE_CHALLENGE_IGNORED) && !listed.is_empty() {
        return listed.clone();
    }
    if defects.has(Defect::SCOPE_FROM_AUTHORIZATION_SERVER) && !listed_by_server.is_empty() {
        return listed_by_server.clone();
    }
    match challenged {
        Some(scope) if defects.has(Defect::SCOPE_ADDS_METADATA_SCOPES) => scope.union(listed),
        Some(scope) if defects.has(Defect::SCOPE_INTERSECTED) && !listed.is_empty() => {
            Scope::from_names(
                scope
                    .0
                    .iter()
                    .filter(|name| listed.0.contains(name))
                    .map(String::as_str),
            )
        }
        Some(scope) if defects.has(Defect::SCOPE_LOWER_CASED) => {
            Scope::parse(&scope.0.join(" ").to_lowercase())
        }
        Some(scope) => scope,
        None => listed.clone(),
    }
}

fn is_scope_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| matches!(c, '!' | '#'..='[' | ']'..='~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::find_bearer_challenge;

    #[test]
    fn a_union_keeps_the_order_and_has_no_duplicates() {
        let union = Scope::parse("a b").union(&Scope::parse("c b"));
        assert_eq!(union.to_parameter(&Defects::none()), "a b c");
    }

    #[test]
    fn invalid_scope_tokens_are_ignored() {
        assert_eq!(
            Scope::parse(" a  \"b\" c\\ d\t é e:f/*"),
            Scope::parse("a e:f/*")
        );
        assert!(Scope::parse("").is_empty());
    }

    #[test]
    fn the_challenge_takes_precedence() {
        let listed = Scope::parse("x y");
        let challenge = find_bearer_challenge([r#"Bearer scope="a""#], &Defects::none());
        assert_eq!(
            choose_initial_scope(
                challenge.as_ref(),
                &listed,
                &Scope::default(),
                &Defects::none()
            ),
            Scope::parse("a")
        );
        assert_eq!(
            choose_initial_scope(None, &listed, &Scope::default(), &Defects::none()),
            listed
        );
        let empty = find_bearer_challenge([r#"Bearer scope="""#], &Defects::none());
        assert_eq!(
            choose_initial_scope(empty.as_ref(), &listed, &Scope::default(), &Defects::none()),
            listed
        );
    }
}
