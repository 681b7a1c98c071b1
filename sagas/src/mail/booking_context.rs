//! Data of every mail about a booking: its screening with current names, its seats with their prices, and its tickets.

use ticketshow_domain::{
    BookingId, Language, Money, ScreeningId, SeatName,
    booking::{self, Booking},
    hold::PricedSeat,
    pricing::{Charges, tax_shares},
    promise::Promise,
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
}

impl<'a> Costs<'a> {
    pub fn of(opened: &'a booking::opened::Opened) -> Self {
        Self { seats: &opened.left, charges: &opened.charges, total: opened.amount() }
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
        let &Costs { seats, charges, total } = costs;
        let money = |amount_minor| amount(Money { amount_minor, currency: total.currency });
        let in_words = |priced: &PricedSeat| {
            let level = self.promise.layout.level_of(&priced.seat);
            in_words(priced, level, self.language, &money)
        };
        let seats: Vec<String> = seats.iter().map(in_words).collect();
        let fees_minor = charges.fees_minor(seats.len());
        let tax: Vec<String> = tax_shares(total.amount_minor, &charges.tax_rates)
            .into_iter()
            .map(|share| format!("{} ({})", share.rate.name, money(share.amount_minor)))
            .collect();
        let place =
            [Some(venue_name), self.address.as_ref(), Some(city)].map(|part| part.map(String::as_str));
        let words = words(self.language);
        contents.facts = vec![
            (words.show, show_title.clone()),
            (words.starts, starts.to_string()),
            (words.venue, place.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            (words.screen, screen_name.clone()),
            (words.seats, seats.join(", ")),
            (words.total, amount(total)),
            (words.booking, booking.reference().to_string()),
        ];
        let total_at = 5;
        if !tax.is_empty() {
            contents.facts.insert(total_at + 1, (words.tax_included, tax.join(", ")));
        }
        if fees_minor > 0 {
            contents.facts.insert(total_at, (words.fees, money(fees_minor)));
        }
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

/// Begins the contents of a mail about a booking.
pub(super) async fn about(
    source: Source<'_>,
    booking: BookingId,
    template: Template,
) -> Result<(booking::opened::Opened, Contents), SagaError> {
    let opened = opened(source, booking).await?;
    let context = BookingContext::of(source, opened.screening).await?;
    let mut contents = source.contents(template);
    context.add_facts(&mut contents, booking, &Costs::of(&opened));
    Ok((opened, contents))
}
