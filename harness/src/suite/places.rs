//! The places that runs take which happen at the same time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places for runs. There is always at least one.
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// How many there are, free or not.
    count: usize,
    /// How many there are to be. Places that are taken go away when they are released.
    wanted: usize,
    /// How many there are to be once runs take place at the same time.
    parallel: usize,
}

/// How many runs may take place at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// One, until it is known whether the client always listens on the same port.
    FirstRuns,
    /// As many as there are places.
    Parallel,
    /// One, for good.
    OneByOne,
}

impl Places {
    /// One place, and as many as are given once runs may take place at the same time.
    pub(super) fn new(parallel: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(1)),
            count: 1,
            wanted: 1,
            parallel,
        }
    }

    /// Waits for a free place and takes it.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Frees a place, or gives it up if there are too many.
    pub(super) fn release(&mut self, place: OwnedSemaphorePermit) {
        if self.count > self.wanted {
            self.count -= 1;
            place.forget();
        }
    }

    /// Has as many places as the pace allows.
    pub(super) fn follow(&mut self, pace: Pace) {
        match pace {
            Pace::FirstRuns | Pace::OneByOne => self.resize(1),
            Pace::Parallel => self.resize(self.parallel),
        }
    }

    /// Makes one place less.
    pub(super) fn shrink(&mut self) {
        self.parallel = (self.parallel - 1).max(1);
    }

    fn resize(&mut self, wanted: usize) {
        self.wanted = wanted;
        if self.wanted > self.count {
            self.free.add_permits(self.wanted - self.count);
            self.count = self.wanted;
        } else {
            self.count -= self.free.forget_permits(self.count - self.wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_that_are_taken_go_away_when_they_are_released() {
        let mut places = Places::new(3);
        assert_eq!(places.count, 1);
        places.follow(Pace::Parallel);
        let taken = [places.take().await, places.take().await];
        places.follow(Pace::OneByOne);
        assert_eq!((places.count, places.free.available_permits()), (2, 0));
        for place in taken.into_iter().flatten() {
            places.release(place);
        }
        assert_eq!((places.count, places.free.available_permits()), (1, 1));
        places.shrink();
        places.follow(Pace::Parallel);
        assert_eq!(places.count, 2);
    }
}
