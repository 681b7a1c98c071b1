//! What a mail has to say, gathered from the aggregates when it is sent. Names and prices are those of the promise; the
//! venue's address is that of today.

use std::sync::Arc;

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money, ScreeningId, SeatName,
    booking::{self, Booking, BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue},
    payment::RefundTarget,
    screening::{Promise, Screening},
    venue::Venue,
};
use ticketshow_nats::{Executor, Freshness, Matter};
use ticketshow_tickets::{LocalTime, PrintedTicket, amount};

use super::{
    letter::Contents,
    template::{Template, Values},
};
use crate::reaction::Halt;

/// Why a mail is not sent although nothing went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Pointless {
    #[error("the booking is not confirmed any more")]
    NotConfirmed,
    #[error("the screening is over")]
    Over,
    #[error("the time to choose a new password is over")]
    Expired,
    #[error("the customer has no account")]
    NoAccount,
}

/// What the log does not say although it must: a bug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Missing {
    #[error("there is no booking {0}")]
    Booking(BookingId),
    #[error("there is no screening {0}")]
    Screening(ScreeningId),
}

/// What a booking is for.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    pub promise: Arc<Promise>,
    pub address: Option<String>,
}

/// A seat and its price in minor units.
type Priced = (SeatName, i64);

impl Occasion {
    async fn of(executor: &Executor, screening: ScreeningId) -> Result<Self, Halt> {
        // What was promised never changes; a memory from before it was is asked again.
        let mut seen = executor.state::<Screening>(&screening, Freshness::Cached).await?;
        if seen.state.promise().is_none() {
            seen = executor.state::<Screening>(&screening, Freshness::Fresh).await?;
        }
        let promise =
            seen.state.promise().cloned().ok_or_else(|| Halt::stuck(Missing::Screening(screening)))?;
        let venue = executor.state::<Venue>(&promise.venue, Freshness::Fresh).await?.state;
        Ok(Self { address: venue.details.map(|details| details.address), promise })
    }

    fn starts(&self) -> LocalTime {
        LocalTime::new(self.promise.starts_at, &self.promise.timezone)
    }

