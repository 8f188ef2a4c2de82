//! One pass over a text that finds all secrets in all encodings.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Input, Match};

use super::encoded_forms::encoded_forms;
use super::excerpt::Excerpt;
use crate::transcript::{Haystack, SHORTEST_SECRET, Secret};

/// Output up to this length is decoded as a whole and searched, in bytes. For so little, that is
/// cheaper than to prepare a search for all encodings.
const SHORT_TEXT: usize = 16 * 1024;
/// How much of a long text is in memory, in bytes.
const WINDOW: usize = 256 * 1024;
/// How far before and after a part of a secret the rest of it is looked for, in bytes.
const MARGIN: usize = 16 * 1024;
/// What is left of the window when the text moves on: a find needs a margin on both sides.
const CARRIED_OVER: usize = 2 * MARGIN;
/// How often the surroundings of a part of one secret are looked at, in one text.
const MAX_LOOKS: usize = 1000;
/// An excerpt that keeps both ends of a text has it whole up to this length, in bytes.
const MAX_WHOLE: usize = 8 * 1024;
/// How much of a longer text's beginning is kept, in bytes.
const KEPT_BEGINNING: usize = 1024;
/// How much of a longer text's end is kept, in bytes. Error messages are there.
const KEPT_END: usize = 4 * 1024;
/// How much is kept before and after what was found, in bytes.
const KEPT_AROUND: usize = 100;
/// How much is kept around everything that was found together, in bytes.
const MAX_KEPT_AROUND: usize = 8 * 1024;

/// What an excerpt is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExcerptKind {
    /// The text's beginning, its end, and what was found.
    EndsAndFinds,
    /// Only what was found.
    Finds,
}

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FoundEvidence {
    /// Tags of the secrets that occur, in any encoding.
    pub secrets: Vec<String>,
    /// The texts that the scenario looks for and that occur as they are.
    pub sought: Vec<String>,
    /// What is kept of the text.
    pub excerpt: String,
    /// The length of the text, in bytes.
    pub length: u64,
}

impl FoundEvidence {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.sought.is_empty()
    }
}

/// A search for the secrets of a run, and for texts that its scenario looks for.
#[derive(Debug)]
pub struct EvidenceSearch {
    secrets: Vec<Secret>,
    sought: Vec<String>,
    /// Made when it is first needed.
    automaton: OnceLock<Automaton>,
}

/// What one pattern of the automaton stands for: an index into the secrets or the sought texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Secret(usize),
    Text(usize),
}

#[derive(Debug)]
struct Automaton {
    searcher: Option<AhoCorasick>,
    /// What each pattern stands for.
    wanted: Vec<Wanted>,
    longest: usize,
}

impl EvidenceSearch {
    /// A search for these secrets and texts.
    pub fn new(secrets: &[Secret], sought: Vec<String>) -> Self {
        let searchable = |secret: &&Secret| secret.value.len() >= SHORTEST_SECRET;
        Self {
            secrets: secrets.iter().filter(searchable).cloned().collect(),
            sought,
            automaton: OnceLock::new(),
        }
    }

    /// Searches what a client wrote to its output. The excerpt has the beginning, the end, and what
    /// was found.
    pub fn search_output(&self, mut output: impl Read) -> io::Result<FoundEvidence> {
        let mut beginning = Vec::new();
        let limit = SHORT_TEXT as u64 + 1;
        output.by_ref().take(limit).read_to_end(&mut beginning)?;
        if beginning.len() <= SHORT_TEXT {
            Ok(self.search_short_output(&beginning))
        } else {
            self.search_stream(beginning.chain(output), ExcerptKind::EndsAndFinds)
        }
    }

    /// Searches a file that a client left. The excerpt has only what was found.
    pub fn search_file(&self, file: impl Read) -> io::Result<FoundEvidence> {
        self.search_stream(file, ExcerptKind::Finds)
    }

