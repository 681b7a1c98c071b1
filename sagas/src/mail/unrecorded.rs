//! Answers of the mail server that are not recorded yet. If recording an answer fails, only the recording is retried; the mail is not
//! sent again.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use ticketshow_nats::{consumers::mail::MailState, sync::lock};
use uuid::Uuid;

/// States to record, by mail, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Unrecorded(Arc<Mutex<VecDeque<(Uuid, MailState)>>>);

impl Unrecorded {
    /// Most states kept, as many as the queue has mails in flight. A state is left over if another replica took over the mail.
    const MAX: usize = 1_000;

    pub fn find(&self, mail: Uuid) -> Option<MailState> {
        let states = self.lock();
        states.iter().find(|(kept, _)| *kept == mail).map(|(_, state)| state.clone())
    }

    pub fn keep(&self, mail: Uuid, state: &MailState) {
        let mut states = self.lock();
        if states.len() == Self::MAX {
            states.pop_front();
        }
        states.push_back((mail, state.clone()));
    }

    pub fn remove(&self, mail: Uuid) {
        self.lock().retain(|(kept, _)| *kept != mail);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Uuid, MailState)>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(n: u128) -> MailState {
        MailState::Sent { to: format!("{n}@example.org").into() }
    }

    #[test]
    fn the_oldest_answer_is_dropped_beyond_the_bound() {
        let unrecorded = Unrecorded::default();
        let count = Unrecorded::MAX as u128;
        for n in 0..=count {
            unrecorded.keep(Uuid::from_u128(n), &sent(n));
        }
        assert_eq!(unrecorded.find(Uuid::from_u128(0)), None);
        assert_eq!(unrecorded.find(Uuid::from_u128(1)), Some(sent(1)));
        unrecorded.remove(Uuid::from_u128(1));
        assert_eq!(unrecorded.find(Uuid::from_u128(1)), None);
        assert_eq!(unrecorded.find(Uuid::from_u128(count)), Some(sent(count)));
    }
}
