//! The Bearer challenge of a response, among all lines of its `WWW-Authenticate` header, or the
//! DPoP challenge that takes its place.

use crate::defect::{Defect, Defects};
use crate::discovery::challenge::Challenge;
use crate::discovery::challenge_parser::parse_challenges;
use crate::discovery::defective_challenge::{search_challenge, split_challenges};

/// Finds the Bearer challenge in all lines of the header: the first one that names a metadata URL,
/// or else the first one.
pub(crate) fn find_bearer_challenge<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    defects: &Defects,
) -> Option<Challenge> {
    let lines: Vec<&str> = lines.into_iter().collect();
    if defects.has(Defect::CHALLENGE_BY_SEARCH) {
        return Some(search_challenge(&lines.join(", ")));
    }
    let mut challenges: Vec<Challenge> = if defects.has(Defect::CHALLENGE_FIRST_LINE) {
        lines
            .first()
            .map(|line| parse_challenges(line))
            .unwrap_or_default()
    } else if defects.has(Defect::CHALLENGE_CASE_SENSITIVE) {
        lines
            .iter()
            .flat_map(|line| parse_challenges(line))
            .filter(|_| lines.iter().any(|line| line.contains("Bearer ")))
            .collect()
    } else if defects.has(Defect::CHALLENGE_SPLIT_AT_COMMA) {
        return lines
            .iter()
            .flat_map(|line| split_challenges(line))
            .find(|challenge| challenge.scheme == "bearer");
    } else {
        lines
            .iter()
            .flat_map(|line| parse_challenges(line))
            .collect()
    };
    if defects.has(Defect::CHALLENGE_FIRST_ONLY) {
        challenges.truncate(1);
    }
    challenges.retain(|challenge| matches!(challenge.scheme.as_str(), "bearer" | "dpop"));
    let named = challenges
        .iter()
        .position(|challenge| challenge.resource_metadata().is_some())
        .unwrap_or(0);
    challenges.into_iter().nth(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Challenge {
        find_bearer_challenge(lines.iter().copied(), &Defects::none()).unwrap()
    }

    #[test]
    fn every_legal_spelling_is_read() {
        for lines in [
            &[r#"Bearer resource_metadata="http://h/m", scope="a b""#][..],
            &[r#"Basic realm="a, Bearer x", Bearer resource_metadata="http://h/m", scope="a b""#],
            &[
                r#"Basic realm="files""#,
                r#"Bearer resource_metadata="http://h/m", scope="a b""#,
            ],
            &[r#"bearer SCOPE="a b" , colour=blue,, Resource_Metadata="http://h/m""#],
            &[concat!(
                r#"Bearer realm="say \"Bearer resource_metadata=x\", please", scope="a b""#,
                r#", resource_metadata="http://h/m""#
            )],
            &[concat!(
                r#"Negotiate, Basic dXNlcjpwYXNz==, Bearer  scope = "a b""#,
                r#",resource_metadata	=	"http:\/\/h/m""#
            )],
            &[concat!(
                r#", ,Negotiate abc=, Bearer scope="a b", resource_metadata="http://h/m""#,
                r#", Digest qop="auth, auth-int""#
            )],
            &[r#"Bearer scope="wrong", Bearer scope="a b", resource_metadata="http://h/m""#],
        ] {
            let challenge = read(lines);
            assert_eq!(
                challenge.resource_metadata(),
                Some("http://h/m"),
                "{lines:?}"
            );
            assert_eq!(challenge.scope(), Some("a b"), "{lines:?}");
        }
    }

    #[test]
    fn parameters_are_optional() {
        assert_eq!(read(&["Bearer"]).resource_metadata(), None);
        assert_eq!(
            read(&["Bearer error=invalid_token"]).error(),
            Some("invalid_token")
        );
        assert!(
            find_bearer_challenge(["Basic realm=x", "", "Bearerx a=b"], &Defects::none()).is_none()
        );
    }

    #[test]
    fn defective_clients_read_the_usual_spelling() {
        let usual = r#"Bearer resource_metadata="http://h/m", scope="a b""#;
        for defect in [
            Defect::CHALLENGE_FIRST_ONLY,
            Defect::CHALLENGE_FIRST_LINE,
            Defect::CHALLENGE_CASE_SENSITIVE,
            Defect::CHALLENGE_BY_SEARCH,
            Defect::CHALLENGE_SPLIT_AT_COMMA,
        ] {
            let challenge = find_bearer_challenge([usual], &Defects::only(defect)).unwrap();
            assert_eq!(
                (challenge.resource_metadata(), challenge.scope()),
                (Some("http://h/m"), Some("a b")),
                "{defect:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn quoted_values_are_decoded(value in "[ -~]{0,40}", realm in "[ -~]{0,40}") {
            let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
            let (realm, quoted) = (quote(&realm), quote(&value));
            let line = format!(r#"Basic realm="{realm}", Bearer x="{realm}", scope="{quoted}""#);
            let challenge = read(&[&line]);
            proptest::prop_assert_eq!(challenge.scope(), Some(value.as_str()));
        }
    }
}
