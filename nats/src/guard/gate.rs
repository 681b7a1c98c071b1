//! The gate before all appends of a process: the log guard opens and closes it, writers check it before every append.

use std::time::Duration;

use tokio::sync::watch;

use crate::server::connection::Connection;

/// Longest wait of a writer while the guard compares the log.
const PATIENCE: Duration = Duration::from_secs(2);

/// Gate before all appends of a process.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<State>);

/// State of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateState {
    /// Writers may write.
    Open,
    /// The guard has not compared the log yet, after the start or a reconnect. Writers wait.
    Checking,
    /// The log is shorter than before, or another one. Writers are rejected until an administrator decides.
    Diverged {
        /// Position up to which the read models were built.
        seen: u64,
        /// Last position of the log.
        last: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    gate: GateState,
    /// Link over which the guard compared the log; `None` without a guard.
    link: Option<u64>,
}

impl Gate {
    /// Creates a gate that is closed until a guard opens it.
    #[must_use]
    pub fn checking() -> Self {
        Self(watch::Sender::new(State { gate: GateState::Checking, link: None }))
    }

    /// Creates an open gate without a guard, for tools and tests that have a log of their own.
    #[must_use]
    pub fn open() -> Self {
        Self(watch::Sender::new(State { gate: GateState::Open, link: None }))
    }

    /// Current state.
    #[must_use]
    pub fn state(&self) -> GateState {
        self.0.borrow().gate
    }

    /// Opens the gate for writers on the link over which the log was compared.
    pub(crate) fn open_over(&self, link: u64) {
        self.0.send_modify(|state| (state.gate, state.link) = (GateState::Open, Some(link)));
    }

    /// Makes writers wait for the guard.
    pub(crate) fn check(&self) {
        self.0.send_modify(|state| state.gate = GateState::Checking);
    }

    /// Rejects writers.
    pub(crate) fn diverged(&self, seen: u64, last: u64) {
        self.0.send_modify(|state| state.gate = GateState::Diverged { seen, last });
    }

    /// State for a writer on `connection`; waits briefly while the guard compares the log.
    ///
    /// If the link was lost or replaced since the comparison, the state is `Checking`, even before the guard notices.
    pub(crate) async fn settled(&self, connection: &Connection) -> GateState {
        let current = |state: &State| {
            let replaced = state.link.is_some() && state.link != connection.link();
            if state.gate == GateState::Open && replaced { GateState::Checking } else { state.gate }
        };
        let mut watched = self.0.subscribe();
        let settled = watched.wait_for(|state| current(state) != GateState::Checking);
        match tokio::time::timeout(PATIENCE, settled).await {
            Ok(Ok(state)) => state.gate,
            Ok(Err(_)) | Err(_) => GateState::Checking,
        }
    }
}
