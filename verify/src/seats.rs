//! Owners of seats: no seat is sold twice, and a cancelled screening gives up all its seats.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, PaymentId, SeatIndex, SeatName, promise::Promise, screening::Event, seat_return::SeatReturn,
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::findings::{Findings, Invariant};

/// Held and sold seats, by screening.
#[derive(Debug, Default)]
pub(super) struct Seats(HashMap<Arc<str>, Screening>);

#[derive(Debug)]
struct Screening {
    promise: Arc<Promise>,
    owners: HashMap<SeatIndex, Owner>,
    /// Seats that the house keeps back, with their blocks.
    blocked: HashMap<SeatIndex, Uuid>,
    /// Position and time of its cancellation.
    cancelled: Option<(u64, Timestamp)>,
}

/// Owner of a seat.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub booking: BookingId,
    /// The payment that bought it; `None` while it is only held.
    pub sold_by: Option<PaymentId>,
    /// Position of the commit that assigned it.
    pub position: u64,
    /// Time of that commit.
    pub since: Timestamp,
}

impl Seats {
    /// Returns the owner of a seat of a screening.
    pub fn owner(&self, screening: &str, seat: &SeatName) -> Option<&Owner> {
        let screening = self.0.get(screening)?;
        let (index, _) = screening.promise.layout.find(seat)?;
        screening.owners.get(&index)
    }

    /// Returns the bookings with paid seats of a screening, once for each seat.
    pub fn owners(&self, screening: &str) -> impl Iterator<Item = BookingId> {
        let owners = self.0.get(screening).into_iter().flat_map(|screening| screening.owners.values());
        owners.filter(|owner| owner.sold_by.is_some()).map(|owner| owner.booking)
    }

    /// Returns the owner and the payment of each sold seat.
    pub fn buyers(&self) -> impl Iterator<Item = (&Owner, PaymentId)> {
        let owners = self.0.values().flat_map(|screening| screening.owners.values());
        owners.filter_map(|owner| owner.sold_by.map(|payment| (owner, payment)))
    }

    pub fn take(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        if let Event::ScreeningOpened { screening: _, promise } = event {
            let (promise, owners, blocked) = (Arc::clone(promise), HashMap::new(), HashMap::new());
            let screening = Screening { promise, owners, blocked, cancelled: None };
            self.0.entry(Arc::clone(&recorded.id)).or_insert(screening);
            return;
        }
        let Some(screening) = self.0.get_mut(&recorded.id) else {
            let detail = format!("screening {} is not open", recorded.id);
            findings.violated(Invariant::OneOwner, recorded.position, detail);
            return;
        };
        screening.check_cancelled(recorded, event, findings);
        screening.check_blocks(recorded, event, findings);
        let (position, since) = (recorded.position, recorded.metadata.time);
        let owner = |booking: &BookingId, sold_by| Owner { booking: *booking, sold_by, position, since };
        match event {
            Event::SeatsReserved { booking, seats, .. } => {
                screening.each(seats, recorded, findings, |seat| {
                    let before = seat.replace(owner(booking, None));
                    before.map(|before| format!("reserved for {booking} while owned by {}", before.booking))
                });
            }
            Event::SeatsSold { booking, seats, payment, .. } => {
                screening.sell(owner(booking, Some(*payment)), seats, recorded, findings);
            }
            Event::SeatsSoldAtCounter { booking, seats, sale, .. } => {
                screening.each(seats, recorded, findings, |seat| {
                    let before = seat.replace(owner(booking, Some(sale.payment)));
                    before.map(|before| format!("sold to {booking} while owned by {}", before.booking))
                });
            }
            Event::SeatsMovedIn { booking, payment, seats, given, .. } => {
                screening.release(*booking, given, recorded, findings);
                screening.sell(owner(booking, Some(*payment)), seats, recorded, findings);
            }
            Event::SeatsReleased { booking, seats, .. }
            | Event::SeatsTakenBack { booking, returned: SeatReturn { seats, .. }, .. } => {
                screening.release(*booking, seats, recorded, findings);
            }
            Event::TicketCheckedIn { booking, seat, .. } => {
                screening.check_ticket(seat, *booking, recorded, findings);
            }
            Event::ScreeningChanged { promise, .. } => screening.follow(promise, recorded, findings),
            Event::ScreeningCancelled { .. } => {
                screening.cancelled = Some((recorded.position, recorded.metadata.time));
            }
            Event::ScreeningOpened { .. }
            | Event::HoldExtended { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::ScreeningCleared { .. }
            | Event::CheckInUndone { .. }
            | Event::SeatsBlocked { .. }
            | Event::BlockGrown { .. }
            | Event::BlockReleased { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::AdmissionConflicted { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. } => {}
        }
    }

    /// Checks that all seats of screenings cancelled before `settled_before` are free.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        for (id, screening) in &self.0 {
            let Some((position, since)) = screening.cancelled else { continue };
            let overdue = settled_before.is_some_and(|settled_before| since < settled_before);
            if overdue && let Some(owner) = screening.owners.values().next() {
                let detail = format!("booking {} still owns a seat of screening {id}", owner.booking);
                findings.violated(Invariant::CancelledIsCleared, position, detail);
            }
        }
    }
}

