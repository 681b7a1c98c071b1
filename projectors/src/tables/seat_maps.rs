//! `seat_maps` and `seat_map_chunks`: the layout of each screening and the states of its seats, one byte per seat. The owners
//! of the seats stay in the log.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use sqlx::{FromRow, PgConnection, Row, postgres::PgRow, types::Json};
use ticketshow_domain::{Layout, ScreeningId, SeatName, SeatStatus, promise::Promise, screening::Event};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{column, own_id, stored},
    error::{Misfit, ProjectError, database},
    rows::Rows,
};

/// Seats of all maps kept in memory: a dozen stadiums, or ten thousand cinemas.
const SEATS_KEPT: usize = 4_000_000;
/// Seats in a chunk. Part of the table's format.
const CHUNK: usize = 1_024;

const SELECT: &str = "
    SELECT screening_id, layout, position, terms_position,
           (SELECT string_agg(states, ''::bytea ORDER BY chunk) FROM seat_map_chunks AS chunks
            WHERE chunks.screening_id = seat_maps.screening_id) AS states
    FROM seat_maps WHERE screening_id = ANY($1)";

const INSERT: &str = "
    INSERT INTO seat_maps (screening_id, layout, prices, currency, position, type_prices, terms_position)
    SELECT * FROM UNNEST($1::uuid[], $2::jsonb[], $3::jsonb[], $4::text[], $5::bigint[], $6::jsonb[], $7::bigint[])";

const CHANGE_TERMS: &str = "
    UPDATE seat_maps SET layout = new.layout, prices = new.prices, type_prices = new.type_prices,
                         terms_position = new.position
    FROM UNNEST($1::uuid[], $2::jsonb[], $3::jsonb[], $4::jsonb[], $5::bigint[])
         AS new (screening_id, layout, prices, type_prices, position)
    WHERE seat_maps.screening_id = new.screening_id";

/// Another layout may have fewer seats.
const DELETE_CHUNKS: &str = "
    DELETE FROM seat_map_chunks USING UNNEST($1::uuid[], $2::int[]) AS new (screening_id, chunks)
    WHERE seat_map_chunks.screening_id = new.screening_id AND chunk >= chunks";

const UPDATE: &str = "
    UPDATE seat_maps SET position = new.position
    FROM UNNEST($1::uuid[], $2::bigint[]) AS new (screening_id, position)
    WHERE seat_maps.screening_id = new.screening_id";

const UPSERT_CHUNKS: &str = "
    INSERT INTO seat_map_chunks (screening_id, chunk, states)
    SELECT * FROM UNNEST($1::uuid[], $2::int[], $3::bytea[])
    ON CONFLICT (screening_id, chunk) DO UPDATE SET states = EXCLUDED.states";

/// The seats of one screening.
struct SeatMap {
    screening: ScreeningId,
    rows: HashMap<String, RowSeats>,
    states: Vec<u8>,
    /// Number of free seats. Counting a stadium in every batch would cost more than its reservations.
    free: usize,
    position: u64,
    /// Chunks that are not written yet.
    changed: BTreeSet<usize>,
    /// Set until the map is inserted.
    promise: Option<Arc<Promise>>,
    /// Terms that replaced those of an inserted map, until they are written.
    changed_terms: Option<Arc<Promise>>,
    /// Position of the last change of the terms, 0 without one.
    terms_position: u64,
}

/// Seats of a row.
#[derive(PartialEq, Eq)]
struct RowSeats {
    first: usize,
    seats: usize,
    /// Numbers from left to right; none if they are 1, 2, 3 and so on.
    numbers: Box<[u16]>,
}

impl RowSeats {
    /// Returns the seats and their numbers in the row.
    fn numbered(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let number =
            |position: usize| self.numbers.get(position).map_or(position + 1, |own| usize::from(*own));
        (0..self.seats).map(move |position| (self.first + position, number(position)))
    }

