//! Mails that remind guests of the start. Their ids are derived from the event, like those of [`super::messages`].

use std::fmt::Write;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Language, ScreeningId, TimeZoneName,
    account::Account,
    booking::BookingStatus,
    mail::MailKind,
    promise::Promise,
    screening::{Claim, Screening},
};
use ticketshow_nats::{
    consumers::{mail::Mail, mail_batches::MailBatches},
    log::envelope::RecordedEvent,
};
use ticketshow_tickets::LocalTime;

use super::{
    booking_context::{BookingContext, about},
    guests::queue_all,
    letter::Contents,
    source::{NoLongerRelevant, Source},
    template::Template,
};
use crate::{
    recipients::Recipients,
    worker::{error::SagaError, reaction::Reaction},
};

/// Accounts read concurrently.
const ACCOUNTS_AT_ONCE: usize = 32;

/// Guests of a start: those who have paid seats and held them first until `held_until` or before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guests {
    pub starts_at: Timestamp,
    pub held_until: Timestamp,
}

/// Queues a mail to each guest, except to those whose account wants none. Buyers at the counter have no account; their choice is read
/// when the mail is sent, because it belongs to the address.
pub(super) async fn queue(
    reaction: &Reaction<'_>,
    queue: &MailBatches,
    recipients: &Recipients,
    cause: &RecordedEvent,
    Guests { starts_at, held_until }: Guests,
) -> Result<(), SagaError> {
    let screening: ScreeningId = cause.id.parse().map_err(SagaError::permanent)?;
    let state: Screening = reaction.read(&screening).await?;
    let mails = mails(cause, screening, &state, starts_at, held_until);
    let mut wanted = Vec::with_capacity(mails.len());
    for mails in mails.chunks(ACCOUNTS_AT_ONCE) {
        let choices = mails.iter().map(|mail| wants_reminders(reaction, recipients, mail));
        let choices = try_join_all(choices).await?;
        wanted.extend(
            mails.iter().zip(choices).filter(|(_, is_wanted)| *is_wanted).map(|(mail, _)| mail.clone()),
        );
    }
    queue_all(reaction, queue, &state, wanted).await
}

/// Returns `true` for a buyer at the counter without an account, whom the id of the booking names. To look for an account would read
/// all that were registered since.
pub(super) fn is_to_walk_in(mail: &Mail) -> bool {
    mail.matter.booking().is_some_and(|booking| booking.0 == mail.recipient.0)
}

async fn wants_reminders(
    reaction: &Reaction<'_>,
    recipients: &Recipients,
    mail: &Mail,
) -> Result<bool, SagaError> {
    if is_to_walk_in(mail) {
        return Ok(true);
    }
    match recipients.account_of(mail.recipient).await? {
        Some(account) => Ok(!reaction.read::<Account>(&account).await?.reminders_off),
        None => Ok(true),
    }
}

/// Returns the reminders of a start; none if the screening starts at another time by now.
pub(super) fn mails(
    cause: &RecordedEvent,
    screening: ScreeningId,
    state: &Screening,
    starts_at: Timestamp,
    held_until: Timestamp,
) -> Vec<Mail> {
    let is_current = state.promise().is_some_and(|promise| promise.starts_at == starts_at);
    let has_address = |claim: &Claim| claim.sale.as_ref().is_none_or(|sale| sale.buyer.email.is_some());
    let guests = state.guests_held_until(held_until).filter(|(_, claim)| is_current && has_address(claim));
    guests
        .map(|(booking, claim)| {
            let matter = MailKind::Reminder { booking, screening, starts_at };
            Mail::following(cause, claim.customer, matter)
        })
        .collect()
}

/// Returns the contents of a reminder, or why it is no longer sent.
pub(super) async fn contents(
    source: Source<'_>,
    booking: BookingId,
    screening: ScreeningId,
    starts_at: Timestamp,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    let (opened, mut contents) = about(source, booking, Template::Reminder).await?;
    let context = BookingContext::of(source, opened.screening).await?;
    let is_there = opened.screening == screening && opened.status == BookingStatus::Confirmed;
    if let Err(reason) = check_reminder(is_there, starts_at, &context.promise, now) {
        return Ok(Err(reason));
    }
    let Promise { venue_name, city, .. } = &context.promise;
    let starts = context.starts();
    let [day_named, day_said] = day_of(starts_at, &context.promise.timezone, now, source.language);
    contents.values.extend([("day_named", day_named), ("day_said", day_said)]);
    contents.values.extend([("time", starts.time), ("place", venue_name.clone())]);
    let place = [Some(venue_name), context.address.as_ref(), Some(city)].map(|part| part.map(String::as_str));
    let query = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
    contents.values.insert("map", map_of(&query));
    Ok(Ok(contents))
}

/// Returns the day of a start at its place as a line begins with it, and as a sentence says it: a start after midnight is not today.
pub(super) fn day_of(
    starts_at: Timestamp,
    zone: &TimeZoneName,
    now: Timestamp,
    language: Language,
) -> [String; 2] {
    let date = |at: Timestamp| at.to_zoned(zone.zone()).date();
    let (day, today) = (date(starts_at), date(now));
    let is_tomorrow = today.tomorrow().is_ok_and(|tomorrow| tomorrow == day);
    match (language, day == today, is_tomorrow) {
        (Language::En, true, _) => ["Today", "today"].map(str::to_owned),
        (Language::En, false, true) => ["Tomorrow", "tomorrow"].map(str::to_owned),
        (Language::Hi, true, _) => ["आज", "आज"].map(str::to_owned),
        (Language::Hi, false, true) => ["कल", "कल"].map(str::to_owned),
        (Language::En, false, false) => {
            let date = LocalTime::in_language(starts_at, zone, language).date;
            [date.clone(), format!("on {date}")]
        }
        (Language::Hi, false, false) => {
            let date = LocalTime::in_language(starts_at, zone, language).date;
            [date.clone(), date]
        }
    }
}

/// Checks that a reminder is worth sending: to a booking that has its seats, before the start that it speaks of.
pub(super) fn check_reminder(
    is_there: bool,
    starts_at: Timestamp,
    promise: &Promise,
    now: Timestamp,
) -> Result<(), NoLongerRelevant> {
    if !is_there {
        return Err(NoLongerRelevant::NotConfirmed);
    }
    if promise.starts_at != starts_at {
        return Err(NoLongerRelevant::OtherTime);
    }
    if starts_at <= now { Err(NoLongerRelevant::Over) } else { Ok(()) }
}

/// Returns the address of a map with a place.
pub(super) fn map_of(place: &str) -> String {
    let mut address = "https://www.google.com/maps/search/?api=1&query=".to_owned();
    for byte in place.bytes() {
        if byte.is_ascii_alphanumeric() {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}
