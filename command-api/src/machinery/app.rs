//! State that all handlers share.

use std::{ops::Deref, sync::Arc};

use axum::{extract::FromRef, http::StatusCode};
use sqlx::PgPool;
use ticketshow_domain::{
    AccountKey, BookingId, Currency, Decider, ScreeningId, UserId,
    account::Account,
    booking::Booking,
    mail::{AccountChange, MailKind},
};
use ticketshow_http::{ENDED_KEPT, Edge, PosterAddresses, Problem, StreamPosition, Trace};
use ticketshow_nats::{
    consumers::{
        audit::AuditTrail, mail::Mail, mails::Mails, parked::Parked, parked_cascades::ParkedCascades,
        webhooks::Webhooks,
    },
    executor::{
        Executor,
        outcome::{AggregateState, Executed, Freshness},
    },
    failure::Failure,
    kv::{pending::PendingRequests, persons::Persons, sessions::Sessions, used_keys::UsedKeys},
    log::{
        history::Log,
        metadata::{Actor, Metadata},
    },
    server::connection::Connection,
};
use ticketshow_tickets::{Signer, Verifier};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    accounts::passwords::hashing::{PasswordCost, Passwords},
    bookings::live_holds::LiveHolds,
    catalogue::poster_store::PosterStore,
    machinery::{
        authority::StaffSessions,
        checkouts::OpenCheckouts,
        failures::{failed, not_executed},
        refusals::Refuse,
        routing::Routing,
        waiting::SagasHere,
    },
    money::{credits_per_day::CreditsPerDay, receive_notice::NoticeKey},
};

/// Everything the command API is built from. In one process all services share the executor.
pub struct Parts {
    pub connection: Connection,
    pub executor: Executor,
    pub log: Log,
    pub sessions: Sessions,
    pub parked: Parked,
    /// The read models' database. This crate only selects from it.
    pub database: PgPool,
    pub edge: Arc<Edge>,
    /// The installation's one currency.
    pub currency: Currency,
    pub password_cost: PasswordCost,
    pub staff_sessions: StaffSessions,
    /// Key of the payment provider's webhooks. Without it, cards are not accepted.
    pub notices: Option<NoticeKey>,
    /// Verifies the codes of our tickets.
    pub tickets: Verifier,
    /// Signs the codes of tickets that are sold at the counter.
    pub signer: Signer,
    /// Without it, posters cannot be uploaded.
    pub poster_store: Option<PosterStore>,
    /// Public addresses of posters.
    pub posters: PosterAddresses,
}

/// The state of the command API. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The parts, and the state built from them.
pub struct Inner {
    parts: Parts,
    pub(crate) mails: Mails,
    pub(crate) pending: PendingRequests,
    pub(crate) persons: Persons,
    pub(crate) used_keys: UsedKeys,
    pub(crate) parked_cascades: ParkedCascades,
    pub(crate) routing: Routing,
    pub(crate) live_holds: LiveHolds,
    pub(crate) open_checkouts: OpenCheckouts,
    pub(crate) passwords: Passwords,
    pub(crate) webhooks: Webhooks,
    pub(crate) sagas_here: SagasHere,
    pub(crate) credits_per_day: CreditsPerDay,
}

