//! Texts that are too long for their place.

/// The beginning of a text that is too long.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars()
        .take(longest.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// A path that is too long without its middle: paths differ at their ends.
pub(crate) fn without_middle(path: &str, longest: usize) -> String {
    let length = path.chars().count();
    if length <= longest {
        return path.to_owned();
    }
    let kept = longest.saturating_sub(1);
    let beginning = path.chars().take(kept / 2);
    let end = path.chars().skip(length - (kept - kept / 2));
    beginning.chain(['…']).chain(end).collect()
}

/// A request that is too long, such as `GET /.well-known/oauth-authorization-server/tenant1`: its
/// path loses its middle, and only then the whole its end.
pub(crate) fn shortened_request(request: &str, longest: usize) -> String {
    const LEAST_OF_PATH: usize = 16;
    let excess = request.chars().count().saturating_sub(longest);
    let path = request.split(' ').find(|word| word.starts_with('/'));
    let (Some(path), true) = (path, excess > 0) else {
        return shortened(request, longest);
    };
    let fitting = path.chars().count().saturating_sub(excess);
    let cut = without_middle(path, fitting.max(LEAST_OF_PATH));
    shortened(&request.replacen(path, &cut, 1), longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_differ_at_the_end_of_their_paths_still_differ() {
        let request = |tenant| format!("GET /.well-known/oauth-authorization-server/{tenant}");
        let shown = shortened_request(&request("tenant1"), 32);
        assert_eq!(shown, "GET /.well-known/…server/tenant1");
        assert_ne!(shown, shortened_request(&request("tenant2"), 32));
        assert_eq!(shortened_request("GET /a", 32), "GET /a");
        assert_eq!(shortened_request("POST {as.token_endpoint}", 8), "POST {a…");
        let cut = shortened_request(&request("tenant1"), 10);
        assert_eq!(cut.chars().count(), 10);
    }
}
