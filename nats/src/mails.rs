//! The mails of an installation, in the stream `MAILS`: who is to be told what, and what became of it. One subject a mail,
//! `mail.<user>.<booking, or account>.<mail>`, so that everything about a customer or a booking is found without a table.
//!
//! A mail is first `wanted`; whoever sends it notes `sending` before it does, and `sent` or `failed` after. Found in
//! `sending` after a crash it is sent again: a rare double beats a lost ticket. No address is needed to want a mail.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_nats::{HeaderMap, header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, jetstream::Message};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use ticketshow_domain::{
    AccountKey, BookingId, Money, PaymentId, UserId,
    booking::{CancelledBy, FailureReason, RefundDue},
    payment::RefundTarget,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::{Uuid, uuid};

use crate::{
    Connection, Failure, Recorded, Verdict,
    attempts::{Attempted, Attempts},
    consumers::MAILING,
    failure::{Meaning, meaning},
    parked::chain,
    requests::{PublishError, Stored},
    runner::{Handled, Item, Runner, Work},
    subjects::{HEADER_CORRELATION, HEADER_MAIL, HEADER_TRACE, MAILS},
};

/// Where the ids of mails that follow from events live. Minted once; never to be changed.
const NAMESPACE: Uuid = uuid!("2f0d8b6e-7c1a-4b59-9a63-c2f1f0a4d7b5");
/// How long a write waits for its acknowledgement.
const PATIENCE: Duration = Duration::from_secs(5);
const READING: &str = "reading the mails";

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the events")]
pub enum Matter {
    /// The booking is paid: the tickets.
    BookingConfirmed { booking: BookingId },
    /// An attempt to pay came to nothing.
    PaymentFailed { booking: BookingId, payment: PaymentId, reason: FailureReason },
    /// The booking is off.
    BookingCancelled {
        booking: BookingId,
        by: CancelledBy,
        reason: Option<String>,
        refund_due: Option<RefundDue>,
    },
    /// Money is on its way back to a card; `booking` is none for a top-up.
    RefundStarted { booking: Option<BookingId>, payment: PaymentId, amount: Money },
    /// Money that came by card is back; on the wallet, if the card would not take it.
    RefundCompleted { booking: Option<BookingId>, payment: PaymentId, amount: Money, target: RefundTarget },
    /// Somebody forgot the password.
    PasswordReset { account: AccountKey, expires_at: Timestamp },
}

impl Matter {
    /// The booking that it is about.
    #[must_use]
    pub fn booking(&self) -> Option<BookingId> {
        match self {
            Self::BookingConfirmed { booking }
            | Self::PaymentFailed { booking, .. }
            | Self::BookingCancelled { booking, .. } => Some(*booking),
            Self::RefundStarted { booking, .. } | Self::RefundCompleted { booking, .. } => *booking,
            Self::PasswordReset { .. } => None,
        }
    }

    /// Its kind on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BookingConfirmed { .. } => "booking_confirmed",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::BookingCancelled { .. } => "booking_cancelled",
            Self::RefundStarted { .. } => "refund_started",
            Self::RefundCompleted { .. } => "refund_completed",
            Self::PasswordReset { .. } => "password_reset",
        }
    }
}

/// A mail that somebody is to get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Its id; also its `Message-ID`, however often it is sent.
    pub id: Uuid,
    /// Who gets it. The address is looked up when it is sent.
    pub recipient: UserId,
    /// What it is about.
    pub matter: Matter,
    /// Since when it is wanted.
    pub wanted_at: Timestamp,
    /// Of the request that began it all.
    pub correlation: Uuid,
    /// Its W3C `traceparent`, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// The mail that this one says again because a person asked for it.
    pub repeats: Option<Uuid>,
    /// The cascade that cancelled the booking which it is about.
    #[serde(default)]
    pub cascade: Option<Uuid>,
}

impl Mail {
    /// The mail that follows from an event: the same event, recipient and booking always give the same mail.
    #[must_use]
    pub fn following(cause: &Recorded, recipient: UserId, matter: Matter) -> Self {
        let Recorded { commit, version, metadata, event, .. } = cause;
        let name = format!("{commit}/{version}/{recipient}/{}", about(&matter));
        let id = Uuid::new_v5(&NAMESPACE, name.as_bytes());
        let (wanted_at, correlation, trace) = (metadata.time, metadata.correlation, metadata.trace.clone());
        let cascade = event.cascade();
        Self { id, recipient, matter, wanted_at, correlation, trace, repeats: None, cascade }
    }

