//! Cascades that parked messages belong to. The parked commit names its cascade.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use crate::{
    consumers::parked::{Parked, ParkedMessage},
    failure::Failure,
    log::history::Log,
};

/// Parked messages searched for those of a cascade.
const SEARCHED_MAX: usize = 10_000;
/// Commits read at the same time.
const READS_MAX: usize = 16;

/// The parked messages with their cascades. The commit of each is read once, and remembered while it is parked.
#[derive(Debug)]
pub struct ParkedCascades {
    parked: Parked,
    log: Log,
    /// By position.
    known: Mutex<HashMap<u64, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    /// Another id at the position means another log.
    aggregate_id: String,
    cascade: Option<Uuid>,
}

impl ParkedCascades {
    /// Looks up `parked` messages in `log`.
    #[must_use]
    pub fn new(parked: Parked, log: Log) -> Self {
        Self { parked, log, known: Mutex::default() }
    }

    /// Returns the parked messages of cascades, in the order of their commits.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self) -> Result<Vec<(Uuid, ParkedMessage)>, Failure> {
        let mut parked = self.parked.list(None, SEARCHED_MAX).await?;
        parked.retain(|message| message.id.is_of_commit());
        let mut current: HashMap<u64, Known> = HashMap::new();
        {
            let known = self.known();
            for ParkedMessage { id, aggregate_id, .. } in &parked {
                let same = known.get(&id.position).filter(|known| known.aggregate_id == *aggregate_id);
                current.extend(same.map(|known| (id.position, known.clone())));
            }
        }
        let mut new: Vec<(u64, String)> = Vec::new();
        for ParkedMessage { id, aggregate_id, .. } in &parked {
            if !current.contains_key(&id.position) {
                new.push((id.position, aggregate_id.clone()));
            }
        }
        let read = stream::iter(new).map(|(position, id)| read(self.log.clone(), position, id));
        let read: Vec<(u64, Known)> = read.buffer_unordered(READS_MAX).try_collect().await?;
        current.extend(read);
        let cascade = |message: &ParkedMessage| current.get(&message.id.position)?.cascade;
        let list = parked.into_iter().filter_map(|message| Some((cascade(&message)?, message))).collect();
        *self.known() = current;
        Ok(list)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<u64, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(log: Log, position: u64, aggregate_id: String) -> Result<(u64, Known), Failure> {
    let commit = log.commit_at(position).await?;
    // A commit may be parked because it cannot be decoded.
    let events = commit.map(|commit| commit.events().unwrap_or_default()).unwrap_or_default();
    let cascade = events.iter().find_map(|recorded| recorded.event.cascade());
    Ok((position, Known { aggregate_id, cascade }))
}
