//! Limits of an executor, and the resources that all its mailboxes share.

use std::time::Duration;

use ticketshow_domain::Policy;

use crate::log::store::Store;

/// Limits of an executor.
#[derive(Debug, Clone, Copy)]
pub struct ExecutorSettings {
    /// Commands that may wait for one aggregate; further ones are rejected.
    pub mailbox_capacity: usize,
    /// Further commands of sagas that may wait: a flood of requests does not keep paid seats from being sold.
    pub saga_places: usize,
    /// Largest number of commands decided together.
    pub group_max: usize,
    /// Number of waiting commits, of different aggregates, that are published as one batch. Fewer are published one by one. `None`:
    /// found by measuring.
    pub batch_from: Option<usize>,
    /// Time an aggregate with a short history stays in memory after its last command.
    pub idle: Duration,
    /// The same for an aggregate with more than a hundred events, which costs more to load.
    pub idle_long: Duration,
    /// Number of times a group is decided before its commands fail, because another writer was first.
    pub tries_max: u32,
}

impl Default for ExecutorSettings {
    fn default() -> Self {
        Self {
            // Thousands press the button in the moment in which a screening goes on sale. Even a busy machine decides 4,000 a
            // second, so the last one waits for two seconds.
            mailbox_capacity: 8_192,
            saga_places: 2_048,
            group_max: 512,
            batch_from: None,
            idle: Duration::from_secs(10),
            idle_long: Duration::from_mins(5),
            tries_max: 50,
        }
    }
}

/// Resources that all mailboxes of an executor share.
pub(super) struct Resources {
    pub store: Store,
    pub policy: Policy,
    pub settings: ExecutorSettings,
}
