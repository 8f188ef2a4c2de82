//! A part of a suite, for machines that share one run: which cases are in it follows from their ids
//! alone.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Part `number` of `of`: `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// From 1.
    number: u32,
    of: u32,
}

/// A text that names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no part of a whole; write `2/5` for the second of five, up to {MOST} parts")]
pub struct NoShard(String);

/// More parts than there are cases help nobody.
const MOST: u32 = 1000;

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Part `number` (from 1) of `of`.
    pub fn new(number: u32, of: u32) -> Option<Self> {
        ((1..=of).contains(&number) && of <= MOST).then_some(Self { number, of })
    }

    pub const fn number(self) -> u32 {
        self.number
    }

    pub const fn of(self) -> u32 {
        self.of
    }

    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }

    /// Whether a case is in this part. Other cases have no influence, and neither has the order.
    pub fn has(self, case: &str) -> bool {
        let digest = Sha256::digest(case);
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let parsed = || {
            let (number, of) = text.split_once('/')?;
            Self::new(number.trim().parse().ok()?, of.trim().parse().ok()?)
        };
        parsed().ok_or_else(|| NoShard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn parts_are_written_as_fractions() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        for wrong in [
            "",
            "2",
            "0/5",
            "6/5",
            "1/0",
            "-1/5",
            "a/b",
            "1/5/5",
            "1/1001",
            "1/99999999999",
        ] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        insta::assert_snapshot!("5/2".parse::<Shard>().unwrap_err(), @"`5/2` is no part of a whole; write `2/5` for the second of five, up to 1000 parts");
    }

    #[test]
    fn every_case_is_in_one_part_and_parts_are_about_as_large() {
        let suite = Suite::embedded().unwrap();
        for of in [1, 2, 3, 5, 8] {
            let shards: Vec<Shard> = (1..=of)
                .map(|number| Shard::new(number, of).unwrap())
                .collect();
            assert!(
                suite.cases.iter().all(|case| shards
                    .iter()
                    .filter(|shard| shard.has(&case.id))
                    .count()
                    == 1)
            );
            let fair = suite.cases.len() / of as usize;
            for shard in shards {
                let count = suite
                    .cases
                    .iter()
                    .filter(|case| shard.has(&case.id))
                    .count();
                assert!(
                    count * 2 > fair && count < fair * 2,
                    "{shard} has {count} of {}",
                    suite.cases.len()
                );
            }
        }
    }

    #[test]
    fn the_part_of_a_case_never_changes() {
        let part = |case: &str| (1..=5).find(|number| Shard::new(*number, 5).unwrap().has(case));
        assert_eq!(
            [
                part("plain/flow"),
                part("iss/two-values/right-then-wrong"),
                part("state/absent-state")
            ],
            [Some(1), Some(4), Some(5)]
        );
    }
}
