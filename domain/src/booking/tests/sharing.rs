//! Links that show single tickets.

use super::{super::shares::SHARES_MAX, returning::paid, *};
use crate::{
    Decider,
    examples::seats,
    seat_return::{RefundWay, SeatReturn},
};

fn share(id: u8, seat: &str) -> Command {
    Command::ShareTicket { share: uuid(id), seat: SeatName(seat.to_owned()), fingerprint: None }
}

fn shared(id: u8, seat: &str) -> Event {
    let seat = SeatName(seat.to_owned());
    Event::TicketShared { booking: booking(1), share: uuid(id), seat, fingerprint: None }
}

fn ended(id: u8, seat: &str) -> Event {
    Event::ShareEnded { booking: booking(1), share: uuid(id), seat: SeatName(seat.to_owned()) }
}

fn end(id: u8) -> Command {
    Command::EndShare { booking: booking(1), share: uuid(id) }
}

fn then(more: &[Event]) -> Given<Booking> {
    given(&[paid(PaymentMethod::Wallet), more.to_vec()].concat())
}

fn shows(state: &Given<Booking>, id: u8) -> Option<&str> {
    state.0.shared_ticket(uuid(id)).map(|ticket| ticket.seat.0.as_str())
}

#[test]
fn a_link_shows_its_ticket_until_it_is_ended() {
    let seat = "B-1";
    assert_eq!(then(&[]).decide(share(5, seat), at(0)), Ok(vec![shared(5, seat)]));
    let linked = then(&[shared(5, seat)]);
    assert_eq!(shows(&linked, 5), Some(seat));
    assert_eq!(shows(&linked, 6), None);
    assert_eq!(linked.decide(end(5), at(0)), Ok(vec![ended(5, seat)]));
    assert_eq!(linked.decide(end(6), at(0)), Err(Refusal::UnknownShare));
    let over = then(&[shared(5, seat), ended(5, seat)]);
    assert_eq!(shows(&over, 5), None);
    assert_eq!(over.decide(end(5), at(0)), Ok(vec![]));
    assert_eq!(over.decide(share(5, seat), at(0)), Ok(vec![]), "a late repeat makes no link");
}

#[test]
fn a_request_makes_one_link() {
    let linked = then(&[shared(5, "A-1")]);
    assert_eq!(linked.decide(share(5, "A-1"), at(0)), Ok(vec![]));
    assert_eq!(linked.decide(share(5, "A-2"), at(0)), Err(Refusal::KeyReused));
    let other = Command::ShareTicket {
        share: uuid(5),
        seat: SeatName("A-1".into()),
        fingerprint: Some(fingerprint("x")),
    };
    assert_eq!(linked.decide(other, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn only_tickets_of_a_paid_booking_are_shared() {
    assert_eq!(given(&[]).decide(share(5, "A-1"), at(0)), Err(Refusal::NotFound));
    assert_eq!(given(&[opened()]).decide(share(5, "A-1"), at(0)), Err(Refusal::NotConfirmed));
    let unknown = SeatName("Z-9".to_owned());
    assert_eq!(then(&[]).decide(share(5, "Z-9"), at(0)), Err(Refusal::UnknownSeat(unknown)));
}

#[test]
fn a_link_is_void_once_its_seat_is_given_back_or_the_booking_is_cancelled() {
    let mut state = then(&[shared(5, "A-1"), shared(6, "A-2")]).0;
    let returned = SeatReturn {
        id: payment(7),
        seats: seats(&["A-1"]),
        by: CancelledBy::Customer,
        refund: RefundWay::Original,
        reason: None,
        fingerprint: None,
        counter: None,
    };
    for event in state.decide(&Command::ReturnSeats { returned }, &context(at(0))).unwrap() {
        state.evolve(&event);
    }
    let mut state = Given(state);
    assert_eq!((shows(&state, 5), shows(&state, 6)), (None, Some("A-2")));
    let unknown = SeatName("A-1".to_owned());
    assert_eq!(state.decide(share(8, "A-1"), at(0)), Err(Refusal::UnknownSeat(unknown)));
    for event in state.decide(cancel(CancelledBy::House), at(0)).unwrap() {
        state.0.evolve(&event);
    }
    assert_eq!(shows(&state, 6), None);
    assert_eq!(state.decide(share(9, "A-2"), at(0)), Err(Refusal::BookingCancelled));
}

#[test]
fn the_number_of_links_is_bounded() {
    let many: Vec<Event> = (0..SHARES_MAX).map(|n| shared(u8::try_from(n).unwrap(), "A-1")).collect();
    let refusal = Refusal::TooManyShares { max: SHARES_MAX };
    assert_eq!(then(&many).decide(share(200, "A-1"), at(0)), Err(refusal));
    assert!(then(&many[1..]).decide(share(200, "A-1"), at(0)).is_ok());
}
