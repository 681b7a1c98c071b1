//! Sending the mails that are wanted: `sending` is noted before the mail server is asked, `sent` or `failed` after. A mail
//! found in `sending` is sent again, as the same mail.

use std::{error::Error, sync::Arc};

use sqlx::PgPool;
use ticketshow_domain::{
    AccountKey,
    account::{Account, Profile},
};
use ticketshow_nats::{
    Connection, Executor, Failure, Freshness, Mail, MailState, Mails, Matter, Verdict, clock,
};
use tokio_util::sync::CancellationToken;

use super::{
    cascade_mails::CascadeMails,
    letter::{Contents, Letter},
    mailer::{Mailer, SendError},
    story::{self, Pointless},
};
use crate::{
    reaction::{Halt, verdict},
    recipients::Recipients,
};

/// Of what was wanted a moment ago not everything may be known yet, on a cluster.
const SETTLING_SECONDS: i64 = 60;

/// The next thing to do with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Note that it is about to be sent.
    Announce,
    /// Ask the mail server, and note what it says.
    Send,
    /// It is settled.
    Nothing,
}

/// What follows from what is noted of a mail. That is all there is to know: a crash forgets everything else.
pub(super) fn next(noted: Option<&MailState>) -> Step {
    match noted {
        None | Some(MailState::Wanted {}) => Step::Announce,
        Some(MailState::Sending { .. }) => Step::Send,
        Some(MailState::Sent { .. } | MailState::Failed { .. }) => Step::Nothing,
    }
}

/// What is noted once the mail server has answered; nothing if it is away.
pub(super) fn outcome(to: &str, answer: Result<(), SendError>) -> Result<MailState, Halt> {
    match answer {
        Ok(()) => Ok(MailState::Sent { to: to.to_owned() }),
        Err(error @ (SendError::Refused(_) | SendError::Address(_))) => {
            Ok(MailState::Failed { to: Some(to.to_owned()), error: chain(&error) })
        }
        Err(error @ SendError::Away(_)) => Err(Halt::Away(Box::new(error))),
        Err(error @ SendError::Malformed(_)) => Err(Halt::stuck(error)),
    }
}

/// Works off the consumer `mailing`.
#[derive(Debug)]
pub(crate) struct Mailing {
    mails: Mails,
    executor: Executor,
    recipients: Recipients,
    cascade_mails: CascadeMails,
    mailer: Mailer,
}

/// Somebody to write to, and what.
struct Addressed {
    name: String,
    address: String,
    letter: Letter,
}

impl Mailing {
    pub fn new(connection: &Connection, executor: &Executor, pool: &PgPool, mailer: Mailer) -> Self {
        let recipients = Recipients::new(connection, pool);
        let cascade_mails = CascadeMails::new(pool);
        Self { mails: Mails::new(connection), executor: executor.clone(), recipients, cascade_mails, mailer }
    }

    /// Sends what is wanted until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<(), Failure> {
        let mails = self.mails.clone();
        let send = move |mail: Mail| {
            let mailing = Arc::clone(&self);
            async move { mailing.handle(&mail).await }
        };
        mails.work_off(Mailer::CONNECTIONS as usize, send, stop).await
    }

    async fn handle(&self, mail: &Mail) -> Verdict {
        verdict(self.deliver(mail).await)
    }

    async fn deliver(&self, mail: &Mail) -> Result<(), Halt> {
        let noted = self.mails.state(mail).await?.map(|entry| entry.state);
        let step = next(noted.as_ref());
        if step == Step::Nothing {
            return Ok(());
        }
        let Addressed { name, address, letter } = match self.write(mail).await? {
            Ok(addressed) => addressed,
            Err(pointless) => {
                let failed = MailState::Failed { to: None, error: chain(&pointless) };
                return Ok(self.note(mail, &failed).await?);
            }
        };
        if step == Step::Announce {
            self.note(mail, &MailState::Sending { to: address.clone() }).await?;
        }
        let answer = self.mailer.send(mail.id, &name, &address, letter).await;
        let outcome = outcome(&address, answer)?;
        metrics::counter!("ticketshow_mails", "kind" => mail.matter.kind(), "state" => outcome.name())
            .increment(1);
        tracing::info!(
            mail = %mail.id, kind = mail.matter.kind(), state = outcome.name(), correlation = %mail.correlation,
            "told by mail"
        );
        if let MailState::Sent { .. } = outcome {
            self.cascade_mails.sent(mail).await?;
        }
        Ok(self.note(mail, &outcome).await?)
    }

    async fn note(&self, mail: &Mail, state: &MailState) -> Result<(), Failure> {
        self.mails.note(mail, state, clock::now()).await
    }

    async fn write(&self, mail: &Mail) -> Result<Result<Addressed, Pointless>, Halt> {
        let Some((account, profile)) = self.recipient(mail).await? else {
            return Ok(Err(Pointless::NoAccount));
        };
        let mut contents = match story::gather(&self.executor, &mail.matter, clock::now()).await? {
            Ok(contents) => contents,
            Err(pointless) => return Ok(Err(pointless)),
        };
        self.personalise(&mut contents, mail, &account, &profile);
        // Tickets are drawn, which takes some milliseconds.
        let letter = tokio::task::spawn_blocking(move || Letter::new(&contents)).await;
        let letter = letter.map_err(Halt::stuck)?.map_err(Halt::stuck)?;
        Ok(Ok(Addressed { name: profile.name, address: profile.email, letter }))
    }

    fn personalise(&self, contents: &mut Contents, mail: &Mail, account: &AccountKey, profile: &Profile) {
        contents.values.insert("name", profile.name.clone());
        contents.values.insert("origin", self.mailer.origin.clone());
        if let Matter::PasswordReset { expires_at, .. } = mail.matter {
            let token = (self.mailer.reset_token)(account, &profile.password_hash, expires_at);
            contents.values.insert("link", format!("{}/reset?token={token}", self.mailer.origin));
        }
    }

    /// The account of whoever gets a mail, as it is now.
    async fn recipient(&self, mail: &Mail) -> Result<Option<(AccountKey, Profile)>, Halt> {
        let account = match &mail.matter {
            Matter::PasswordReset { account, .. } => Some(account.clone()),
            Matter::BookingConfirmed { .. }
            | Matter::PaymentFailed { .. }
            | Matter::BookingCancelled { .. }
            | Matter::RefundStarted { .. }
            | Matter::RefundCompleted { .. } => self.recipients.account_of(mail.recipient).await?,
        };
        if let Some(account) = account {
            let seen = self.executor.state::<Account>(&account, Freshness::Fresh).await?;
            if let Some(profile) = seen.state.profile {
                return Ok(Some((account, profile)));
            }
        }
        if clock::now().duration_since(mail.wanted_at).as_secs() < SETTLING_SECONDS {
            return Err(Halt::Away(Box::new(Pointless::NoAccount)));
        }
        Ok(None)
    }
}

/// The messages of an error and of what caused it.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| Error::source(*error))
        .map(ToString::to_string)
        .collect()
}
