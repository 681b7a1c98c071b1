//! Check-ins made at a door without a network and reported later.
//!
//! The order of the log decides: the first check-in of a ticket that reaches it admits, whatever the clocks of the devices
//! said. Every other one is kept as a conflict with its own time, so that the house sees both.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CheckIn, ClaimStatus, Event, Refusal, Screening};
use crate::{BookingId, Context, Fingerprint, SeatIndex, SeatName, UserId};

/// A check-in made without a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineCheckIn {
    /// Minted by the device; a repeated report has the same one.
    pub check_in: Uuid,
    /// The ids that the same check-in has if the device sent it before, to this or an older version, and the answer was lost.
    pub online: [Uuid; 2],
    /// Booking of the ticket.
    pub booking: BookingId,
    /// Seat of the ticket.
    pub seat: SeatName,
    /// Time at the door.
    pub at: Timestamp,
}

impl OfflineCheckIn {
    fn is(&self, recorded: Option<Uuid>) -> bool {
        recorded.is_some_and(|id| self.ids().any(|own| own == id))
    }

    fn ids(&self) -> impl Iterator<Item = Uuid> {
        [self.check_in].into_iter().chain(self.online)
    }
}

/// Use of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketUse {
    /// Time at the door.
    pub at: Timestamp,
    /// Member of staff.
    pub by: UserId,
    /// Name of the device, for a check-in made without a network.
    pub device: Option<String>,
}

/// Guests whom a check-in admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Admitted {
    pub booking: BookingId,
    pub seats: Vec<SeatIndex>,
    pub fingerprint: Option<Fingerprint>,
}

/// Outcome of a check-in made without a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Admission {
    /// The guest is in.
    Admitted,
    /// Another check-in of the ticket was in the log before.
    AlreadyUsed(TicketUse),
    /// The booking had no paid seats any more.
    Void,
    /// The screening has no such ticket.
    Unknown,
    /// Before the doors opened or in the future, by more than the clocks of devices may differ. Nothing was recorded.
    WrongTime,
}

impl Screening {
    /// Returns the outcome of a check-in that was reported.
    #[must_use]
    pub fn admission(&self, reported: &OfflineCheckIn) -> Admission {
        let Some(index) = self.ticket_seat(reported) else { return Admission::Unknown };
        if let Some(admission) = self.reported.get(&(reported.check_in, index)) {
            return admission.clone();
        }
        if self.was_admitted(reported, index) { Admission::Admitted } else { Admission::WrongTime }
    }

    /// Returns `true` if a check-in is recorded, also if it was undone since.
    fn was_admitted(&self, reported: &OfflineCheckIn, index: SeatIndex) -> bool {
        let mut known = reported.ids().filter_map(|id| self.admissions.get(&id));
        known.any(|admitted| admitted.booking == reported.booking && admitted.seats.contains(&index))
    }

    /// Returns the id of a reported check-in that has not been undone, as it was recorded.
    #[must_use]
    pub fn standing_check_in(&self, reported: &OfflineCheckIn) -> Option<Uuid> {
        let done = self.check_in_of(self.ticket_seat(reported)?)?;
        done.id.filter(|_| reported.is(done.id))
    }

    /// Decides about reported check-ins one after the other: two of one batch can be of the same ticket.
    pub(super) fn report_check_ins(
        &self,
        reported: &[OfflineCheckIn],
        by: UserId,
        device: &str,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.promise.is_none() {
            return Err(Refusal::NotFound);
        }
        let (mut state, mut events) = (self.clone(), Vec::new());
        for check_in in reported {
            let Some(event) = state.report_check_in(check_in, by, device, context) else { continue };
            crate::Decider::evolve(&mut state, &event);
            events.push(event);
        }
        Ok(events)
    }

