//! `GET /admin/bookings`

use axum::{Json, extract::State};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{BookingReference, ScreeningId, VenueId};
use ticketshow_http::{Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    bookings::{
        booking::{Booking, BookingStatus, Customer, Row},
        notes::{self, Note},
        own_bookings::select_bookings,
    },
    machinery::{
        app::App,
        authority::Staff,
        formatting::Moment,
        page::{Page, Paging},
        reading::{Reading, Select},
        search_text::{SearchText, containing, digits_of_phone, ids_beginning_with, text},
    },
};

/// A booking and its customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersBooking {
    #[serde(flatten)]
    booking: Booking,
    customer: Customer,
    /// The customer was a buyer at the counter without an account, who was erased.
    buyer_erased: bool,
    /// Notes of staff, newest first.
    notes: Vec<Note>,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnyBookingFilter {
    /// Number of the booking (with or without dashes), beginning of its id, name of a seat, or part of the customer's e-mail
    /// address or name or of the show's title, all in any letter case; or digits of the telephone number that a buyer gave at the
    /// counter, with or without the country code.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// Only bookings with this status.
    #[param(inline)]
    status: Option<BookingStatus>,
    /// Only bookings of this screening.
    #[param(value_type = Option<Uuid>)]
    screening_id: Option<ScreeningId>,
    /// Only bookings of screenings at this venue.
    #[param(value_type = Option<Uuid>)]
    venue_id: Option<VenueId>,
    /// Only bookings of screenings on this day, at the venue.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    date: Option<Date>,
}

/// Most bookings and most customers that are looked up one by one.
const FEW: i64 = 1_000;

/// A search text, in all its meanings.
struct Meanings {
    /// Ids that begin with it, or whose bookings have this number.
    ids: Vec<(Uuid, Uuid)>,
    /// Part of an address, a name or a title.
    pattern: String,
    /// Digits of a telephone number.
    phones: Vec<String>,
    /// Shows with such a title.
    shows: Vec<Uuid>,
    /// Seats with this name.
    seats: Vec<String>,
}

impl Meanings {
    async fn of(reading: &mut Reading, text: &str) -> Result<Self, Problem> {
        let pattern = containing(text);
        let select: Select<(Uuid,)> =
            sqlx::query_as("SELECT show_id FROM shows WHERE lower(title) LIKE lower($1) LIMIT $2");
        let shows = reading.all(select.persistent(false).bind(pattern.clone()).bind(FEW)).await?;
        let number = text.parse().ok().map(BookingReference::ids);
        Ok(Self {
            ids: ids_beginning_with(text).into_iter().chain(number).collect(),
            pattern,
            phones: digits_of_phone(text),
            shows: plain(shows),
            seats: vec![text.to_owned(), text.to_uppercase()],
        })
    }

    /// Selects bookings by everything but their customer.
    async fn bookings(&self, reading: &mut Reading) -> Result<Vec<Uuid>, Problem> {
        let (from, to): (Vec<Uuid>, Vec<Uuid>) = self.ids.iter().copied().unzip();
        let select: Select<(Uuid,)> = sqlx::query_as(
            "SELECT booking_id FROM (
                 (SELECT b.booking_id FROM UNNEST($1::uuid[], $2::uuid[]) AS ids (first, last)
                  JOIN bookings b ON b.booking_id BETWEEN ids.first AND ids.last LIMIT $5)
                 UNION ALL
                 (SELECT booking_id FROM bookings WHERE seats && $3 LIMIT $5)
                 UNION ALL
                 (SELECT b.booking_id FROM screenings p JOIN bookings b ON b.screening_id = p.screening_id
                  WHERE p.show_id = ANY($4) LIMIT $5)) AS found
             LIMIT $5",
        );
        let select = select.bind(from).bind(to).bind(&self.seats).bind(&self.shows).bind(FEW + 1);
        Ok(plain(reading.all(select.persistent(false)).await?))
    }

    async fn customers(&self, reading: &mut Reading) -> Result<Vec<Uuid>, Problem> {
        let select: Select<(Uuid,)> = sqlx::query_as(
            "(SELECT user_id FROM accounts WHERE lower(email) LIKE lower($1) OR lower(name) LIKE lower($1) LIMIT $2)
             UNION
             (SELECT user_id FROM buyers
              WHERE lower(email) LIKE lower($1) OR lower(name) LIKE lower($1)
                 OR regexp_replace(phone, '[^0-9]', '', 'g') LIKE ANY($3) LIMIT $2)",
        );
        let select = select.persistent(false).bind(&self.pattern).bind(FEW + 1).bind(&self.phones);
        Ok(plain(reading.all(select).await?))
    }
}

fn plain(ids: Vec<(Uuid,)>) -> Vec<Uuid> {
    ids.into_iter().map(|(id,)| id).collect()
}