    /// Returns the seat with a number, by the naming of [`Layout`].
    fn seat(&self, number: usize) -> Option<usize> {
        if self.numbers.is_empty() {
            return (1..=self.seats).contains(&number).then(|| self.first + number - 1);
        }
        self.numbers.iter().position(|own| usize::from(*own) == number).map(|position| self.first + position)
    }
}

impl SeatMap {
    fn new(screening: ScreeningId, layout: &Layout) -> Self {
        let mut rows = HashMap::with_capacity(layout.rows.len());
        let mut first = 0;
        for row in &layout.rows {
            let seats = usize::from(row.seats);
            let numbers = row.numbers.clone().into_boxed_slice();
            rows.insert(row.label.clone(), RowSeats { first, seats, numbers });
            first += seats;
        }
        let states = vec![SeatStatus::Free.as_byte(); first];
        let changed = (0..first.div_ceil(CHUNK)).collect();
        Self {
            screening,
            rows,
            states,
            free: first,
            position: 0,
            changed,
            promise: None,
            changed_terms: None,
            terms_position: 0,
        }
    }

    /// Takes over other terms. Seats that both layouts have keep their states.
    fn follow(&mut self, position: u64, promise: Arc<Promise>) {
        let mut next = Self::new(self.screening, &promise.layout);
        if next.rows != self.rows {
            for (label, row) in &self.rows {
                for (seat, number) in row.numbered() {
                    let state = self.states[seat];
                    if let Some(index) = next.index(&SeatName(format!("{label}-{number}"))) {
                        next.free -= usize::from(state != SeatStatus::Free.as_byte());
                        next.states[index] = state;
                    }
                }
            }
            (self.rows, self.states, self.free, self.changed) =
                (next.rows, next.states, next.free, next.changed);
        }
        (self.position, self.terms_position) = (position, position);
        if self.promise.is_some() {
            self.promise = Some(promise);
        } else {
            self.changed_terms = Some(promise);
        }
    }

    /// Returns the number of a seat in the layout.
    fn index(&self, seat: &SeatName) -> Option<usize> {
        let (label, number) = seat.0.split_once('-')?;
        self.rows.get(label)?.seat(number.parse().ok()?)
    }

    fn set(&mut self, seats: &[SeatName], status: SeatStatus) -> Result<(), Misfit> {
        for seat in seats {
            let index = self.index(seat).ok_or_else(|| Misfit::NoSeat(seat.clone()))?;
            let before = std::mem::replace(&mut self.states[index], status.as_byte());
            self.free -= usize::from(before == SeatStatus::Free.as_byte());
            self.free += usize::from(status == SeatStatus::Free);
            self.changed.insert(index / CHUNK);
        }
        Ok(())
    }

    fn chunk(&self, chunk: usize) -> &[u8] {
        &self.states[chunk * CHUNK..self.states.len().min((chunk + 1) * CHUNK)]
    }
}

impl FromRow<'_, PgRow> for SeatMap {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Json(layout): Json<Layout> = row.try_get("layout")?;
        let mut map = Self::new(ScreeningId(row.try_get("screening_id")?), &layout);
        let states: Vec<u8> = row.try_get("states")?;
        if states.len() != map.states.len() {
            return Err(sqlx::Error::Decode("the chunks of a seat map are not those of its layout".into()));
        }
        map.free = states.iter().filter(|state| **state == SeatStatus::Free.as_byte()).count();
        map.states = states;
        map.terms_position = row.try_get::<i64, _>("terms_position")?.cast_unsigned();
        map.changed.clear();
        Ok(map)
    }
}

/// Number of free seats of a screening as of a commit.
pub(crate) struct FreeSeats {
    pub screening: ScreeningId,
    pub seats: usize,
    pub position: u64,
}

/// Both tables.
pub(crate) struct SeatMaps(Rows<ScreeningId, SeatMap>);

