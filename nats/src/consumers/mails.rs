//! The mail queue, in the stream `MAILS`: mails to send, and the outcome of each. One subject per mail,
//! `mail.<user>.<booking, index of the address, or account>.<mail>`, so that the mails of a customer, about a booking or to an
//! address are found without a table.
//!
//! A mail is first `wanted`; its sender records `sending` before the attempt, and `sent` or `failed` after it. A mail found
//! in `sending` after a crash is sent again: a rare duplicate is better than a lost ticket. A mail that the mail server
//! deferred is queued again behind the others, so that the acknowledgements of the queue move past it. Queuing a mail needs
//! no address.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_nats::{HeaderMap, header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, jetstream::Message};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    clock,
    consumers::{
        attempts::{Attempted, Attempts},
        mail::{ListedMail, Mail, MailEntry, MailFilter, MailState, WANTED},
        runner::{Handled, Item, Runner, Work},
        verdict::Verdict,
    },
    failure::{Failure, Meaning, chain, meaning},
    server::{
        connection::Connection,
        requests::{Publication, PublishError, Stored},
    },
    subjects::{HEADER_CORRELATION, HEADER_MAIL, HEADER_TRACE, MAILS, consumers::MAILING},
};

/// Longest wait for the acknowledgement of a write.
const PATIENCE: Duration = Duration::from_secs(5);
const READING: &str = "reading mails";
const WRITING: &str = "recording a mail";

/// The mail queue of an installation.
#[derive(Debug, Clone)]
pub struct Mails {
    connection: Connection,
}

impl Mails {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Queues a mail. A mail with a known id is not queued again.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored; retrying is safe.
    pub async fn want(&self, mail: &Mail) -> Result<(), Failure> {
        queued(self.store(Self::wanted(mail)?).await)
    }

    /// The message that queues a mail, unless it is queued already.
    pub(super) fn wanted(mail: &Mail) -> Result<Publication, Failure> {
        let mut message = message(mail, &MailState::Wanted {}, mail.wanted_at)?;
        message.headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
        Ok(message)
    }

    /// Records a new state of a mail. A deferred mail gets a new place at the end of the queue with it.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored.
    pub async fn note(&self, mail: &Mail, state: &MailState, at: Timestamp) -> Result<(), Failure> {
        stored(self.store(message(mail, state, at)?).await)
    }

    pub(super) async fn store(&self, message: Publication) -> Result<u64, PublishError> {
        let Publication { subject, headers, payload } = message;
        self.connection.publish(WRITING, &subject, headers, payload, PATIENCE).await
    }

    /// Stores messages together, or none of them.
    pub(super) async fn store_batch(&self, messages: Vec<Publication>) -> Result<u64, PublishError> {
        self.connection.publish_batch(WRITING, messages, PATIENCE).await
    }

