//! Maps a booking to its screening and a user to the stream of the account: from memory, otherwise from the read models once
//! they have reached the end of the log. Also counts the objects that a cascade would affect. The only SQL of this crate: it only
//! selects, and no decision depends on it.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use jiff::Timestamp;
use sqlx::PgPool;
use ticketshow_domain::{
    AccountKey, BookingId, BookingReference, PaymentId, PromotionId, ScreenId, ScreeningId, UserId, VenueId,
};
use ticketshow_http::{Problem, sync::lock};
use ticketshow_nats::log::history::Log;
use tokio::time::Instant;
use uuid::Uuid;

use crate::machinery::failures::{failed, no_database};

/// Bookings per generation of the cache. Two generations are kept, 10 MB at most.
const GENERATION: usize = 100_000;
/// Longest time for a query, and for the read models to reach the end of the log.
const PATIENCE: Duration = Duration::from_secs(2);
/// Age at which the list of offers is read again: a new one is found within seconds, and a rush costs no queries.
const OFFERS_KEPT: Duration = Duration::from_secs(5);
/// Longest time for reading that list, while a customer waits for seats.
const OFFERS_PATIENCE: Duration = Duration::from_millis(250);
/// Most offers that are compared for a hold.
const OFFERS_MAX: i64 = 50;
/// Pause between two queries of a read model that is behind.
const PAUSE: Duration = Duration::from_millis(20);

/// Extent of a cascade. Amounts are those of paid bookings.
#[derive(Debug, sqlx::FromRow)]
pub struct Affected {
    pub screenings: i64,
    pub bookings: i64,
    pub customers: i64,
    pub wallet_minor: i64,
    pub card_minor: i64,
    /// Paid at the counter, by any method.
    pub counter_minor: i64,
}

/// Lookups of bookings and accounts, with a cache of recent bookings.
pub struct Routing {
    database: PgPool,
    log: Log,
    recent: Mutex<Recent>,
    offers: Mutex<Offers>,
}

/// Promotions without a code, and the time at which they were read.
#[derive(Default)]
struct Offers {
    promotions: Vec<PromotionId>,
    read: Option<Instant>,
}

#[derive(Default)]
struct Recent {
    young: HashMap<BookingId, ScreeningId>,
    old: HashMap<BookingId, ScreeningId>,
}

impl Routing {
    /// Lookups in the read models of `database`, which are projected from `log`.
    pub fn new(database: PgPool, log: Log) -> Self {
        Self { database, log, recent: Mutex::default(), offers: Mutex::default() }
    }

    /// Caches the screening of a booking.
    pub fn remember(&self, booking: BookingId, screening: ScreeningId) {
        let mut recent = lock(&self.recent);
        if recent.young.len() >= GENERATION {
            recent.old = std::mem::take(&mut recent.young);
        }
        recent.young.insert(booking, screening);
    }

    fn recall(&self, booking: BookingId) -> Option<ScreeningId> {
        let recent = lock(&self.recent);
        recent.young.get(&booking).or_else(|| recent.old.get(&booking)).copied()
    }

    /// The screening of a booking.
    ///
    /// # Errors
    ///
    /// 404 if there is none up to the end of the log, 503 if the read models do not catch up.
    pub async fn screening_of(&self, booking: BookingId) -> Result<ScreeningId, Problem> {
        if let Some(screening) = self.recall(booking) {
            return Ok(screening);
        }
        let select = "SELECT (SELECT screening_id FROM read.bookings WHERE booking_id = $1), \
                      (SELECT position FROM read.checkpoint WHERE name = 'read-models')";
        let screening = ScreeningId(self.find(select, booking.0).await?);
        self.remember(booking, screening);
        Ok(screening)
    }

