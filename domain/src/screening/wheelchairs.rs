//! Wheelchair places and companion seats that a house keeps for people who ask for them, until some hours before the
//! start. From that moment on they are on general sale, even if the timer that records it is late; the recorded event
//! offers them to the waiting list.

use jiff::Timestamp;

use super::{Claim, ClaimStatus, Event, Refusal, Screening};
use crate::{SeatIndex, SeatName, pricing::WantedSeat, promise::Promise};

impl Screening {
    /// Refuses places that are kept to those who do not ask for them. A companion seat needs a wheelchair place in the
    /// same booking.
    pub(super) fn check_wheelchair_places(
        promise: &Promise,
        wanted: &[WantedSeat],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(until) = promise.wheelchair_until().filter(|until| now < *until) else { return Ok(()) };
        let kept = wanted.iter().filter_map(|wanted| {
            let (row, number) = promise.layout.row_of(promise.layout.find(&wanted.seat)?.0)?;
            let is_kept = row.is_kept_at(row.position_of(number)?);
            is_kept.then(|| (row.accessible.contains(&number), wanted))
        });
        let kept: Vec<(bool, &WantedSeat)> = kept.collect();
        let is_accompanied = kept.iter().any(|(accessible, wanted)| *accessible && wanted.wheelchair);
        let refused = kept.iter().filter(|(_, wanted)| !wanted.wheelchair || !is_accompanied);
        let refused: Vec<_> = refused.map(|(_, wanted)| wanted.seat.clone()).collect();
        if refused.is_empty() { Ok(()) } else { Err(Refusal::KeptForWheelchairs { seats: refused, until }) }
    }

    /// Refuses kept places to a customer who moves, unless the customer asks for them as for a new booking (`asked`), or the booking has a
    /// wheelchair place in this screening, or the seats already.
    pub(super) fn check_move_to_places(
        &self,
        promise: &Promise,
        claim: Option<&Claim>,
        wanted: &[SeatIndex],
        asked: &[SeatName],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(until) = promise.wheelchair_until().filter(|until| now < *until) else { return Ok(()) };
        let own = claim.filter(|claim| matches!(claim.status, ClaimStatus::Sold(_)));
        let own = own.map_or(&[][..], |claim| claim.seats.as_slice());
        let is_place = |seat: &SeatIndex| {
            promise.layout.row_of(*seat).is_some_and(|(row, number)| row.accessible.contains(&number))
        };
        if own.iter().any(is_place) {
            return Ok(());
        }
        let is_kept = |seat: SeatIndex| {
            let (row, number) = promise.layout.row_of(seat)?;
            Some(row.is_kept_at(row.position_of(number)?))
        };
        let asked: Vec<SeatIndex> =
            self.indices(asked).into_iter().filter(|seat| wanted.contains(seat)).collect();
        let is_accompanied = asked.iter().any(is_place);
        let is_granted = |seat: &SeatIndex| own.contains(seat) || (is_accompanied && asked.contains(seat));
        let is_refused = |seat: &SeatIndex| !is_granted(seat) && is_kept(*seat) == Some(true);
        let refused: Vec<SeatIndex> = wanted.iter().copied().filter(is_refused).collect();
        if refused.is_empty() {
            Ok(())
        } else {
            Err(Refusal::KeptForWheelchairs { seats: self.names(&refused), until })
        }
    }

    /// Returns `true` once wheelchair places that were kept are recorded as being on general sale.
    pub(super) fn has_released_wheelchair_places(&self) -> bool {
        self.wheelchairs_released
    }

    /// Returns the moment at which wheelchair places go on sale to everybody, until that is recorded.
    pub(super) fn next_wheelchair_release(&self) -> Option<Timestamp> {
        let promise =
            self.promise.as_ref().filter(|_| !self.wheelchairs_released && self.cancelled.is_none())?;
        promise.wheelchair_until().filter(|until| *until < promise.starts_at)
    }

    /// Records that wheelchair places are for sale to everybody, once it is time.
    pub(super) fn release_wheelchair_places(&self, now: Timestamp) -> Option<Event> {
        let due = self.next_wheelchair_release().is_some_and(|until| until <= now);
        due.then_some(Event::WheelchairPlacesReleased {})
    }

    /// Keeps wheelchair places again after a change of the time, if that makes them kept.
    pub(super) fn keep_wheelchair_places(&mut self, at: Timestamp) {
        let until = self.promise.as_ref().and_then(|promise| promise.wheelchair_until());
        self.wheelchairs_released &= until.is_some_and(|until| until <= at);
    }
}
