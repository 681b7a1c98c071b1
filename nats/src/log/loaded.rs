//! Aggregates rebuilt from the log.

use ticketshow_domain::Decider;
use uuid::Uuid;

use crate::{failure::Failure, log::envelope::Commit};

/// An aggregate after the commits applied so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded<A> {
    pub state: A,
    /// Position of its last commit; 0 if there is none.
    pub position: u64,
    /// Its last version; 0 if there is none.
    pub version: u64,
    /// Id of its last commit, which distinguishes this log from another.
    pub commit: Uuid,
}

impl<A: Decider> Loaded<A> {
    pub fn apply(&mut self, commit: &Commit) -> Result<(), Failure> {
        if commit.first_version != self.version + 1 {
            let Commit { first_version, position, .. } = *commit;
            return Err(Failure::Gap { from: self.version, to: first_version, position });
        }
        commit.apply_to(&mut self.state)?;
        self.position = commit.position;
        self.version = commit.last_version();
        self.commit = commit.commit;
        Ok(())
    }
}
