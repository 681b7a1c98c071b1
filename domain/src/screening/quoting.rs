//! Prices of the seats of a booking, and the limits of their ticket types.

use std::sync::Arc;

use super::{Claim, Refusal, Screening, rules::find_seats};
use crate::{
    BookingId, SeatIndex, SeatName,
    booking::PaymentMethod,
    hold::PricedSeat,
    pricing::{Charges, Quote, TicketType, Unpriced, WantedSeat},
    promise::Promise,
};

/// Returns the numbers of the seats and their prices.
pub(super) fn quote(promise: &Promise, wanted: &[WantedSeat]) -> Result<(Vec<SeatIndex>, Quote), Refusal> {
    let names: Vec<SeatName> = wanted.iter().map(|wanted| wanted.seat.clone()).collect();
    let indices = find_seats(promise, &names)?;
    let line = |(number, WantedSeat { seat, ticket_type, wheelchair: _ }): (usize, &WantedSeat)| {
        let (_, row) = promise.layout.find(seat).ok_or_else(|| Refusal::UnknownSeat(seat.clone()))?;
        let priced = promise.price(&row.category, ticket_type.as_ref());
        let (ticket_type, price_minor) = priced.map_err(|reason| match reason {
            Unpriced::NotForSale => Refusal::UnknownSeat(seat.clone()),
            Unpriced::Missing => Refusal::TicketTypeMissing { number, seat: seat.clone() },
            Unpriced::Unknown(ticket_type) => Refusal::UnknownTicketType { number, ticket_type },
        })?;
        let (seat, category) = (seat.clone(), row.category.clone());
        Ok(PricedSeat { seat, category, price_minor, ticket_type, discount_minor: 0 })
    };
    let lines = wanted.iter().enumerate().map(line).collect::<Result<_, Refusal>>()?;
    let quote = Quote { lines, charges: promise.terms.charges.clone() };
    check_types(promise, &quote.lines)?;
    Ok((indices, quote))
}

/// Returns the prices of seats that are offered to a customer who waits; `None` if one is not for sale. Limits of ticket types are not
/// checked, because nobody chose the types.
pub(super) fn quote_of_offer(promise: &Promise, seats: &[SeatName]) -> Option<Quote> {
    let line = |seat: &SeatName| {
        let (_, row) = promise.layout.find(seat)?;
        let (ticket_type, price_minor) = promise.unrestricted(&row.category)?;
        let (seat, category) = (seat.clone(), row.category.clone());
        Some(PricedSeat { seat, category, price_minor, ticket_type, discount_minor: 0 })
    };
    let lines = seats.iter().map(line).collect::<Option<_>>()?;
    Some(Quote { lines, charges: promise.terms.charges.clone() })
}

/// Checks the limits of the ticket types of a booking.
pub(super) fn check_types(promise: &Promise, lines: &[PricedSeat]) -> Result<(), Refusal> {
    if promise.terms.limits.is_empty() {
        return Ok(());
    }
    let ticket = |line: &PricedSeat| {
        let place = promise.layout.find(&line.seat).and_then(|(index, _)| promise.layout.row_of(index));
        place.is_some_and(|(row, number)| row.accessible.contains(&number))
    };
    let tickets: Vec<(&TicketType, bool)> =
        lines.iter().map(|line| (&line.ticket_type, ticket(line))).collect();
    let checked = promise.terms.check_limits(&tickets);
    checked.map_err(|(ticket_type, limit)| Refusal::TicketTypeLimit { ticket_type, limit })
}

impl Screening {
    /// Returns the ticket types of seats of a booking, in their order.
    #[must_use]
    pub fn ticket_types(&self, booking: BookingId, seats: &[SeatName]) -> Vec<TicketType> {
        let quote = self.claim(booking).and_then(|claim| claim.quote.as_ref());
        let line = |seat: &SeatName| quote?.lines.iter().find(|line| line.seat == *seat);
        seats.iter().map(|seat| line(seat).map(|line| line.ticket_type.clone()).unwrap_or_default()).collect()
    }

    /// Returns the prices of the seats of a claim that were not given back.
    pub(super) fn lines_of(&self, claim: &Claim) -> Option<Vec<PricedSeat>> {
        let promise = self.promise.as_ref()?;
        if let Some(quote) = &claim.quote {
            let is_left = |line: &&PricedSeat| {
                promise.layout.find(&line.seat).is_some_and(|(index, _)| claim.seats.contains(&index))
            };
            return Some(quote.lines.iter().filter(is_left).cloned().collect());
        }
        let is_free = claim.sale.as_ref().is_some_and(|sale| sale.method == PaymentMethod::Complimentary);
        let priced = |index: &SeatIndex| {
            let (row, _) = promise.layout.row_of(*index)?;
            let (seat, category) = (promise.layout.name(*index)?, row.category.clone());
            let price_minor = if is_free { 0 } else { *promise.prices.get(&category)? };
            let (ticket_type, discount_minor) = (TicketType::default(), 0);
            Some(PricedSeat { seat, category, price_minor, ticket_type, discount_minor })
        };
        claim.seats.iter().map(priced).collect()
    }
}

impl Claim {
    /// Returns the fee and the tax of the booking.
    #[must_use]
    pub fn charges(&self) -> Charges {
        self.quote.as_ref().map(|quote| quote.charges.clone()).unwrap_or_default()
    }
}

/// Returns what a claim keeps of a quote: nothing if the prices follow from the categories.
pub(super) fn kept(quote: Option<&Quote>) -> Option<Arc<Quote>> {
    quote.filter(|quote| !quote.is_plain()).map(|quote| Arc::new(quote.clone()))
}