    /// Returns a mail and its state from the leader.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn state(&self, mail: &Mail) -> Result<Option<MailEntry>, Failure> {
        Ok(self.last(&mail.subject()).await?.map(|listed| listed.entry))
    }

    /// Finds a mail by its id.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn find(&self, id: Uuid) -> Result<Option<MailEntry>, Failure> {
        Ok(self.last(&format!("mail.*.*.{id}")).await?.map(|listed| listed.entry))
    }

    async fn last(&self, subject: &str) -> Result<Option<ListedMail>, Failure> {
        let stored = self.connection.ask_leader(READING, MAILS, &json!({ "last_by_subj": subject })).await?;
        Ok(stored.and_then(|stored| Some(ListedMail { place: stored.sequence, entry: read(&stored)? })))
    }

    /// Returns the newest `max` mails that match the filter and precede `before`, newest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(
        &self,
        filter: MailFilter,
        before: Option<u64>,
        max: usize,
    ) -> Result<Vec<ListedMail>, Failure> {
        let mut wanted = if filter == MailFilter::default() {
            newest_first(self.newest(before, max).await?, before)
        } else {
            self.queued(&[filter], before).await?
        };
        wanted.truncate(max);
        self.update(&mut wanted).await?;
        Ok(wanted)
    }

    /// Returns all mails that match one of the filters and precede `before`, newest first, as they were queued.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn queued(
        &self,
        filters: &[MailFilter],
        before: Option<u64>,
    ) -> Result<Vec<ListedMail>, Failure> {
        let mut wanted = Vec::new();
        for filter in filters {
            let all = self.connection.all_after(READING, MAILS, &filter.subject(), 0).await?;
            wanted.extend(all.iter().filter_map(is_wanted));
        }
        Ok(newest_first(wanted, before))
    }

    /// Reads the current states of mails.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn update(&self, mails: &mut [ListedMail]) -> Result<(), Failure> {
        for listed in mails {
            if let Some(entry) = self.state(&listed.entry.mail).await? {
                listed.entry = entry;
            }
        }
        Ok(())
    }

    /// Returns at least the newest `max` mails to any recipient before a place, as far as they are kept. Reads backwards in
    /// ranges.
    async fn newest(&self, before: Option<u64>, max: usize) -> Result<Vec<ListedMail>, Failure> {
        const RANGE: u64 = 256;
        let mut end = match before {
            Some(before) => before,
            None => self.end().await? + 1,
        };
        let mut wanted = Vec::new();
        while end > 1 && wanted.len() < max {
            let start = end.saturating_sub(RANGE).max(1);
            let count = usize::try_from(end - start).unwrap_or(usize::MAX);
            let (page, _) = self.connection.page(READING, MAILS, "mail.>", start, count).await?;
            if page.first().is_none_or(|oldest| oldest.sequence >= end) {
                // Everything before has expired: mails are never removed singly.
                break;
            }
            wanted.extend(page.iter().filter(|stored| stored.sequence < end).filter_map(is_wanted));
            end = start;
        }
        Ok(wanted)
    }

    async fn end(&self) -> Result<u64, Failure> {
        let last = self.connection.ask_leader(READING, MAILS, &json!({ "last_by_subj": "mail.>" })).await?;
        Ok(last.map_or(0, |stored| stored.sequence))
    }

    /// Calls `send` with every queued mail in its newest state until `stop`: in order per recipient and booking, otherwise in
    /// parallel, `parallelism` at once. `Retry` calls again later; `Park` records the mail as failed. Only one process at a
    /// time may do this.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be opened. Once open, it reconnects by itself.
    pub async fn process<F, Fut>(
        &self,
        parallelism: usize,
        send: F,
        stop: CancellationToken,
    ) -> Result<(), Failure>
    where
        F: Fn(MailEntry) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        let attempts = Attempts::new(parallelism, stop.clone());
        let queue = Arc::new(MailQueue { mails: self.clone(), send, attempts });
        let (_no_requests, requests) = mpsc::channel(1);
        let runner = Runner { connection: &self.connection, stream: MAILS, name: MAILING };
        runner.run(queue, requests, &stop).await
    }
}

/// A message that records the state of a mail.
fn message(mail: &Mail, state: &MailState, at: Timestamp) -> Result<Publication, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(HEADER_MAIL, if state.is_queued() { WANTED } else { state.name() });
    headers.insert(HEADER_CORRELATION, mail.correlation.to_string());
    if let Some(trace) = &mail.trace {
        headers.insert(HEADER_TRACE, trace.as_str());
    }
    let entry = MailEntry { mail: mail.clone(), state: state.clone(), at };
    let payload = serde_json::to_vec(&entry).map_err(|error| Failure::unreachable(WRITING, error))?;
    Ok(Publication { subject: mail.subject(), headers, payload: payload.into() })
}

/// The outcome of queuing a mail: one that is queued already is refused, which is no error.
pub(super) fn queued(published: Result<u64, PublishError>) -> Result<(), Failure> {
    match published {
        Err(PublishError::Refused(error)) if meaning(&error) != Meaning::Rejected => Ok(()),
        published => stored(published),
    }
}

