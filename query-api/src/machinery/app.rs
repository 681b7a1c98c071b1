//! State shared by all handlers.

use std::{fmt, ops::Deref, sync::Arc};

use axum::extract::FromRef;
use sqlx::PgPool;
use ticketshow_domain::{Currency, Policy};
use ticketshow_http::{ENDED_KEPT, Edge, PosterAddresses};
use ticketshow_nats::{
    consumers::{audit::AuditTrail, mails::Mails, parked::Parked, parked_cascades::ParkedCascades},
    kv::{persons::Persons, sessions::Sessions},
    log::history::Log,
    server::usage::Streams,
};
use ticketshow_tickets::PublicKey;
use tokio_util::sync::CancellationToken;

use crate::{
    bookings::passes::Passes,
    live::hub::Hub,
    machinery::{permits::Permits, tables::Tables},
    money::reconciliation::open_refunds,
    search::index::SearchIndex,
    seats::cache::SeatMaps,
};

/// Whole histories read at the same time, for administrators; each holds a page of commits in memory.
const HISTORIES_MAX: usize = 4;
/// Histories of bookings read at the same time; each holds a few commits in memory.
const BOOKING_HISTORIES_MAX: usize = 16;
/// Clients of live seat maps whose missed changes are read at the same time; each holds a page of commits in memory.
const CATCH_UPS_MAX: usize = 8;

/// Searches answered at the same time: fewer than there are connections to Postgres, because each keeps one while the search engine
/// takes up to 400 ms.
const SEARCHES_MAX: usize = 4;
/// PDFs printed at the same time: each takes some 40 ms of a core.
const PRINTS_MAX: usize = 2;

/// Dependencies of the query API, provided by the binary.
#[derive(Debug)]
pub struct Parts {
    pub log: Log,
    pub sessions: Sessions,
    pub persons: Persons,
    pub parked: Parked,
    pub mails: Mails,
    pub audit: AuditTrail,
    pub streams: Streams,
    /// Connections to the read models; see [`pool`](crate::pool).
    pub database: PgPool,
    /// The search index, if one is configured.
    pub search: Option<SearchIndex>,
    pub edge: Arc<Edge>,
    /// The one currency of the installation.
    pub currency: Currency,
    /// Limits and time windows, published by `GET /policy`.
    pub policy: Policy,
    /// Public keys of ticket codes, for doors without a network.
    pub ticket_keys: Vec<PublicKey>,
    /// Public addresses of posters.
    pub posters: PosterAddresses,
    /// Makers of passes for wallet apps.
    pub passes: Passes,
    /// Ends long-lived responses at shutdown.
    pub stop: CancellationToken,
}

/// State of the query API. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The parts, and the state built on them.
pub struct Shared {
    pub(crate) parts: Parts,
    pub(crate) tables: Tables,
    pub(crate) seat_maps: SeatMaps,
    pub(crate) live: Hub,
    pub(crate) parked_cascades: ParkedCascades,
    // A slow kind of call must not hold up the others, so each has its own permits.
    pub(crate) histories: Permits,
    pub(crate) booking_histories: Permits,
    pub(crate) catch_ups: Permits,
    pub(crate) searches: Permits,
    pub(crate) prints: Permits,
}

impl App {
    /// Builds the state, and starts following the read models and the ends of sessions, and counting open refunds. Needs a running Tokio runtime.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        tokio::spawn(open_refunds::measure(parts.database.clone(), parts.stop.clone()));
        tokio::spawn({
            let (sessions, edge) = (parts.sessions.clone(), Arc::clone(&parts.edge));
            let ended = move |session| edge.ended.note(session, edge.now());
            async move { sessions.follow_ends(ENDED_KEPT, ended).await }
        });
        Self(Arc::new(Shared {
            tables: Tables::follow(parts.database.clone()),
            seat_maps: SeatMaps::default(),
            live: Hub::new(parts.log.clone(), parts.stop.clone()),
            parked_cascades: ParkedCascades::new(parts.parked.clone(), parts.log.clone()),
            histories: Permits::new(HISTORIES_MAX),
            booking_histories: Permits::new(BOOKING_HISTORIES_MAX),
            catch_ups: Permits::new(CATCH_UPS_MAX),
            searches: Permits::new(SEARCHES_MAX),
            prints: Permits::new(PRINTS_MAX),
            parts,
        }))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<App> for Arc<Edge> {
    fn from_ref(app: &App) -> Self {
        Self::clone(&app.parts.edge)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App")
    }
}
