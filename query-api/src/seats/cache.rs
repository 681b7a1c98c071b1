//! Cache of seat maps. A map is served from memory only while it is known to be current. Once the read models have moved
//! on, one request refreshes the map and the others wait for it. Signed-in callers who wait are read together: when a screening
//! goes on sale, thousands open its map at once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{Currency, Layout, ScreeningId, UserId};
use ticketshow_http::{Problem, sync::lock};

use super::map::{OwnSeats, SeatMap, TypePrices};
use crate::machinery::{
    reading::{Select, answered},
    tables::Tables,
};

/// Bytes that all maps may take together: a thousand cinemas, or a stadium.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Callers per screening whose own seats are cached.
const CALLERS_MAX: usize = 10_000;
/// Callers whose own seats are read at once.
const CALLERS_AT_ONCE: usize = 1_000;
/// Rooms with more seats are drawn on a blocking thread, because drawing would delay other requests.
const SEATS_DRAWN_INLINE: usize = 20_000;

/// A seat map as one caller sees it.
#[derive(Debug, Clone)]
pub struct View {
    pub map: Arc<SeatMap>,
    /// The caller's own seats.
    pub own: OwnSeats,
    /// Position that the read models had reached.
    pub reached: u64,
}

/// The seat maps requested most recently.
#[derive(Debug, Default)]
pub struct SeatMaps(Mutex<CachedMaps>);

#[derive(Debug, Default)]
struct CachedMaps {
    slots: HashMap<ScreeningId, Slot>,
    /// Screenings by the number of their last request.
    by_use: BTreeMap<u64, ScreeningId>,
    /// Number of requests so far.
    requests: u64,
    /// Bytes of all maps.
    bytes: usize,
}

#[derive(Debug)]
struct Slot {
    cached: Arc<CachedMap>,
    /// Number of the last request.
    used: u64,
    /// Bytes of the map, once it is drawn.
    bytes: usize,
}

impl CachedMaps {
    /// Returns the slot of a screening, now the most recently used.
    fn use_slot(&mut self, screening: ScreeningId) -> &mut Slot {
        self.requests += 1;
        let used = self.requests;
        let slot =
            self.slots.entry(screening).or_insert_with(|| Slot { cached: Arc::default(), used, bytes: 0 });
        self.by_use.remove(&slot.used);
        self.by_use.insert(used, screening);
        slot.used = used;
        slot
    }

    /// Notes the size of a map.
    fn weigh(&mut self, screening: ScreeningId, bytes: usize) {
        if let Some(slot) = self.slots.get_mut(&screening) {
            self.bytes = self.bytes - slot.bytes + bytes;
            slot.bytes = bytes;
        }
    }

    fn forget(&mut self, screening: ScreeningId) {
        if let Some(slot) = self.slots.remove(&screening) {
            self.by_use.remove(&slot.used);
            self.bytes -= slot.bytes;
        }
    }

    /// Evicts the least recently used screenings until the others fit. Never evicts the most recent one.
    fn evict(&mut self) {
        while self.slots.len() > 1 && self.bytes > BYTES_MAX {
            let Some((_, screening)) = self.by_use.pop_first() else { return };
            self.forget(screening);
        }
    }
}

/// The map of one screening.
#[derive(Debug, Default)]
struct CachedMap {
    entry: Mutex<Entry>,
    /// Held by the one request that is refreshing this map.
    refreshing: tokio::sync::Mutex<()>,
    /// Own seats of recent callers.
    own: Mutex<HashMap<UserId, Own>>,
    waiting: Mutex<Waiting>,
}

/// Callers whose own seats the next refresh reads, in the order of their requests.
#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    callers: BTreeMap<u64, UserId>,
}

/// A request in the line of those that wait. It stays there until it ends: a refresh may be cancelled with its request, and a later one
/// may replace the map before all whom it read have been answered.
#[derive(Debug)]
struct Place<'a> {
    cached: &'a CachedMap,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.cached.waiting).callers.remove(&self.number);
    }
}

/// The own seats of one caller.
#[derive(Debug, Clone)]
struct Own {
    seats: OwnSeats,
    /// Position that the read models had reached.
    reached: u64,
    /// Start of the refresh that read them.
    refreshed: Instant,
}

#[derive(Debug, Default)]
struct Entry {
    map: Option<Arc<SeatMap>>,
    /// Position that the read models had reached at the last refresh.
    reached: u64,
    /// Start of the last successful refresh.
    refreshed: Option<Instant>,
    /// Start of the last failed refresh.
    failed: Option<Instant>,
}