    fn search_short_output(&self, bytes: &[u8]) -> FoundEvidence {
        let kind = ExcerptKind::EndsAndFinds;
        let text = String::from_utf8_lossy(bytes);
        let haystack = Haystack::new([&*text]);
        let mut pass = Pass::new(self);
        pass.keep_beginning(bytes, kind);
        for (index, secret) in self.secrets.iter().enumerate() {
            if haystack.contains(&secret.value) {
                let place = text.find(&secret.value);
                pass.note(Wanted::Secret(index), bytes, place.unwrap_or_default());
            }
        }
        for (index, sought) in self.sought.iter().enumerate() {
            if let Some(place) = text.find(sought) {
                pass.note(Wanted::Text(index), bytes, place);
            }
        }
        pass.finish(bytes, kind)
    }

    /// Searches a text in one pass. Several windows overlap, so that each find is seen with what
    /// stands before and after it.
    fn search_stream(&self, mut text: impl Read, kind: ExcerptKind) -> io::Result<FoundEvidence> {
        let automaton = self.automaton.get_or_init(|| self.prepare());
        let mut pass = Pass::new(self);
        let mut window = Vec::with_capacity(WINDOW);
        let mut looked_at = 0;
        loop {
            let room = (WINDOW - window.len()) as u64;
            text.by_ref().take(room).read_to_end(&mut window)?;
            let is_end = window.len() < WINDOW;
            pass.keep_beginning(&window, kind);
            let limit = if is_end {
                window.len()
            } else {
                WINDOW - MARGIN
            };
            for found in automaton.find(&window, looked_at, limit) {
                pass.look_at(&window, automaton.wanted[found.pattern()], found);
            }
            if is_end {
                return Ok(pass.finish(&window, kind));
            }
            let passed = window.len() - CARRIED_OVER;
            window.drain(..passed);
            pass.move_on(passed);
            looked_at = limit - passed;
        }
    }

    fn prepare(&self) -> Automaton {
        let secrets = self.secrets.iter().enumerate().flat_map(|(index, secret)| {
            let forms = encoded_forms(&secret.value).into_iter();
            forms.map(move |form| (Wanted::Secret(index), form))
        });
        let sought = self.sought.iter().enumerate();
        let sought = sought.map(|(index, text)| (Wanted::Text(index), text.clone().into_bytes()));
        let (wanted, patterns): (Vec<Wanted>, Vec<Vec<u8>>) = secrets.chain(sought).unzip();
        Automaton {
            longest: patterns.iter().map(Vec::len).max().unwrap_or_default(),
            searcher: AhoCorasick::new(patterns).ok(),
            wanted,
        }
    }
}

impl Automaton {
    /// Every match that ends after `from` and not after `to`.
    fn find<'w>(
        &'w self,
        window: &'w [u8],
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = Match> + 'w {
        let start = from.saturating_sub(self.longest);
        let matches = self.searcher.iter().flat_map(move |searcher| {
            let input = Input::new(window).range(start..to);
            searcher
                .try_find_overlapping_iter(input)
                .into_iter()
                .flatten()
        });
        matches.filter(move |found| found.end() > from)
    }
}

/// What has been found so far in one text.
struct Pass<'s> {
    search: &'s EvidenceSearch,
    /// Where in the text the window begins.
    offset: u64,
    found: BTreeSet<Wanted>,
    excerpt: Excerpt,
    /// How many looks at the surroundings of each secret are left.
    looks: BTreeMap<Wanted, usize>,
    /// Where in the text a part of a secret has to be for its surroundings to be looked at again.
    next_look: BTreeMap<Wanted, u64>,
}

impl<'s> Pass<'s> {
    fn new(search: &'s EvidenceSearch) -> Self {
        Self {
            search,
            offset: 0,
            found: BTreeSet::new(),
            excerpt: Excerpt::default(),
            looks: BTreeMap::new(),
            next_look: BTreeMap::new(),
        }
    }

