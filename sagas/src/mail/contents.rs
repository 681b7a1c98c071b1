//! Contents of a mail, gathered from the aggregates when it is sent. Times and prices are those promised at the booking; names
//! and the venue's address are the current ones.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    BookingId, Language, Money, PaymentId, ScreeningId, SeatName,
    booking::{self, BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue, moving::KnownMove},
    mail::{AccountChange, MailKind},
    payment::{Payment, RefundTarget},
    promise::Promise,
    rescheduling::Rescheduling,
    screening::Screening,
};
use ticketshow_nats::{consumers::mail::Mail, executor::outcome::Freshness};
use ticketshow_tickets::{LocalTime, amount};

use super::{
    blocks::{Parted, cancellation, changes, failure, leaving, named},
    booking_context::{BookingContext, Costs, about, opened, promotion_named},
    calendar::CancelledEntry,
    letter::Contents,
    reminders, sales_of_day,
    source::{Missing, NoLongerRelevant, Source},
    template::Template,
};
use crate::worker::error::SagaError;

/// Gathers the contents of a mail, except for its recipient.
pub(super) async fn gather(
    source: Source<'_>,
    mail: &Mail,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let asked_at = mail.wanted_at;
    match &mail.matter {
        MailKind::BookingConfirmed { booking } => confirmed(source, *booking, now).await,
        MailKind::PaymentFailed { booking, payment, reason } => {
            Ok(Ok(not_paid(source, *booking, *payment, *reason).await?))
        }
        MailKind::BookingCancelled { booking, by, reason, refund_due, others } => {
            let parted = Parted { by: *by, reason: reason.as_deref(), refund_due: *refund_due, others };
            Ok(Ok(cancelled(source, *booking, parted, now).await?))
        }
        MailKind::SeatsReturned { booking, seats, by, reason, refund_due, others } => {
            let parted = Parted { by: *by, reason: reason.as_deref(), refund_due: *refund_due, others };
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
            Ok(expiring(source.contents(Template::PasswordReset), asked_at, *expires_at, now))
        }
        MailKind::AddressVerification { expires_at, .. } => {
            Ok(expiring(source.contents(Template::AddressVerification), asked_at, *expires_at, now))
        }
        MailKind::SignInCode { expires_at, .. } => {
            Ok(expiring(source.contents(Template::SignInCode), asked_at, *expires_at, now))
        }
        MailKind::AccountErased { left, .. } => {
            let mut contents = source.contents(Template::AccountErased);
            let left = left.filter(|left| left.amount_minor > 0);
            contents.values.extend(left.map(|left| ("left", amount(left))));
            Ok(Ok(contents))
        }
        MailKind::SalesOfDay { day } => match source.reader {
            Some(reader) => sales_of_day::contents(source.pool, reader, *day, now).await,
            None => Ok(Err(NoLongerRelevant::NoAccount)),
        },
        MailKind::AccountExists { .. } => Ok(Ok(source.contents(Template::AccountExists))),
        MailKind::AccountChanged { change, .. } => {
            let mut contents = source.contents(Template::AccountChanged);
            contents.values.insert(name_of(*change), String::new());
            Ok(Ok(contents))
        }
    }
}

/// Name of the value that selects the text about a change.
fn name_of(change: AccountChange) -> &'static str {
    match change {
        AccountChange::Password => "password",
        AccountChange::Role => "role",
        AccountChange::Disabled => "disabled",
        AccountChange::Enabled => "enabled",
        AccountChange::SecondFactorSet => "second_factor_set",
        AccountChange::SecondFactorRemoved => "second_factor_removed",
        AccountChange::RecoveryCodeUsed => "recovery_code_used",
        AccountChange::SessionStolen => "session_stolen",
    }
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
    context.add_facts(&mut contents, booking, &Costs::of(source, opened).await?);
    contents.tickets = context.tickets(opened);
    let way = if opened.amount().amount_minor > 0 { "is_paid" } else { "is_free" };
    contents.values.insert(way, String::new());
    let until = opened.customer_may_leave_until();
    if now < until {
        let until = LocalTime::in_language(until, &context.promise.timezone, source.language);
        let back = opened.refund_of(&opened.seat_names(), CancelledBy::Customer, now);
        contents.values.extend(leaving(opened.amount(), back, until.to_string()));
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
    let paid = if wanted.is_paid_by_card() { "paid_card" } else { "paid" };
    contents.values.extend(wanted.to_pay.map(|to_pay| (paid, amount(to_pay))));
    let more = opened.contributed_minor(wanted.id.0);
    let back = Money { amount_minor: wanted.due.map_or(0, |due| due.amount_minor) + more, ..opened.amount() };
    if back.amount_minor > 0 {
        let target = match wanted.method {
            PaymentMethod::Card => "refund_card",
            PaymentMethod::Wallet
            | PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary => "refund_wallet",
        };
        contents.values.extend([(target, String::new()), ("refund", amount(back))]);
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
    now: Timestamp,
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
    contents.values.extend(cancellation(parted, charged_back, without, at_counter, source.language));
    // Only a paid booking could be saved in a calendar.
    if opened.winner().is_some() {
        let fees_minor = opened.charges.fees_minor(opened.left.len());
        contents.facts.extend(parted.kept(opened.amount(), fees_minor, source.language));
        let context = BookingContext::of(source, opened.screening).await?;
        contents.cancelled_entry = Some(CancelledEntry::new(booking, &context.promise, now));
        contents.values.insert("in_calendar", String::new());
    }
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
    let promotion = promotion_named(source, reservation.promotion).await?;
    context.add_facts(&mut contents, booking, &Costs { seats, charges, total, promotion });
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
    let (opened, mut contents) = about(source, booking, Template::SeatsReturned).await?;
    contents.values.extend(cancellation(parted, false, "refund_kept", "refund_cash", source.language));
    let fees_minor = opened.ticket_fees_minor(seats.len());
    let kept = parted.kept(opened.paid_for_returned(seats), fees_minor, source.language);
    if kept.is_some() && !contents.values.contains_key("refund") {
        contents.values.insert("refund_kept", String::new());
    }
    contents.facts.extend(kept);
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

/// Returns the contents of a mail whose link or code is valid until `expires_at`. The mail says for how long after the request, as the
/// page does: nobody knows the time zone of its reader, nor when the mail is read.
pub(super) fn expiring(
    mut contents: Contents,
    asked_at: Timestamp,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Contents, NoLongerRelevant> {
    if expires_at <= now {
        return Err(NoLongerRelevant::Expired);
    }
    contents.values.insert("valid_for", lifetime(expires_at.duration_since(asked_at), contents.language));
    Ok(contents)
}

/// Returns a time in words, to the nearest minute, and from three hours on to the nearest hour: the mail is queued moments after its
/// request.
fn lifetime(time: SignedDuration, language: Language) -> String {
    let minutes = ((time.as_secs() + 30) / 60).max(1);
    let hours = (minutes + 30) / 60;
    match (language, minutes < 180, minutes) {
        (Language::En, true, 1) => "1 minute".to_owned(),
        (Language::En, true, minutes) => format!("{minutes} minutes"),
        (Language::En, false, _) => format!("{hours} hours"),
        (Language::Hi, true, minutes) => format!("{minutes} मिनट"),
        (Language::Hi, false, _) => format!("{hours} घंटे"),
    }
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