impl Entry {
    fn refreshed_since(&self, moment: Instant) -> bool {
        self.refreshed.is_some_and(|refreshed| refreshed >= moment)
    }

    fn failed_since(&self, moment: Instant) -> bool {
        self.failed.is_some_and(|failed| failed >= moment)
    }
}

/// Customer, claim and seats of a booking.
type Claim = (UserId, String, Vec<String>);

#[derive(FromRow)]
struct Row {
    position: i64,
    reached: Option<i64>,
    /// `None` if the room and the prices of the cached map are the current ones.
    layout: Option<Json<Layout>>,
    prices: Json<BTreeMap<String, i64>>,
    type_prices: Json<TypePrices>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    /// `None` if the map has not changed.
    states: Option<Vec<u8>>,
    /// Held and sold seats of the callers.
    own: Json<Vec<Claim>>,
}

/// `$2` is the position of the cached map, -1 without one; `$3` lists the callers. A single statement, so that everything is from
/// one snapshot.
const SELECT: &str = "
    SELECT m.position, (SELECT min(position) FROM checkpoint) AS reached, m.prices, m.type_prices, m.currency,
           CASE WHEN $2 < 0 OR $2 < m.terms_position THEN m.layout END AS layout,
           CASE WHEN m.position <> $2 THEN
               (SELECT string_agg(c.states, ''::bytea ORDER BY c.chunk)
                FROM seat_map_chunks c WHERE c.screening_id = m.screening_id) END AS states,
           COALESCE((SELECT json_agg(json_build_array(b.customer_id, b.claim, b.seats)) FROM bookings b
                     WHERE b.customer_id = ANY($3) AND b.screening_id = m.screening_id
                     AND b.claim IN ('held', 'sold')), '[]') AS own
    FROM seat_maps m WHERE m.screening_id = $1";

impl SeatMaps {
    /// Returns the map for anonymous callers, as current as the read models.
    ///
    /// # Errors
    ///
    /// 404 if the screening does not exist, 503 if Postgres is unreachable.
    pub async fn current(&self, tables: &Tables, screening: ScreeningId) -> Result<View, Problem> {
        let arrived = Instant::now();
        let cached = self.cached(screening);
        if let Some(view) = cached.fresh(tables, arrived) {
            return Ok(view);
        }
        let _refreshing = cached.refreshing.lock().await;
        if let Some(view) = cached.fresh(tables, arrived) {
            return Ok(view);
        }
        self.refresh_in_turn(tables, screening, &cached, arrived, &cached.next_callers()).await
    }

    /// Returns the map for a signed-in caller, as current as the read models.
    ///
    /// # Errors
    ///
    /// As [`SeatMaps::current`].
    pub async fn personal(
        &self,
        tables: &Tables,
        screening: ScreeningId,
        caller: UserId,
    ) -> Result<View, Problem> {
        let arrived = Instant::now();
        let cached = self.cached(screening);
        if let Some(view) = cached.fresh_for(tables, caller, arrived) {
            return Ok(view);
        }
        let _place = cached.wait(caller);
        let _refreshing = cached.refreshing.lock().await;
        if let Some(view) = cached.fresh_for(tables, caller, arrived) {
            return Ok(view);
        }
        let mut callers = cached.next_callers();
        if !callers.contains(&caller) {
            callers.push(caller);
        }
        let view = self.refresh_in_turn(tables, screening, &cached, arrived, &callers).await?;
        let own = cached.own().get(&caller).map(|own| own.seats.clone()).unwrap_or_default();
        Ok(View { own, ..view })
    }

    /// Refreshes a map, unless the refresh that this request waited for failed: then fails too instead of retrying.
    async fn refresh_in_turn(
        &self,
        tables: &Tables,
        screening: ScreeningId,
        cached: &CachedMap,
        arrived: Instant,
        callers: &[UserId],
    ) -> Result<View, Problem> {
        if cached.entry().failed_since(arrived) {
            return Err(Problem::unavailable(Duration::from_secs(1)));
        }
        let started = Instant::now();
        let view = self.refresh(tables, screening, cached, callers).await;
        if view.as_ref().is_err_and(|problem| problem.status() == StatusCode::SERVICE_UNAVAILABLE) {
            cached.entry().failed = Some(started);
        }
        view
    }

