//! Clients that a person drives: what a start asks of the client is shown to the person, who says
//! when it is done.

mod person_client;
mod person_task;

pub use person_client::{PersonClient, PersonControls};
pub use person_task::PersonTask;