    /// The same mail once more, as a mail of its own: mail programs hide what has a `Message-ID` they know.
    #[must_use]
    pub fn again(&self, id: Uuid, wanted_at: Timestamp, correlation: Uuid) -> Self {
        Self { id, wanted_at, correlation, repeats: Some(self.id), ..self.clone() }
    }

    fn subject(&self) -> String {
        let Self { id, recipient, matter, .. } = self;
        format!("mail.{recipient}.{}.{id}", about(matter))
    }
}

fn about(matter: &Matter) -> String {
    matter.booking().map_or_else(|| "account".to_owned(), |booking| booking.to_string())
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MailState {
    /// Nobody has tried to send it.
    Wanted {},
    /// It is being sent, or a crash came in between.
    Sending {
        /// The address.
        to: String,
    },
    /// The mail server has it.
    Sent {
        /// The address.
        to: String,
    },
    /// It will not be sent.
    Failed {
        /// The address, if it was known.
        to: Option<String>,
        /// Why, from the outermost error to its cause.
        error: Vec<String>,
    },
}

impl MailState {
    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Wanted {} => WANTED,
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::Failed { .. } => "failed",
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Wanted {} | Self::Sending { .. } => false,
            Self::Sent { .. } | Self::Failed { .. } => true,
        }
    }

    /// The address, if it is known.
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        match self {
            Self::Wanted {} => None,
            Self::Sending { to } | Self::Sent { to } => Some(to),
            Self::Failed { to, .. } => to.as_deref(),
        }
    }
}

const WANTED: &str = "wanted";

/// A mail and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailEntry {
    /// Which mail.
    pub mail: Mail,
    /// Where it stands.
    pub state: MailState,
    /// Since when.
    pub at: Timestamp,
}

/// An entry of the list, and its place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMail {
    /// When it was wanted, in the stream's own count: the newest has the highest.
    pub place: u64,
    /// As it stands now.
    pub entry: MailEntry,
}

/// Which mails are listed. What is `None` does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// Those to one person.
    pub recipient: Option<UserId>,
    /// Those about one booking.
    pub booking: Option<BookingId>,
}

impl MailFilter {
    fn subject(self) -> String {
        let token = |id: Option<Uuid>| id.map_or_else(|| "*".to_owned(), |id| id.to_string());
        let Self { recipient, booking } = self;
        format!("mail.{}.{}.*", token(recipient.map(|user| user.0)), token(booking.map(|booking| booking.0)))
    }
}

/// The mails of an installation.
#[derive(Debug, Clone)]
pub struct Mails {
    connection: Connection,
}

