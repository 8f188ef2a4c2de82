//! Sentences for what a person attested.

use crate::report::model::AttestedAnswer;
use crate::report::wording::phrases::count_noun;

/// The heading of the answers.
pub(crate) const ATTESTED: &str =
    "Attested by the person who drove the client, not observed; no check passes by it";

/// ``Did the client show an error? "no" in 12 runs``
pub(crate) fn describe_answer(answer: &AttestedAnswer) -> String {
    let runs = count_noun(answer.cases.len(), "run");
    format!("{} \"{}\" in {runs}", answer.asked, answer.answer)
}