    /// Counts the bookings of a customer that are paid and not over at `now`, and payments under way or in review, once the read
    /// models have reached the end of the log. Refunds go on without an account.
    ///
    /// # Errors
    ///
    /// 503 if the read models cannot be queried or do not catch up.
    pub async fn open_bookings(&self, user: UserId, now: Timestamp) -> Result<i64, Problem> {
        const SELECT: &str = "
            SELECT (SELECT count(*) FROM read.bookings b JOIN read.screenings s USING (screening_id)
                    WHERE b.customer_id = $1
                      AND (b.status = 'paying' OR b.status = 'confirmed' AND s.ends_at > $2::timestamptz))
                 + (SELECT count(*) FROM read.payments p
                    WHERE p.customer_id = $1 AND p.status IN ('pending', 'review')),
                   (SELECT position FROM read.checkpoint WHERE name = 'read-models')";
        let end = self.log.last_position().await.map_err(|failure| failed(&failure))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let select = sqlx::query_as(SELECT).bind(user.0).bind(now.to_string());
            let selected = tokio::time::timeout(PATIENCE, select.fetch_one(&self.database)).await;
            let (open, position): (i64, Option<i64>) =
                selected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| no_database(&error))?;
            if position.is_some_and(|position| position.cast_unsigned() >= end) {
                return Ok(open);
            }
            if Instant::now() >= deadline {
                return Err(Problem::read_model_behind());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A screening with a paid booking of this number, to say which. `None` also if the read models cannot be queried.
    pub async fn paid_elsewhere(&self, reference: BookingReference) -> Option<ScreeningId> {
        const SELECT: &str = "
            SELECT screening_id FROM read.bookings WHERE booking_id BETWEEN $1 AND $2 AND claim = 'sold' LIMIT 1";
        let (first, last) = reference.ids();
        let select = sqlx::query_scalar(SELECT).bind(first).bind(last).fetch_optional(&self.database);
        let found = tokio::time::timeout(PATIENCE, select).await;
        found.unwrap_or(Err(sqlx::Error::PoolTimedOut)).ok().flatten().map(ScreeningId)
    }

    /// The screens of a venue, as the read models know them.
    ///
    /// # Errors
    ///
    /// 503 if the read models cannot be queried.
    pub async fn screens_of(&self, venue: VenueId) -> Result<Vec<ScreenId>, Problem> {
        let select = "SELECT screen_id FROM read.screens WHERE venue_id = $1 ORDER BY name, screen_id";
        let select = sqlx::query_scalar(select).bind(venue.0).fetch_all(&self.database);
        let selected = tokio::time::timeout(PATIENCE, select).await;
        let screens: Vec<Uuid> =
            selected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| no_database(&error))?;
        Ok(screens.into_iter().map(ScreenId).collect())
    }

    /// The screening of a place on a waiting list.
    ///
    /// # Errors
    ///
    /// 404 if there is none up to the end of the log, 503 if the read models do not catch up.
    pub async fn screening_of_place(&self, place: Uuid) -> Result<ScreeningId, Problem> {
        let select = "SELECT (SELECT screening_id FROM read.waiting_places WHERE place_id = $1), \
                      (SELECT position FROM read.checkpoint WHERE name = 'read-models')";
        self.find(select, place).await.map(ScreeningId)
    }

