//! The security log: acts of staff and administrators in the stream `AUDIT_ACTS`, all else in `AUDIT`, where a flood may push
//! older entries out. One subject per user: `audit.act.<user>`, `audit.<user>`, or `audit.nobody`.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use ticketshow_domain::{UserId, audit::AuditEntry};
use tokio::sync::mpsc;

use crate::{
    failure::{Failure, chain},
    server::{
        connection::Connection,
        requests::{PublishError, Stored},
    },
    subjects::{AUDIT, AUDIT_ACTS},
};

/// Longest wait for the acknowledgement of an entry, and the pause before it is sent again.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);
/// Sequences that are read at once, and reads of one list and stream.
const RANGE: u64 = 512;
const RANGES_MAX: usize = 40;
const READING: &str = "reading the security log";
const WRITING: &str = "keeping an entry of the security log";

/// The kept entries of the security log.
#[derive(Debug, Clone)]
pub struct AuditTrail {
    connection: Connection,
    /// The stream of acts exists. One that an earlier version provisioned has all entries in `AUDIT`.
    has_acts: Arc<AtomicBool>,
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
    fn admits(&self, entry: &AuditEntry) -> bool {
        let has = |wanted: &String| entry.action.to_lowercase().contains(&wanted.to_lowercase());
        self.action.as_ref().is_none_or(has)
            && self.from.is_none_or(|from| from <= entry.at)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// Page of a list, newest first.
#[derive(Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Place before which the list continues; `None` at its end.
    pub next: Option<AuditPlace>,
}

/// Sequences in the streams before which a list continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPlace {
    acts: u64,
    others: u64,
}

/// One stream of the log.
#[derive(Debug, Clone, Copy)]
struct Part {
    stream: &'static str,
    prefix: &'static str,
}

const ACTS: Part = Part { stream: AUDIT_ACTS, prefix: "audit.act" };
const OTHERS: Part = Part { stream: AUDIT, prefix: "audit" };

impl Part {
    fn all(self) -> String {
        format!("{}.*", self.prefix)
    }

    fn of(self, actor: Option<UserId>) -> String {
        actor.map_or_else(|| format!("{}.nobody", self.prefix), |actor| format!("{}.{actor}", self.prefix))
    }
}

impl AuditTrail {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone(), has_acts: Arc::default() }
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
        let part = if entry.is_act() && self.has_acts().await? { ACTS } else { OTHERS };
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, entry.id.to_string());
        let subject = part.of(entry.actor);
        match self.connection.publish(WRITING, &subject, headers, payload.into(), PATIENCE).await {
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
        before: Option<AuditPlace>,
        max: usize,
    ) -> Result<AuditPage, Failure> {
        let ends = before.map(|before| (before.acts, before.others)).unzip();
        let mut acts = self.walk(ACTS, filter, ends.0).await?;
        let mut others = self.walk(OTHERS, filter, ends.1).await?;
        let mut entries = Vec::new();
        loop {
            acts.fill(&self.connection).await?;
            others.fill(&self.connection).await?;
            if acts.is_over() && others.is_over() {
                return Ok(AuditPage { entries, next: None });
            }
            // If the search of one stream was cut short, its next entry may be newer than that of the other.
            if entries.len() == max || acts.is_tired() || others.is_tired() {
                let next = AuditPlace { acts: acts.place(), others: others.place() };
                return Ok(AuditPage { entries, next: Some(next) });
            }
            let newer = if acts.next() > others.next() { &mut acts } else { &mut others };
            entries.extend(newer.found.pop_front().map(|(_, entry)| entry));
        }
    }

    async fn has_acts(&self) -> Result<bool, Failure> {
        if !self.has_acts.load(Ordering::Relaxed) && self.connection.has_stream(AUDIT_ACTS).await? {
            self.has_acts.store(true, Ordering::Relaxed);
        }
        Ok(self.has_acts.load(Ordering::Relaxed))
    }

    /// Begins to read a stream backwards.
    async fn walk<'a>(
        &self,
        part: Part,
        filter: &'a AuditFilter,
        before: Option<u64>,
    ) -> Result<Walk<'a>, Failure> {
        let end = match (before, filter.to) {
            (Some(before), _) => before,
            // Beyond the end of a stream that does not exist.
            (None, _) if part.stream == AUDIT_ACTS && !self.has_acts().await? => 1,
            (None, Some(to)) => self.first_at(part, to).await?,
            (None, None) => self.end(part).await? + 1,
        };
        let subject = filter.actor.map_or_else(|| part.all(), |actor| part.of(Some(actor)));
        Ok(Walk { stream: part.stream, subject, filter, end, ranges: 0, found: VecDeque::new() })
    }

    /// Returns the place of the first entry at or after `time`. Entries are stored in the order of their times, apart
    /// from delays of moments.
    async fn first_at(&self, part: Part, time: Timestamp) -> Result<u64, Failure> {
        let (mut low, mut high) = (1, self.end(part).await? + 1);
        while low < high {
            let middle = low.midpoint(high);
            let (page, _) = self.connection.page(READING, part.stream, &part.all(), middle, 1).await?;
            match page.first().and_then(read) {
                Some((place, entry)) if entry.at < time => low = place + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }

    async fn end(&self, part: Part) -> Result<u64, Failure> {
        let last = json!({ "last_by_subj": part.all() });
        let last = self.connection.ask_leader(READING, part.stream, &last).await?;
        Ok(last.map_or(0, |stored| stored.sequence))
    }
}

/// A stream, read backwards.
struct Walk<'a> {
    stream: &'static str,
    subject: String,
    filter: &'a AuditFilter,
    /// Sequence before which nothing was read yet.
    end: u64,
    /// Reads so far.
    ranges: usize,
    /// Matching entries that were read, newest first.
    found: VecDeque<(u64, AuditEntry)>,
}

impl Walk<'_> {
    /// Reads on until there is an entry.
    async fn fill(&mut self, connection: &Connection) -> Result<(), Failure> {
        while self.found.is_empty() && self.end > 1 && self.ranges < RANGES_MAX {
            let start = self.end.saturating_sub(RANGE).max(1);
            let count = usize::try_from(self.end - start).unwrap_or(usize::MAX);
            let (page, _) = connection.page(READING, self.stream, &self.subject, start, count).await?;
            let page = page.iter().filter(|stored| stored.sequence < self.end).filter_map(read);
            let page: Vec<_> = page.collect();
            let is_early = |entry: &AuditEntry| self.filter.from.is_some_and(|from| entry.at < from);
            let reaches_the_first = page.iter().any(|(_, entry)| is_early(entry));
            self.found.extend(page.into_iter().rev().filter(|(_, entry)| self.filter.admits(entry)));
            self.end = if reaches_the_first { 1 } else { start };
            self.ranges += 1;
        }
        Ok(())
    }

    fn next(&self) -> Option<Timestamp> {
        self.found.front().map(|(_, entry)| entry.at)
    }

    fn is_over(&self) -> bool {
        self.found.is_empty() && self.end <= 1
    }

    /// Returns `true` if it was read for long without finding an entry.
    fn is_tired(&self) -> bool {
        self.found.is_empty() && self.end > 1
    }

    /// Sequence before which it has to be read again.
    fn place(&self) -> u64 {
        self.found.front().map_or(self.end, |(sequence, _)| sequence + 1)
    }
}

fn read(stored: &Stored) -> Option<(u64, AuditEntry)> {
    serde_json::from_slice(&stored.payload).ok().map(|entry| (stored.sequence, entry))
}
