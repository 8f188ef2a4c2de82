//! Runs several operations, in order or all at once.

use crate::Failure;
use tokio::task::JoinSet;

/// Runs each operation, in order or all at once. A failure does not stop the others; the first
/// failure is returned after all have ended.
pub async fn run_each<F>(operations: impl Iterator<Item = F>, at_once: bool) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let mut first = Ok(());
    let mut running = JoinSet::new();
    for operation in operations {
        running.spawn(operation);
        if !at_once {
            first = first.and(all(&mut running).await);
        }
    }
    first.and(all(&mut running).await)
}

async fn all(running: &mut JoinSet<Result<(), Failure>>) -> Result<(), Failure> {
    let mut first = Ok(());
    while let Some(outcome) = running.join_next().await {
        first = first.and(outcome.unwrap_or_else(|panic| Err(panic.into())));
    }
    first
}
