//! What all handlers share.

use std::{ops::Deref, sync::Arc};

use axum::{extract::FromRef, http::StatusCode};
use sqlx::PgPool;
use ticketshow_domain::{Currency, Decider, UserId};
use ticketshow_http::{Edge, PosterAddresses, Problem, Trace};
use ticketshow_nats::{
    Actor, Connection, Executed, Executor, Freshness, Log, Mails, Metadata, Parked, Seen, Sessions, Webhooks,
};
use ticketshow_tickets::Verifier;

use tracing::Instrument;

use crate::{
    NoticeKey, PosterStore,
    checkouts::Checkouts,
    failures::{failed, not_executed},
    outcomes::Outcomes,
    passwords::{PasswordCost, Passwords},
    refusals::Refuse,
    routing::Routing,
};

/// What the command API is made of. In one process all services share the executor.
#[expect(missing_docs, reason = "fields are what their types say")]
pub struct Parts {
    pub connection: Connection,
    pub executor: Executor,
    pub log: Log,
    pub sessions: Sessions,
    pub parked: Parked,
    /// Where the read models are; only selected from.
    pub database: PgPool,
    pub edge: Arc<Edge>,
    /// The one currency of the installation.
    pub currency: Currency,
    pub password_cost: PasswordCost,
    /// Without it cards are not taken.
    pub notices: Option<NoticeKey>,
    /// Knows the codes of our tickets.
    pub tickets: Verifier,
    /// Without it posters are not taken.
    pub poster_store: Option<PosterStore>,
    /// Where browsers find them.
    pub posters: PosterAddresses,
}

/// The state of the command API. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub(crate) connection: Connection,
    pub(crate) executor: Executor,
    pub(crate) log: Log,
    pub(crate) sessions: Sessions,
    pub(crate) parked: Parked,
    pub(crate) mails: Mails,
    pub(crate) edge: Arc<Edge>,
    pub(crate) currency: Currency,
    pub(crate) routing: Routing,
    pub(crate) passwords: Passwords,
    pub(crate) outcomes: Outcomes,
    pub(crate) checkouts: Checkouts,
    pub(crate) webhooks: Webhooks,
    pub(crate) notices: Option<NoticeKey>,
    pub(crate) tickets: Verifier,
    pub(crate) poster_store: Option<PosterStore>,
    pub(crate) posters: PosterAddresses,
}

impl App {
    /// Puts the parts together and begins to follow the outcomes of payments. Needs a running Tokio runtime.
    ///
    /// # Panics
    ///
    /// If argon2 does not allow the password cost.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { connection, executor, log, sessions, parked, database, edge, currency, .. } = parts;
        let (password_cost, notices, tickets) = (parts.password_cost, parts.notices, parts.tickets);
        let (poster_store, posters) = (parts.poster_store, parts.posters);
        let routing = Routing::new(database, log.clone());
        let mails = Mails::new(&connection);
        let passwords = Passwords::new(password_cost);
        let outcomes = Outcomes::follow(log.clone());
        let checkouts = Checkouts::follow(log.clone());
        let webhooks = Webhooks::new(&connection);
        Self(Arc::new(Inner {
            connection,
            executor,
            log,
            sessions,
            parked,
            mails,
            edge,
            currency,
            routing,
            passwords,
            outcomes,
            checkouts,
            webhooks,
            notices,
            tickets,
            poster_store,
            posters,
        }))
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
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

impl Inner {
    /// Metadata of a command that `user` sends now.
    pub(crate) fn sent_by(&self, user: UserId, trace: &Trace) -> Metadata {
        Metadata {
            time: self.edge.now(),
            actor: Actor::User(user),
            correlation: trace.correlation,
            causation: None,
            trace: trace.traceparent.clone(),
        }
    }

    /// Carries out a command and tells from the state after it.
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

    /// Lets the currency of the installation through.
    ///
    /// # Errors
    ///
    /// 422 `wrong-currency`.
    pub(crate) fn check_currency(&self, currency: Currency) -> Result<(), Problem> {
        if currency == self.currency {
            return Ok(());
        }
        let wrong =
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong-currency", "Another currency is used here");
        Err(wrong.with("currency", self.currency))
    }

    /// Reads an aggregate.
    pub(crate) async fn state<A: Decider>(
        &self,
        id: &A::Id,
        freshness: Freshness,
    ) -> Result<Seen<A>, Problem> {
        self.executor.state(id, freshness).await.map_err(|failure| failed(&failure))
    }
}

/// Does work of several steps to its end even if the caller leaves in the middle, when the server drops the handler.
pub async fn carry_through<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let carried = tokio::spawn(work.in_current_span()).await;
    carried.unwrap_or_else(|_| Err(Problem::internal()))
}