    /// Keeps the beginning of the text, if this is its first window.
    fn keep_beginning(&mut self, window: &[u8], kind: ExcerptKind) {
        if self.offset == 0 && kind == ExcerptKind::EndsAndFinds {
            self.excerpt
                .add(window, 0, 0, KEPT_BEGINNING.min(window.len()));
        }
    }

    fn move_on(&mut self, passed: usize) {
        self.offset += passed as u64;
    }

    /// Looks at a match: a sought text, or a part of a secret.
    fn look_at(&mut self, window: &[u8], wanted: Wanted, found: Match) {
        if self.found.contains(&wanted) {
            return;
        }
        let Wanted::Secret(index) = wanted else {
            self.note(wanted, window, found.start());
            return;
        };
        let secret = &self.search.secrets[index].value;
        let place = self.offset + found.start() as u64;
        if self
            .next_look
            .get(&wanted)
            .is_some_and(|next| place < *next)
        {
            return;
        }
        // no encoding makes a text four times as long
        let reach = 4 * secret.len() + KEPT_AROUND;
        if surroundings_contain(window, found, secret, 2 * reach) {
            self.note(wanted, window, found.start());
            return;
        }
        self.next_look.insert(wanted, place + reach as u64);
        let looks = self.looks.entry(wanted).or_insert(MAX_LOOKS);
        *looks = looks.saturating_sub(1);
        if *looks == 0 {
            self.next_look.insert(wanted, u64::MAX);
        }
    }

    /// Notes that something was found at a place of the window.
    fn note(&mut self, wanted: Wanted, window: &[u8], place: usize) {
        if !self.found.insert(wanted) || self.excerpt.len() > MAX_KEPT_AROUND {
            return;
        }
        let around = KEPT_AROUND + self.wanted_text(wanted).len();
        let start = place.saturating_sub(around);
        let end = (place + around).min(window.len());
        self.excerpt.add(window, self.offset, start, end);
    }

    fn wanted_text(&self, wanted: Wanted) -> &'s str {
        match wanted {
            Wanted::Secret(index) => &self.search.secrets[index].value,
            Wanted::Text(index) => &self.search.sought[index],
        }
    }

    /// What was found in the text whose last window this is.
    fn finish(mut self, window: &[u8], kind: ExcerptKind) -> FoundEvidence {
        let length = self.offset + window.len() as u64;
        if kind == ExcerptKind::EndsAndFinds {
            let kept = if length <= MAX_WHOLE as u64 {
                MAX_WHOLE
            } else {
                KEPT_END
            };
            let start = window.len().saturating_sub(kept);
            self.excerpt.add(window, self.offset, start, window.len());
        }
        let found = &self.found;
        let secrets = self.search.secrets.iter().enumerate();
        let secrets = secrets.filter(|(index, _)| found.contains(&Wanted::Secret(*index)));
        let sought = self.search.sought.iter().enumerate();
        let sought = sought.filter(|(index, _)| found.contains(&Wanted::Text(*index)));
        FoundEvidence {
            secrets: secrets.map(|(_, secret)| secret.tag()).collect(),
            sought: sought.map(|(_, text)| text.clone()).collect(),
            excerpt: self.excerpt.render(length),
            length,
        }
    }
}

/// Whether a secret occurs around a part of it, in any encoding.
fn surroundings_contain(window: &[u8], part: Match, secret: &str, reach: usize) -> bool {
    let reach = reach.min(MARGIN);
    let from = part.start().saturating_sub(reach);
    let to = (part.end() + reach).min(window.len());
    // a run of base64 that is cut has to be decoded from a whole group on
    let cuts = if from == 0 { 1 } else { 4 };
    (0..cuts).any(|cut| {
        let text = String::from_utf8_lossy(&window[from + cut..to]);
        Haystack::new([&*text]).contains(secret)
    })
}

#[cfg(test)]
mod tests;