impl App {
    /// Assembles the parts, and starts keeping the security log and following the ends of sessions. Requires a running Tokio runtime.
    ///
    /// # Panics
    ///
    /// If argon2 rejects the password cost.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        if let Some(entries) = parts.edge.audit.entries() {
            tokio::spawn(AuditTrail::new(&parts.connection).keep_all(entries));
        }
        tokio::spawn({
            let (sessions, edge) = (parts.sessions.clone(), Arc::clone(&parts.edge));
            let ended = move |session| edge.ended.note(session, edge.now());
            async move { sessions.follow_ends(ENDED_KEPT, ended).await }
        });
        Self(Arc::new(Inner {
            mails: Mails::new(&parts.connection),
            pending: PendingRequests::new(&parts.connection, parts.edge.limits.code_tries_per_account),
            persons: Persons::new(&parts.connection),
            used_keys: UsedKeys::new(&parts.connection),
            parked_cascades: ParkedCascades::new(parts.parked.clone(), parts.log.clone()),
            routing: Routing::new(parts.database.clone(), parts.log.clone()),
            live_holds: LiveHolds::new(&parts.edge.limits),
            open_checkouts: OpenCheckouts::new(parts.edge.limits.open_checkouts_per_user),
            passwords: Passwords::new(parts.password_cost),
            webhooks: Webhooks::new(&parts.connection),
            sagas_here: SagasHere::default(),
            credits_per_day: CreditsPerDay::new(parts.staff_sessions.credits_per_day_minor),
            parts,
        }))
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl FromRef<App> for Arc<Edge> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.edge)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl App {
    /// Metadata of a command sent by `user` now.
    pub(crate) fn sent_by(&self, user: UserId, trace: &Trace) -> Metadata {
        self.sent_as(Actor::User(user), trace)
    }

    /// Metadata of a command sent by `actor` now.
    pub(crate) fn sent_as(&self, actor: Actor, trace: &Trace) -> Metadata {
        Metadata {
            time: self.edge.now(),
            actor,
            correlation: trace.correlation,
            causation: None,
            trace: trace.traceparent.clone(),
        }
    }

    /// Queues a mail about an account.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been queued.
    pub(crate) async fn want_mail(
        &self,
        recipient: UserId,
        matter: MailKind,
        trace: &Trace,
    ) -> Result<(), Failure> {
        self.mails.want(&self.mail(recipient, matter, trace)).await
    }

    /// Queues a mail to an address that may have no account. It is found by this address for as long as its key exists.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been queued.
    pub(crate) async fn want_mail_to(
        &self,
        address: &str,
        recipient: UserId,
        matter: MailKind,
        trace: &Trace,
    ) -> Result<(), Failure> {
        let address = self.persons.indexes(address).first().copied();
        self.mails.want(&Mail { address, ..self.mail(recipient, matter, trace) }).await
    }

    fn mail(&self, recipient: UserId, matter: MailKind, trace: &Trace) -> Mail {
        Mail {
            id: (self.edge.new_id)(),
            recipient,
            matter,
            wanted_at: self.edge.now(),
            correlation: trace.correlation,
            trace: trace.traceparent.clone(),
            repeats: None,
            cascade: None,
            address: None,
        }
    }

    /// Ends a session. Its access tokens are refused at once here, and within a second in other processes.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be valid.
    pub(crate) async fn end_session(&self, account: &AccountKey, session: Uuid) -> Result<(), Failure> {
        self.sessions.end(account, session).await?;
        self.edge.ended.note(session, self.edge.now());
        Ok(())
    }

    /// Ends all sessions of an account except `kept`, as [`App::end_session`] does.
    ///
    /// # Errors
    ///
    /// [`Failure`] if some may still be valid.
    pub(crate) async fn end_sessions(&self, account: &AccountKey, kept: Option<Uuid>) -> Result<(), Failure> {
        for session in self.sessions.end_all_but(account, kept).await? {
            self.edge.ended.note(session, self.edge.now());
        }
        Ok(())
    }

    /// Mails the owner of an account that it was changed, a few times an hour: a customer can cause such mails without end.
    pub(crate) fn report(&self, owner: UserId, account: AccountKey, change: AccountChange, trace: Trace) {
        let mails = &self.edge.limiters.mails_per_user;
        if mails.take(("changed account", owner), self.edge.now()).is_err() {
            return;
        }
        let app = self.clone();
        in_background("reporting a changed account", async move {
            app.want_mail(owner, MailKind::AccountChanged { account, change }, &trace).await
        });
    }

    /// Executes a command. `answer` is computed from the state after it.
    pub(crate) async fn execute<A, R>(
        &self,
        id: &A::Id,
        command: A::Command,
        metadata: Metadata,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Executed<R>, Problem>
    where
        A: Decider<Refusal: Refuse>,
        R: Send + 'static,
    {
        self.executor.execute(id, command, metadata, answer).await.map_err(not_executed)
    }

    /// Executes a command whose caller needs nothing of the state after it but its position.
    pub(crate) async fn send<A: Decider<Refusal: Refuse>>(
        &self,
        id: &A::Id,
        command: A::Command,
        metadata: Metadata,
    ) -> Result<StreamPosition, Problem> {
        let executed = self.execute(id, command, metadata, |_: &A| ()).await?;
        Ok(StreamPosition(executed.position))
    }

    /// The screening of a booking. One that is paid says it itself, because it may have moved since the read models saw it.
    ///
    /// # Errors
    ///
    /// As [`Routing::screening_of`].
    pub(crate) async fn screening_of(&self, booking: BookingId) -> Result<ScreeningId, Problem> {
        match self.state::<Booking>(&booking, Freshness::Fresh).await?.state.opened {
            Some(opened) => Ok(opened.screening),
            None => self.routing.screening_of(booking).await,
        }
    }

    /// Rejects any currency but the installation's.
    ///
    /// # Errors
    ///
    /// 422 `wrong-currency`.
    pub(crate) fn check_currency(&self, currency: Currency) -> Result<(), Problem> {
        if currency == self.currency {
            return Ok(());
        }
        let wrong = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "wrong-currency",
            "This currency is not accepted here",
        );
        Err(wrong.with("currency", self.currency))
    }

    /// Returns the key of the account with this e-mail: the one that an older version gave it, if there is such an account.
    ///
    /// # Errors
    ///
    /// 503 if the log cannot be read.
    pub async fn account_of(&self, email: &str) -> Result<AccountKey, Problem> {
        if let Some(older) = self.edge.keys.older_account(email)
            && self.state::<Account>(&older, Freshness::Cached).await?.state.profile.is_some()
        {
            return Ok(older);
        }
        Ok(self.edge.keys.account(email))
    }

    /// Loads an aggregate.
    pub(crate) async fn state<A: Decider>(
        &self,
        id: &A::Id,
        freshness: Freshness,
    ) -> Result<AggregateState<A>, Problem> {
        self.executor.state(id, freshness).await.map_err(|failure| failed(&failure))
    }
}

/// Runs work that the answer must not wait for. A failure is only logged.
pub fn in_background(doing: &'static str, work: impl Future<Output = Result<(), Failure>> + Send + 'static) {
    let logged = async move {
        if let Err(failure) = work.await {
            tracing::warn!(
                error = &failure as &dyn std::error::Error,
                doing,
                "work in the background failed"
            );
        }
    };
    tokio::spawn(logged.in_current_span());
}

/// Runs work of several steps to its end, even if the client disconnects and the server drops the handler.
pub async fn carry_through<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let carried = tokio::spawn(work.in_current_span()).await;
    carried.unwrap_or_else(|_| Err(Problem::internal()))
}
