//! Whether this process may write: the log guard opens and shuts it, writers ask it before every append.

use std::time::Duration;

use tokio::sync::watch;

use crate::server::connection::Connection;

/// How long a writer waits while the guard is looking.
const PATIENCE: Duration = Duration::from_secs(2);

/// A gate before all appends of a process.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<State>);

/// Why writers wait, or must not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateState {
    /// They may write.
    Open,
    /// The guard has not compared the log yet, at start or after a reconnect.
    Checking,
    /// The log is shorter than it was, or another one. Stays so until an administrator decides.
    Diverged {
        /// The position that the read models had seen.
        seen: u64,
        /// The last position of the log.
        last: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    shut: GateState,
    /// The link that the guard compared the log over; none if nobody guards it.
    link: Option<u64>,
}

impl Gate {
    /// A gate that is shut until a guard opens it.
    #[must_use]
    pub fn checking() -> Self {
        Self(watch::Sender::new(State { shut: GateState::Checking, link: None }))
    }

    /// A gate that no guard watches: for tools and tests that have a log of their own.
    #[must_use]
    pub fn open() -> Self {
        Self(watch::Sender::new(State { shut: GateState::Open, link: None }))
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> GateState {
        self.0.borrow().shut
    }

    /// Lets writers through, as long as the link is the one that the log was compared over.
    pub(crate) fn open_over(&self, link: u64) {
        self.0.send_modify(|state| (state.shut, state.link) = (GateState::Open, Some(link)));
    }

    /// Makes writers wait.
    pub(crate) fn check(&self) {
        self.0.send_modify(|state| state.shut = GateState::Checking);
    }

    /// Turns writers away.
    pub(crate) fn diverged(&self, seen: u64, last: u64) {
        self.0.send_modify(|state| state.shut = GateState::Diverged { seen, last });
    }

    /// Where it stands for a writer on `connection`, who waits a little while the guard is looking.
    ///
    /// A connection that was lost or replaced since the guard looked counts as not looked at, even before the guard has
    /// noticed.
    pub(crate) async fn settled(&self, connection: &Connection) -> GateState {
        let stands = |state: &State| {
            let replaced = state.link.is_some() && state.link != connection.link();
            if state.shut == GateState::Open && replaced { GateState::Checking } else { state.shut }
        };
        let mut watched = self.0.subscribe();
        let settled = watched.wait_for(|state| stands(state) != GateState::Checking);
        match tokio::time::timeout(PATIENCE, settled).await {
            Ok(Ok(state)) => state.shut,
            Ok(Err(_)) | Err(_) => GateState::Checking,
        }
    }
}
