//! `GET /admin/accounts/{user_id}`

use axum::{Json, extract::State};
use serde::Serialize;
use ticketshow_domain::{Money, UserId};
use ticketshow_http::{PathId, Problem, schema};
use ticketshow_nats::consumers::mail::MailFilter;
use utoipa::ToSchema;

use crate::{
    accounts::any_accounts::{AccountEntry, account},
    bookings::{
        booking::{Booking, Row},
        notes::{self, Note},
        own_bookings::select_bookings,
    },
    machinery::{
        app::App,
        authority::Staff,
        failures::log_failed,
        reading::{Reading, Select},
        responses::CallForOne,
    },
    money::wallet::{Transaction, balance_of, transactions_of},
    operations::mails::{SentMail, shown},
};

/// Most entries of each list.
const ENTRIES_MAX: usize = 100;

/// A person, as the desk needs them: each list has the newest 100 entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonPage {
    account: AccountEntry,
    bookings: Vec<Booking>,
    /// Notes of staff about the bookings.
    notes: Vec<Note>,
    wallet: PersonWallet,
    mails: Vec<SentMail>,
}

/// The wallet of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonWallet {
    #[schema(value_type = schema::Money)]
    balance: Money,
    entries: Vec<Transaction>,
}

/// Returns a person with their bookings, notes, wallet and mails.
///
/// # Errors
///
/// 404 if there is no such account; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/accounts/{user_id}",
    tag = "Administration",
    params(("user_id" = uuid::Uuid, Path)),
    responses((status = 200, body = PersonPage), CallForOne, schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_person(
    State(app): State<App>,
    _admitted: Staff,
    PathId(user): PathId<UserId>,
    mut reading: Reading,
) -> Result<Json<PersonPage>, Problem> {
    let account = account(&mut reading, user).await?;
    let select: Select<Row> = sqlx::query_as(select_bookings!(
        "WHERE b.customer_id = $1 ORDER BY b.created_at DESC, b.booking_id LIMIT $2"
    ));
    let most = i64::try_from(ENTRIES_MAX).unwrap_or(i64::MAX);
    let rows = reading.all(select.bind(user.0).bind(most)).await?;
    let notes = notes::of_customer(&mut reading, user.0).await?;
    let wallet = PersonWallet {
        balance: balance_of(&mut reading, user, app.parts.currency).await?,
        entries: transactions_of(&mut reading, user, most).await?,
    };
    // Return the connection to the pool before reading the mail log.
    drop(reading);
    let filter = MailFilter { recipient: Some(user), ..MailFilter::default() };
    let mails =
        app.parts.mails.list(filter, None, ENTRIES_MAX).await.map_err(|failure| log_failed(&failure))?;
    let mails = shown(&app, mails.into_iter().map(SentMail::from).collect()).await?;
    let (now, posters) = (app.parts.edge.now(), &app.parts.posters);
    let bookings = rows.into_iter().map(|row| Booking::new(row, now, posters)).collect();
    Ok(Json(PersonPage { account, bookings, notes, wallet, mails }))
}