impl Screening {
    /// Gives seats that were free or held by the same booking to their buyer.
    fn sell(&mut self, owner: Owner, seats: &[SeatName], recorded: &RecordedEvent, findings: &mut Findings) {
        self.each(seats, recorded, findings, |seat| {
            let other = seat.replace(owner).filter(|before| before.booking != owner.booking)?;
            Some(format!("sold to {} while owned by {}", owner.booking, other.booking))
        });
    }

    fn check_ticket(
        &self,
        seat: &SeatName,
        booking: BookingId,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let (index, _) = self.promise.layout.find(seat).unzip();
        let owner = index.and_then(|index| self.owners.get(&index));
        if !owner.is_some_and(|owner| owner.booking == booking && owner.sold_by.is_some()) {
            let detail = format!("{booking} was checked in on seat {seat}, which it did not buy");
            findings.violated(Invariant::TicketsForOwnSeats, recorded.position, detail);
        }
    }

    /// Checks that a cancelled screening assigns no seat, and that it is cleared only when all seats are free.
    fn check_cancelled(&self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let what = match event {
            Event::SeatsReserved { .. }
            | Event::SeatsSold { .. }
            | Event::SeatsSoldAtCounter { .. }
            | Event::SeatsMovedIn { .. }
            | Event::SeatsBlocked { .. }
            | Event::ScreeningChanged { .. }
                if self.cancelled.is_some() =>
            {
                "assigned a seat or changed after it was cancelled"
            }
            Event::ScreeningCleared { .. } if self.cancelled.is_none() => {
                "was cleared without being cancelled"
            }
            Event::ScreeningCleared { .. } if !self.owners.is_empty() => "was cleared while seats were taken",
            Event::SeatsReserved { .. }
            | Event::SeatsSold { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::ScreeningCleared { .. }
            | Event::ScreeningOpened { .. }
            | Event::HoldExtended { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsTakenBack { .. }
            | Event::ScreeningCancelled { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. }
            | Event::SeatsBlocked { .. }
            | Event::BlockGrown { .. }
            | Event::BlockReleased { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::AdmissionConflicted { .. }
            | Event::SeatsSoldAtCounter { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::SeatsMovedIn { .. }
            | Event::ScreeningChanged { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. } => return,
        };
        let detail = format!("screening {} {what}", recorded.id);
        findings.violated(Invariant::CancelledIsCleared, recorded.position, detail);
    }

    /// Keeps the blocks, and checks that no blocked seat is held, sold or blocked again, and that a block releases its own.
    fn check_blocks(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let indices = |seats: &[SeatName]| -> Vec<SeatIndex> {
            seats.iter().filter_map(|seat| self.promise.layout.find(seat)).map(|(index, _)| index).collect()
        };
        let wrong = match event {
            Event::SeatsReserved { seats, .. }
            | Event::SeatsSold { seats, .. }
            | Event::SeatsSoldAtCounter { seats, .. }
            | Event::SeatsMovedIn { seats, .. } => {
                let blocked = indices(seats).iter().any(|index| self.blocked.contains_key(index));
                blocked.then_some("assigned a blocked seat")
            }
            Event::SeatsBlocked { block, seats, .. } | Event::BlockGrown { block, seats } => {
                let indices = indices(seats);
                let owned = indices.iter().any(|index| self.owners.contains_key(index));
                let again =
                    indices.iter().filter(|index| self.blocked.insert(**index, *block).is_some()).count() > 0;
                (owned || again).then_some("blocked a seat that was not free")
            }
            Event::BlockReleased { block, seats, .. } => {
                let released = indices(seats).into_iter().map(|index| self.blocked.remove(&index));
                let foreign = released.filter(|owner| *owner != Some(*block)).count() > 0;
                foreign.then_some("released a seat that the block did not have")
            }
            Event::ScreeningOpened { .. }
            | Event::HoldExtended { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsTakenBack { .. }
            | Event::ScreeningCancelled { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. }
            | Event::AdmissionConflicted { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::ScreeningChanged { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. } => None,
        };
        if let Some(wrong) = wrong {
            findings.violated(
                Invariant::OneOwner,
                recorded.position,
                format!("screening {} {wrong}", recorded.id),
            );
        }
    }

    /// Follows other terms. Seats are the same by their names, and every owner keeps its own.
    fn follow(&mut self, promise: &Arc<Promise>, recorded: &RecordedEvent, findings: &mut Findings) {
        let before = std::mem::replace(&mut self.promise, Arc::clone(promise));
        let there = |index: SeatIndex| Some(promise.layout.find(&before.layout.name(index)?)?.0);
        let (owners, blocked) = (self.owners.len(), self.blocked.len());
        let moved = std::mem::take(&mut self.owners).into_iter();
        self.owners = moved.filter_map(|(index, owner)| Some((there(index)?, owner))).collect();
        let moved = std::mem::take(&mut self.blocked).into_iter();
        self.blocked = moved.filter_map(|(index, block)| Some((there(index)?, block))).collect();
        if (self.owners.len(), self.blocked.len()) != (owners, blocked) {
            let detail = format!("screening {} lost seats that were taken when it changed", recorded.id);
            findings.violated(Invariant::OneOwner, recorded.position, detail);
        }
    }

    /// Frees seats of a booking.
    fn release(
        &mut self,
        booking: BookingId,
        seats: &[SeatName],
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        self.each(seats, recorded, findings, |seat| match seat {
            Entry::Occupied(entry) if entry.get().booking == booking => {
                entry.remove();
                None
            }
            Entry::Occupied(entry) => {
                Some(format!("released by {booking} while owned by {}", entry.get().booking))
            }
            Entry::Vacant(_) => Some(format!("released by {booking} while free")),
        });
    }

    /// Applies `step` to each seat. The text that it returns becomes a violation.
    fn each(
        &mut self,
        seats: &[SeatName],
        recorded: &RecordedEvent,
        findings: &mut Findings,
        mut step: impl FnMut(Entry<'_, SeatIndex, Owner>) -> Option<String>,
    ) {
        for seat in seats {
            let wrong = match self.promise.layout.find(seat) {
                Some((index, _)) => step(self.owners.entry(index)),
                None => Some("not in the layout".to_owned()),
            };
            if let Some(wrong) = wrong {
                let detail = format!("seat {seat} of screening {} is {wrong}", recorded.id);
                findings.violated(Invariant::OneOwner, recorded.position, detail);
            }
        }
    }
}

trait Seat {
    /// Assigns the seat to `owner` and returns the previous owner.
    fn replace(self, owner: Owner) -> Option<Owner>;
}

impl Seat for Entry<'_, SeatIndex, Owner> {
    fn replace(self, owner: Owner) -> Option<Owner> {
        match self {
            Entry::Occupied(mut entry) => Some(entry.insert(owner)),
            Entry::Vacant(entry) => {
                entry.insert(owner);
                None
            }
        }
    }
}
