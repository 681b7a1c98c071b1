//! `GET /admin/mails`

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{BookingId, Personal, UserId};
use ticketshow_http::{Params, Problem, normalise_email, older_email, schema};
use ticketshow_nats::consumers::mail::{ListedMail, MailFilter, MailState};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    failures::log_failed,
    formatting::Moment,
    page::{Page, Paging},
    reading::{Reading, Select},
};

/// Buyers at the counter whose mails are searched for an address, the newest ones.
const BUYERS_MAX: i64 = 100;

/// A mail and its delivery state.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentMail {
    mail_id: Uuid,
    /// Occasion: `booking_confirmed`, `payment_failed`, `booking_cancelled`, `refund_started`,
    /// `refund_completed` or `password_reset`.
    #[schema(example = "booking_confirmed")]
    kind: &'static str,
    /// Recipient.
    user_id: Uuid,
    booking_id: Option<Uuid>,
    /// E-mail address used; null before the first attempt, `erased` if the person was erased, or has no account after a week.
    to: Option<String>,
    /// `wanted`, `sending`, `sent` or `failed`.
    #[schema(example = "sent")]
    state: &'static str,
    /// Delivery error with its causes.
    error: Option<String>,
    /// The mail that this one repeats.
    repeats: Option<Uuid>,
    wanted_at: Moment,
    /// Time of the last state change.
    updated_at: Moment,
}

impl From<ListedMail> for SentMail {
    fn from(ListedMail { entry, .. }: ListedMail) -> Self {
        let error = match &entry.state {
            MailState::Failed { error, .. } => Some(error.join(": ")),
            MailState::Wanted {} | MailState::Sending { .. } | MailState::Sent { .. } => None,
        };
        Self {
            mail_id: entry.mail.id,
            kind: entry.mail.matter.kind(),
            user_id: entry.mail.recipient.0,
            booking_id: entry.mail.matter.booking().map(|booking| booking.0),
            to: entry.state.to().map(|to| to.as_stored().to_owned()),
            state: entry.state.name(),
            error,
            repeats: entry.mail.repeats,
            wanted_at: entry.mail.wanted_at.into(),
            updated_at: entry.at.into(),
        }
    }
}

/// Life of the keys that seal addresses of people without an account (`Persons::seal_for_a_week`).
const SEALED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SentMailFilter {
    /// Only mails to this e-mail address: to its account, to buyers who gave it at the counter, and to people who entered it without
    /// having an account.
    #[param(example = "ada@example.org")]
    to: Option<String>,
    /// Only mails about this booking.
    booking_id: Option<Uuid>,
}

#[derive(FromRow)]
struct Recipient {
    user_id: Uuid,
}

/// Lists all mails, newest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/mails",
    tag = "Administration",
    params(SentMailFilter, Paging),
    responses((status = 200, body = Page<SentMail>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_mails(
    State(app): State<App>,
    _admitted: Staff,
    Params(SentMailFilter { to, booking_id }): Params<SentMailFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<SentMail>>, Problem> {
    let before = paging.after::<u64>()?;
    let booking = booking_id.map(BookingId);
    let mails = if let Some(to) = to {
        let to = normalise_email(&to);
        let filters = filters_of(&app, &mut reading, &to, booking).await?;
        // Return the connection to the pool before reading the mail log.
        drop(reading);
        mails_to(&app, &to, &filters, before, paging.limit() + 1).await?
    } else {
        drop(reading);
        let filter = MailFilter { booking, ..MailFilter::default() };
        let mails = app.parts.mails.list(filter, before, paging.limit() + 1).await;
        mails.map_err(|failure| log_failed(&failure))?
    };
    let mut page = Page::new(mails, &paging, |mail| mail.place).map(SentMail::from);
    page.items = shown(&app, page.items).await?;
    Ok(Json(page))
}

/// Returns filters that find all mails to an address.
async fn filters_of(
    app: &App,
    reading: &mut Reading,
    to: &str,
    booking: Option<BookingId>,
) -> Result<Vec<MailFilter>, Problem> {
    let select: Select<Recipient> = sqlx::query_as(
        "SELECT user_id FROM accounts WHERE email = ANY($1)
         UNION ALL
         (SELECT user_id FROM buyers WHERE email = ANY($1) ORDER BY position DESC LIMIT $2)",
    );
    let forms: Vec<String> = std::iter::once(to.to_owned()).chain(older_email(to)).collect();
    let recipients = reading.all(select.bind(forms).bind(BUYERS_MAX)).await?;
    let recipient = |Recipient { user_id }| MailFilter {
        recipient: Some(UserId(user_id)),
        booking,
        ..MailFilter::default()
    };
    let mut filters: Vec<_> = recipients.into_iter().map(recipient).collect();
    if booking.is_none() {
        let of_address = |index| MailFilter { address: Some(index), ..MailFilter::default() };
        filters.extend(app.parts.persons.indexes(to).into_iter().map(of_address));
    }
    Ok(filters)
}

/// Returns the newest `max` mails that match one of the filters and precede `before`, newest first.
async fn mails_to(
    app: &App,
    to: &str,
    filters: &[MailFilter],
    before: Option<u64>,
    max: usize,
) -> Result<Vec<ListedMail>, Problem> {
    let mails = &app.parts.mails;
    // The keys of older ones are gone, so none of them can be opened.
    let oldest = app.parts.edge.now() - SEALED_FOR;
    let mut found = Vec::new();
    for listed in mails.queued(filters, before).await.map_err(|failure| log_failed(&failure))? {
        let ListedMail { entry, .. } = &listed;
        if entry.mail.address.is_some() && entry.mail.wanted_at < oldest {
            continue;
        }
        if is_to(app, &listed, to).await? {
            found.push(listed);
        }
        if found.len() == max {
            break;
        }
    }
    mails.update(&mut found).await.map_err(|failure| log_failed(&failure))?;
    Ok(found)
}

/// Returns `false` for a mail whose address nobody can read any more: its index must not reveal that it went to this address.
async fn is_to(app: &App, listed: &ListedMail, to: &str) -> Result<bool, Problem> {
    let Some(email) = listed.entry.mail.matter.address() else { return Ok(true) };
    let address = app.parts.persons.unseal(email).await.map_err(|failure| log_failed(&failure))?;
    Ok(address.is_some_and(|address| address == to))
}

/// Unseals the addresses of mails.
///
/// # Errors
///
/// 503 if the key of a person cannot be read.
pub async fn shown(app: &App, mut mails: Vec<SentMail>) -> Result<Vec<SentMail>, Problem> {
    for to in mails.iter_mut().filter_map(|mail| mail.to.as_mut()) {
        *to = app.shown(&Personal::plain(std::mem::take(to))).await?;
    }
    Ok(mails)
}
