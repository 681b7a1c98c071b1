//! Events of screenings.

use ticketshow_domain::{
    ScreeningId, SeatName, UserId,
    booking::PaymentMethod,
    counter::{Buyer, CounterSale},
    examples::{inr, seats},
    screen,
    screening::{self, ReleaseReason, Wish},
};
use uuid::Uuid;

use crate::tests::story::*;

pub fn scheduled(n: u8, from_hour: i64, to_hour: i64) -> Step {
    let (screening, promise) = (ScreeningId(id(4, n)), promise(from_hour, to_hour));
    on_screen(screen::Event::ScreeningScheduled { screening, promise, fingerprint: None, blocks: Vec::new() })
}

pub fn unscheduled(n: u8) -> Step {
    on_screen(screen::Event::ScreeningUnscheduled {
        screening: ScreeningId(id(4, n)),
        cascade: cascade(),
        reason: None,
        decided_at: time(0),
    })
}

pub fn opened() -> Step {
    let (screening, promise) = (screening_id(), promise(10, 12));
    on_screening(screening::Event::ScreeningOpened { screening, promise })
}

pub fn reserved(n: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::SeatsReserved {
        booking: booking(n),
        customer: customer(),
        seats: seats(names),
        amount: inr(300),
        held_until: time(480),
        fingerprint: None,
        quote: None,
        replaces: None,
    })
}

pub fn extended(n: u8) -> Step {
    on_screening(screening::Event::HoldExtended { booking: booking(n), held_until: time(1_000) })
}

pub fn released(n: u8, names: &[&str], reason: ReleaseReason) -> Step {
    on_screening(screening::Event::SeatsReleased { booking: booking(n), seats: seats(names), reason })
}

pub fn sold(n: u8, by: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::SeatsSold {
        booking: booking(n),
        customer: customer(),
        payment: payment(by),
        seats: seats(names),
    })
}

/// Seats sold at the counter to booking `n`, for 300 rupees each by payment `by` in session 1.
pub fn sold_at_counter(n: u8, by: u8, names: &[&str], method: PaymentMethod) -> Step {
    let (till, buyer) = (Some(session(1)), Buyer::default());
    on_screening(screening::Event::SeatsSoldAtCounter {
        booking: booking(n),
        customer: customer(),
        seats: seats(names),
        amount: inr(300 * i64::try_from(names.len()).unwrap()),
        sale: CounterSale { payment: payment(by), method, till, by: customer(), reason: None, buyer },
        at: time(0),
        fingerprint: None,
        quote: None,
        promotion: None,
    })
}

pub fn blocked(n: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::SeatsBlocked {
        block: Uuid::from_u128(n.into()),
        seats: seats(names),
        reason: "Press".to_owned(),
        release_at: None,
        by: customer(),
        fingerprint: None,
        screen_block: None,
        awaited: Vec::new(),
    })
}

pub fn unblocked(n: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::BlockReleased {
        block: Uuid::from_u128(n.into()),
        seats: seats(names),
        by: None,
        awaited: Vec::new(),
    })
}

pub fn screening_cancelled(bookings: u32) -> Step {
    on_screening(screening::Event::ScreeningCancelled { cascade: cascade(), reason: None, bookings })
}

pub fn screening_cleared() -> Step {
    on_screening(screening::Event::ScreeningCleared { cascade: cascade() })
}

pub fn checked_in(n: u8, name: &str) -> Step {
    on_screening(screening::Event::TicketCheckedIn {
        booking: booking(n),
        seat: SeatName(name.into()),
        by: customer(),
        at: time(0),
        check_in: None,
        device: None,
        fingerprint: None,
    })
}

pub fn seats_moved_in(n: u8, part: u8, names: &[&str], given: &[&str]) -> Step {
    on_screening(screening::Event::SeatsMovedIn {
        booking: booking(n),
        customer: customer(),
        payment: payment(n),
        id: payment(part),
        seats: seats(names),
        given: seats(given),
        amount: inr(300),
        quote: None,
    })
}

/// Customer `n` waits for some seats, as place `n` with a number in line.
pub fn joined(n: u8, seats: u32, number: u64) -> Step {
    let wish = Wish { seats, categories: Vec::new(), wheelchair: false };
    let (place, customer, at, fingerprint) = (id(11, n), UserId(id(12, n)), time(0), None);
    on_screening(screening::Event::WaitingListJoined { place, customer, wish, number, at, fingerprint })
}

pub fn left(n: u8) -> Step {
    on_screening(screening::Event::WaitingListLeft { place: id(11, n), customer: UserId(id(12, n)) })
}

/// Booking `by` is offered to place `n`.
pub fn offered(n: u8, by: u8) -> Step {
    let (place, booking, customer, held_until) = (id(11, n), booking(by), UserId(id(12, n)), time(900));
    on_screening(screening::Event::SeatsOffered { place, booking, customer, held_until })
}