impl SeatMaps {
    pub fn new() -> Self {
        Self(Rows::weighed("seat_maps", SEATS_KEPT, |map| map.states.len()))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreeningOpened { screening, promise } => {
                let mut map = SeatMap::new(*screening, &promise.layout);
                map.position = recorded.position;
                map.promise = Some(Arc::clone(promise));
                self.0.insert(*screening, map);
                Ok(())
            }
            Event::ScreeningChanged { promise, .. } => {
                let (position, promise) = (recorded.position, Arc::clone(promise));
                self.0.try_change(ScreeningId(own_id(recorded)?), position, move |map| {
                    map.follow(position, promise);
                    Ok(())
                })
            }
            Event::SeatsReserved { seats, .. } => self.set(recorded, seats, SeatStatus::Held),
            Event::SeatsReleased { seats, .. } => self.set(recorded, seats, SeatStatus::Free),
            Event::SeatsTakenBack { returned, .. } => self.set(recorded, &returned.seats, SeatStatus::Free),
            Event::SeatsSold { seats, .. } | Event::SeatsSoldAtCounter { seats, .. } => {
                self.set(recorded, seats, SeatStatus::Sold)
            }
            Event::SeatsMovedIn { seats, given, .. } => {
                self.set(recorded, given, SeatStatus::Free)?;
                self.set(recorded, seats, SeatStatus::Sold)
            }
            Event::SeatsBlocked { seats, .. } | Event::BlockGrown { seats, .. } => {
                self.set(recorded, seats, SeatStatus::Blocked)
            }
            Event::BlockReleased { seats, .. } => self.set(recorded, seats, SeatStatus::Free),
            Event::HoldExtended { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::ScreeningCancelled { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. }
            | Event::AdmissionConflicted { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. } => Ok(()),
        }
    }

    fn set(
        &mut self,
        recorded: &RecordedEvent,
        seats: &[SeatName],
        status: SeatStatus,
    ) -> Result<(), ProjectError> {
        if seats.is_empty() {
            return Ok(());
        }
        let (position, seats) = (recorded.position, seats.to_vec());
        self.0.try_change(ScreeningId(own_id(recorded)?), position, move |map| {
            map.position = position;
            map.set(&seats, status)
        })
    }

    /// Writes the maps and returns the free seats of those that changed.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<Vec<FreeSeats>, ProjectError> {
        self.0.load(connection, SELECT, |screening| screening.0, |map| map.screening).await?;
        let (new, known): (Vec<_>, Vec<_>) =
            self.0.changed().into_iter().partition(|(_, map)| map.promise.is_some());
        insert(connection, &new).await?;
        if !known.is_empty() {
            sqlx::query(UPDATE)
                .bind(column(&known, |screening, _| screening.0))
                .bind(column(&known, |_, map| stored(map.position)))
                .execute(&mut *connection)
                .await
                .map_err(database("updating seat_maps"))?;
        }
        let changed = || new.iter().chain(&known);
        change_terms(connection, &known).await?;
        write_chunks(connection, changed().map(|(_, map)| *map)).await?;
        let free = |(screening, map): &(&ScreeningId, &SeatMap)| FreeSeats {
            screening: **screening,
            seats: map.free,
            position: map.position,
        };
        let free = changed().map(free).collect();
        self.0.each_changed(|map| {
            (map.promise, map.changed_terms) = (None, None);
            map.changed.clear();
        });
        self.0.written();
        Ok(free)
    }
}

