//! Seats of one screening: free, held or sold.
//!
//! Competing requests for a seat are decided here and nowhere else: at every position of the log a seat has at most one owner.

mod blocks;
pub mod changing;
mod claim;
mod command;
mod counter;
mod door;
mod event;
mod messages;
mod moving;
#[cfg(test)]
mod properties;
mod quoting;
mod refusal;
mod reminding;
mod reserving;
mod rules;
mod seat;
#[cfg(test)]
mod tests;
mod waiting;
mod wheelchairs;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    BookingId, Context, Decider, Fingerprint, ScreeningId, SeatIndex, UserId, aggregate::aggregate,
    promise::Promise, wire::absent_fields,
};
pub use blocks::{Block, WantedBlock};
use changing::KnownChange;
pub use claim::{Claim, ClaimStatus, Extension, ReturnedSeats};
pub use command::Command;
use door::Admitted;
pub use door::{Admission, OfflineCheckIn, TicketUse};
pub use event::{Event, ReleaseReason};
pub use messages::Message;
pub use moving::MovedSeats;
pub use refusal::Refusal;
use reserving::cool_down::UnpaidHolds;
pub use seat::Seat;
use waiting::WaitingList;
pub use waiting::{Place, PlaceState, Wish};

/// A screening, folded from its history. Large parts are persistent collections: a clone is cheap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    promise: Option<Arc<Promise>>,
    cancelled: Option<Uuid>,
    cleared: bool,
    seats: imbl::Vector<Seat>,
    /// Released claims stay for a week, so that a late repeat cannot revive them.
    claims: imbl::HashMap<BookingId, Arc<Claim>>,
    /// Claims that are held or sold, for the limits of a customer.
    customers: imbl::HashMap<UserId, Arc<Vec<BookingId>>>,
    /// Unpaid holds by the moment they lapse.
    lapses: imbl::OrdSet<(Timestamp, BookingId)>,
    /// Released claims by the end of their hold, to forget them in that order.
    released: imbl::OrdSet<(Timestamp, BookingId)>,
    /// Customers with unpaid holds that have ended. Forgotten with the last of these claims.
    unpaid: imbl::HashMap<UserId, UnpaidHolds>,
    /// Used tickets. An entry counts only while the same booking owns the seat.
    checked_in: imbl::HashMap<SeatIndex, CheckIn>,
    blocks: imbl::OrdMap<Uuid, Arc<Block>>,
    /// Outcomes of check-ins made without a network, by their ids and seats.
    reported: imbl::HashMap<(Uuid, SeatIndex), Admission>,
    /// Messages to those who booked.
    messages: imbl::HashMap<Uuid, Option<Fingerprint>>,
    /// Seats that each check-in admitted, also if it was undone: a repeated request admits nobody again.
    admissions: imbl::HashMap<Uuid, Arc<Admitted>>,
    waiting: WaitingList,
    /// Start of which the guests were reminded.
    reminded: Option<Timestamp>,
    /// Latest change of the time or the screen.
    rescheduled_at: Option<Timestamp>,
    /// Changes of the terms, in order, with those that were refused.
    changes: imbl::Vector<KnownChange>,
    /// `true` once wheelchair places that were kept are for sale to everybody.
    wheelchairs_released: bool,
}

/// A used ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CheckIn {
    booking: BookingId,
    used: TicketUse,
    /// `None` if an older version recorded it.
    id: Option<Uuid>,
}

/// Version 2 has ticket types, fees, tax and terms of cancellation.
fn current_version(event_type: &str) -> u16 {
    if event_type == "screening_opened" { 2 } else { 1 }
}

