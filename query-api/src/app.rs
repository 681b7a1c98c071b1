//! What all handlers share.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use sqlx::PgPool;
use ticketshow_domain::Currency;
use ticketshow_http::{Edge, PosterAddresses};
use ticketshow_nats::{Log, Mails, Parked, Sessions};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{SearchIndex, live::Hub, seats::SeatMaps, tables::Tables};

/// Histories read at the same time; each holds a page of commits in memory.
const HISTORIES_MAX: usize = 4;

/// What the query API is made of.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub struct Parts {
    pub log: Log,
    pub sessions: Sessions,
    pub parked: Parked,
    pub mails: Mails,
    /// Where the read models are; see [`crate::pool`].
    pub database: PgPool,
    /// The search index, where there is one.
    pub search: Option<SearchIndex>,
    pub edge: Arc<Edge>,
    /// The one currency of the installation: of wallets in which nothing ever was.
    pub currency: Currency,
    /// Where browsers find posters.
    pub posters: PosterAddresses,
    /// Ends the answers that would go on for ever.
    pub stop: CancellationToken,
}

/// The state of the query API. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub(crate) log: Log,
    pub(crate) sessions: Sessions,
    pub(crate) parked: Parked,
    pub(crate) mails: Mails,
    pub(crate) edge: Arc<Edge>,
    pub(crate) currency: Currency,
    pub(crate) posters: PosterAddresses,
    pub(crate) tables: Tables,
    pub(crate) search: Option<SearchIndex>,
    pub(crate) seat_maps: SeatMaps,
    pub(crate) live: Hub,
    pub(crate) histories: Semaphore,
}

impl App {
    /// Puts the parts together and begins to follow the read models. Needs a running Tokio runtime.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { log, sessions, parked, mails, database, search, edge, currency, posters, stop } = parts;
        let live = Hub::new(log.clone(), stop);
        Self(Arc::new(Inner {
            log,
            sessions,
            parked,
            mails,
            edge,
            currency,
            posters,
            tables: Tables::follow(database),
            search,
            seat_maps: SeatMaps::default(),
            live,
            histories: Semaphore::new(HISTORIES_MAX),
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
        Self::clone(&app.edge)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}