async fn insert(connection: &mut PgConnection, new: &[(&ScreeningId, &SeatMap)]) -> Result<(), ProjectError> {
    let promise = |(screening, map): &(&ScreeningId, &'_ SeatMap)| {
        Some((screening.0, map.promise.clone()?, stored(map.terms_position), stored(map.position)))
    };
    let promises: Vec<(Uuid, Arc<Promise>, i64, i64)> = new.iter().filter_map(promise).collect();
    if promises.is_empty() {
        return Ok(());
    }
    sqlx::query(INSERT)
        .bind(promises.iter().map(|(screening, ..)| *screening).collect::<Vec<_>>())
        .bind(promises.iter().map(|(_, promise, ..)| Json(&promise.layout)).collect::<Vec<_>>())
        .bind(promises.iter().map(|(_, promise, ..)| Json(&promise.prices)).collect::<Vec<_>>())
        .bind(promises.iter().map(|(_, promise, ..)| promise.currency.code()).collect::<Vec<_>>())
        .bind(promises.iter().map(|(.., position)| *position).collect::<Vec<_>>())
        .bind(promises.iter().map(|(_, promise, ..)| Json(&promise.terms.type_prices)).collect::<Vec<_>>())
        .bind(promises.iter().map(|(.., terms_position, _)| *terms_position).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map_err(database("writing seat_maps"))?;
    Ok(())
}

async fn change_terms(
    connection: &mut PgConnection,
    known: &[(&ScreeningId, &SeatMap)],
) -> Result<(), ProjectError> {
    let changed =
        known.iter().filter_map(|(screening, map)| Some((screening.0, *map, map.changed_terms.clone()?)));
    let changed: Vec<(Uuid, &SeatMap, Arc<Promise>)> = changed.collect();
    if changed.is_empty() {
        return Ok(());
    }
    let screenings: Vec<Uuid> = changed.iter().map(|(screening, ..)| *screening).collect();
    sqlx::query(CHANGE_TERMS)
        .bind(&screenings)
        .bind(changed.iter().map(|(.., promise)| Json(&promise.layout)).collect::<Vec<_>>())
        .bind(changed.iter().map(|(.., promise)| Json(&promise.prices)).collect::<Vec<_>>())
        .bind(changed.iter().map(|(.., promise)| Json(&promise.terms.type_prices)).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, map, _)| stored(map.terms_position)).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await
        .map_err(database("changing the terms of seat_maps"))?;
    let chunks = |map: &SeatMap| i32::try_from(map.states.len().div_ceil(CHUNK)).unwrap_or(i32::MAX);
    sqlx::query(DELETE_CHUNKS)
        .bind(&screenings)
        .bind(changed.iter().map(|(_, map, _)| chunks(map)).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map_err(database("deleting seat_map_chunks"))?;
    Ok(())
}

async fn write_chunks<'a>(
    connection: &mut PgConnection,
    maps: impl Iterator<Item = &'a SeatMap>,
) -> Result<(), ProjectError> {
    let (mut screenings, mut chunks, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for map in maps {
        for chunk in &map.changed {
            screenings.push(map.screening.0);
            chunks.push(i32::try_from(*chunk).unwrap_or(i32::MAX));
            states.push(map.chunk(*chunk));
        }
    }
    if screenings.is_empty() {
        return Ok(());
    }
    sqlx::query(UPSERT_CHUNKS)
        .bind(screenings)
        .bind(chunks)
        .bind(states)
        .execute(connection)
        .await
        .map_err(database("writing seat_map_chunks"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::examples::{row, seats};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn states_follow_the_numbers_of_the_seats_into_another_layout() {
        let odd = ticketshow_domain::Row { numbers: vec![3, 1], ..row("A", "gold", 2) };
        let before = Layout { rows: vec![odd, row("B", "gold", 2)] };
        let mut map = SeatMap::new(ScreeningId(Uuid::nil()), &before);
        map.set(&seats(&["A-3", "B-2"]), SeatStatus::Sold).unwrap();
        assert_eq!((map.states.as_slice(), map.free), (&[2, 0, 0, 2][..], 2));
        assert!(map.set(&seats(&["A-2"]), SeatStatus::Sold).is_err(), "there is no such seat");

        let mut promise = ticketshow_domain::examples::promise();
        promise.layout = Layout { rows: vec![row("B", "gold", 3), row("A", "gold", 3)] };
        map.follow(9, Arc::new(promise));
        assert_eq!((map.states.as_slice(), map.free), (&[0, 2, 0, 0, 0, 2][..], 4));
    }
}
