//! Seat maps at hand. A map is served from memory only while it is known to be that of the position the read models have
//! reached; as soon as they move on, one caller looks whether this screening did, and the others wait for that one look.

use std::{
    collections::{BTreeMap, HashMap},
    mem::take,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{Currency, Layout, ScreeningId, UserId};
use ticketshow_http::Problem;

use super::map::{Mine, SeatMap};
use crate::{
    reading::{Select, answered},
    tables::Tables,
};

/// Bytes that all maps together take at most: a thousand cinemas, or a stadium.
const WEIGHT_MAX: usize = 32 * 1024 * 1024;
/// Callers whose own seats on one screening are remembered.
const CALLERS_MAX: usize = 1_000;
/// Drawing a room with more seats than this takes longer than other requests should wait.
const SEATS_DRAWN_AT_ONCE: usize = 20_000;

/// A seat map that was looked at.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The map.
    pub map: Arc<SeatMap>,
    /// What of it is the caller's own.
    pub mine: Mine,
    /// How far the read models had come.
    pub reached: u64,
}

/// The maps that were asked for lately.
#[derive(Debug, Default)]
pub struct SeatMaps(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    slots: HashMap<ScreeningId, Slot>,
    /// Counts requests: a slot remembers its last one.
    requests: u64,
}

#[derive(Debug)]
struct Slot {
    place: Arc<Place>,
    used: u64,
}

/// Where the map of one screening is kept.
#[derive(Debug, Default)]
struct Place {
    entry: Mutex<Entry>,
    /// Who has it looks.
    turn: tokio::sync::Mutex<()>,
    /// What was some callers' own, and at which position of the read models.
    own: Mutex<HashMap<UserId, (u64, Mine)>>,
}

#[derive(Debug, Default)]
struct Entry {
    map: Option<Arc<SeatMap>>,
    /// How far the read models had come when the map was last found unchanged.
    reached: u64,
    /// When that look began.
    looked: Option<Instant>,
    /// When the last look that failed began.
    failed: Option<Instant>,
}

#[derive(FromRow)]
struct Row {
    position: i64,
    reached: Option<i64>,
    /// `None` if the room is known.
    layout: Option<Json<Layout>>,
    prices: Json<BTreeMap<String, i64>>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    /// `None` if the position is known.
    states: Option<Vec<u8>>,
    held: Vec<String>,
    sold: Vec<String>,
}

/// `$2` is the position that is known, -1 if none is; `$3` the caller, null if nobody is signed in. One statement, so all
/// of it is as of one moment.
const SELECT: &str = "
    SELECT m.position, (SELECT min(position) FROM checkpoint) AS reached, m.prices, m.currency,
           CASE WHEN $2 < 0 THEN m.layout END AS layout,
           CASE WHEN m.position <> $2 THEN
               (SELECT string_agg(c.states, ''::bytea ORDER BY c.chunk)
                FROM seat_map_chunks c WHERE c.screening_id = m.screening_id) END AS states,
           ARRAY(SELECT unnest(b.seats) FROM bookings b WHERE b.customer_id = $3 AND b.screening_id = m.screening_id
                 AND b.claim = 'held') AS held,
           ARRAY(SELECT unnest(b.seats) FROM bookings b WHERE b.customer_id = $3 AND b.screening_id = m.screening_id
                 AND b.claim = 'sold') AS sold
    FROM seat_maps m WHERE m.screening_id = $1";

impl SeatMaps {
    /// The map as anybody sees it, not older than what the read models are known to have reached.
    ///
    /// # Errors
    ///
    /// 404 if there is no such screening, 503 if Postgres is away.
    pub async fn current(&self, tables: &Tables, screening: ScreeningId) -> Result<Seen, Problem> {
        let arrived = Instant::now();
        let place = self.place(screening);
        if let Some(seen) = place.fresh(tables, arrived) {
            return Ok(seen);
        }
        let _turn = place.turn.lock().await;
        if let Some(seen) = place.fresh(tables, arrived) {
            return Ok(seen);
        }
        // Whoever waited for a look that failed does not wait for another one.
        if place.entry().failed >= Some(arrived) {
            return Err(Problem::unavailable(Duration::from_secs(1)));
        }
        let looked = Instant::now();
        let seen = self.look(tables, screening, &place, None).await;
        if seen.as_ref().is_err_and(|problem| problem.status() == StatusCode::SERVICE_UNAVAILABLE) {
            place.entry().failed = Some(looked);
        }
        seen
    }

    /// The map as `caller` sees it, not older than what the read models are known to have reached.
    ///
    /// # Errors
    ///
    /// As [`SeatMaps::current`].
    pub async fn personal(
        &self,
        tables: &Tables,
        screening: ScreeningId,
        caller: UserId,
    ) -> Result<Seen, Problem> {
        let place = self.place(screening);
        if let Some(seen) = place.fresh_for(tables, caller) {
            return Ok(seen);
        }
        self.look(tables, screening, &place, Some(caller)).await
    }

