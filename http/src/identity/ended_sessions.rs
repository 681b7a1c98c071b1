//! Sessions that ended while their access tokens were still valid. A token is checked without a lookup, so the process keeps them in
//! memory.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{TOKEN_SECONDS, sync::lock};

/// Time for which an end is kept: as long as a token of the session is valid, and a minute for clocks that differ.
pub const ENDED_KEPT: SignedDuration = SignedDuration::from_secs(TOKEN_SECONDS + 60);
/// Number of sessions from which on old ones are dropped.
const SWEEP_FROM: usize = 4_096;

/// Sessions that ended lately. The bucket of sessions bounds their number: it holds 340,000, which are 20 MB here.
#[derive(Debug, Default)]
pub struct EndedSessions(Mutex<Ended>);

#[derive(Debug, Default)]
struct Ended {
    /// Moment at which this process heard of each end.
    sessions: HashMap<Uuid, Timestamp>,
    /// Number from which on the next sweep is worth its time.
    sweep_from: usize,
}

impl EndedSessions {
    /// Notes that a session has ended.
    pub fn note(&self, session: Uuid, now: Timestamp) {
        let Ended { sessions, sweep_from } = &mut *lock(&self.0);
        sessions.insert(session, now);
        if sessions.len() >= (*sweep_from).max(SWEEP_FROM) {
            sessions.retain(|_, ended| now.duration_since(*ended) <= ENDED_KEPT);
            *sweep_from = sessions.len() * 2;
        }
    }

    /// Returns `true` if a session has ended.
    #[must_use]
    pub fn contains(&self, session: Uuid) -> bool {
        lock(&self.0).sessions.contains_key(&session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_dropped_once_their_tokens_have_expired() {
        let ended = EndedSessions::default();
        let count = || lock(&ended.0).sessions.len();
        let at = |second| Timestamp::from_second(second).unwrap();
        for n in 1..SWEEP_FROM {
            ended.note(Uuid::from_u128(n as u128), at(0));
        }
        assert_eq!(count(), SWEEP_FROM - 1);
        assert!(ended.contains(Uuid::from_u128(1)) && !ended.contains(Uuid::nil()));
        ended.note(Uuid::nil(), at(ENDED_KEPT.as_secs()));
        assert_eq!(count(), SWEEP_FROM, "the first tokens may still be valid");
        for n in SWEEP_FROM..SWEEP_FROM * 2 {
            ended.note(Uuid::from_u128(n as u128), at(ENDED_KEPT.as_secs() + 1));
        }
        assert_eq!(count(), SWEEP_FROM + 1);
        assert!(!ended.contains(Uuid::from_u128(1)) && ended.contains(Uuid::nil()));
    }
}
