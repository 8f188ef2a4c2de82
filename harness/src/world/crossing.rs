//! Authorization responses of several servers that change places on their way to the client.

use std::collections::BTreeMap;

use super::party_id::PartyId;

/// Authorization responses that wait to be swapped: the address of each, by authorization server.
#[derive(Debug, Default)]
pub(super) struct PendingResponses(BTreeMap<PartyId, String>);

impl PendingResponses {
    /// Leaves a response to be taken by another server's browser.
    pub(super) fn leave(&mut self, party: PartyId, location: &str) {
        self.0.insert(party, location.to_owned());
    }

    /// The response of another server that is to take the place of this one's, if it is there.
    pub(super) fn find_other(
        &self,
        party: PartyId,
        between: &[PartyId],
        location: &str,
    ) -> Option<String> {
        let mut others = between.iter().filter(|other| **other != party);
        let other = others.find_map(|other| self.0.get(other))?;
        Some(swap_response(location, other))
    }
}

/// The other server's response at this redirect URI, with the `state` that belongs here.
fn swap_response(mine: &str, theirs: &str) -> String {
    let (Ok(mut here), Ok(there)) = (url::Url::parse(mine), url::Url::parse(theirs)) else {
        return theirs.to_owned();
    };
    let state: Vec<(String, String)> = here
        .query_pairs()
        .filter(|(n, _)| n == "state")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    let rest: Vec<(String, String)> = there
        .query_pairs()
        .filter(|(n, _)| n != "state")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    here.query_pairs_mut()
        .clear()
        .extend_pairs(rest.into_iter().chain(state));
    here.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_keeps_the_state_of_the_place() {
        let mine = "http://127.0.0.1:1/cb?code=a&state=mine&iss=x";
        let theirs = "http://127.0.0.1:2/cb?code=b&state=theirs&iss=y";
        assert_eq!(
            swap_response(mine, theirs),
            "http://127.0.0.1:1/cb?code=b&iss=y&state=mine"
        );
    }
}
