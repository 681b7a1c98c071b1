//! Completion of sales at the counter: the booking with its tickets, and the cash in the till. The API completes a sale too; this
//! makes up for one that crashed after the screening had decided it.

use ticketshow_domain::{
    BookingId, Money, ScreeningId, UserId,
    booking::{self, Booking, PaymentMethod},
    counter::CounterSale,
    screening::Screening,
    till::{self, Till},
};
use ticketshow_tickets::Signer;

use crate::worker::{error::SagaError, reaction::Reaction};

/// The screening no longer remembers a sale. It forgets those that were cancelled a week ago.
#[derive(Debug, thiserror::Error)]
#[error("screening {screening} does not remember the sale of booking {booking}")]
struct Forgotten {
    screening: ScreeningId,
    booking: BookingId,
}

/// Commands that complete a sale, in this order. Each changes nothing if it was carried out before.
#[derive(Debug)]
struct Completion {
    open: booking::Command,
    sale: CounterSale,
}

impl Completion {
    /// `None` if the screening does not remember the sale.
    fn of(state: &Screening, screening: ScreeningId, booking: BookingId, signer: &Signer) -> Option<Self> {
        let (sale, reservation) =
            (state.counter_sale(booking)?.clone(), state.reservation(screening, booking)?);
        let tickets = signer.tickets(&reservation);
        let open = booking::Command::OpenSold { reservation, sale: sale.clone(), tickets };
        Some(Self { open, sale })
    }

    /// Returns the seller and the command for their till, if the sale was in cash. The booking knows the amount: its screening
    /// subtracts seats that were given back since.
    fn take(sale: &CounterSale, booking: BookingId, amount: Money) -> Option<(UserId, till::Command)> {
        let till = sale.till.filter(|_| sale.method == PaymentMethod::Cash)?;
        Some((sale.by, till::Command::TakeCash { till, booking, payment: sale.payment, amount }))
    }
}

/// Completes a sale. Safe to repeat, even concurrently.
pub(crate) async fn complete(
    reaction: &Reaction<'_>,
    signer: &Signer,
    screening: ScreeningId,
    booking: BookingId,
) -> Result<(), SagaError> {
    let state: Screening = reaction.read(&screening).await?;
    let forgotten = || SagaError::permanent(Forgotten { screening, booking });
    let Completion { open, sale } =
        Completion::of(&state, screening, booking, signer).ok_or_else(forgotten)?;
    let opened = reaction.execute_and_read(&booking, open, amount_of).await?;
    let amount = opened.map_err(SagaError::permanent)?.ok_or_else(forgotten)?;
    match Completion::take(&sale, booking, amount) {
        Some((seller, command)) => reaction.must::<Till>(&seller, command).await,
        None => Ok(()),
    }
}

/// The amount for which a booking was opened.
fn amount_of(booking: &Booking) -> Option<Money> {
    booking.opened.as_ref().map(|opened| opened.reservation.amount)
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::{
        SeatName, TillId,
        booking::BookingStatus,
        counter::{Buyer, CounterSeat},
        examples::{at, execute, inr, payment, user, uuid},
        screening,
    };

    use super::*;
    use crate::examples::{promise, start};

    const SCREENING: ScreeningId = ScreeningId(uuid::Uuid::from_u128(1));
    const BOOKING: BookingId = BookingId(uuid::Uuid::from_u128(2));

    /// A screening that has just sold a seat, and nothing else.
    fn sold(method: PaymentMethod) -> Screening {
        let mut state = Screening::default();
        let now = start() - jiff::SignedDuration::from_hours(1);
        let open = screening::Command::OpenScreening {
            screening: SCREENING,
            promise: promise(4, 25_000).into(),
            blocks: Vec::new(),
        };
        execute(&mut state, &open, now).unwrap();
        let (till, reason) = (Some(TillId(uuid(5))), Some("Press".to_owned()));
        let sale =
            CounterSale { payment: payment(7), method, till, by: user(9), reason, buyer: Buyer::default() };
        let seats = vec![CounterSeat { seat: SeatName("A-1".to_owned()), block: None, ticket_type: None }];
        let (customer, fingerprint) = (UserId(BOOKING.0), None);
        let sell = screening::Command::SellAtCounter { booking: BOOKING, customer, seats, sale, fingerprint };
        execute(&mut state, &sell, now).unwrap();
        state
    }

    fn opened_till() -> Till {
        let mut till = Till::default();
        let (session, seller, float, fingerprint) = (TillId(uuid(5)), user(9), inr(0), None);
        execute(&mut till, &till::Command::OpenTill { till: session, seller, float, fingerprint }, at(0))
            .unwrap();
        till
    }

    #[test]
    fn wherever_the_api_crashed_the_booking_is_confirmed_and_the_cash_is_entered_once() {
        let signer = Signer::from_secret(&[7; 32]);
        let completion = || Completion::of(&sold(PaymentMethod::Cash), SCREENING, BOOKING, &signer).unwrap();
        for done_before in 0..=2 {
            let (mut booking, mut till) = (Booking::default(), opened_till());
            let Completion { open, sale } = completion();
            let take =
                |booking: &Booking| Completion::take(&sale, BOOKING, amount_of(booking).unwrap()).unwrap();
            if done_before > 0 {
                execute(&mut booking, &open, at(0)).unwrap();
            }
            if done_before > 1 {
                execute(&mut till, &take(&booking).1, at(0)).unwrap();
            }
            // Twice: a second delivery, or another replica.
            for _ in 0..2 {
                execute(&mut booking, &completion().open, at(1)).unwrap();
                execute(&mut till, &take(&booking).1, at(1)).unwrap();
            }
            let (seller, _) = take(&booking);
            let opened = booking.opened.unwrap();
            assert_eq!((opened.status, opened.tickets.len()), (BookingStatus::Confirmed, 1));
            let session = till.sessions.get(&TillId(uuid(5))).unwrap();
            assert_eq!((seller, session.expected_minor), (user(9), 25_000));
        }
    }

    #[test]
    fn only_cash_is_entered_in_the_till() {
        let signer = Signer::from_secret(&[7; 32]);
        for method in [PaymentMethod::CardTerminal, PaymentMethod::Upi, PaymentMethod::Complimentary] {
            let completion = Completion::of(&sold(method), SCREENING, BOOKING, &signer).unwrap();
            assert!(Completion::take(&completion.sale, BOOKING, inr(25_000)).is_none());
        }
        let unknown = BookingId(uuid::Uuid::from_u128(3));
        assert!(Completion::of(&sold(PaymentMethod::Cash), SCREENING, unknown, &signer).is_none());
    }
}