    async fn refresh(
        &self,
        tables: &Tables,
        screening: ScreeningId,
        cached: &CachedMap,
        callers: &[UserId],
    ) -> Result<View, Problem> {
        let started = Instant::now();
        let known = cached.entry().map.clone();
        let position = known.as_ref().map_or(-1, |map| map.position.cast_signed());
        let select: Select<Row> = sqlx::query_as(SELECT);
        let ids: Vec<_> = callers.iter().map(|caller| caller.0).collect();
        let select = select.bind(screening.0).bind(position).bind(ids);
        let mut row = match answered(select.fetch_optional(tables.pool())).await {
            Ok(Some(row)) => row,
            Ok(None) => {
                self.maps().forget(screening);
                return Err(Problem::not_found());
            }
            Err(problem) => {
                // Nothing evicts a slot without a map, and callers may name screenings that do not exist.
                if known.is_none() {
                    self.maps().forget(screening);
                }
                return Err(problem);
            }
        };
        let own = std::mem::take(&mut row.own.0);
        let reached = row.reached.unwrap_or(0).cast_unsigned();
        let is_new = row.layout.is_some();
        let map = drawn(screening, known, row).await?;
        cached.store(&map, reached, started);
        cached.store_own(callers, own, reached, started);
        if is_new {
            let mut maps = self.maps();
            maps.weigh(screening, map.bytes());
            maps.evict();
        }
        Ok(View { map, own: OwnSeats::default(), reached })
    }

    fn cached(&self, screening: ScreeningId) -> Arc<CachedMap> {
        Arc::clone(&self.maps().use_slot(screening).cached)
    }

    fn maps(&self) -> MutexGuard<'_, CachedMaps> {
        lock(&self.0)
    }
}

impl CachedMap {
    fn entry(&self) -> MutexGuard<'_, Entry> {
        lock(&self.entry)
    }

    /// The map, if it is as current as the read models or was refreshed since `arrived`.
    fn fresh(&self, tables: &Tables, arrived: Instant) -> Option<View> {
        let entry = self.entry();
        let is_current = tables.reached() == Some(entry.reached) || entry.refreshed_since(arrived);
        let map = entry.map.clone().filter(|_| is_current)?;
        Some(View { map, own: OwnSeats::default(), reached: entry.reached })
    }

    /// The map and the caller's own seats, if both are as current as the read models or were refreshed since `arrived`.
    fn fresh_for(&self, tables: &Tables, caller: UserId, arrived: Instant) -> Option<View> {
        let Own { seats, reached, refreshed } = self.own().get(&caller)?.clone();
        let entry = self.entry();
        let is_current = tables.reached() == Some(reached) || refreshed >= arrived;
        // The map may be newer than the caller's seats, and then a seat of theirs would look like one of others.
        let map = entry.map.clone().filter(|_| is_current && entry.reached == reached)?;
        Some(View { map, own: seats, reached })
    }

    /// Puts a request at the end of the line.
    fn wait(&self, caller: UserId) -> Place<'_> {
        let mut waiting = lock(&self.waiting);
        waiting.last += 1;
        let number = waiting.last;
        waiting.callers.insert(number, caller);
        Place { cached: self, number }
    }

    /// Returns the callers whose own seats are read next.
    fn next_callers(&self) -> Vec<UserId> {
        lock(&self.waiting).callers.values().take(CALLERS_AT_ONCE).copied().collect()
    }

    fn store_own(&self, callers: &[UserId], claims: Vec<Claim>, reached: u64, refreshed: Instant) {
        let mut own = self.own();
        // Those of other positions do not match the map any more.
        own.retain(|_, known| known.reached == reached);
        if own.len() + callers.len() > CALLERS_MAX {
            own.clear();
        }
        for caller in callers {
            own.insert(*caller, Own { seats: OwnSeats::default(), reached, refreshed });
        }
        for (caller, claim, seats) in claims {
            if let Some(own) = own.get_mut(&caller) {
                let list = if claim == "held" { &mut own.seats.held } else { &mut own.seats.sold };
                list.extend(seats);
            }
        }
    }

    fn own(&self) -> MutexGuard<'_, HashMap<UserId, Own>> {
        lock(&self.own)
    }

    /// Stores the result of a refresh, unless a later refresh finished first.
    fn store(&self, map: &Arc<SeatMap>, reached: u64, started: Instant) {
        let mut entry = self.entry();
        if !entry.refreshed_since(started) {
            entry.map = Some(Arc::clone(map));
            entry.reached = reached;
            entry.refreshed = Some(started);
        }
    }
}

