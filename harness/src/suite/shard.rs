//! Shards divide a suite run between machines. Which shard a case belongs to follows from its id
//! alone.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// One part of a suite run, written `PART/PARTS`, such as `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// From 1 to `parts`.
    part: u32,
    parts: u32,
}

/// A text that is not a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid shard `{0}`: expected PART/PARTS, such as 2/5, with PART from 1 to PARTS \
     and PARTS of at most {MAX_PARTS}"
)]
pub struct InvalidShard(String);

/// The greatest number of parts. The suite has fewer cases, so more parts would be empty.
const MAX_PARTS: u32 = 1000;

impl Shard {
    /// The whole suite run.
    pub const WHOLE: Self = Self { part: 1, parts: 1 };

    /// Part number `part`, from 1 to `parts`.
    pub fn new(part: u32, parts: u32) -> Option<Self> {
        ((1..=parts).contains(&part) && parts <= MAX_PARTS).then_some(Self { part, parts })
    }

    pub const fn part(self) -> u32 {
        self.part
    }

    pub const fn parts(self) -> u32 {
        self.parts
    }

    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }

    /// Whether a case belongs to this part. This depends on its id alone, not on other cases or
    /// their order.
    pub fn has(self, case: &str) -> bool {
        let digest = Sha256::digest(case);
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.parts) == u64::from(self.part - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.parts)
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        let parsed = || {
            let (part, parts) = text.split_once('/')?;
            Self::new(part.trim().parse().ok()?, parts.trim().parse().ok()?)
        };
        parsed().ok_or_else(|| InvalidShard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn a_shard_is_written_as_part_and_parts() {
        assert_eq!("2/5".parse(), Ok(Shard { part: 2, parts: 5 }));
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
        assert_eq!(
            "5/2".parse::<Shard>().unwrap_err().to_string(),
            "invalid shard `5/2`: expected PART/PARTS, such as 2/5, with PART from 1 to PARTS \
             and PARTS of at most 1000"
        );
    }

    #[test]
    fn every_case_belongs_to_one_part_and_parts_are_about_equally_large() {
        let suite = Suite::embedded().unwrap();
        for parts in [1, 2, 3, 5, 8] {
            let shards: Vec<Shard> = (1..=parts)
                .map(|part| Shard::new(part, parts).unwrap())
                .collect();
            assert!(
                suite.cases.iter().all(|case| shards
                    .iter()
                    .filter(|shard| shard.has(&case.id))
                    .count()
                    == 1)
            );
            let fair = suite.cases.len() / parts as usize;
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
    fn the_part_of_a_case_is_stable() {
        let part_of = |case: &str| (1..=5).find(|part| Shard::new(*part, 5).unwrap().has(case));
        assert_eq!(
            [
                part_of("plain/flow"),
                part_of("iss/two-values/right-then-wrong"),
                part_of("state/absent-state")
            ],
            [Some(1), Some(4), Some(5)]
        );
    }
}