    /// The places of a customer on the waiting lists of screenings to come, with their screenings, as the read models know them.
    ///
    /// # Errors
    ///
    /// 503 if the read models cannot be queried.
    pub async fn waiting_places(
        &self,
        customer: UserId,
        now: Timestamp,
    ) -> Result<Vec<(Uuid, ScreeningId)>, Problem> {
        const SELECT: &str = "
            SELECT w.place_id, w.screening_id FROM read.waiting_places w JOIN read.screenings s USING (screening_id)
            WHERE w.customer_id = $1 AND w.booking_id IS NULL AND w.left_at IS NULL AND s.status = 'active'
              AND s.starts_at > $2::timestamptz";
        let select = sqlx::query_as(SELECT).bind(customer.0).bind(now.to_string());
        let selected = tokio::time::timeout(PATIENCE, select.fetch_all(&self.database)).await;
        let places: Vec<(Uuid, Uuid)> =
            selected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| no_database(&error))?;
        Ok(places.into_iter().map(|(place, screening)| (place, ScreeningId(screening))).collect())
    }

    /// Promotions that lower prices without a code, as the read models knew them a few seconds ago. The latest known ones while
    /// they cannot be queried, and while another caller queries them.
    pub async fn offers(&self) -> Vec<PromotionId> {
        const SELECT: &str =
            "SELECT promotion_id FROM read.promotions WHERE code IS NULL ORDER BY created_at DESC LIMIT $1";
        {
            let mut known = lock(&self.offers);
            if known.read.is_some_and(|read| read.elapsed() < OFFERS_KEPT) {
                return known.promotions.clone();
            }
            known.read = Some(Instant::now());
        }
        let select = sqlx::query_scalar(SELECT).bind(OFFERS_MAX).fetch_all(&self.database);
        let read = tokio::time::timeout(OFFERS_PATIENCE, select).await;
        let mut known = lock(&self.offers);
        if let Ok(Ok(promotions)) = read {
            known.promotions = promotions.into_iter().map(PromotionId).collect();
        }
        known.promotions.clone()
    }

    /// The name of a person, for display. `None` also if the read models cannot be queried.
    pub async fn name_of(&self, user: UserId) -> Option<String> {
        let select = sqlx::query_scalar("SELECT name FROM read.accounts WHERE user_id = $1").bind(user.0);
        let found = tokio::time::timeout(PATIENCE, select.fetch_optional(&self.database)).await;
        found.unwrap_or(Err(sqlx::Error::PoolTimedOut)).ok().flatten()
    }

    /// The stream key of a user's account.
    ///
    /// # Errors
    ///
    /// 404 if there is none up to the end of the log, 503 if the read models do not catch up.
    pub async fn account_of(&self, user: UserId) -> Result<AccountKey, Problem> {
        let select = "SELECT (SELECT account_key FROM read.accounts WHERE user_id = $1 AND NOT erased), \
                      (SELECT position FROM read.checkpoint WHERE name = 'read-models')";
        self.find(select, user.0).await.map(AccountKey)
    }

    /// Returns the amount that the provider has returned of a card payment, in minor units, without parts that have
    /// their own refunds.
    ///
    /// # Errors
    ///
    /// 503 if the tables cannot be queried.
    pub async fn returned_at_provider(
        &self,
        provider_payment: &str,
        payment: PaymentId,
    ) -> Result<i64, Problem> {
        const SELECT: &str = "SELECT coalesce(sum(amount_minor), 0)::bigint FROM sagas.provider_movements
                              WHERE provider_payment_id = $1 AND kind = 'refund'
                                AND (payment_id IS NULL OR payment_id = $2)";
        let select =
            sqlx::query_scalar(SELECT).bind(provider_payment).bind(payment.0).fetch_one(&self.database);
        let selected = tokio::time::timeout(PATIENCE, select).await;
        selected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| no_database(&error))
    }

    /// Counts what a cascade of a show, a venue or a screening (in that order) would affect if it began at `now`. For
    /// display only.
    ///
    /// # Errors
    ///
    /// 503 if the read models cannot be queried.
    pub async fn affected_by(&self, which: [Option<Uuid>; 3], now: Timestamp) -> Result<Affected, Problem> {
        const SELECT: &str = "
            SELECT count(DISTINCT s.screening_id) AS screenings, count(b.booking_id) AS bookings,
                   count(DISTINCT b.customer_id) AS customers,
                   COALESCE(sum(b.amount_minor) FILTER (WHERE b.status = 'confirmed' AND p.method = 'wallet'), 0)::bigint
                       AS wallet_minor,
                   COALESCE(sum(b.amount_minor) FILTER (WHERE b.status = 'confirmed' AND p.method = 'card'), 0)::bigint
                       AS card_minor,
                   COALESCE(sum(b.amount_minor) FILTER (
                       WHERE b.status = 'confirmed' AND p.method IN ('cash', 'card_terminal', 'upi')), 0)::bigint
                       AS counter_minor
            FROM read.screenings s
            LEFT JOIN read.bookings b
                ON b.screening_id = s.screening_id AND b.status IN ('held', 'paying', 'confirmed')
            LEFT JOIN read.payments p ON p.payment_id = b.payment_id
            WHERE (s.show_id = $1 OR s.venue_id = $2 OR s.screening_id = $3) AND s.status = 'active'
              AND s.starts_at > $4::timestamptz";
        let [show, venue, screening] = which;
        let select = sqlx::query_as(SELECT).bind(show).bind(venue).bind(screening).bind(now.to_string());
        let selected = tokio::time::timeout(PATIENCE, select.fetch_one(&self.database)).await;
        selected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| no_database(&error))
    }

    /// Checks that a cascade exists.
    ///
    /// # Errors
    ///
    /// 404 if there is none up to the end of the log, 503 if the read models do not catch up.
    pub async fn check_cascade(&self, cascade: Uuid) -> Result<(), Problem> {
        let select = "SELECT (SELECT cascade_id FROM read.cascades WHERE cascade_id = $1), \
                      (SELECT position FROM read.checkpoint WHERE name = 'read-models')";
        self.find::<Uuid>(select, cascade).await.map(drop)
    }

    /// Queries until a row is found or the read models have reached the current end of the log. One statement reads
    /// both, so "not found" holds for that position.
    async fn find<T>(&self, select: &'static str, id: Uuid) -> Result<T, Problem>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let deadline = Instant::now() + PATIENCE;
        let mut end = None;
        loop {
            let selected = sqlx::query_as(select).bind(id).fetch_one(&self.database);
            let selected = tokio::time::timeout(PATIENCE, selected).await;
            let (found, position): (Option<T>, Option<i64>) =
                selected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| no_database(&error))?;
            if let Some(found) = found {
                return Ok(found);
            }
            let end = match end {
                Some(end) => end,
                None => *end.insert(self.log.last_position().await.map_err(|failure| failed(&failure))?),
            };
            if position.is_some_and(|position| position.cast_unsigned() >= end) {
                return Err(Problem::not_found());
            }
            if Instant::now() >= deadline {
                return Err(Problem::read_model_behind());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
