//! Contents of a mail, gathered from the aggregates when it is sent. Times and prices are those promised at the booking; names
//! and the venue's address are the current ones.

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Language, Money, PaymentId, ScreeningId, SeatName,
    booking::{self, Booking, BookingStatus, FailureReason, PaymentMethod, RefundDue, moving::KnownMove},
    hold::PricedSeat,
    mail::{AccountChange, MailKind},
    payment::{Payment, RefundTarget},
    pricing::{Charges, tax_shares},
    promise::Promise,
    rescheduling::Rescheduling,
    screen::Screen,
    screening::Screening,
    show::Show,
    venue::Venue,
};
use ticketshow_nats::executor::{Executor, outcome::Freshness};
use ticketshow_tickets::{LocalTime, PrintedTicket, amount};

use super::{
    blocks::{Parted, cancellation, changes, failure, named},
    letter::Contents,
    reminders,
    template::{Template, Values},
    words::{in_words, words},
};
use crate::worker::error::SagaError;

/// Reason for which a mail is no longer sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoLongerRelevant {
    #[error("the booking is no longer confirmed")]
    NotConfirmed,
    #[error("the screening is over")]
    Over,
    #[error("the screening has another time by now")]
    OtherTime,
    #[error("the link or code has expired")]
    Expired,
    #[error("the offered seats are no longer held")]
    OfferOver,
    #[error("the customer has no account")]
    NoAccount,
}

/// An aggregate that must exist: a bug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Missing {
    #[error("there is no booking {0}")]
    Booking(BookingId),
    #[error("there is no screening {0}")]
    Screening(ScreeningId),
}

/// The screening of a booking, with current names, and its venue's address.
#[derive(Debug, Clone)]
pub(super) struct BookingContext {
    pub promise: Promise,
    pub address: Option<String>,
    language: Language,
}

/// What the seats of a booking cost.
struct Costs<'a> {
    seats: &'a [PricedSeat],
    charges: &'a Charges,
    total: Money,
}

