//! `GET /screenings/{id}/guests`

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{BookingId, BookingReference, ScreeningId};
use ticketshow_http::{Params, PathId, Problem, Staff, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    csv::{self, UTF8_MARK},
    formatting::{LocalTime, Moment},
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
    search_text::{SearchText, containing, text},
};

/// Ticket type of every seat that was sold without naming one.
pub const STANDARD: &str = "standard";

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GuestFilter {
    /// Number of the booking (with or without dashes), name of a seat, or part of the customer's name, all in any letter case.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
}

/// A party: the guests of one paid booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Guest {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    /// Name of the customer; null if the customer has no account, as in load tests.
    name: Option<String>,
    #[schema(example = json!(["C-7", "C-8"]))]
    seats: Vec<String>,
    /// One per seat, in the order of `seats`.
    #[schema(example = json!(["standard", "standard"]))]
    ticket_types: Vec<&'static str>,
    /// Time of the latest check-in; null while nobody of the party is in.
    checked_in_at: Option<LocalTime>,
    /// One per seat.
    tickets: Vec<GuestTicket>,
}

/// The ticket of one guest.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestTicket {
    #[schema(example = "C-7")]
    seat: String,
    #[schema(example = "standard")]
    ticket_type: &'static str,
    /// Time of the check-in; null while the guest is not in.
    checked_in_at: Option<LocalTime>,
}

#[derive(FromRow)]
struct Row {
    booking_id: Uuid,
    name: Option<String>,
    sort_name: String,
    seats: Vec<String>,
    /// Times by seat.
    check_ins: sqlx::types::Json<BTreeMap<String, Timestamp>>,
}

impl Guest {
    fn new(row: Row, timezone: &str) -> Self {
        let local = |at: &Timestamp| LocalTime::new(Moment::from(*at), timezone);
        let ticket = |seat: &String| GuestTicket {
            seat: seat.clone(),
            ticket_type: STANDARD,
            checked_in_at: row.check_ins.get(seat).map(local),
        };
        Self {
            booking_id: row.booking_id,
            reference: BookingId(row.booking_id).reference(),
            name: row.name,
            ticket_types: vec![STANDARD; row.seats.len()],
            checked_in_at: row.check_ins.values().max().map(local),
            tickets: row.seats.iter().map(ticket).collect(),
            seats: row.seats,
        }
    }
}

/// Encodes a line per seat, after the column names.
fn encode(guests: &[Guest]) -> String {
    let mut lines = format!("{UTF8_MARK}name,reference,seat,ticket_type,checked_in_at\r\n");
    for guest in guests {
        let name = csv::text(guest.name.as_deref());
        for GuestTicket { seat, ticket_type, checked_in_at } in &guest.tickets {
            let (seat, at) = (csv::text(Some(seat)), checked_in_at.as_ref().map(LocalTime::as_str));
            let _ = write!(
                lines,
                "{name},{},{seat},{ticket_type},{}\r\n",
                guest.reference,
                at.unwrap_or_default()
            );
        }
    }
    lines
}

/// Lists the guests of a screening by name: one entry for each paid booking. `Accept: text/csv` returns all of them as CSV, one
/// line for each seat.
///
/// # Errors
///
/// 404 if the screening does not exist; 403 if the caller is not staff.
#[utoipa::path(
    get,
    path = "/screenings/{id}/guests",
    tag = "Booking and money",
    params(("id" = Uuid, Path), GuestFilter, Paging),
    responses(
        (status = 200, content((Page<Guest> = "application/json"), (String = "text/csv"))),
        CallForOne,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn list_guests(
    _admitted: Staff,
    PathId(screening): PathId<ScreeningId>,
    Params(filter): Params<GuestFilter>,
    Params(paging): Params<Paging>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<(String,)> = sqlx::query_as("SELECT timezone FROM screenings WHERE screening_id = $1");
    let (timezone,) = reading.one(select.bind(screening.0)).await?;

    let as_csv = csv::is_accepted(&headers);
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.filter(|_| !as_csv).unzip();
    let q = text(filter.q).filter(|text| !text.is_empty());
    let (first, last) = q.as_deref().and_then(|q| q.parse().ok()).map(BookingReference::ids).unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT * FROM (
             SELECT b.booking_id, a.name, lower(coalesce(a.name, '')) AS sort_name, b.seats, b.check_ins
             FROM bookings b LEFT JOIN accounts a ON a.user_id = b.customer_id
             WHERE b.screening_id = $1 AND b.claim = 'sold'
               AND ($2::text IS NULL OR lower(a.name) LIKE lower($2) OR b.seats && $3
                    OR b.booking_id BETWEEN $4::uuid AND $5::uuid)) AS guests
         WHERE $6::text IS NULL OR (sort_name, booking_id) > ($6, $7::uuid)
         ORDER BY sort_name, booking_id LIMIT $8",
    );
    let select = select
        .bind(screening.0)
        .bind(q.as_deref().map(containing))
        .bind(q.map(|seat| vec![seat.to_uppercase(), seat]))
        .bind(first)
        .bind(last)
        .bind(after_name)
        .bind(after_id)
        .bind((!as_csv).then(|| paging.rows()));
    let rows = reading.planned(select).await?;
    let mut answer = if as_csv {
        let guests: Vec<Guest> = rows.into_iter().map(|row| Guest::new(row, &timezone)).collect();
        csv::answer(encode(&guests))
    } else {
        let page = Page::new(rows, &paging, |row| (row.sort_name.clone(), row.booking_id));
        axum::Json(page.map(|row| Guest::new(row, &timezone))).into_response()
    };
    csv::vary(&mut answer);
    Ok(answer)
}
