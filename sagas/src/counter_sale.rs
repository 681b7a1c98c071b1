//! Completion of sales at the counter: the booking with its tickets, and the cash in the till. Normally the API completes a sale; this
//! code does so if the API crashed after the screening had decided it.

use ticketshow_domain::{
    BookingId, Money, PromotionId, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, PaymentMethod},
    counter::CounterSale,
    hold::Reservation,
    promotion::{self, Promotion},
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

/// Only the event of a sale names the promotion that lowered its prices; what follows the event completes the sale.
#[derive(Debug, thiserror::Error)]
#[error("the sale of booking {0} is not complete yet")]
struct Incomplete(BookingId);

/// Commands that complete a sale, in this order. Each changes nothing if it was carried out before.
#[derive(Debug)]
struct Completion {
    /// Counts the use of the promotion that lowered the prices.
    count: Option<(PromotionId, promotion::Command)>,
    open: booking::Command,
    sale: CounterSale,
}

impl Completion {
    /// `None` if the screening does not remember the sale.
    fn of(
        state: &Screening,
        screening: ScreeningId,
        booking: BookingId,
        promotion: Option<PromotionId>,
        signer: &Signer,
    ) -> Option<Self> {
        let (sale, reservation) =
            (state.counter_sale(booking)?.clone(), state.reservation(screening, booking)?);
        let reservation = Reservation { promotion, ..reservation };
        let tickets = signer.tickets(&reservation);
        let customer = reservation.customer;
        let count =
            promotion.map(|promotion| (promotion, promotion::Command::CountUse { booking, customer }));
        let open = booking::Command::OpenSold { reservation, sale: sale.clone(), tickets };
        Some(Self { count, open, sale })
    }

    /// Returns the seller and the command for their till, if the sale was in cash. The booking knows the amount: its screening
    /// subtracts seats that were given back since.
    fn take(sale: &CounterSale, booking: BookingId, amount: Money) -> Option<(UserId, till::Command)> {
        let till = sale.till.filter(|_| sale.method == PaymentMethod::Cash)?;
        Some((sale.by, till::Command::TakeCash { till, booking, payment: sale.payment, amount }))
    }
}

/// Completes a sale. Safe to repeat, even concurrently. One for less is completed by what follows its event ([`complete_with`]), and
/// retried here until then.
pub(crate) async fn complete(
    reaction: &Reaction<'_>,
    signer: &Signer,
    screening: ScreeningId,
    booking: BookingId,
) -> Result<(), SagaError> {
    let state: Screening = reaction.read(&screening).await?;
    let is_for_less = state
        .reservation(screening, booking)
        .is_some_and(|reservation| reservation.seats.iter().any(|seat| seat.discount_minor > 0));
    if is_for_less && !is_opened(reaction, booking).await? {
        return Err(SagaError::transient(Incomplete(booking)));
    }
    complete_with(reaction, signer, screening, booking, None).await
}

/// Completes a sale whose promotion is known, if it has one.
pub(crate) async fn complete_with(
    reaction: &Reaction<'_>,
    signer: &Signer,
    screening: ScreeningId,
    booking: BookingId,
    promotion: Option<PromotionId>,
) -> Result<(), SagaError> {
    let state: Screening = reaction.read(&screening).await?;
    let forgotten = || SagaError::permanent(Forgotten { screening, booking });
    let Completion { count, open, sale } =
        Completion::of(&state, screening, booking, promotion, signer).ok_or_else(forgotten)?;
    // The use was counted before the booking was opened, and may be returned by now.
    if let Some((promotion, command)) = count
        && !is_opened(reaction, booking).await?
    {
        reaction.must::<Promotion>(&promotion, command).await?;
    }
    let opened = reaction.execute_and_read(&booking, open, after_opening).await?;
    let (amount, is_over) = opened.map_err(SagaError::permanent)?.ok_or_else(forgotten)?;
    if let Some((promotion, command)) = use_to_return(promotion, booking, is_over) {
        reaction.must::<Promotion>(&promotion, command).await?;
    }
    match Completion::take(&sale, booking, amount) {
        Some((seller, command)) => reaction.must::<Till>(&seller, command).await,
        None => Ok(()),
    }
}

/// Returns the command for the use of a booking that is over. It may have ended while its use was counted, here or by a process that
/// died since, so the command is sent even if this process counted nothing. It changes nothing if there is no use.
fn use_to_return(
    promotion: Option<PromotionId>,
    booking: BookingId,
    is_over: bool,
) -> Option<(PromotionId, promotion::Command)> {
    promotion.filter(|_| is_over).map(|promotion| (promotion, promotion::Command::ReturnUse { booking }))
}

async fn is_opened(reaction: &Reaction<'_>, booking: BookingId) -> Result<bool, SagaError> {
    let state: Booking = reaction.read(&booking).await?;
    Ok(state.opened.is_some())
}