impl<'a> Costs<'a> {
    fn of(opened: &'a booking::opened::Opened) -> Self {
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
    fn add_facts(&self, contents: &mut Contents, booking: BookingId, costs: &Costs<'_>) {
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

    fn tickets(&self, opened: &booking::opened::Opened) -> Vec<PrintedTicket> {
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

/// Gathers the contents of a mail, except for its recipient.
pub(super) async fn gather(
    source: Source<'_>,
    matter: &MailKind,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    match matter {
        MailKind::BookingConfirmed { booking } => confirmed(source, *booking, now).await,
        MailKind::PaymentFailed { booking, payment, reason } => {
            Ok(Ok(not_paid(source, *booking, *payment, *reason).await?))
        }
        MailKind::BookingCancelled { booking, by, reason, refund_due } => {
            let parted = Parted { by: *by, reason: reason.as_deref(), refund_due: *refund_due };
            Ok(Ok(cancelled(source, *booking, parted).await?))
        }
        MailKind::SeatsReturned { booking, seats, by, reason, refund_due } => {
            let parted = Parted { by: *by, reason: reason.as_deref(), refund_due: *refund_due };
            Ok(Ok(returned(source, *booking, seats, parted).await?))
        }
        MailKind::BookingMoved { booking, id } => moved(source, *booking, *id, now).await,
        MailKind::ScreeningChanged { booking, rescheduling } => {
            changed(source, *booking, rescheduling, now).await
        }
        MailKind::SeatsOffered { booking, screening, .. } => offered(source, *screening, *booking, now).await,
        MailKind::Reminder { booking, screening, starts_at } => {
            reminders::contents(source, *booking, *screening, *starts_at, now).await
        }
        MailKind::Message { booking, subject, text } => written(source, *booking, subject, text, now).await,
        MailKind::RefundStarted { booking, amount, .. } => {
            Ok(Ok(about_money(source, *booking, Template::RefundStarted, *amount).await?))
        }
        MailKind::RefundCompleted { booking, amount, target, .. } => {
            let mut contents = about_money(source, *booking, Template::RefundCompleted, *amount).await?;
            let target = match target {
                RefundTarget::Card => "to_card",
                RefundTarget::Wallet => "to_wallet",
            };
            contents.values.insert(target, String::new());
            Ok(Ok(contents))
        }
        MailKind::PasswordReset { expires_at, .. } => {
            Ok(expiring(source.contents(Template::PasswordReset), *expires_at, now))
        }
        MailKind::AddressVerification { expires_at, .. } => {
            Ok(expiring(source.contents(Template::AddressVerification), *expires_at, now))
        }
        MailKind::SignInCode { expires_at, .. } => {
            Ok(expiring(source.contents(Template::SignInCode), *expires_at, now))
        }
        MailKind::AccountErased { left, .. } => {
            let mut contents = source.contents(Template::AccountErased);
            let left = left.filter(|left| left.amount_minor > 0);
            contents.values.extend(left.map(|left| ("left", amount(left))));
            Ok(Ok(contents))
        }
        MailKind::AccountExists { .. } => Ok(Ok(source.contents(Template::AccountExists))),
        MailKind::AccountChanged { change, .. } => {
            let mut contents = source.contents(Template::AccountChanged);
            let change = match change {
                AccountChange::Password => "password",
                AccountChange::Role => "role",
                AccountChange::Disabled => "disabled",
                AccountChange::Enabled => "enabled",
                AccountChange::SecondFactorSet => "second_factor_set",
                AccountChange::SecondFactorRemoved => "second_factor_removed",
                AccountChange::RecoveryCodeUsed => "recovery_code_used",
                AccountChange::SessionStolen => "session_stolen",
            };
            contents.values.insert(change, String::new());
            Ok(Ok(contents))
        }
    }
}

impl Contents {
    pub fn new(template: Template, language: Language) -> Self {
        Self { template, language, values: Values::new(), facts: Vec::new(), tickets: Vec::new() }
    }
}

/// The aggregates, and the language to write about them.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub executor: &'a Executor,
    pub language: Language,
}

impl Source<'_> {
    fn contents(self, template: Template) -> Contents {
        Contents::new(template, self.language)
    }
}

async fn opened(source: Source<'_>, booking: BookingId) -> Result<booking::opened::Opened, SagaError> {
    let seen = source.executor.state::<Booking>(&booking, Freshness::Fresh).await?;
    seen.state.opened.ok_or_else(|| SagaError::permanent(Missing::Booking(booking)))
}

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

async fn confirmed(
    source: Source<'_>,
    booking: BookingId,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let opened = opened(source, booking).await?;
    with_tickets(source, booking, &opened, Template::BookingConfirmed, now).await
}

/// Gathers the contents of a mail with the tickets of a booking.
async fn with_tickets(
    source: Source<'_>,
    booking: BookingId,
    opened: &booking::opened::Opened,
    template: Template,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let context = BookingContext::of(source, opened.screening).await?;
    if let Err(reason) = check_relevance(opened.status, &context.promise, now) {
        return Ok(Err(reason));
    }
    let mut contents = source.contents(template);
    context.add_facts(&mut contents, booking, &Costs::of(opened));
    contents.tickets = context.tickets(opened);
    let cancel_until = opened.customer_may_leave_until();
    if now < cancel_until {
        let cancel_until = LocalTime::in_language(cancel_until, &context.promise.timezone, source.language);
        contents.values.insert("cancel_until", cancel_until.to_string());
    }
    Ok(Ok(contents))
}

async fn moved(
    source: Source<'_>,
    booking: BookingId,
    id: PaymentId,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let opened = opened(source, booking).await?;
    let mut contents = match with_tickets(source, booking, &opened, Template::BookingMoved, now).await? {
        Ok(contents) => contents,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(KnownMove { wanted, .. }) = opened.known_move(id) else { return Ok(Ok(contents)) };
    contents.values.insert("seats", named(&wanted.given, source.language));
    if !wanted.stays() {
        let before = BookingContext::of(source, wanted.from).await?;
        contents.values.insert("before", before.starts().to_string());
    }
    contents.values.extend(wanted.to_pay.map(|to_pay| ("paid", amount(to_pay))));
    if let Some(due) = wanted.refund_due() {
        let target = match due.method {
            PaymentMethod::Card => "refund_card",
            PaymentMethod::Wallet
            | PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary => "refund_wallet",
        };
        contents.values.extend([(target, String::new()), ("refund", amount(due.amount))]);
    }
    Ok(Ok(contents))
}

async fn changed(
    source: Source<'_>,
    booking: BookingId,
    rescheduling: &Rescheduling,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let opened = opened(source, booking).await?;
    let mut contents = match with_tickets(source, booking, &opened, Template::ScreeningChanged, now).await? {
        Ok(contents) => contents,
        Err(reason) => return Ok(Err(reason)),
    };
    let context = BookingContext::of(source, opened.screening).await?;
    contents.values.extend(changes(rescheduling, &context.promise.timezone, source.language, now));
    let way = match opened.winner().map(|winner| winner.method) {
        Some(method) if method.is_of_counter() => "at_counter",
        Some(_) | None => "online",
    };
    contents.values.insert(way, String::new());
    Ok(Ok(contents))
}

async fn written(
    source: Source<'_>,
    booking: BookingId,
    subject: &str,
    text: &str,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let (opened, mut contents) = about(source, booking, Template::Message).await?;
    let context = BookingContext::of(source, opened.screening).await?;
    if let Err(reason) = check_relevance(opened.status, &context.promise, now) {
        return Ok(Err(reason));
    }
    contents.values.extend([("subject", subject.to_owned()), ("text", text.to_owned())]);
    Ok(Ok(contents))
}

async fn not_paid(
    source: Source<'_>,
    booking: BookingId,
    payment: PaymentId,
    reason: FailureReason,
) -> Result<Contents, SagaError> {
    let (opened, mut contents) = about(source, booking, Template::PaymentFailed).await?;
    let method = opened.attempt(payment).map_or(PaymentMethod::Card, |attempt| attempt.method);
    let total = opened.reservation.amount;
    let taken = if method == PaymentMethod::Card {
        let payment = source.executor.state::<Payment>(&payment, Freshness::Fresh).await?.state;
        payment.captured().map(|(_, captured)| captured)
    } else {
        Some(total).filter(|total| total.amount_minor > 0)
    };
    contents.values.extend(failure(reason, method, taken).map(|flag| (flag, String::new())));
    contents.values.insert("amount", amount(taken.unwrap_or(total)));
    Ok(contents)
}

async fn cancelled(
    source: Source<'_>,
    booking: BookingId,
    parted: Parted<'_>,
) -> Result<Contents, SagaError> {
    let (opened, mut contents) = about(source, booking, Template::BookingCancelled).await?;
    let charged_back = match parted.refund_due {
        Some(RefundDue { payment, method: PaymentMethod::Card, .. }) => {
            source.executor.state::<Payment>(&payment, Freshness::Fresh).await?.state.is_charged_back()
        }
        Some(RefundDue { .. }) | None => false,
    };
    let without = if opened.winner().is_some() { "refund_kept" } else { "refund_none" };
    // A seller who cancels the last seats can hand the money back at once.
    let at_counter = if opened.counter_refund.is_some() { "refund_cash" } else { "refund_counter" };
    contents.values.extend(cancellation(parted, charged_back, without, at_counter));
    Ok(contents)
}

async fn offered(
    source: Source<'_>,
    screening: ScreeningId,
    booking: BookingId,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let seen = source.executor.state::<Screening>(&screening, Freshness::Fresh).await?.state;
    let missing = || SagaError::permanent(Missing::Screening(screening));
    if seen.cancelled().is_some() || !seen.has_open_offer(booking, now) {
        return Ok(Err(NoLongerRelevant::OfferOver));
    }
    let claim = seen.claim(booking).ok_or_else(missing)?;
    let reservation = seen.reservation(screening, booking).ok_or_else(missing)?;
    let context = BookingContext::of(source, screening).await?;
    let mut contents = source.contents(Template::SeatsOffered);
    let (seats, charges, total) = (&reservation.seats, &reservation.charges, reservation.amount);
    context.add_facts(&mut contents, booking, &Costs { seats, charges, total });
    let held_until = LocalTime::in_language(claim.held_until, &context.promise.timezone, source.language);
    contents.values.insert("held_until", held_until.to_string());
    Ok(Ok(contents))
}

async fn returned(
    source: Source<'_>,
    booking: BookingId,
    seats: &[SeatName],
    parted: Parted<'_>,
) -> Result<Contents, SagaError> {
    let (_, mut contents) = about(source, booking, Template::SeatsReturned).await?;
    contents.values.extend(cancellation(parted, false, "refund_kept", "refund_cash"));
    contents.values.insert("seats", named(seats, source.language));
    Ok(contents)
}

/// Checks that a confirmation is worth sending. The tickets of a booking that is no longer confirmed are void, and another
/// mail says so.
pub(super) fn check_relevance(
    status: BookingStatus,
    promise: &Promise,
    now: Timestamp,
) -> Result<(), NoLongerRelevant> {
    if status != BookingStatus::Confirmed {
        return Err(NoLongerRelevant::NotConfirmed);
    }
    if promise.ends_at <= now {
        return Err(NoLongerRelevant::Over);
    }
    Ok(())
}

/// Returns the contents of a mail whose link or code is valid until `expires_at`.
pub(super) fn expiring(
    mut contents: Contents,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Contents, NoLongerRelevant> {
    if expires_at <= now {
        return Err(NoLongerRelevant::Expired);
    }
    let expires = match contents.language {
        Language::En => expires_at.strftime("%H:%M UTC on %-d %B %Y").to_string(),
        Language::Hi => expires_at.strftime("%-d/%-m/%Y, %H:%M UTC").to_string(),
    };
    contents.values.insert("expires", expires);
    Ok(contents)
}

async fn about_money(
    source: Source<'_>,
    booking: Option<BookingId>,
    template: Template,
    money: Money,
) -> Result<Contents, SagaError> {
    let mut contents = match booking {
        Some(booking) => about(source, booking, template).await?.1,
        None => source.contents(template),
    };
    contents.values.insert("amount", amount(money));
    Ok(contents)
}
