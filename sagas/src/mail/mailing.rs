//! Sends queued mails. Records `sending` before the call to the mail server, and `sent` or `failed` after it. A mail found in
//! `sending` is sent again with the same `Message-ID`, unless this process still knows the answer of the mail server.

use std::{error::Error, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::{
    account::{Account, Profile},
    mail::MailKind,
};
use ticketshow_nats::{
    consumers::{
        mail::{Mail, MailEntry, MailState},
        mails::Mails,
        verdict::Verdict,
    },
    executor::{Executor, outcome::Freshness},
    failure::{Failure, chain},
    server::connection::Connection,
};
use tokio_util::sync::CancellationToken;

use super::{
    cascade_mails::CascadeMails,
    contents::{self, NoLongerRelevant},
    letter::{Contents, Letter},
    mailer::{Mailer, Proof, SendError},
};
use crate::{
    recipients::Recipients,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
    },
};

/// Age of a mail up to which a missing account is retried: a replica of the log may lag behind.
const SETTLING_SECONDS: i64 = 60;
/// Time for which a mail that the mail server defers is tried again.
const DEFERRED_MAX: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Pause after the first deferral. Later ones last as long as the mail has been deferred, up to `DEFERRED_PAUSE_MAX`.
const DEFERRED_PAUSE_MIN: SignedDuration = SignedDuration::from_mins(1);
const DEFERRED_PAUSE_MAX: SignedDuration = SignedDuration::from_mins(30);

/// The next step of sending a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Record that it is about to be sent.
    Announce,
    /// Send it, and record the outcome.
    Send,
    Done,
}

/// Returns the next step from the recorded state of a mail, the only state that survives a crash.
pub(super) fn next(recorded: &MailState) -> Step {
    match recorded {
        MailState::Wanted {} => Step::Announce,
        MailState::Sending { .. } => Step::Send,
        MailState::Sent { .. } | MailState::Failed { .. } => Step::Done,
    }
}

/// Returns the time until the next attempt at a deferred mail, or `None` if the mail is due.
pub(super) fn wait(entry: &MailEntry, now: Timestamp) -> Option<Duration> {
    let MailState::Sending { deferred_since: Some(since), .. } = entry.state else { return None };
    let pause = entry.at.duration_since(since).clamp(DEFERRED_PAUSE_MIN, DEFERRED_PAUSE_MAX);
    let left = pause - now.duration_since(entry.at);
    Duration::try_from(left).ok().filter(|left| !left.is_zero())
}

/// Returns the state to record for a mail that was deferred at `now`.
pub(super) fn deferred(recorded: &MailState, to: &str, now: Timestamp, error: Vec<String>) -> MailState {
    let since = match recorded {
        MailState::Sending { deferred_since: Some(since), .. } => *since,
        MailState::Sending { deferred_since: None, .. }
        | MailState::Wanted {}
        | MailState::Sent { .. }
        | MailState::Failed { .. } => now,
    };
    if now.duration_since(since) >= DEFERRED_MAX {
        return MailState::Failed { to: Some(to.to_owned()), error };
    }
    MailState::Sending { to: to.to_owned(), deferred_since: Some(since) }
}

/// Returns the state to record after an answer of the mail server.
///
/// # Errors
///
/// [`SagaError::Transient`] if the mail server is unavailable.
pub(super) fn outcome(
    recorded: &MailState,
    to: &str,
    now: Timestamp,
    answer: Result<(), SendError>,
) -> Result<MailState, SagaError> {
    match answer {
        Ok(()) => Ok(MailState::Sent { to: to.to_owned() }),
        Err(error @ (SendError::Refused(_) | SendError::Address(_))) => {
            Ok(MailState::Failed { to: Some(to.to_owned()), error: chain(&error) })
        }
        Err(error @ SendError::Deferred(_)) => {
            tracing::info!(error = &error as &dyn Error, "mail deferred");
            Ok(deferred(recorded, to, now, chain(&error)))
        }
        Err(error @ SendError::Unavailable(_)) => Err(SagaError::transient(error)),
        Err(error @ SendError::Malformed(_)) => Err(SagaError::permanent(error)),
    }
}

/// Processes the consumer `mailing`.
#[derive(Debug)]
pub(crate) struct Mailing {
    mails: Mails,
    executor: Executor,
    clock: Clock,
    recipients: Recipients,
    cascade_mails: CascadeMails,
    mailer: Mailer,
}

/// A rendered mail and its recipient.
struct Addressed {
    name: Option<String>,
    address: String,
    letter: Letter,
}

/// Recipient of a mail.
struct Recipient {
    /// `None` for an address that is not verified.
    profile: Option<Profile>,
    address: String,
}

impl Mailing {
    pub fn new(
        connection: &Connection,
        executor: &Executor,
        clock: Clock,
        pool: &PgPool,
        mailer: Mailer,
    ) -> Self {
        let recipients = Recipients::new(connection, pool);
        let cascade_mails = CascadeMails::new(pool);
        let (mails, executor) = (Mails::new(connection), executor.clone());
        Self { mails, executor, clock, recipients, cascade_mails, mailer }
    }

