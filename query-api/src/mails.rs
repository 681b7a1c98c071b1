//! `GET /admin/mails`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{BookingId, UserId};
use ticketshow_http::{Administrator, Params, Problem, normalise_email, schema};
use ticketshow_nats::{ListedMail, MailFilter, MailState};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    App,
    failures::no_log,
    page::{Page, Paging},
    reading::{Reading, Select},
    told::Moment,
};

/// A mail and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentMail {
    mail_id: Uuid,
    /// What it is about: `booking_confirmed`, `payment_failed`, `booking_cancelled`, `refund_started`,
    /// `refund_completed` or `password_reset`.
    #[schema(example = "booking_confirmed")]
    kind: &'static str,
    /// Who gets it.
    user_id: Uuid,
    booking_id: Option<Uuid>,
    /// The address that it was or is being sent to; null before.
    to: Option<String>,
    /// `wanted`, `sending`, `sent` or `failed`.
    #[schema(example = "sent")]
    state: &'static str,
    /// Why it failed, with its causes.
    error: Option<String>,
    /// The mail that this one says again.
    repeats: Option<Uuid>,
    wanted_at: Moment,
    /// Since when it stands there.
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
            to: entry.state.to().map(str::to_owned),
            state: entry.state.name(),
            error,
            repeats: entry.mail.repeats,
            wanted_at: entry.mail.wanted_at.into(),
            updated_at: entry.at.into(),
        }
    }
}

/// Which mails.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SentMailFilter {
    /// Those to the account with this e-mail.
    #[param(example = "ada@example.org")]
    to: Option<String>,
    /// Those about this booking.
    booking_id: Option<Uuid>,
}

#[derive(FromRow)]
struct Owner {
    user_id: Uuid,
}

/// The mails of the installation, newest first.
///
/// # Errors
///
/// 403 for anybody but administrators.
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
    _admitted: Administrator,
    Params(SentMailFilter { to, booking_id }): Params<SentMailFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<SentMail>>, Problem> {
    let before = paging.after::<u64>()?;
    let mut filter = MailFilter { recipient: None, booking: booking_id.map(BookingId) };
    if let Some(to) = to {
        let select: Select<Owner> = sqlx::query_as("SELECT user_id FROM accounts WHERE email = $1");
        let Some(owner) = reading.find(select.bind(normalise_email(&to))).await? else {
            return Ok(Json(
                Page::new(Vec::new(), &paging, |mail: &ListedMail| mail.place).map(SentMail::from),
            ));
        };
        filter.recipient = Some(UserId(owner.user_id));
    }
    // The log of mails is asked without holding on to a connection of the database.
    drop(reading);
    let mails = app.mails.list(filter, before, paging.limit() + 1).await;
    let mails = mails.map_err(|failure| no_log(&failure))?;
    Ok(Json(Page::new(mails, &paging, |mail| mail.place).map(SentMail::from)))
}
