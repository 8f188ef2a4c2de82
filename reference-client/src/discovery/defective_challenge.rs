//! How defective clients read a challenge: by a search, or by splitting at every comma.

use crate::discovery::challenge::Challenge;

/// Reads a header as a client with the defect `challenge-by-search` does.
pub(super) fn search_challenge(line: &str) -> Challenge {
    let find = |name: &str| {
        let (_, after) = line.split_once(&format!("{name}="))?;
        let value = after
            .trim_start_matches('"')
            .split(['"', ',', ' '])
            .next()?;
        let value = if name == "scope" {
            after.trim_start_matches('"').split(['"', ',']).next()?
        } else {
            value
        };
        Some((name.to_owned(), value.to_owned()))
    };
    let parameters = ["resource_metadata", "scope", "error"]
        .into_iter()
        .filter_map(find)
        .collect();
    Challenge {
        scheme: "bearer".to_owned(),
        parameters,
    }
}

/// Reads a header line as a client with the defect `challenge-split-at-comma` does.
pub(super) fn split_challenges(line: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for piece in line.split(',').map(str::trim) {
        let (scheme, parameter) = match piece.split_once(' ') {
            Some((scheme, parameter)) if !scheme.contains('=') => (Some(scheme), parameter),
            _ => (None, piece),
        };
        if let Some(scheme) = scheme {
            challenges.push(Challenge::new(scheme));
        }
        if let Some(challenge) = challenges.last_mut()
            && let Some((name, value)) = parameter.split_once('=')
        {
            challenge.parameters.push((
                name.trim().to_ascii_lowercase(),
                value.trim_matches('"').to_owned(),
            ));
        }
    }
    challenges
}