aggregate!(Screening with (current_version, absent_fields),
    ScreeningOpened => "screening_opened",
    SeatsReserved => "seats_reserved",
    HoldExtended => "hold_extended",
    SeatsReleased => "seats_released",
    SeatsSold => "seats_sold",
    SeatsTakenBack => "seats_taken_back",
    MessageSent => "message_sent",
    GuestsReminded => "guests_reminded",
    ScreeningCancelled => "screening_cancelled",
    ScreeningCleared => "screening_cleared",
    TicketCheckedIn => "ticket_checked_in",
    CheckInUndone => "check_in_undone",
    SeatsBlocked => "seats_blocked",
    BlockGrown => "block_grown",
    BlockReleased => "block_released",
    AdmissionConflicted => "admission_conflicted",
    SeatsSoldAtCounter => "seats_sold_at_counter",
    MoveBegun => "move_begun",
    MoveEnded => "move_ended",
    SeatsMovedIn => "seats_moved_in",
    WaitingListJoined => "waiting_list_joined",
    WaitingListLeft => "waiting_list_left",
    SeatsOffered => "seats_offered",
    ScreeningChanged => "screening_changed",
    ChangeRefused => "change_refused",
    ChangeCompleted => "change_completed",
    WheelchairPlacesReleased => "wheelchair_places_released",
);