    fn report_check_in(
        &self,
        reported: &OfflineCheckIn,
        by: UserId,
        device: &str,
        context: &Context,
    ) -> Option<Event> {
        let OfflineCheckIn { check_in, booking, ref seat, at, online: _ } = *reported;
        let index = self.ticket_seat(reported)?;
        let used = self.check_in_of(index);
        if self.reported.contains_key(&(check_in, index)) || self.was_admitted(reported, index) {
            return None;
        }
        let skew = SignedDuration::from_secs(context.policy.door_clock_skew_seconds);
        let earliest = self.doors_open(context)?.checked_sub(skew).unwrap_or(Timestamp::MIN);
        if at < earliest || at.duration_since(context.now) > skew {
            return None;
        }
        let (seat, at, device) = (seat.clone(), at.min(context.now), Some(device.to_owned()));
        let is_paid = self
            .claim(booking)
            .is_some_and(|claim| matches!(claim.status, ClaimStatus::Sold(_)) && !claim.has_returned(index));
        if !is_paid || self.cancelled.is_some() {
            return Some(Event::AdmissionConflicted { booking, seat, by, at, check_in, device, used: None });
        }
        if let Some(used) = used {
            let used = Some(used.used.clone());
            return Some(Event::AdmissionConflicted { booking, seat, by, at, check_in, device, used });
        }
        let (check_in, fingerprint) = (Some(check_in), None);
        Some(Event::TicketCheckedIn { booking, seat, by, at, check_in, device, fingerprint })
    }

    /// Returns the time from which guests are admitted.
    #[must_use]
    pub fn doors_open(&self, context: &Context) -> Option<Timestamp> {
        let doors = SignedDuration::from_secs(context.policy.check_in_seconds);
        Some(self.promise.as_ref()?.starts_at.checked_sub(doors).unwrap_or(Timestamp::MIN))
    }

    /// Returns the number of the seat if the booking has, or had, a ticket for it.
    fn ticket_seat(&self, reported: &OfflineCheckIn) -> Option<SeatIndex> {
        let (index, _) = self.promise.as_ref()?.layout.find(&reported.seat)?;
        let claim = self.claim(reported.booking)?;
        (claim.seats.contains(&index) || claim.has_returned(index)).then_some(index)
    }

    /// Notes that a ticket was used, by the check-in that admitted its guest.
    pub(super) fn note_check_in(&mut self, event: &Event) {
        let Event::TicketCheckedIn { booking, seat, by, at, check_in, device, fingerprint } = event else {
            return;
        };
        if let Some(check_in) = check_in {
            self.note_admission(*check_in, *booking, seat, fingerprint.as_ref());
        }
        let used = TicketUse { at: *at, by: *by, device: device.clone() };
        self.admit(seat, &CheckIn { booking: *booking, used, id: *check_in });
    }

    /// Notes that a check-in admitted a guest.
    fn note_admission(
        &mut self,
        check_in: Uuid,
        booking: BookingId,
        seat: &SeatName,
        fingerprint: Option<&Fingerprint>,
    ) {
        let seats = self.indices(std::slice::from_ref(seat));
        let first = || Arc::new(Admitted { booking, seats: Vec::new(), fingerprint: fingerprint.cloned() });
        Arc::make_mut(self.admissions.entry(check_in).or_insert_with(first)).seats.extend(seats);
    }

    /// Notes that a ticket was used, and the report of it if it was one.
    fn admit(&mut self, seat: &SeatName, done: &CheckIn) {
        for index in self.indices(std::slice::from_ref(seat)) {
            self.checked_in.insert(index, done.clone());
        }
        if let (Some(check_in), Some(_)) = (done.id, &done.used.device) {
            self.note_report(check_in, seat, &Admission::Admitted);
        }
    }

    /// Notes that the use of a ticket was undone.
    pub(super) fn let_out(&mut self, seat: &SeatName) {
        for index in self.indices(std::slice::from_ref(seat)) {
            self.checked_in.remove(&index);
        }
    }

    /// Notes a report, so that a repeat brings no event.
    pub(super) fn note_report(&mut self, check_in: Uuid, seat: &SeatName, admission: &Admission) {
        for index in self.indices(std::slice::from_ref(seat)) {
            self.reported.insert((check_in, index), admission.clone());
        }
    }
}