/// Matches of a search text.
enum Found {
    /// These bookings, and those of these customers.
    Few { bookings: Vec<Uuid>, customers: Vec<Uuid> },
    /// Too many matches: the newest bookings contain enough of them.
    Many(Meanings),
}

impl Found {
    async fn by(reading: &mut Reading, text: &str) -> Result<Self, Problem> {
        let few = usize::try_from(FEW).unwrap_or(usize::MAX);
        let meanings = Meanings::of(reading, text).await?;
        let customers = meanings.customers(reading).await?;
        if customers.len() > few {
            return Ok(Self::Many(meanings));
        }
        let bookings = meanings.bookings(reading).await?;
        Ok(if bookings.len() > few { Self::Many(meanings) } else { Self::Few { bookings, customers } })
    }
}

/// Selects one page: first only its ids, so that nothing is looked up for other bookings.
macro_rules! select_found {
    ($join:literal, $found:literal) => {
        select_bookings!(
            "WHERE b.booking_id IN (
                 SELECT f.booking_id FROM bookings f "
            $join
            " WHERE "
            $found
            " AND ($1::text IS NULL OR f.status = $1) AND ($2::uuid IS NULL OR f.screening_id = $2)
                 AND ($6::uuid IS NULL AND $7::date IS NULL OR f.screening_id IN (
                     SELECT screening_id FROM screenings
                     WHERE ($6::uuid IS NULL OR venue_id = $6) AND ($7::date IS NULL OR local_date = $7)))
                 AND ($3::timestamptz IS NULL OR f.created_at <= $3 AND (f.created_at < $3 OR f.booking_id > $4::uuid))
                 ORDER BY f.created_at DESC, f.booking_id LIMIT $5)
             ORDER BY b.created_at DESC, b.booking_id"
        )
    };
}

/// Lists the bookings of all customers, newest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/bookings",
    tag = "Administration",
    params(AnyBookingFilter, Paging),
    responses((status = 200, body = Page<CustomersBooking>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_any_bookings(
    State(app): State<App>,
    _admitted: Staff,
    Params(filter): Params<AnyBookingFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<CustomersBooking>>, Problem> {
    let found = match text(filter.q).filter(|text| !text.is_empty()) {
        Some(text) => Some(Found::by(&mut reading, &text).await?),
        None => None,
    };
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(match &found {
        None => select_found!("", "true"),
        Some(Found::Few { .. }) => select_found!("", "(f.booking_id = ANY($8) OR f.customer_id = ANY($9))"),
        Some(Found::Many(_)) => select_found!(
            "LEFT JOIN accounts n ON n.user_id = f.customer_id LEFT JOIN buyers m ON m.user_id = f.customer_id
             LEFT JOIN screenings q ON q.screening_id = f.screening_id",
            "(EXISTS (SELECT FROM UNNEST($8::uuid[], $9::uuid[]) AS ids (first, last)
                      WHERE f.booking_id BETWEEN ids.first AND ids.last)
              OR lower(n.email) LIKE lower($10) OR lower(n.name) LIKE lower($10)
              OR lower(m.email) LIKE lower($10) OR lower(m.name) LIKE lower($10) OR regexp_replace(m.phone, '[^0-9]', '', 'g') LIKE ANY($13)
              OR q.show_id = ANY($11) OR f.seats && $12)"
        ),
    });
    let select = select
        // Planned for these filters: a plan for all of them would read every booking.
        .persistent(false)
        .bind(filter.status)
        .bind(filter.screening_id.map(|screening| screening.0))
        .bind(before)
        .bind(after_id)
        .bind(paging.rows())
        .bind(filter.venue_id.map(|venue| venue.0))
        .bind(filter.date.map(ToSqlx::to_sqlx));
    let select = match found {
        None => select,
        Some(Found::Few { bookings, customers }) => select.bind(bookings).bind(customers),
        Some(Found::Many(Meanings { ids, pattern, phones, shows, seats })) => {
            let (from, to): (Vec<Uuid>, Vec<Uuid>) = ids.into_iter().unzip();
            select.bind(from).bind(to).bind(pattern).bind(shows).bind(seats).bind(phones)
        }
    };
    let rows = reading.all(select).await?;
    let (page, now) =
        (Page::new(rows, &paging, |row| (row.created_at, row.booking_id)), app.parts.edge.now());
    let ids = page.items.iter().map(|row| row.booking_id).collect();
    let notes = notes::of_bookings(&mut reading, ids).await?;
    Ok(Json(page.map(|mut row| {
        let customer = row.customer();
        let notes = notes.iter().filter(|note| note.booking_id == row.booking_id).cloned().collect();
        let buyer_erased = row.buyer_erased;
        let booking = Booking::new(row, now, &app.parts.posters);
        CustomersBooking { booking, customer, buyer_erased, notes }
    })))
}