impl Decider for Screening {
    const TYPE: &'static str = "screening";
    const STATE_FORMAT: u16 = 13;
    type Id = ScreeningId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let decided = match command {
            Command::OpenScreening { screening, promise, blocks } => {
                Ok(self.open(*screening, promise, blocks))
            }
            Command::ReserveSeats { booking, customer, seats, fingerprint } => {
                self.reserve_seats(*booking, *customer, seats, fingerprint.as_ref(), context)
            }
            Command::ChangeHold { booking, customer, seats, replaced, fingerprint } => {
                self.change_hold(*booking, *customer, seats, *replaced, fingerprint.as_ref(), context)
            }
            Command::ExtendHold { booking } => self.extend_hold(*booking, context),
            Command::CancelHold { booking } => self.cancel_hold(*booking),
            Command::TakeBackHold { booking } => self.take_back_hold(*booking),
            Command::ReleaseSeats { booking, reason } => self.release_seats(*booking, *reason),
            Command::SendMessage { id, message, by, fingerprint } => {
                self.send_message(*id, message, *by, fingerprint.as_ref(), context)
            }
            Command::TakeBackSeats { booking, returned } => {
                self.take_back_seats(*booking, returned, context.now)
            }
            Command::BeginMove { booking, id, seats } => self.begin_move(*booking, *id, seats, context.now),
            Command::EndMove { booking, id } => Ok(self.end_move(*booking, *id)),
            Command::KeepForMove { moved, until } => self.keep_for_move(moved, *until, context),
            Command::EndKeeping { id } => Ok(self.end_keeping(*id)),
            Command::MoveIn(moved) => self.move_in(moved, context),
            Command::MoveOut { booking, id } => Ok(self.move_out(*booking, *id)),
            Command::ReleaseCancelled { bookings } => self.release_cancelled(bookings),
            Command::ReleaseLapsedHolds => Ok(self.release_lapsed_holds(context)),
            Command::SellSeats { booking, payment } => self.sell_seats(*booking, *payment, context.now),
            Command::CancelScreening { cascade, reason, decided_at } => {
                self.cancel(*cascade, reason.as_deref(), *decided_at)
            }
            Command::RecordCleared => Ok(self.record_cleared()),
            Command::CheckInTickets { booking, seats, by, check_in, fingerprint } => {
                self.check_in(*booking, seats, *by, *check_in, fingerprint.as_ref(), context)
            }
            Command::ReportCheckIns { check_ins, by, device } => {
                self.report_check_ins(check_ins, *by, device, context)
            }
            Command::UndoCheckIn { check_in, seat, by } => {
                self.undo_check_in(*check_in, seat, *by, context.now)
            }
            Command::BlockSeats { block, wanted, by, fingerprint } => {
                self.block_seats(*block, wanted, *by, fingerprint.as_ref(), context)
            }
            Command::FollowBlock { screen, block } => self.follow_block(*screen, block, context.now),
            Command::ReleaseBlock { block, by } => self.release_block(*block, Some(*by)),
            Command::ReleaseScreenBlock { block, by } => Ok(self.release_screen_block(*block, *by)),
            Command::SellAtCounter { booking, customer, seats, sale, fingerprint } => {
                let sold = (sale, None);
                self.sell_at_counter(*booking, *customer, seats, sold, fingerprint.as_ref(), context.now)
            }
            Command::SellDiscounted { booking, customer, seats, sale, fingerprint, discount } => {
                let sold = (sale, Some(discount));
                self.sell_at_counter(*booking, *customer, seats, sold, fingerprint.as_ref(), context.now)
            }
            Command::JoinWaitingList { place, customer, wish, fingerprint } => {
                self.join_waiting_list(*place, *customer, wish, fingerprint.as_ref(), context)
            }
            Command::LeaveWaitingList { place } => self.leave_waiting_list(*place),
            Command::ChangePrices { wanted } => self.change_prices(wanted, context),
            Command::ChangeScreening { wanted } => self.change(wanted, context),
            Command::CompleteChange { change } => Ok(self.complete_change(*change)),
        };
        // Seats that become free belong to the blocks that await them, or go to the waiting list before anyone else
        // can reserve them.
        decided.map(|events| self.with_offers(self.with_growth(events), context))
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::ScreeningOpened { screening: _, promise } => {
                self.seats = std::iter::repeat_n(Seat::Free, promise.layout.capacity()).collect();
                self.promise = Some(Arc::clone(promise));
            }
            Event::SeatsReserved { .. } => self.note_hold(event),
            Event::HoldExtended { booking, held_until } => self.amend(*booking, |claim| {
                claim.held_until = *held_until;
                claim.extension = Extension::Made;
            }),
            Event::SeatsReleased { booking, seats: _, reason } => {
                self.count_unpaid(*booking, *reason);
                self.amend(*booking, |claim| {
                    (claim.status, claim.moving) = (ClaimStatus::Released(*reason), None);
                });
            }
            Event::SeatsSold { booking, customer: _, payment, seats: _ } => {
                self.amend(*booking, |claim| claim.status = ClaimStatus::Sold(*payment));
            }
            Event::GuestsReminded { starts_at, .. } => self.reminded = Some(*starts_at),
            Event::MessageSent { id, fingerprint, .. } => self.note_message(*id, fingerprint.clone()),
            Event::SeatsTakenBack { booking, returned, left: _ } => self.shrink(*booking, returned),
            Event::ScreeningCancelled { cascade, .. } => self.cancelled = Some(*cascade),
            Event::ScreeningCleared { cascade: _ } => self.cleared = true,
            Event::TicketCheckedIn { .. } => self.note_check_in(event),
            Event::CheckInUndone { seat, .. } => self.let_out(seat),
            Event::SeatsBlocked { .. } | Event::BlockGrown { .. } | Event::BlockReleased { .. } => {
                self.note_block(event);
            }
            Event::AdmissionConflicted { seat, check_in, used, .. } => {
                let admission = used.clone().map_or(Admission::Void, Admission::AlreadyUsed);
                self.note_report(*check_in, seat, &admission);
            }
            Event::SeatsSoldAtCounter { .. } => self.note_sale(event),
            Event::MoveBegun { booking, id } => self.note_move(*booking, *id, Some(*id)),
            Event::MoveEnded { booking, id } => self.note_move(*booking, *id, None),
            Event::SeatsMovedIn { .. } => self.move_claim(event),
            Event::WaitingListJoined { .. } | Event::WaitingListLeft { .. } | Event::SeatsOffered { .. } => {
                self.note_waiting(event);
            }
            Event::WheelchairPlacesReleased {} => self.wheelchairs_released = true,
            Event::ScreeningChanged { .. } | Event::ChangeRefused { .. } | Event::ChangeCompleted { .. } => {
                self.note_change(event);
            }
        }
    }

    fn forget(&mut self, at: Timestamp) {
        self.forget_released(at);
        self.waiting.forget(at);
    }
}
