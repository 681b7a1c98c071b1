//! Replies to the callers that wait for a mailbox.

use ticketshow_domain::Decider;
use tokio::sync::oneshot;

use crate::{
    executor::outcome::{AggregateState, ExecuteError, Executed},
    failure::Failure,
};

/// Channel that carries the result to one caller.
pub(super) type ReplySender<T, E> = oneshot::Sender<Result<T, E>>;

/// A waiting caller, regardless of the type of its answer.
pub(super) trait Reply<A: Decider>: Send {
    /// Reads the answer from the state after the command; it is sent only once the command is committed.
    fn prepare(&mut self, state: &A);
    /// Sends the prepared answer.
    fn done(&mut self, position: u64, changed: bool);
    /// Sends an error.
    fn failed(&mut self, error: ExecuteError<A::Refusal>);
}

/// A caller whose answer is read from the state by `answer`.
pub(super) struct PendingReply<A: Decider, R, F> {
    pub answer: F,
    pub prepared: Option<R>,
    pub sender: Option<ReplySender<Executed<R>, ExecuteError<A::Refusal>>>,
}

impl<A: Decider, R: Send, F: Fn(&A) -> R + Send> Reply<A> for PendingReply<A, R, F> {
    fn prepare(&mut self, state: &A) {
        self.prepared = Some((self.answer)(state));
    }

    fn done(&mut self, position: u64, changed: bool) {
        // Sending fails only if the caller has stopped waiting.
        if let (Some(sender), Some(answer)) = (self.sender.take(), self.prepared.take()) {
            let _ = sender.send(Ok(Executed { answer, position, changed }));
        }
    }

    fn failed(&mut self, error: ExecuteError<A::Refusal>) {
        if let Some(sender) = self.sender.take() {
            let _ = sender.send(Err(error));
        }
    }
}

/// A caller that waits for a state, regardless of what it looks for.
pub(super) trait Watch<A: Decider>: Send {
    /// Sends what the caller looks for if it is in the state. Returns `true` if it no longer waits.
    fn look(&mut self, state: &AggregateState<A>) -> bool;
    /// Sends an error.
    fn failed(&mut self, failure: Failure);
}

/// A caller that waits until `answer` finds something.
pub(super) struct PendingWatch<R, F> {
    pub answer: F,
    pub reply: Option<ReplySender<R, Failure>>,
}

impl<A: Decider, R: Send, F: Fn(&AggregateState<A>) -> Option<R> + Send> Watch<A> for PendingWatch<R, F> {
    fn look(&mut self, state: &AggregateState<A>) -> bool {
        if self.reply.as_ref().is_none_or(ReplySender::is_closed) {
            return true;
        }
        let Some(found) = (self.answer)(state) else { return false };
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(Ok(found));
        }
        true
    }

    fn failed(&mut self, failure: Failure) {
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(Err(failure));
        }
    }
}
