//! Sends queued mails. Records `sending` before the call to the mail server, and `sent` or `failed` after it. A mail found in
//! `sending` is sent again with the same `Message-ID`.

use std::{error::Error, sync::Arc};

use jiff::Timestamp;
use sqlx::PgPool;
use ticketshow_domain::{
    AccountKey,
    account::{Account, Profile},
    mail::MailKind,
};
use ticketshow_nats::{
    consumers::{
        mail::{Mail, MailState},
        mails::Mails,
        verdict::Verdict,
    },
    executor::{Executor, outcome::Freshness},
    failure::Failure,
    server::connection::Connection,
};
use tokio_util::sync::CancellationToken;

use super::{
    cascade_mails::CascadeMails,
    contents::{self, NoLongerRelevant},
    letter::{Contents, Letter},
    mailer::{Mailer, SendError},
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
pub(super) fn next(recorded: Option<&MailState>) -> Step {
    match recorded {
        None | Some(MailState::Wanted {}) => Step::Announce,
        Some(MailState::Sending { .. }) => Step::Send,
        Some(MailState::Sent { .. } | MailState::Failed { .. }) => Step::Done,
    }
}

/// Returns the state to record after an answer of the mail server.
///
/// # Errors
///
/// [`SagaError::Transient`] if the mail server is unavailable.
pub(super) fn outcome(to: &str, answer: Result<(), SendError>) -> Result<MailState, SagaError> {
    match answer {
        Ok(()) => Ok(MailState::Sent { to: to.to_owned() }),
        Err(error @ (SendError::Refused(_) | SendError::Address(_))) => {
            Ok(MailState::Failed { to: Some(to.to_owned()), error: chain(&error) })
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
    name: String,
    address: String,
    letter: Letter,
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
        let send = move |mail: Mail| {
            let mailing = Arc::clone(&self);
            async move { mailing.handle(&mail).await }
        };
        mails.process(Mailer::CONNECTIONS as usize, send, stop).await
    }

    async fn handle(&self, mail: &Mail) -> Verdict {
        verdict(self.deliver(mail).await)
    }

    async fn deliver(&self, mail: &Mail) -> Result<(), SagaError> {
        let recorded = self.mails.state(mail).await?.map(|entry| entry.state);
        let step = next(recorded.as_ref());
        if step == Step::Done {
            return Ok(());
        }
        let Addressed { name, address, letter } = match self.render(mail, self.clock.now()).await? {
            Ok(addressed) => addressed,
            Err(reason) => {
                let failed = MailState::Failed { to: None, error: chain(&reason) };
                return Ok(self.record(mail, &failed).await?);
            }
        };
        if step == Step::Announce {
            self.record(mail, &MailState::Sending { to: address.clone() }).await?;
        }
        let answer = self.mailer.send(mail.id, &name, &address, letter).await;
        let outcome = outcome(&address, answer)?;
        metrics::counter!("ticketshow_mails", "kind" => mail.matter.kind(), "state" => outcome.name())
            .increment(1);
        tracing::info!(
            mail = %mail.id, kind = mail.matter.kind(), state = outcome.name(), correlation = %mail.correlation,
            "mail processed"
        );
        if let MailState::Sent { .. } = outcome {
            self.cascade_mails.sent(mail).await?;
        }
        Ok(self.record(mail, &outcome).await?)
    }

    async fn record(&self, mail: &Mail, state: &MailState) -> Result<(), Failure> {
        self.mails.note(mail, state, self.clock.now()).await
    }

    async fn render(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Result<Addressed, NoLongerRelevant>, SagaError> {
        let Some((account, profile)) = self.recipient(mail, now).await? else {
            return Ok(Err(NoLongerRelevant::NoAccount));
        };
        let mut contents = match contents::gather(&self.executor, &mail.matter, now).await? {
            Ok(contents) => contents,
            Err(reason) => return Ok(Err(reason)),
        };
        self.personalise(&mut contents, mail, &account, &profile);
        // Drawing tickets takes some milliseconds.
        let letter = tokio::task::spawn_blocking(move || Letter::new(&contents)).await;
        let letter = letter.map_err(SagaError::permanent)?.map_err(SagaError::permanent)?;
        Ok(Ok(Addressed { name: profile.name, address: profile.email, letter }))
    }

    fn personalise(&self, contents: &mut Contents, mail: &Mail, account: &AccountKey, profile: &Profile) {
        contents.values.insert("name", profile.name.clone());
        contents.values.insert("origin", self.mailer.origin.clone());
        if let MailKind::PasswordReset { expires_at, .. } = mail.matter {
            let token = (self.mailer.reset_token)(account, &profile.password_hash, expires_at);
            contents.values.insert("link", format!("{}/reset?token={token}", self.mailer.origin));
        }
    }

    /// Returns the current account of a mail's recipient.
    async fn recipient(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Option<(AccountKey, Profile)>, SagaError> {
        let account = match &mail.matter {
            MailKind::PasswordReset { account, .. } => Some(account.clone()),
            MailKind::BookingConfirmed { .. }
            | MailKind::PaymentFailed { .. }
            | MailKind::BookingCancelled { .. }
            | MailKind::RefundStarted { .. }
            | MailKind::RefundCompleted { .. } => self.recipients.account_of(mail.recipient).await?,
        };
        if let Some(account) = account {
            let seen = self.executor.state::<Account>(&account, Freshness::Fresh).await?;
            if let Some(profile) = seen.state.profile {
                return Ok(Some((account, profile)));
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

/// Returns the messages of an error and its causes.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| Error::source(*error))
        .map(ToString::to_string)
        .collect()
}
