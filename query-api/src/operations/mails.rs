//! `GET /admin/mails`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{BookingId, Personal, UserId};
use ticketshow_http::{Params, Problem, normalise_email, schema};
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

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SentMailFilter {
    /// Only mails to the account with this e-mail address.
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
    let mut filter = MailFilter { recipient: None, booking: booking_id.map(BookingId) };
    if let Some(to) = to {
        let select: Select<Recipient> = sqlx::query_as("SELECT user_id FROM accounts WHERE email = $1");
        let Some(recipient) = reading.find(select.bind(normalise_email(&to))).await? else {
            return Ok(Json(
                Page::new(Vec::new(), &paging, |mail: &ListedMail| mail.place).map(SentMail::from),
            ));
        };
        filter.recipient = Some(UserId(recipient.user_id));
    }
    // Return the connection to the pool before reading the mail log.
    drop(reading);
    let mails = app.parts.mails.list(filter, before, paging.limit() + 1).await;
    let mails = mails.map_err(|failure| log_failed(&failure))?;
    let mut page = Page::new(mails, &paging, |mail| mail.place).map(SentMail::from);
    page.items = shown(&app, page.items).await?;
    Ok(Json(page))
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