impl Mails {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Asks for a mail. One that was asked for before is not asked for again.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be kept: asking again is safe.
    pub async fn want(&self, mail: &Mail) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
        match self.publish(mail, &MailState::Wanted {}, mail.wanted_at, headers).await {
            Err(PublishError::Refused(error)) if meaning(&error) != Meaning::Rejected => Ok(()),
            published => told(published),
        }
    }

    /// Notes what became of a mail.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be noted.
    pub async fn note(&self, mail: &Mail, state: &MailState, at: Timestamp) -> Result<(), Failure> {
        told(self.publish(mail, state, at, HeaderMap::new()).await)
    }

    async fn publish(
        &self,
        mail: &Mail,
        state: &MailState,
        at: Timestamp,
        mut headers: HeaderMap,
    ) -> Result<u64, PublishError> {
        headers.insert(HEADER_MAIL, state.name());
        headers.insert(HEADER_CORRELATION, mail.correlation.to_string());
        if let Some(trace) = &mail.trace {
            headers.insert(HEADER_TRACE, trace.as_str());
        }
        let entry = MailEntry { mail: mail.clone(), state: state.clone(), at };
        let payload = serde_json::to_vec(&entry)
            .map_err(|error| PublishError::Unanswered(Failure::away(WRITING, error)))?;
        self.connection.publish(WRITING, &mail.subject(), headers, payload.into(), PATIENCE).await
    }

    /// How a mail stands, as the leader knows it.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn state(&self, mail: &Mail) -> Result<Option<MailEntry>, Failure> {
        self.last(&mail.subject()).await
    }

    /// A mail by its id, as it stands now.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn find(&self, id: Uuid) -> Result<Option<MailEntry>, Failure> {
        self.last(&format!("mail.*.*.{id}")).await
    }

    async fn last(&self, subject: &str) -> Result<Option<MailEntry>, Failure> {
        let stored = self.connection.ask_leader(READING, MAILS, &json!({ "last_by_subj": subject })).await?;
        Ok(stored.and_then(|stored| read(&stored)))
    }

    /// The newest `max` mails that fit, of those before a place, newest first.
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
            self.newest(before, max).await?
        } else {
            let all = self.connection.all_after(READING, MAILS, &filter.subject(), 0).await?;
            all.iter().filter_map(is_wanted).collect()
        };
        wanted.retain(|listed| before.is_none_or(|before| listed.place < before));
        wanted.sort_by_key(|listed| std::cmp::Reverse(listed.place));
        wanted.truncate(max);
        for listed in &mut wanted {
            if let Some(entry) = self.state(&listed.entry.mail).await? {
                listed.entry = entry;
            }
        }
        Ok(wanted)
    }

    /// At least the newest `max` that were wanted before a place, whoever gets them: read backwards, a stretch at a time.
    async fn newest(&self, before: Option<u64>, max: usize) -> Result<Vec<ListedMail>, Failure> {
        const STRETCH: u64 = 256;
        let mut end = match before {
            Some(before) => before,
            None => self.end().await? + 1,
        };
        let mut wanted = Vec::new();
        while end > 1 && wanted.len() < max {
            let start = end.saturating_sub(STRETCH).max(1);
            let count = usize::try_from(end - start).unwrap_or(usize::MAX);
            let (page, _) = self.connection.page(READING, MAILS, "mail.>", start, count).await?;
            wanted.extend(page.iter().filter(|stored| stored.sequence < end).filter_map(is_wanted));
            end = start;
        }
        Ok(wanted)
    }

    async fn end(&self) -> Result<u64, Failure> {
        let last = self.connection.ask_leader(READING, MAILS, &json!({ "last_by_subj": "mail.>" })).await?;
        Ok(last.map_or(0, |stored| stored.sequence))
    }

    /// Calls `send` with every mail that is wanted, until `stop`: those about one booking in order, others side by side,
    /// `parallelism` at once. `Retry` calls again later; `Park` notes the mail as failed. One process at a time may do
    /// this.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be had; from then on it mends itself.
    pub async fn work_off<F, Fut>(
        &self,
        parallelism: usize,
        send: F,
        stop: CancellationToken,
    ) -> Result<(), Failure>
    where
        F: Fn(Mail) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        let attempts = Attempts::new(parallelism, stop.clone());
        let office = Arc::new(Office { mails: self.clone(), send, attempts });
        let (_nobody_asks, requests) = mpsc::channel(1);
        let runner = Runner { connection: &self.connection, stream: MAILS, name: MAILING };
        runner.run(office, requests, &stop).await
    }
}

const WRITING: &str = "noting a mail";

fn told(published: Result<u64, PublishError>) -> Result<(), Failure> {
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

/// What a runner does with mails.
struct Office<F> {
    mails: Mails,
    send: F,
    attempts: Attempts,
}

impl<F, Fut> Work for Office<F>
where
    F: Fn(Mail) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    type Request = Infallible;

    fn key(&self, message: &Message) -> Option<String> {
        let state = message.headers.as_ref().and_then(|headers| headers.get(HEADER_MAIL));
        let wanted = state.is_some_and(|state| state.as_str() == WANTED);
        // Without the mail's own id: what was first about a booking arrives first.
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
                tracing::error!(%error, "something that is no mail is in the stream of mails");
                return Handled::Done;
            }
        };
        match self.attempts.make(MAILING, || (self.send)(entry.mail.clone())).await {
            Attempted::Done => Handled::Done,
            Attempted::Stopped => Handled::Stopped,
            Attempted::Parked { error, .. } => {
                let error = chain(error.as_ref());
                tracing::error!(mail = %entry.mail.id, ?error, "a mail is given up");
                self.give_up(&entry.mail, error).await
            }
        }
    }
}

impl<F> Office<F> {
    /// Notes a mail as failed, however long it takes.
    async fn give_up(&self, mail: &Mail, error: Vec<String>) -> Handled {
        let attempt = || async {
            let to = match self.mails.state(mail).await {
                Ok(entry) => entry.and_then(|entry| entry.state.to().map(str::to_owned)),
                Err(failure) => return Verdict::Retry(failure.into()),
            };
            let failed = MailState::Failed { to, error: error.clone() };
            let noted = self.mails.note(mail, &failed, crate::clock::now()).await;
            noted.map_or_else(|failure| Verdict::Retry(failure.into()), |()| Verdict::Done)
        };
        match self.attempts.make(MAILING, attempt).await {
            Attempted::Stopped => Handled::Stopped,
            Attempted::Done | Attempted::Parked { .. } => Handled::Done,
        }
    }
}
