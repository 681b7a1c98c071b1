//! Replies to the callers that wait for a mailbox.

use ticketshow_domain::Decider;
use tokio::sync::oneshot;

use crate::executor::outcome::{ExecuteError, Executed};

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