fn stored(published: Result<u64, PublishError>) -> Result<(), Failure> {
    match published {
        Ok(_) => Ok(()),
        Err(PublishError::Refused(error)) => Err(Failure::rejected(WRITING, error)),
        Err(PublishError::Unanswered(failure)) => Err(failure),
    }
}

fn read(stored: &Stored) -> Option<MailEntry> {
    serde_json::from_slice(&stored.payload).ok()
}

fn is_wanted(stored: &Stored) -> Option<ListedMail> {
    let entry = read(stored)?;
    (entry.state == MailState::Wanted {}).then_some(ListedMail { place: stored.sequence, entry })
}

/// Sorts mails before a place, each once.
fn newest_first(mut mails: Vec<ListedMail>, before: Option<u64>) -> Vec<ListedMail> {
    mails.retain(|listed| before.is_none_or(|before| listed.place < before));
    mails.sort_by_key(|listed| std::cmp::Reverse(listed.place));
    mails.dedup_by_key(|listed| listed.place);
    mails
}

/// Delivers queued mails.
struct MailQueue<F> {
    mails: Mails,
    send: F,
    attempts: Attempts,
}

impl<F, Fut> Work for MailQueue<F>
where
    F: Fn(MailEntry) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    type Request = Infallible;

    fn key(&self, message: &Message) -> Option<String> {
        let state = message.headers.as_ref().and_then(|headers| headers.get(HEADER_MAIL));
        let wanted = state.is_some_and(|state| state.as_str() == WANTED);
        // The key leaves out the mail's id, so mails about a booking are delivered in order.
        wanted.then(|| message.subject.rsplit_once('.').map(|(key, _)| key.to_owned())).flatten()
    }

    async fn handle(&self, _key: &str, item: Item<Infallible>) -> Handled {
        let message = match item {
            Item::Message(message) => message,
            Item::Request(never) => match never {},
        };
        let entry: MailEntry = match serde_json::from_slice(&message.payload) {
            Ok(entry) => entry,
            Err(error) => {
                tracing::error!(%error, "message in the mail stream is not a mail");
                return Handled::Done;
            }
        };
        let place = message.info().map_or(u64::MAX, |info| info.stream_sequence);
        match self.attempts.make(MAILING, || self.attempt(&entry, place)).await {
            Attempted::Done => Handled::Done,
            Attempted::Stopped => Handled::Stopped,
            Attempted::Parked { error, .. } => {
                let error = chain(error.as_ref());
                tracing::error!(mail = %entry.mail.id, ?error, "mail failed for good");
                self.record_failure(&entry.mail, error).await
            }
        }
    }
}

impl<F, Fut> MailQueue<F>
where
    F: Fn(MailEntry) -> Fut,
    Fut: Future<Output = Verdict>,
{
    async fn attempt(&self, queued: &MailEntry, place: u64) -> Verdict {
        match self.mails.last(&queued.mail.subject()).await {
            Err(failure) => Verdict::Retry(failure.into()),
            // Queued again: its later place counts.
            Ok(Some(newest)) if newest.place > place && newest.entry.state.is_queued() => Verdict::Done,
            Ok(newest) => (self.send)(newest.map_or_else(|| queued.clone(), |newest| newest.entry)).await,
        }
    }
}

impl<F> MailQueue<F> {
    /// Records a mail as failed, retrying until that is stored.
    async fn record_failure(&self, mail: &Mail, error: Vec<String>) -> Handled {
        let attempt = || async {
            let to = match self.mails.state(mail).await {
                Ok(entry) => entry.and_then(|entry| entry.state.to().cloned()),
                Err(failure) => return Verdict::Retry(failure.into()),
            };
            let failed = MailState::Failed { to, error: error.clone() };
            let recorded = self.mails.note(mail, &failed, clock::now()).await;
            recorded.map_or_else(|failure| Verdict::Retry(failure.into()), |()| Verdict::Done)
        };
        match self.attempts.make(MAILING, attempt).await {
            Attempted::Stopped => Handled::Stopped,
            Attempted::Done | Attempted::Parked { .. } => Handled::Done,
        }
    }
}
