//! Sales at the counter: seats that are sold in one commit, without a hold.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Claim, ClaimStatus, Event, Extension, Refusal, Screening, Seat,
    quoting::{kept, quote},
};
use crate::{
    BookingId, Fingerprint, Flaws, Money, Policy, SeatIndex, SeatName, UserId,
    booking::PaymentMethod,
    counter::{CounterSale, CounterSeat, SaleDiscount},
    pricing::{Quote, WantedSeat},
    promise::Promise,
    values::text,
};

impl Screening {
    /// Returns the sale at the counter that a claim comes from.
    #[must_use]
    pub fn counter_sale(&self, booking: BookingId) -> Option<&CounterSale> {
        self.claim(booking)?.sale.as_deref()
    }

    /// Sells until the end of the screening: people come late to a counter. Customers' limits do not apply, and seats of a block
    /// are sold only to a sale that names it.
    pub(super) fn sell_at_counter(
        &self,
        booking: BookingId,
        customer: UserId,
        seats: &[CounterSeat],
        (sale, discount): (&CounterSale, Option<&SaleDiscount>),
        fingerprint: Option<&Fingerprint>,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        if let Some(claim) = self.claim(booking) {
            let seller = claim.sale.as_ref().map(|sale| sale.by);
            let same = seller == Some(sale.by) && claim.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        if self.cancelled.is_some() {
            return Err(Refusal::ScreeningCancelled);
        }
        if promise.ends_at <= now {
            return Err(Refusal::Over(promise.ends_at));
        }
        let sale = checked(sale)?;
        let names: Vec<SeatName> = seats.iter().map(|wanted| wanted.seat.clone()).collect();
        let (wanted, full_price) = quoted(promise, seats)?;
        let is_free = sale.method == PaymentMethod::Complimentary;
        let full_price = if is_free { full_price.free() } else { full_price };
        let quote = match discount {
            Some(discount) => discount.reduce(full_price)?,
            None => full_price,
        };

        self.check_blocks(&wanted, seats, now)?;
        let (mut from_blocks, mut others) = (BTreeMap::<Uuid, Vec<SeatIndex>>::new(), Vec::new());
        for (index, CounterSeat { block, .. }) in wanted.iter().zip(seats) {
            match self.seat(*index) {
                Seat::Blocked(owner) if Some(owner) == *block && !self.is_due(owner, now) => {
                    from_blocks.entry(owner).or_default().push(*index);
                }
                Seat::Free | Seat::Held(_) | Seat::Sold(_) | Seat::Blocked(_) => others.push(*index),
            }
        }
        let mut events = self.make_free(&others, None, now)?;
        events.extend(from_blocks.into_iter().map(|(block, seats)| Event::BlockReleased {
            block,
            seats: self.names(&seats),
            by: Some(sale.by),
            awaited: Vec::new(),
        }));
        events.push(Event::SeatsSoldAtCounter {
            booking,
            customer,
            seats: names,
            amount: Money { amount_minor: quote.total_minor(), currency: promise.currency },
            sale,
            at: now,
            fingerprint: fingerprint.cloned(),
            quote: Some(quote),
            promotion: discount.map(|discount| discount.promotion),
        });
        Ok(events)
    }

    /// Returns the prices of a sale of these seats at the counter, whether or not they are free.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if there are none or too many, if there are no such seats, or if their ticket types are wrong.
    pub fn counter_quote(&self, seats: &[CounterSeat]) -> Result<Quote, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        quoted(promise, seats).map(|(_, quote)| quote)
    }

    /// Enters a sale as a claim that is sold.
    pub(super) fn note_sale(&mut self, event: &Event) {
        let Event::SeatsSoldAtCounter {
            booking,
            customer,
            seats,
            amount,
            sale,
            at,
            fingerprint,
            quote,
            promotion: _,
        } = event
        else {
            return;
        };
        let claim = Claim {
            customer: *customer,
            seats: self.indices(seats),
            amount: *amount,
            reserved_until: *at,
            held_until: *at,
            extension: Extension::default(),
            status: ClaimStatus::Sold(sale.payment),
            sale: Some(Arc::new(sale.clone())),
            fingerprint: fingerprint.clone(),
            returns: Vec::new(),
            moving: None,
            moves: Vec::new(),
            quote: kept(quote.as_ref()),
            free_until: None,
            changes: Vec::new(),
        };
        self.enter(*booking, claim);
    }

    /// Refuses a block that is named for a seat which is free, because the seller has another seat or another block in mind.
    fn check_blocks(
        &self,
        wanted: &[SeatIndex],
        seats: &[CounterSeat],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut flaws = Flaws::default();
        for (number, (index, CounterSeat { block, .. })) in wanted.iter().zip(seats).enumerate() {
            let is_free = match self.seat(*index) {
                Seat::Free => true,
                Seat::Held(owner) => self.claim(owner).is_some_and(|claim| claim.has_lapsed(now)),
                Seat::Blocked(owner) => Some(owner) != *block && self.is_due(owner, now),
                Seat::Sold(_) => false,
            };
            let pointer = format!("/seats/{number}/block_id");
            flaws.unless(block.is_none() || !is_free, pointer, "is not a block that has this seat");
        }
        flaws.into_result().map_err(Refusal::Invalid)
    }

    fn is_due(&self, block: Uuid, now: Timestamp) -> bool {
        self.block(block).is_some_and(|block| block.is_due(now))
    }
}

impl CounterSeat {
    fn wanted(&self) -> WantedSeat {
        // Staff give wheelchair places to whom they see.
        WantedSeat { seat: self.seat.clone(), ticket_type: self.ticket_type.clone(), wheelchair: true }
    }
}

impl SaleDiscount {
    /// Takes the discount off the prices.
    fn reduce(&self, full_price: Quote) -> Result<Quote, Refusal> {
        let mut quote = full_price;
        let is_same = self.full_minor == quote.total_minor() && self.seats_minor.len() == quote.lines.len();
        for (line, off_minor) in quote.lines.iter_mut().zip(&self.seats_minor) {
            if !(0..=line.price_minor).contains(off_minor) {
                return Err(Refusal::PricesChanged);
            }
            line.discount_minor = *off_minor;
        }
        if is_same { Ok(quote) } else { Err(Refusal::PricesChanged) }
    }
}

/// Returns the numbers of the seats and their prices.
fn quoted(promise: &Promise, seats: &[CounterSeat]) -> Result<(Vec<SeatIndex>, Quote), Refusal> {
    let max = Policy::BOOKING_SEATS_LARGEST;
    if !(1..=max).contains(&seats.len()) {
        return Err(Refusal::SeatCount { max });
    }
    let typed: Vec<WantedSeat> = seats.iter().map(CounterSeat::wanted).collect();
    quote(promise, &typed)
}

/// Returns the sale with a tidy reason.
fn checked(sale: &CounterSale) -> Result<CounterSale, Refusal> {
    let reason = sale.reason.as_deref().and_then(text::tidy);
    let mut flaws = Flaws::default();
    if let Some(reason) = &reason {
        flaws.text(reason, 200, "/reason");
    } else {
        let needed = sale.method == PaymentMethod::Complimentary;
        flaws.unless(!needed, "/reason", "is required for complimentary tickets");
    }
    flaws.into_result().map_err(Refusal::Invalid)?;
    if sale.method == PaymentMethod::Cash && sale.till.is_none() {
        return Err(Refusal::NoOpenTill);
    }
    Ok(CounterSale { reason, ..sale.clone() })
}
