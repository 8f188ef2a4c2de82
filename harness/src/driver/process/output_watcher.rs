//! Watches what a client shows, as a person in front of it would: answers its questions, and opens
//! the sign-in link that it prints.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use crate::driver::world_handle::WorldHandle;

/// How much of the end of the output is kept in memory, in bytes. No prompt and no link is longer.
const KEPT: usize = 64 * 1024;

/// Watches the output of one process.
pub(super) struct OutputWatcher {
    answers: BTreeMap<String, String>,
    opens_links: bool,
    world: WorldHandle,
    typed: mpsc::UnboundedSender<String>,
    opened: Vec<String>,
}

/// The end of one stream that has not been understood yet.
#[derive(Default)]
pub(super) struct UnreadOutput(String);

impl OutputWatcher {
    /// A watcher, and what it types.
    pub(super) fn new(
        answers: BTreeMap<String, String>,
        opens_links: bool,
        world: WorldHandle,
    ) -> (Self, mpsc::UnboundedReceiver<String>) {
        let (typed, receiver) = mpsc::unbounded_channel();
        let watcher = Self {
            answers,
            opens_links,
            world,
            typed,
            opened: Vec::new(),
        };
        (watcher, receiver)
    }

    /// Takes notice of bytes that a stream went on with.
    pub(super) fn notice(&mut self, unread: &mut UnreadOutput, bytes: &[u8]) {
        if self.answers.is_empty() && !self.opens_links {
            return;
        }
        unread.0.push_str(&String::from_utf8_lossy(bytes));
        if self.opens_links {
            self.open_links(&unread.0);
        }
        while let Some((end, answer)) = self.find_prompt(&unread.0) {
            let _ = self.typed.send(format!("{answer}\n"));
            unread.0.drain(..end);
        }
        let mut surplus = unread.0.len().saturating_sub(KEPT);
        while !unread.0.is_char_boundary(surplus) {
            surplus += 1;
        }
        unread.0.drain(..surplus);
    }

    /// The first prompt in a text: where it ends, and the answer to it.
    fn find_prompt(&self, text: &str) -> Option<(usize, String)> {
        let found = self.answers.iter().filter_map(|(prompt, answer)| {
            let start = text.find(prompt.as_str())?;
            Some((start + prompt.len(), answer.clone()))
        });
        found.min_by_key(|(end, _)| *end)
    }

    /// Opens each sign-in link to a server of the world once.
    fn open_links(&mut self, text: &str) {
        for link in find_sign_in_links(text) {
            let is_new = !self.opened.iter().any(|opened| opened == link.as_str());
            if is_new && self.world.shared.find_origin(&link).is_some() {
                self.opened.push(link.as_str().to_owned());
                drop(self.world.browser.open(link.as_str(), true, "client"));
            }
        }
    }
}

/// The authorization requests among the links of a text. The last word may go on, so it counts only
/// when something follows it.
fn find_sign_in_links(text: &str) -> Vec<url::Url> {
    let is_end = |c: char| c.is_whitespace() || c.is_control() || "\"'<>`".contains(c);
    let Some(last) = text.rfind(is_end) else {
        return Vec::new();
    };
    text[..=last]
        .split(is_end)
        .filter_map(|word| word.find("http").map(|start| &word[start..]))
        .filter_map(|word| word.parse::<url::Url>().ok())
        .filter(|url| url.query_pairs().any(|(name, _)| name == "response_type"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sign_in_links_are_found() {
        let text = "server: http://h/mcp\n\
                    \u{1b}[1mopen http://h/a?response_type=code&x=1\u{1b}[0m\n\
                    http://h/b?response_type=co";
        let found: Vec<String> = find_sign_in_links(text)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["http://h/a?response_type=code&x=1"]);
    }
}