    /// Sends queued mails until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<(), Failure> {
        let mails = self.mails.clone();
        let send = move |entry: MailEntry| {
            let mailing = Arc::clone(&self);
            async move { mailing.handle(&entry).await }
        };
        mails.process(Mailer::CONNECTIONS as usize, send, stop).await
    }

    async fn handle(&self, entry: &MailEntry) -> Verdict {
        match wait(entry, self.clock.now()) {
            Some(time) => Verdict::Wait(time),
            None => verdict(self.deliver(entry).await),
        }
    }

    async fn deliver(&self, entry: &MailEntry) -> Result<(), SagaError> {
        let MailEntry { mail, state, .. } = entry;
        let settled = if state.is_settled() { state.clone() } else { self.process(mail, state).await? };
        self.mailer.unrecorded.remove(mail.id);
        if let MailState::Sent { .. } = settled {
            self.cascade_mails.sent(mail).await?;
        }
        Ok(())
    }

    /// Records the answer of the mail server, and returns it.
    async fn process(&self, mail: &Mail, recorded: &MailState) -> Result<MailState, SagaError> {
        let state = match self.mailer.unrecorded.find(mail.id) {
            Some(answered) => answered,
            None => self.send(mail, recorded).await?,
        };
        self.record(mail, &state).await?;
        Ok(state)
    }

    /// Sends a mail, and returns the state to record.
    async fn send(&self, mail: &Mail, recorded: &MailState) -> Result<MailState, SagaError> {
        let now = self.clock.now();
        let Addressed { name, address, letter } = match self.render(mail, now).await? {
            Ok(addressed) => addressed,
            Err(reason) => return Ok(MailState::Failed { to: None, error: chain(&reason) }),
        };
        if next(recorded) == Step::Announce {
            let sending = MailState::Sending { to: address.clone(), deferred_since: None };
            self.record(mail, &sending).await?;
        }
        let answer = self.mailer.send(mail.id, name, &address, letter).await;
        let state = outcome(recorded, &address, now, answer)?;
        self.mailer.unrecorded.keep(mail.id, &state);
        metrics::counter!("ticketshow_mails", "kind" => mail.matter.kind(), "state" => state.name())
            .increment(1);
        tracing::info!(
            mail = %mail.id, kind = mail.matter.kind(), state = state.name(), correlation = %mail.correlation,
            "mail processed"
        );
        Ok(state)
    }

    async fn record(&self, mail: &Mail, state: &MailState) -> Result<(), Failure> {
        self.mails.note(mail, state, self.clock.now()).await
    }

    async fn render(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Result<Addressed, NoLongerRelevant>, SagaError> {
        let Some(Recipient { profile, address }) = self.recipient(mail, now).await? else {
            return Ok(Err(NoLongerRelevant::NoAccount));
        };
        let mut contents = match contents::gather(&self.executor, &mail.matter, now).await? {
            Ok(contents) => contents,
            Err(reason) => return Ok(Err(reason)),
        };
        self.personalise(&mut contents, mail, profile.as_ref());
        // Drawing tickets takes some milliseconds.
        let letter = tokio::task::spawn_blocking(move || Letter::new(&contents)).await;
        let letter = letter.map_err(SagaError::permanent)?.map_err(SagaError::permanent)?;
        Ok(Ok(Addressed { name: profile.map(|profile| profile.name), address, letter }))
    }

    fn personalise(&self, contents: &mut Contents, mail: &Mail, profile: Option<&Profile>) {
        let origin = &self.mailer.origin;
        let values = &mut contents.values;
        values.insert("origin", origin.clone());
        values.extend(profile.map(|profile| ("name", profile.name.clone())));
        match &mail.matter {
            MailKind::PasswordReset { account, expires_at } => {
                let hash = profile.map(|profile| profile.password_hash.as_str()).unwrap_or_default();
                let token = (self.mailer.reset_token)(account, hash, *expires_at);
                values.insert("link", format!("{origin}/reset#token={token}"));
            }
            MailKind::AddressVerification { account, nonce, .. }
            | MailKind::SignInCode { account, nonce, .. } => {
                let Proof { token, code } = (self.mailer.address_proof)(account, *nonce);
                // In the fragment, which browsers send to no server.
                values.extend([("link", format!("{origin}/verify#token={token}")), ("code", code)]);
            }
            MailKind::BookingConfirmed { .. }
            | MailKind::PaymentFailed { .. }
            | MailKind::BookingCancelled { .. }
            | MailKind::RefundStarted { .. }
            | MailKind::RefundCompleted { .. }
            | MailKind::AccountExists { .. }
            | MailKind::AccountChanged { .. } => {}
        }
    }

    /// Returns the recipient of a mail, as their account says now.
    async fn recipient(&self, mail: &Mail, now: Timestamp) -> Result<Option<Recipient>, SagaError> {
        let account = match &mail.matter {
            // Mails to an address that is not verified contain nothing that a stranger entered, such as a name.
            MailKind::AddressVerification { email, .. } | MailKind::SignInCode { email, .. } => {
                return Ok(Some(Recipient { profile: None, address: email.clone() }));
            }
            MailKind::PasswordReset { account, .. }
            | MailKind::AccountExists { account }
            | MailKind::AccountChanged { account, .. } => Some(account.clone()),
            MailKind::BookingConfirmed { .. }
            | MailKind::PaymentFailed { .. }
            | MailKind::BookingCancelled { .. }
            | MailKind::RefundStarted { .. }
            | MailKind::RefundCompleted { .. } => self.recipients.account_of(mail.recipient).await?,
        };
        if let Some(account) = account {
            let seen = self.executor.state::<Account>(&account, Freshness::Fresh).await?;
            if let Some(profile) = seen.state.profile {
                let address = profile.email.clone();
                return Ok(Some(Recipient { profile: Some(profile), address }));
            }
        }
        if may_appear(mail.wanted_at, now) {
            return Err(SagaError::transient(NoLongerRelevant::NoAccount));
        }
        Ok(None)
    }
}

/// Returns `true` if an account that is missing at `now` may still appear for a mail queued at `queued_at`.
pub(super) fn may_appear(queued_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(queued_at).as_secs() < SETTLING_SECONDS
}