/// The map of a row: the cached one, the cached one repainted, or a new one.
async fn drawn(
    screening: ScreeningId,
    known: Option<Arc<SeatMap>>,
    row: Row,
) -> Result<Arc<SeatMap>, Problem> {
    let Row { position, layout, prices, type_prices, currency, states, .. } = row;
    let position = position.cast_unsigned();
    let seats = states.as_ref().map_or(0, Vec::len);
    let draw = move || match (known, states, layout) {
        (Some(known), None, None) => known,
        (Some(known), Some(states), None) => Arc::new(known.redraw(position, &states)),
        (_, states, layout) => {
            let layout = layout.unwrap_or_default().0;
            let states = states.unwrap_or_default();
            Arc::new(SeatMap::draw(screening, layout, &prices.0, &type_prices.0, currency, position, &states))
        }
    };
    if seats <= SEATS_DRAWN_INLINE {
        return Ok(draw());
    }
    tokio::task::spawn_blocking(draw).await.map_err(|_| Problem::internal())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::machinery::tables::pool;

    #[test]
    fn callers_are_read_until_their_requests_end() {
        let cached = CachedMap::default();
        let [ada, bob] = [1, 2].map(|id| UserId(Uuid::from_u128(id)));
        let (adas, bobs) = (cached.wait(ada), cached.wait(bob));
        assert_eq!(cached.next_callers(), [ada, bob]);
        assert_eq!(cached.next_callers(), [ada, bob], "the refresh may be cancelled, and the map replaced");
        drop(adas);
        assert_eq!(cached.next_callers(), [bob]);
        drop(bobs);
        assert!(cached.next_callers().is_empty(), "requests that were given up leave nothing behind");
    }

    #[test]
    fn own_seats_of_older_positions_are_dropped() {
        let cached = CachedMap::default();
        let [ada, bob, eve] = [1, 2, 3].map(|id| UserId(Uuid::from_u128(id)));
        let claims = vec![
            (bob, "held".to_owned(), vec!["A-1".to_owned()]),
            (bob, "sold".to_owned(), vec!["A-2".to_owned()]),
        ];
        cached.store_own(&[ada], Vec::new(), 7, Instant::now());
        cached.store_own(&[bob], claims, 8, Instant::now());
        cached.store_own(&[eve], Vec::new(), 8, Instant::now());
        let own = cached.own();
        assert!(!own.contains_key(&ada) && own.contains_key(&eve));
        let bobs = OwnSeats { held: vec!["A-1".to_owned()], sold: vec!["A-2".to_owned()] };
        assert_eq!(own[&bob].seats, bobs);
    }

    #[tokio::test]
    async fn unknown_screenings_leave_nothing_behind_while_postgres_is_away() {
        let tables = Tables::follow(pool("postgres://nobody@127.0.0.1:1/nothing").unwrap());
        let maps = SeatMaps::default();
        for id in 0..3 {
            let screening = ScreeningId(Uuid::from_u128(id));
            let (current, personal) = tokio::join!(
                maps.current(&tables, screening),
                maps.personal(&tables, ScreeningId(Uuid::from_u128(id + 100)), UserId(Uuid::nil()))
            );
            assert_eq!(current.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(personal.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
        }
        assert!(maps.maps().slots.is_empty());
    }

    fn screening(number: u128) -> ScreeningId {
        ScreeningId(Uuid::from_u128(number))
    }

    fn kept(maps: &CachedMaps, numbers: impl IntoIterator<Item = u128>) -> Vec<u128> {
        numbers.into_iter().filter(|number| maps.slots.contains_key(&screening(*number))).collect()
    }

    #[test]
    fn the_maps_used_longest_ago_make_room() {
        let mut maps = CachedMaps::default();
        for number in 1..=4 {
            maps.use_slot(screening(number));
            maps.weigh(screening(number), BYTES_MAX / 4);
            maps.evict();
        }
        maps.use_slot(screening(1));
        maps.use_slot(screening(5));
        maps.weigh(screening(5), BYTES_MAX / 2);
        maps.evict();
        assert_eq!(kept(&maps, 1..=5), [1, 4, 5]);
        assert_eq!(maps.bytes, BYTES_MAX / 4 * 2 + BYTES_MAX / 2);

        // A map larger than the cache stays until the next one.
        maps.use_slot(screening(6));
        maps.weigh(screening(6), BYTES_MAX * 2);
        maps.evict();
        assert_eq!(kept(&maps, 1..=6), [6]);
        maps.use_slot(screening(7));
        maps.evict();
        assert_eq!((kept(&maps, 1..=7), maps.bytes, maps.by_use.len()), (vec![7], 0, 1));
    }
}