    /// Puts in what every mail about a booking says.
    fn tell(&self, contents: &mut Contents, booking: BookingId, seats: &[Priced], total: Money) {
        let Promise { show_title, venue_name, city, screen_name, .. } = &*self.promise;
        let starts = self.starts();
        let money = |amount_minor| amount(Money { amount_minor, currency: total.currency });
        let seats: Vec<String> =
            seats.iter().map(|(seat, price_minor)| format!("{seat} ({})", money(*price_minor))).collect();
        let place =
            [Some(venue_name), self.address.as_ref(), Some(city)].map(|part| part.map(String::as_str));
        contents.facts = vec![
            ("Show", show_title.clone()),
            ("Starts", starts.to_string()),
            ("Venue", place.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            ("Screen", screen_name.clone()),
            ("Seats", seats.join(", ")),
            ("Total", amount(total)),
            ("Booking", booking.to_string()),
        ];
        let values = [("show", show_title.clone()), ("day", starts.date), ("booking", booking.to_string())];
        contents.values.extend(values);
    }

    fn tickets(&self, opened: &booking::Opened) -> Vec<PrintedTicket> {
        let reservation = &opened.reservation;
        let price_minor = |seat: &SeatName| {
            reservation
                .seats
                .iter()
                .find(|priced| priced.seat == *seat)
                .map_or(0, |priced| priced.price_minor)
        };
        let print = |ticket: &booking::Ticket| PrintedTicket {
            show: self.promise.show_title.clone(),
            venue: self.promise.venue_name.clone(),
            address: self.address.clone(),
            city: self.promise.city.clone(),
            screen: self.promise.screen_name.clone(),
            seat: ticket.seat.clone(),
            starts: self.starts(),
            price: Money { amount_minor: price_minor(&ticket.seat), currency: reservation.amount.currency },
            booking: reservation.booking,
            code: ticket.code.clone(),
        };
        opened.tickets.iter().map(print).collect()
    }
}

/// Gathers what a mail has to say, but for who gets it.
pub(super) async fn gather(
    executor: &Executor,
    matter: &Matter,
    now: Timestamp,
) -> Result<Result<Contents, Pointless>, Halt> {
    match matter {
        Matter::BookingConfirmed { booking } => confirmed(executor, *booking, now).await,
        Matter::PaymentFailed { booking, payment, reason } => {
            let (opened, mut contents) = about(executor, *booking, Template::PaymentFailed).await?;
            let method = opened.attempt(*payment).map_or(PaymentMethod::Card, |attempt| attempt.method);
            let total = opened.reservation.amount;
            contents.values.extend(failure(*reason, method, total).map(|flag| (flag, String::new())));
            contents.values.insert("amount", amount(total));
            Ok(Ok(contents))
        }
        Matter::BookingCancelled { booking, by, reason, refund_due } => {
            let (_, mut contents) = about(executor, *booking, Template::BookingCancelled).await?;
            contents.values.extend(cancellation(*by, reason.as_deref(), *refund_due));
            Ok(Ok(contents))
        }
        Matter::RefundStarted { booking, amount, .. } => {
            Ok(Ok(about_money(executor, *booking, Template::RefundStarted, *amount).await?))
        }
        Matter::RefundCompleted { booking, amount, target, .. } => {
            let mut contents = about_money(executor, *booking, Template::RefundCompleted, *amount).await?;
            let target = match target {
                RefundTarget::Card => "to_card",
                RefundTarget::Wallet => "to_wallet",
            };
            contents.values.insert(target, String::new());
            Ok(Ok(contents))
        }
        Matter::PasswordReset { expires_at, .. } if *expires_at <= now => Ok(Err(Pointless::Expired)),
        Matter::PasswordReset { expires_at, .. } => {
            let mut contents = Contents::new(Template::PasswordReset);
            contents.values.insert("expires", expires_at.strftime("%H:%M UTC on %-d %B %Y").to_string());
            Ok(Ok(contents))
        }
    }
}

impl Contents {
    fn new(template: Template) -> Self {
        Self { template, values: Values::new(), facts: Vec::new(), tickets: Vec::new() }
    }
}

async fn opened(executor: &Executor, booking: BookingId) -> Result<booking::Opened, Halt> {
    let seen = executor.state::<Booking>(&booking, Freshness::Fresh).await?;
    seen.state.opened.ok_or_else(|| Halt::stuck(Missing::Booking(booking)))
}

fn priced(opened: &booking::Opened) -> Vec<Priced> {
    opened.reservation.seats.iter().map(|priced| (priced.seat.clone(), priced.price_minor)).collect()
}

async fn about(
    executor: &Executor,
    booking: BookingId,
    template: Template,
) -> Result<(booking::Opened, Contents), Halt> {
    let opened = opened(executor, booking).await?;
    let occasion = Occasion::of(executor, opened.reservation.screening).await?;
    let mut contents = Contents::new(template);
    occasion.tell(&mut contents, booking, &priced(&opened), opened.reservation.amount);
    Ok((opened, contents))
}

async fn confirmed(
    executor: &Executor,
    booking: BookingId,
    now: Timestamp,
) -> Result<Result<Contents, Pointless>, Halt> {
    let opened = opened(executor, booking).await?;
    // Its tickets are void by now, and the mail that says so follows.
    if opened.status != BookingStatus::Confirmed {
        return Ok(Err(Pointless::NotConfirmed));
    }
    let occasion = Occasion::of(executor, opened.reservation.screening).await?;
    if occasion.promise.ends_at <= now {
        return Ok(Err(Pointless::Over));
    }
    let mut contents = Contents::new(Template::BookingConfirmed);
    occasion.tell(&mut contents, booking, &priced(&opened), opened.reservation.amount);
    contents.tickets = occasion.tickets(&opened);
    let cancel_until = opened.reservation.cancel_until;
    if now < cancel_until {
        let told = LocalTime::new(cancel_until, &occasion.promise.timezone).to_string();
        contents.values.insert("cancel_until", told);
    }
    Ok(Ok(contents))
}

async fn about_money(
    executor: &Executor,
    booking: Option<BookingId>,
    template: Template,
    money: Money,
) -> Result<Contents, Halt> {
    let mut contents = match booking {
        Some(booking) => about(executor, booking, template).await?.1,
        None => Contents::new(template),
    };
    contents.values.insert("amount", amount(money));
    Ok(contents)
}

/// What a mail about a failed payment shows: why, and where the money is if there was any.
fn failure(reason: FailureReason, method: PaymentMethod, total: Money) -> impl Iterator<Item = &'static str> {
    let (why, taken) = match reason {
        FailureReason::InsufficientFunds => ("insufficient_funds", false),
        FailureReason::Declined => ("declined", false),
        FailureReason::TimedOut => ("timed_out", false),
        FailureReason::SeatsGone => ("seats_gone", true),
        FailureReason::BookingClosed => ("booking_closed", true),
        FailureReason::PaidTwice => ("paid_twice", true),
        FailureReason::Cancelled => ("cancelled", true),
        FailureReason::ProviderUnavailable => ("provider_unavailable", false),
        FailureReason::SentBack => ("sent_back", true),
    };
    let back = match method {
        PaymentMethod::Wallet => "back_to_wallet",
        PaymentMethod::Card => "back_to_card",
    };
    [Some(why), (taken && total.amount_minor > 0).then_some(back)].into_iter().flatten()
}

/// What a mail about a cancellation shows: who, why, and where the money goes.
fn cancellation(
    by: CancelledBy,
    reason: Option<&str>,
    refund_due: Option<RefundDue>,
) -> Vec<(&'static str, String)> {
    let mut shown = match by {
        CancelledBy::Customer => vec![("by_customer", String::new())],
        CancelledBy::House => vec![("by_house", String::new())],
    };
    shown.extend(reason.map(|reason| ("reason", reason.to_owned())));
    match refund_due.filter(|due| due.amount.amount_minor > 0) {
        Some(due) => {
            let target = match due.method {
                PaymentMethod::Wallet => "refund_wallet",
                PaymentMethod::Card => "refund_card",
            };
            shown.extend([(target, String::new()), ("refund", amount(due.amount))]);
        }
        None => shown.push(("refund_none", String::new())),
    }
    shown
}
