//! The security log in the stream `AUDIT`, one subject per user: `audit.<user>`, or `audit.nobody`.

use std::time::Duration;

use async_nats::HeaderMap;
use jiff::Timestamp;
use serde_json::json;
use ticketshow_domain::{UserId, audit::AuditEntry};
use tokio::sync::mpsc;

use crate::{
    failure::{Failure, chain},
    server::{
        connection::Connection,
        requests::{PublishError, Stored},
    },
    subjects::AUDIT,
};

/// Longest wait for the acknowledgement of an entry, and the pause before it is sent again.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);
/// Sequences that are read at once, and reads of one list.
const RANGE: u64 = 512;
const RANGES_MAX: usize = 40;
const READING: &str = "reading the security log";
const WRITING: &str = "keeping an entry of the security log";

/// The kept entries of the security log.
#[derive(Debug, Clone)]
pub struct AuditTrail {
    connection: Connection,
}

/// Conditions that a listed entry meets.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only acts of this user.
    pub actor: Option<UserId>,
    /// Only acts that contain this text.
    pub action: Option<String>,
    /// Only acts at or after this time.
    pub from: Option<Timestamp>,
    /// Only acts before this time.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    fn subject(&self) -> String {
        self.actor.map_or_else(|| "audit.*".to_owned(), |actor| subject(Some(actor)))
    }

    fn admits(&self, entry: &AuditEntry) -> bool {
        let has = |wanted: &String| entry.action.to_lowercase().contains(&wanted.to_lowercase());
        self.action.as_ref().is_none_or(has)
            && self.from.is_none_or(|from| from <= entry.at)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// Entries of a list, newest first, with their places.
#[derive(Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<(u64, AuditEntry)>,
    /// Place before which the list goes on; `None` at its end.
    pub next: Option<u64>,
}

fn subject(actor: Option<UserId>) -> String {
    actor.map_or_else(|| "audit.nobody".to_owned(), |actor| format!("audit.{actor}"))
}

impl AuditTrail {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Keeps entries until their sender is gone. Waits while the server is away; an entry that the server refuses stays in
    /// the process log only.
    pub async fn keep_all(self, mut entries: mpsc::Receiver<AuditEntry>) {
        while let Some(entry) = entries.recv().await {
            while let Err(failure) = self.keep(&entry).await {
                if matches!(failure, Failure::Rejected { .. }) {
                    tracing::error!(causes = ?chain(&failure), entry = %entry.id, "an entry was not kept");
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Keeps an entry; once, if it is repeated soon.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored.
    pub async fn keep(&self, entry: &AuditEntry) -> Result<(), Failure> {
        let payload = serde_json::to_vec(entry).map_err(|error| Failure::unreachable(WRITING, error))?;
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, entry.id.to_string());
        let published =
            self.connection.publish(WRITING, &subject(entry.actor), headers, payload.into(), PATIENCE).await;
        match published {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) => Err(Failure::rejected(WRITING, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }

    /// Returns the newest entries that match and precede the place `before`. A page may hold fewer than `max` although the
    /// list goes on: a search through many others ends after a while.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        max: usize,
    ) -> Result<AuditPage, Failure> {
        let mut end = match (before, filter.to) {
            (Some(before), _) => before,
            (None, Some(to)) => self.first_at(to).await?,
            (None, None) => self.end().await? + 1,
        };
        let mut entries = Vec::new();
        for _ in 0..RANGES_MAX {
            let start = end.saturating_sub(RANGE).max(1);
            if start >= end {
                return Ok(AuditPage { entries, next: None });
            }
            let count = usize::try_from(end - start).unwrap_or(usize::MAX);
            let (page, _) = self.connection.page(READING, AUDIT, &filter.subject(), start, count).await?;
            let found: Vec<_> = page.iter().filter(|stored| stored.sequence < end).filter_map(read).collect();
            for (place, entry) in found.iter().rev() {
                if filter.from.is_some_and(|from| entry.at < from) {
                    return Ok(AuditPage { entries, next: None });
                }
                if filter.admits(entry) {
                    if entries.len() == max {
                        return Ok(AuditPage { entries, next: Some(place + 1) });
                    }
                    entries.push((*place, entry.clone()));
                }
            }
            end = start;
        }
        Ok(AuditPage { entries, next: Some(end) })
    }

    /// Returns the place of the first entry at or after `time`. Entries are stored in the order of their times, but for
    /// moments.
    async fn first_at(&self, time: Timestamp) -> Result<u64, Failure> {
        let (mut low, mut high) = (1, self.end().await? + 1);
        while low < high {
            let middle = low.midpoint(high);
            let (page, _) = self.connection.page(READING, AUDIT, "audit.*", middle, 1).await?;
            match page.first().and_then(read) {
                Some((place, entry)) if entry.at < time => low = place + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }

    async fn end(&self) -> Result<u64, Failure> {
        let last = self.connection.ask_leader(READING, AUDIT, &json!({ "last_by_subj": "audit.*" })).await?;
        Ok(last.map_or(0, |stored| stored.sequence))
    }
}

fn read(stored: &Stored) -> Option<(u64, AuditEntry)> {
    serde_json::from_slice(&stored.payload).ok().map(|entry| (stored.sequence, entry))
}
