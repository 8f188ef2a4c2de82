//! Phrases about profiles and the deployments that they are shaped like.

use crate::scenario::model::{Profile, ProfileFact};

/// "shaped like Auth0 as of September 2026"
pub(crate) fn describe_deployments(profile: &Profile) -> String {
    let like = if profile.shaped_like.is_empty() {
        "servers of many makers".to_owned()
    } else {
        profile.shaped_like.join(", ")
    };
    format!("shaped like {like} as of {}", profile.as_of)
}

/// "legal: The issuer ends in a slash. (vercel/ai#20236)"
pub(crate) fn describe_fact(fact: &ProfileFact) -> String {
    format!("{}: {} ({})", fact.mark, fact.says, fact.source)
}

/// The heading above servers of the field that a right client refuses.
pub(crate) const OUT_OF_REACH: &str = "Refused as the text demands; servers of this shape are out \
                                       of reach for a right client";
