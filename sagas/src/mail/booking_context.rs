//! Data of every mail about a booking: its screening with current names, its seats with their prices, and its tickets.

use ticketshow_domain::{
    BookingId, Language, Money, PromotionId, ScreeningId, SeatName,
    booking::{self, Booking},
    hold::PricedSeat,
    pricing::{Charges, tax_shares},
    promise::Promise,
    promotion::Promotion,
    screen::Screen,
    screening::Screening,
    show::Show,
    venue::Venue,
};
use ticketshow_nats::executor::outcome::Freshness;
use ticketshow_tickets::{LocalTime, PrintedTicket, amount};

use super::{
    letter::Contents,
    source::{Missing, Source},
    template::Template,
    words::{in_words, words},
};
use crate::worker::error::SagaError;

/// The screening of a booking, with current names, and its venue's address.
#[derive(Debug, Clone)]
pub(super) struct BookingContext {
    pub promise: Promise,
    pub address: Option<String>,
    language: Language,
}

/// Prices of the seats of a booking.
pub(super) struct Costs<'a> {
    pub seats: &'a [PricedSeat],
    pub charges: &'a Charges,
    pub total: Money,
    /// Name or code of the promotion that lowers the prices.
    pub promotion: Option<String>,
}

impl<'a> Costs<'a> {
    pub async fn of(source: Source<'_>, opened: &'a booking::opened::Opened) -> Result<Self, SagaError> {
        let promotion = promotion_named(source, opened.reservation.promotion).await?;
        Ok(Self { seats: &opened.left, charges: &opened.charges, total: opened.amount(), promotion })
    }

    /// Returns the names and values of what the seats cost, which add up to the total.
    pub fn facts<'l>(
        &self,
        language: Language,
        level_of: impl Fn(&SeatName) -> Option<&'l str>,
    ) -> Vec<(&'static str, String)> {
        let (seats, charges, total) = (self.seats, self.charges, self.total);
        let words = words(language);
        let money = |amount_minor| amount(Money { amount_minor, currency: total.currency });
        let in_words = |priced: &PricedSeat| in_words(priced, level_of(&priced.seat), language, &money);
        let mut facts = vec![(words.seats, seats.iter().map(in_words).collect::<Vec<_>>().join(", "))];
        let discount_minor: i64 = seats.iter().map(|priced| priced.discount_minor).sum();
        if discount_minor > 0 {
            let off = format!("−{}", money(discount_minor));
            let named = self.promotion.as_ref().map(|promotion| format!("{off} ({promotion})"));
            facts.push((words.discount, named.unwrap_or(off)));
        }
        let fees_minor = charges.fees_minor(seats.len());
        if fees_minor > 0 {
            facts.push((words.fees, money(fees_minor)));
        }
        facts.push((words.total, amount(total)));
        let tax: Vec<String> = tax_shares(total.amount_minor, &charges.tax_rates)
            .into_iter()
            .map(|share| format!("{} ({})", share.rate.name, money(share.amount_minor)))
            .collect();
        if !tax.is_empty() {
            facts.push((words.tax_included, tax.join(", ")));
        }
        facts
    }
}

impl BookingContext {
    pub async fn of(source: Source<'_>, screening: ScreeningId) -> Result<Self, SagaError> {
        let seen = source.executor.state::<Screening>(&screening, Freshness::Fresh).await?;
        let promise = seen
            .state
            .promise()
            .cloned()
            .ok_or_else(|| SagaError::permanent(Missing::Screening(screening)))?;
        let (show, venue, screen) = tokio::try_join!(
            source.executor.state::<Show>(&promise.show, Freshness::Fresh),
            source.executor.state::<Venue>(&promise.venue, Freshness::Fresh),
            source.executor.state::<Screen>(&promise.screen, Freshness::Fresh),
        )?;
        let promise = promise.renamed(&show.state, &venue.state, &screen.state);
        let address = venue.state.details.map(|details| details.address);
        Ok(Self { address, promise, language: source.language })
    }

    pub fn starts(&self) -> LocalTime {
        LocalTime::in_language(self.promise.starts_at, &self.promise.timezone, self.language)
    }

    /// Adds the facts that every mail about a booking shows.
    pub fn add_facts(&self, contents: &mut Contents, booking: BookingId, costs: &Costs<'_>) {
        let Promise { show_title, venue_name, city, screen_name, .. } = &self.promise;
        let starts = self.starts();
        let place =
            [Some(venue_name), self.address.as_ref(), Some(city)].map(|part| part.map(String::as_str));
        let words = words(self.language);
        contents.facts = vec![
            (words.show, show_title.clone()),
            (words.starts, starts.to_string()),
            (words.venue, place.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            (words.screen, screen_name.clone()),
        ];
        contents.facts.extend(costs.facts(self.language, |seat| self.promise.layout.level_of(seat)));
        contents.facts.push((words.booking, booking.reference().to_string()));
        let values = [
            ("show", show_title.clone()),
            ("day", starts.date),
            ("booking", booking.to_string()),
            ("reference", booking.reference().to_string()),
        ];
        contents.values.extend(values);
    }

    pub fn tickets(&self, opened: &booking::opened::Opened) -> Vec<PrintedTicket> {
        let reservation = &opened.reservation;
        let line = |seat: &SeatName| opened.seats().find(|priced| priced.seat == *seat);
        let print = |ticket: &booking::Ticket| PrintedTicket {
            show: self.promise.show_title.clone(),
            venue: self.promise.venue_name.clone(),
            address: self.address.clone(),
            city: self.promise.city.clone(),
            screen: self.promise.screen_name.clone(),
            seat: ticket.seat.clone(),
            level: self.promise.layout.level_of(&ticket.seat).map(str::to_owned),
            starts: self.starts(),
            price: Money {
                amount_minor: line(&ticket.seat).map_or(0, PricedSeat::net_minor),
                currency: reservation.amount.currency,
            },
            ticket_type: line(&ticket.seat).map(|line| line.ticket_type.clone()).unwrap_or_default(),
            booking: reservation.booking,
            code: ticket.code.clone(),
            language: self.language,
        };
        opened.tickets.iter().map(print).collect()
    }
}

/// Reads a booking that a mail speaks of.
pub(super) async fn opened(
    source: Source<'_>,
    booking: BookingId,
) -> Result<booking::opened::Opened, SagaError> {
    let seen = source.executor.state::<Booking>(&booking, Freshness::Fresh).await?;
    seen.state.opened.ok_or_else(|| SagaError::permanent(Missing::Booking(booking)))
}

/// Returns the name of a promotion or else its code, as the page of the booking does; `None` for an offer without either.
pub(super) async fn promotion_named(
    source: Source<'_>,
    promotion: Option<PromotionId>,
) -> Result<Option<String>, SagaError> {
    let Some(promotion) = promotion else { return Ok(None) };
    let seen = source.executor.state::<Promotion>(&promotion, Freshness::Fresh).await?;
    let Some(published) = seen.state.published else { return Ok(None) };
    let code = || published.code.as_ref().map(|code| code.text().to_owned());
    Ok(published.terms.name.clone().or_else(code))
}

/// Begins the contents of a mail about a booking.
pub(super) async fn about(
    source: Source<'_>,
    booking: BookingId,
    template: Template,
) -> Result<(booking::opened::Opened, Contents), SagaError> {
    let opened = opened(source, booking).await?;
    let context = BookingContext::of(source, opened.screening).await?;
    let mut contents = source.contents(template);
    context.add_facts(&mut contents, booking, &Costs::of(source, &opened).await?);
    Ok((opened, contents))
}