/// Returns the amount for which a booking was opened, and `true` if it is over.
fn after_opening(booking: &Booking) -> Option<(Money, bool)> {
    let opened = booking.opened.as_ref()?;
    let is_over = matches!(opened.status, BookingStatus::Cancelled | BookingStatus::Refunded);
    Some((opened.reservation.amount, is_over))
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::{
        SeatName, TillId,
        counter::{Buyer, CounterSeat, SaleDiscount},
        examples::{at, execute, inr, payment, show, user, uuid, venue},
        promotion::{Code, Day, Occasion, PromotionTerms, Reduction},
        screening,
    };

    use super::*;
    use crate::examples::{promise, start};

    const SCREENING: ScreeningId = ScreeningId(uuid::Uuid::from_u128(1));
    const BOOKING: BookingId = BookingId(uuid::Uuid::from_u128(2));

    const PROMOTION: PromotionId = PromotionId(uuid::Uuid::from_u128(8));

    /// A screening that has just sold a seat, and nothing else.
    fn sold(method: PaymentMethod) -> Screening {
        sold_for(method, None)
    }

    /// The same, for less.
    fn sold_for(method: PaymentMethod, discount: Option<SaleDiscount>) -> Screening {
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
        let booking = BOOKING;
        let sell = match discount {
            Some(discount) => {
                screening::Command::SellDiscounted { booking, customer, seats, sale, fingerprint, discount }
            }
            None => screening::Command::SellAtCounter { booking, customer, seats, sale, fingerprint },
        };
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
        let completion =
            || Completion::of(&sold(PaymentMethod::Cash), SCREENING, BOOKING, None, &signer).unwrap();
        for done_before in 0..=2 {
            let (mut booking, mut till) = (Booking::default(), opened_till());
            let Completion { open, sale, count } = completion();
            assert!(count.is_none());
            let take = |booking: &Booking| {
                Completion::take(&sale, BOOKING, after_opening(booking).unwrap().0).unwrap()
            };
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

    /// A promotion of one use, which the sale has taken.
    fn taken() -> Promotion {
        let mut promotion = Promotion::default();
        let terms = PromotionTerms {
            reduction: Reduction::Percent(20),
            valid_from: None,
            valid_until: None,
            shows: [].into(),
            venues: [].into(),
            ticket_types: [].into(),
            weekdays: [].into(),
            uses_max: 1,
            uses_per_customer_max: None,
            name: None,
        };
        let create = promotion::Command::CreatePromotion {
            promotion: PROMOTION,
            code: Some(Code::new("friends")),
            terms,
            by: user(9),
            fingerprint: None,
        };
        execute(&mut promotion, &create, at(0)).unwrap();
        let screening = Occasion { show: show(), venue: venue(), day: Day::Tuesday };
        let (customer, until) = (UserId(BOOKING.0), at(3_600));
        let take = promotion::Command::TakeUse { booking: BOOKING, customer, screening, until };
        execute(&mut promotion, &take, at(0)).unwrap();
        promotion
    }

    #[test]
    fn the_use_of_a_sale_for_less_is_counted_once_even_after_it_lapsed() {
        let signer = Signer::from_secret(&[7; 32]);
        let discount = SaleDiscount { promotion: PROMOTION, seats_minor: vec![5_000], full_minor: 25_000 };
        let state = sold_for(PaymentMethod::Upi, Some(discount));
        for seconds in [10, 10_000] {
            let (mut promotion, mut booking) = (taken(), Booking::default());
            for _ in 0..2 {
                let Completion { count, open, .. } =
                    Completion::of(&state, SCREENING, BOOKING, Some(PROMOTION), &signer).unwrap();
                execute(&mut promotion, &count.unwrap().1, at(seconds)).unwrap();
                execute(&mut booking, &open, at(seconds)).unwrap();
            }
            assert_eq!(promotion.uses(at(100_000)), 1, "it lapses no more");
            let reservation = &booking.opened.as_ref().unwrap().reservation;
            assert_eq!((reservation.amount, reservation.promotion), (inr(20_000), Some(PROMOTION)));
        }
    }

    #[test]
    fn a_use_that_was_counted_before_a_crash_returns_when_its_booking_is_over() {
        let mut promotion = taken();
        let count = promotion::Command::CountUse { booking: BOOKING, customer: UserId(BOOKING.0) };
        execute(&mut promotion, &count, at(10)).unwrap();
        // The repeat finds the booking opened, so it counts nothing itself.
        for _ in 0..2 {
            let (id, command) = use_to_return(Some(PROMOTION), BOOKING, true).unwrap();
            execute(&mut promotion, &command, at(20)).unwrap();
            assert_eq!((id, promotion.uses(at(20))), (PROMOTION, 0));
        }
        assert_eq!(use_to_return(Some(PROMOTION), BOOKING, false), None);
        assert_eq!(use_to_return(None, BOOKING, true), None);
    }

    #[test]
    fn only_cash_is_entered_in_the_till() {
        let signer = Signer::from_secret(&[7; 32]);
        for method in [PaymentMethod::CardTerminal, PaymentMethod::Upi, PaymentMethod::Complimentary] {
            let completion = Completion::of(&sold(method), SCREENING, BOOKING, None, &signer).unwrap();
            assert!(Completion::take(&completion.sale, BOOKING, inr(25_000)).is_none());
        }
        let unknown = BookingId(uuid::Uuid::from_u128(3));
        assert!(Completion::of(&sold(PaymentMethod::Cash), SCREENING, unknown, None, &signer).is_none());
    }
}
