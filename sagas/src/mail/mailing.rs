//! Sends queued mails. Records `sending` before the call to the mail server, and `sent` or `failed` after it. A mail found in
//! `sending` is sent again with the same `Message-ID`, unless this process still knows the answer of the mail server.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::{
    Personal,
    account::{Account, Profile},
    booking::Booking,
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
    kv::persons::Persons,
    server::connection::Connection,
};
use tokio_util::sync::CancellationToken;

use super::{
    cascade_mails::CascadeMails,
    contents,
    letter::{Contents, Letter},
    mailer::{Mailer, Proof, SendError, hidden},
    reminders::is_to_walk_in,
    source::{NoLongerRelevant, Source},
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
pub(super) fn deferred(recorded: &MailState, to: &Personal, now: Timestamp, error: Vec<String>) -> MailState {
    let since = match recorded {
        MailState::Sending { deferred_since: Some(since), .. } => *since,
        MailState::Sending { deferred_since: None, .. }
        | MailState::Wanted {}
        | MailState::Sent { .. }
        | MailState::Failed { .. } => now,
    };
    if now.duration_since(since) >= DEFERRED_MAX {
        return MailState::Failed { to: Some(to.clone()), error };
    }
    MailState::Sending { to: to.clone(), deferred_since: Some(since) }
}

/// Returns the state to record after an answer of the mail server.
///
/// # Errors
///
/// [`SagaError::Transient`] if the mail server is unavailable.
pub(super) fn outcome(
    recorded: &MailState,
    to: &To,
    now: Timestamp,
    answer: Result<(), SendError>,
) -> Result<MailState, SagaError> {
    // Mail servers repeat the address in their answers.
    let shown = |error: &SendError| hidden(chain(error), &to.address);
    match answer {
        Ok(()) => Ok(MailState::Sent { to: to.stored.clone() }),
        Err(error @ (SendError::Refused(_) | SendError::Address(_))) => {
            Ok(MailState::Failed { to: Some(to.stored.clone()), error: shown(&error) })
        }
        Err(error @ SendError::Deferred(_)) => {
            let error = shown(&error);
            tracing::info!(error = error.join(": "), "mail deferred");
            Ok(deferred(recorded, &to.stored, now, error))
        }
        Err(error @ SendError::Unavailable(_)) => Err(SagaError::transient(error)),
        Err(error @ SendError::Malformed(_)) => Err(SagaError::permanent(error)),
    }
}

/// Processes the consumer `mailing`.
#[derive(Debug)]
pub(crate) struct Mailing {
    mails: Mails,
    persons: Persons,
    executor: Executor,
    clock: Clock,
    recipients: Recipients,
    cascade_mails: CascadeMails,
    pool: PgPool,
    mailer: Mailer,
}

/// An address.
pub(super) struct To {
    pub address: String,
    /// The address as it is recorded: sealed with the key of the person, like the account's own.
    pub stored: Personal,
}

/// A rendered mail and its recipient.
struct Addressed {
    name: Option<String>,
    to: To,
    letter: Letter,
}

/// Recipient of a mail.
struct Recipient {
    /// `None` for an address without an account: not verified yet, or erased.
    account: Option<(Profile, String)>,
    to: To,
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
        let (persons, pool) = (Persons::new(connection), pool.clone());
        Self { mails, persons, executor, clock, recipients, cascade_mails, pool, mailer }
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
        if let MailKind::AccountErased { email, .. } = &mail.matter
            && let Some((key_of_mail, _)) = email.seal()
        {
            self.persons.destroy(key_of_mail).await?;
        }
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
        let Addressed { name, to, letter } = match self.render(mail, now).await? {
            Ok(addressed) => addressed,
            Err(reason) => return Ok(MailState::Failed { to: None, error: chain(&reason) }),
        };
        if next(recorded) == Step::Announce {
            let sending = MailState::Sending { to: to.stored.clone(), deferred_since: None };
            self.record(mail, &sending).await?;
        }
        let answer = self.mailer.send(mail.id, name, &to.address, letter).await;
        let state = outcome(recorded, &to, now, answer)?;
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
        let Some(Recipient { account, to }) = self.recipient(mail, now).await? else {
            return Ok(Err(NoLongerRelevant::NoAccount));
        };
        let reader = account.as_ref().map(|(profile, _)| profile);
        let chosen = reader.and_then(|profile| profile.language);
        let language = chosen.or(mail.matter.language()).unwrap_or_default();
        let source = Source { executor: &self.executor, pool: &self.pool, reader, language };
        let mut contents = match contents::gather(source, mail, now).await? {
            Ok(contents) => contents,
            Err(reason) => return Ok(Err(reason)),
        };
        if let MailKind::Reminder { .. } = mail.matter
            && let Err(reason) = self.offer_to_stop(&mut contents, &to).await?
        {
            return Ok(Err(reason));
        }
        self.personalise(&mut contents, mail, account.as_ref());
        // Drawing tickets takes some milliseconds.
        let letter = tokio::task::spawn_blocking(move || Letter::new(&contents)).await;
        let letter = letter.map_err(SagaError::permanent)?.map_err(SagaError::permanent)?;
        Ok(Ok(Addressed { name: account.map(|(_, name)| name), to, letter }))
    }

    /// Adds the ways to turn reminders off, unless they are off for this address.
    async fn offer_to_stop(
        &self,
        contents: &mut Contents,
        to: &To,
    ) -> Result<Result<(), NoLongerRelevant>, SagaError> {
        let (account, token) = (self.mailer.reminder_choice)(&to.address);
        if self.executor.state::<Account>(&account, Freshness::Fresh).await?.state.reminders_off {
            return Ok(Err(NoLongerRelevant::Unwanted));
        }
        let origin = &self.mailer.origin;
        contents.values.insert("reminders_off", format!("{origin}/reminders#token={token}"));
        contents.unsubscribe = Some(format!("{origin}/api/v1/reminders/unsubscribe?token={token}"));
        Ok(Ok(()))
    }

    fn personalise(&self, contents: &mut Contents, mail: &Mail, account: Option<&(Profile, String)>) {
        let origin = &self.mailer.origin;
        let values = &mut contents.values;
        values.insert("origin", origin.clone());
        let (named, name) = account.map_or(("unnamed", String::new()), |(_, name)| ("name", name.clone()));
        values.insert(named, name);
        match &mail.matter {
            MailKind::PasswordReset { account: key, expires_at } => {
                let hash = account.map(|(profile, _)| profile.password_hash.as_stored()).unwrap_or_default();
                let token = (self.mailer.reset_token)(key, hash, *expires_at);
                values.insert("link", format!("{origin}/reset#token={token}"));
            }
            MailKind::AddressVerification { account, nonce, .. }
            | MailKind::SignInCode { account, nonce, .. } => {
                let Proof { token, code } = (self.mailer.address_proof)(account, *nonce);
                // In the fragment, which browsers do not send to servers.
                values.extend([("link", format!("{origin}/verify#token={token}")), ("code", code)]);
            }
            MailKind::BookingConfirmed { .. }
            | MailKind::PaymentFailed { .. }
            | MailKind::BookingCancelled { .. }
            | MailKind::SeatsReturned { .. }
            | MailKind::BookingMoved { .. }
            | MailKind::ScreeningChanged { .. }
            | MailKind::SeatsOffered { .. }
            | MailKind::Reminder { .. }
            | MailKind::Message { .. }
            | MailKind::RefundStarted { .. }
            | MailKind::RefundCompleted { .. }
            | MailKind::AccountExists { .. }
            | MailKind::SalesOfDay { .. }
            | MailKind::AccountChanged { .. } => {}
            MailKind::AccountErased { .. } => {
                values.insert("account", mail.recipient.to_string());
            }
        }
    }

    /// Returns the recipient of a mail, as their account says now.
    async fn recipient(&self, mail: &Mail, now: Timestamp) -> Result<Option<Recipient>, SagaError> {
        // Mails to an address that is not verified contain nothing that a stranger entered, such as a name.
        if let Some(email) = mail.matter.address() {
            let to = self.address(email).await?;
            return Ok(to.map(|to| Recipient { account: None, to }));
        }
        let account = match mail.matter.account() {
            Some(account) => Some(account.clone()),
            None if is_to_walk_in(mail) => None,
            None => self.recipients.account_of(mail.recipient).await?,
        };
        if let Some(account) = account {
            let seen = self.executor.state::<Account>(&account, Freshness::Fresh).await?;
            // Another person may have the address since.
            let profile = seen.state.profile.filter(|profile| profile.user == mail.recipient);
            if let Some(profile) = profile
                && let Some(to) = self.address(&profile.email).await?
            {
                let name = self.persons.shown(&profile.name).await?;
                return Ok(Some(Recipient { account: Some((profile, name)), to }));
            }
        }
        if let Some(to) = self.buyer(mail).await? {
            return Ok(Some(Recipient { account: None, to }));
        }
        if may_appear(mail.wanted_at, now) {
            return Err(SagaError::transient(NoLongerRelevant::NoAccount));
        }
        Ok(None)
    }

    /// Returns the address that a person without an account gave at the counter.
    async fn buyer(&self, mail: &Mail) -> Result<Option<To>, SagaError> {
        let Some(booking) = mail.matter.booking() else { return Ok(None) };
        let seen = self.executor.state::<Booking>(&booking, Freshness::Fresh).await?;
        let opened = seen.state.opened.filter(|opened| opened.reservation.customer == mail.recipient);
        match opened.and_then(|opened| opened.sale?.buyer.email) {
            Some(email) => self.address(&email).await,
            None => Ok(None),
        }
    }
}

impl Mailing {
    /// Unseals an address. `None` if its person was erased.
    async fn address(&self, stored: &Personal) -> Result<Option<To>, SagaError> {
        let address = self.persons.unseal(stored).await?;
        Ok(address.map(|address| To { address, stored: stored.clone() }))
    }
}

/// Returns `true` if an account that is missing at `now` may still appear for a mail queued at `queued_at`.
pub(super) fn may_appear(queued_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(queued_at).as_secs() < SETTLING_SECONDS
}