    async fn look(
        &self,
        tables: &Tables,
        screening: ScreeningId,
        place: &Place,
        caller: Option<UserId>,
    ) -> Result<Seen, Problem> {
        let looked = Instant::now();
        let known = place.entry().map.clone();
        let position = known.as_ref().map_or(-1, |map| map.position.cast_signed());
        let select: Select<Row> = sqlx::query_as(SELECT);
        let select = select.bind(screening.0).bind(position).bind(caller.map(|caller| caller.0));
        let Some(mut row) = answered(select.fetch_optional(tables.pool())).await? else {
            self.forget(screening);
            return Err(Problem::not_found());
        };
        let mine = Mine { held: take(&mut row.held), sold: take(&mut row.sold) };
        let reached = row.reached.unwrap_or(0).cast_unsigned();
        let is_new = known.is_none();
        let map = drawn(screening, known, row).await?;
        place.keep(&map, reached, looked);
        if let Some(caller) = caller {
            place.remember(caller, reached, &mine);
        }
        if is_new {
            self.make_room();
        }
        Ok(Seen { map, mine, reached })
    }

    fn place(&self, screening: ScreeningId) -> Arc<Place> {
        let mut kept = self.kept();
        kept.requests += 1;
        let used = kept.requests;
        let slot = kept.slots.entry(screening).or_insert_with(|| Slot { place: Arc::default(), used });
        slot.used = used;
        Arc::clone(&slot.place)
    }

    fn forget(&self, screening: ScreeningId) {
        self.kept().slots.remove(&screening);
    }

    /// Forgets the maps that were not asked for the longest, until the others fit.
    fn make_room(&self) {
        let mut kept = self.kept();
        let mut slots: Vec<(u64, ScreeningId, usize)> =
            kept.slots.iter().map(|(id, slot)| (slot.used, *id, slot.place.weight())).collect();
        slots.sort_unstable_by(|a, b| b.cmp(a));
        let mut weight = 0;
        for (rank, (_, screening, own)) in slots.into_iter().enumerate() {
            weight += own;
            if rank > 0 && weight > WEIGHT_MAX {
                kept.slots.remove(&screening);
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing that holds the lock can leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn entry(&self) -> MutexGuard<'_, Entry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The map, if it is that of the position that the read models have reached, or was looked at since `arrived`.
    fn fresh(&self, tables: &Tables, arrived: Instant) -> Option<Seen> {
        let entry = self.entry();
        let is_current = tables.reached() == Some(entry.reached) || entry.looked >= Some(arrived);
        let map = entry.map.clone().filter(|_| is_current)?;
        Some(Seen { map, mine: Mine::default(), reached: entry.reached })
    }

    /// The map and what of it is the caller's own, if both are of the position that the read models have reached.
    fn fresh_for(&self, tables: &Tables, caller: UserId) -> Option<Seen> {
        let reached = tables.reached()?;
        let (_, mine) = self.own().get(&caller).filter(|(at, _)| *at == reached)?.clone();
        let entry = self.entry();
        let map = entry.map.clone().filter(|_| entry.reached == reached)?;
        Some(Seen { map, mine, reached })
    }

    fn remember(&self, caller: UserId, reached: u64, mine: &Mine) {
        let mut own = self.own();
        // What is older will not be asked for again.
        if own.len() >= CALLERS_MAX {
            own.retain(|_, (at, _)| *at == reached);
        }
        if own.len() < CALLERS_MAX {
            own.insert(caller, (reached, mine.clone()));
        }
    }

    fn own(&self) -> MutexGuard<'_, HashMap<UserId, (u64, Mine)>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was seen, unless somebody looked later.
    fn keep(&self, map: &Arc<SeatMap>, reached: u64, looked: Instant) {
        let mut entry = self.entry();
        if entry.looked < Some(looked) {
            entry.map = Some(Arc::clone(map));
            entry.reached = reached;
            entry.looked = Some(looked);
        }
    }

    fn weight(&self) -> usize {
        self.entry().map.as_ref().map_or(0, |map| map.weight())
    }
}

/// The map of a row: the known one, the known one painted over, or a new one.
async fn drawn(
    screening: ScreeningId,
    known: Option<Arc<SeatMap>>,
    row: Row,
) -> Result<Arc<SeatMap>, Problem> {
    let Row { position, layout, prices, currency, states, .. } = row;
    let position = position.cast_unsigned();
    let seats = states.as_ref().map_or(0, Vec::len);
    let draw = move || match (known, states, layout) {
        (Some(known), None, _) => known,
        (Some(known), Some(states), _) => Arc::new(known.redraw(position, &states)),
        (None, states, layout) => {
            let layout = layout.unwrap_or_default().0;
            let states = states.unwrap_or_default();
            Arc::new(SeatMap::draw(screening, layout, &prices.0, currency, position, &states))
        }
    };
    if seats <= SEATS_DRAWN_AT_ONCE {
        return Ok(draw());
    }
    tokio::task::spawn_blocking(draw).await.map_err(|_| Problem::internal())
}
