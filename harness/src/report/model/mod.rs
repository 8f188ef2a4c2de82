//! The content of a report, before any format.
//!
//! In go the transcripts of a run and what the judge concluded from them; out comes a [`Report`],
//! in which secrets are replaced by their tags and addresses by their names.
//!
//! | file | content |
//! | --- | --- |
//! | `report` | the report of a whole run |
//! | `outcome` | the outcome of a run and its exit code |
//! | `about` | facts about a run that no transcript holds |
//! | `builder` | makes the report |
//! | `report_source` | a run with what was concluded from it, of which the report is made |
//! | `requirement_rows` | the verdict of each requirement, and the run in numbers |
//! | `finding_variety` | joins the findings in variants of one variety |
//! | `finding_collector` | the findings of a run |
//! | `finding` | one check that failed, or was not exercised |
//! | `observation` | the sentences that say what was observed instead of what was expected |
//! | `evidence_exchange` | the exchanges that show a violation, one line each |
//! | `timeline` | everything that happened in one run, in order |
//! | `message` | a request or a response as it may be shown |
//! | `diagram` | the sequence diagram of a run |
//! | `arrow` | one arrow of a diagram |
//! | `arrow_builder` | makes the arrows of a run and chooses those that are shown |
//! | `arrow_label` | the text on an arrow of a diagram |
//! | `client_output` | the last lines that the client wrote |
//! | `silent_client` | a client that sent nothing in the whole run |
//! | `withstood_attack` | one attack that the client withstood, as an example |
//! | `timing` | how long each run took |
//! | `printable_text` | text in which control characters are escaped |
//! | `redactor` | replaces secrets and addresses |
//! | `shortening` | cuts what is too long |
//! | `shown_run` | the run in which a finding was seen |
//! | `address_book` | the addresses of a run by their names |

pub(crate) mod about;
pub(crate) mod address_book;
pub(crate) mod arrow;
pub(crate) mod arrow_builder;
pub(crate) mod arrow_label;
mod attested_answer;
pub(crate) mod builder;
pub(crate) mod client_output;
pub(crate) mod diagram;
pub(crate) mod evidence_exchange;
pub(crate) mod finding;
pub(crate) mod finding_collector;
pub(crate) mod finding_variety;
pub(crate) mod last_refusal;
pub(crate) mod message;
pub(crate) mod observation;
pub(crate) mod outcome;
pub(crate) mod printable_text;
pub(crate) mod redactor;
pub(crate) mod report;
pub(crate) mod report_source;
pub(crate) mod requirement_rows;
pub(crate) mod shortening;
pub(crate) mod shown_run;
pub(crate) mod silent_client;
pub(crate) mod timeline;
pub(crate) mod timing;
pub(crate) mod withstood_attack;

pub use about::RunDescription;
pub use arrow::{Arrow, Mark};
pub use attested_answer::AttestedAnswer;
#[cfg(feature = "libtest")]
pub(crate) use client_output::last_words;
pub use diagram::Diagram;
pub use finding::Finding;
pub use message::ShownMessage;
pub use outcome::RunOutcome;
pub use printable_text::PrintableText;
pub use report::{FORMAT, NotRun, OutOfReach, Report, RequirementRow, Summary};
pub use silent_client::SilentClient;
pub use timeline::{ShownExchange, Timeline, TimelineEntry};
pub use timing::Timing;
pub use withstood_attack::WithstoodAttack;
