//! `GET /screenings`, `GET /screenings/{id}`

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use jiff::{SignedDuration, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{
    Currency, ScreeningId, ShowId, VenueId,
    pricing::{Charges, SingleSeats, Terms, TicketType},
    show::DURATION_MAX_MINUTES,
};
use ticketshow_http::{
    IfNoneMatch, Params, PathId, Problem,
    prices::{CancellationTerms, CategoryPrice, Fee, TaxRate, TicketTypeLimits},
    schema,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    formatting::{LocalTime, Moment, days_around},
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::{CachedCall, CallForOne, cached, for_other_sites},
    search_text::{SearchText, city_key},
};

/// Status of a screening.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ScreeningStatus {
    Active,
    Cancelled,
}

/// One showing of a show on a screen. Names are the current ones.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Screening {
    screening_id: Uuid,
    show_id: Uuid,
    show_title: String,
    venue_id: Uuid,
    venue_name: String,
    screen_id: Uuid,
    screen_name: String,
    city: String,
    /// IANA time zone of the venue.
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
    /// Start; booking closes at this time.
    starts_at: LocalTime,
    ends_at: LocalTime,
    /// Deadline for cancelling a paid booking with a full refund.
    cancel_until: LocalTime,
    status: ScreeningStatus,
    /// Price per seat, by category: one, or one for each ticket type.
    #[schema(value_type = BTreeMap<String, schema::CategoryPrice>)]
    prices: BTreeMap<String, CategoryPrice>,
    /// Limits by ticket type.
    #[schema(value_type = BTreeMap<String, TicketTypeLimits>)]
    ticket_types: BTreeMap<TicketType, TicketTypeLimits>,
    /// Fee on top of the prices; null if there is none.
    fee: Option<Fee>,
    /// Tax included in prices and fee.
    tax_rates: Vec<TaxRate>,
    /// Terms of a cancellation by the customer; null for those of the installation.
    cancellation: Option<CancellationTerms>,
    /// Choices that leave a single seat.
    #[schema(value_type = schema::SingleSeats)]
    single_seats: SingleSeats,
    /// Minutes before the start until which wheelchair places and companion seats are kept for people who ask for
    /// them; null if they are on general sale.
    wheelchair_minutes: Option<u32>,
    /// Number of seats.
    capacity: i32,
    /// Seats that can be booked now.
    available_seats: i32,
}

/// A screening in the table.
#[derive(FromRow)]
pub struct ScreeningRow {
    pub screening_id: Uuid,
    pub show_id: Uuid,
    pub show_title: String,
    pub venue_id: Uuid,
    pub venue_name: String,
    pub screen_id: Uuid,
    pub screen_name: String,
    pub city: String,
    pub timezone: String,
    pub starts_at: Moment,
    pub ends_at: Moment,
    pub cancel_until: Moment,
    pub status: ScreeningStatus,
    pub prices: Json<BTreeMap<String, i64>>,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    pub capacity: i32,
    pub available_seats: i32,
    pub terms: Json<Terms>,
}

impl From<ScreeningRow> for Screening {
    fn from(row: ScreeningRow) -> Self {
        let prices = CategoryPrice::list(&row.prices, &row.terms, row.currency);
        let Terms { limits, charges, cancellation, single_seats, wheelchair_minutes, .. } = row.terms.0;
        let Charges { fee, tax_rates } = charges;
        Self {
            prices,
            ticket_types: limits.into_iter().map(|(kind, limit)| (kind, limit.into())).collect(),
            fee: fee.map(|fee| Fee::new(fee, row.currency)),
            tax_rates: tax_rates.into_iter().map(Into::into).collect(),
            cancellation: cancellation.map(Into::into),
            single_seats,
            wheelchair_minutes,
            starts_at: LocalTime::new(row.starts_at, &row.timezone),
            ends_at: LocalTime::new(row.ends_at, &row.timezone),
            cancel_until: LocalTime::new(row.cancel_until, &row.timezone),
            screening_id: row.screening_id,
            show_id: row.show_id,
            show_title: row.show_title,
            venue_id: row.venue_id,
            venue_name: row.venue_name,
            screen_id: row.screen_id,
            screen_name: row.screen_name,
            city: row.city,
            timezone: row.timezone,
            status: row.status,
            capacity: row.capacity,
            available_seats: row.available_seats,
        }
    }
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScreeningFilter {
    /// Only screenings of this show.
    #[param(value_type = Option<Uuid>)]
    show_id: Option<ShowId>,
    /// Only screenings at this venue.
    #[param(value_type = Option<Uuid>)]
    venue_id: Option<VenueId>,
    /// Only screenings in this city, by any of its names.
    #[param(value_type = Option<String>)]
    city: Option<SearchText>,
    /// Only screenings on this calendar day at the venue. Default: all that have not ended.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    date: Option<Date>,
    /// Only screenings on this calendar day at the venue, or later.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    from: Option<Date>,
    /// Only screenings on this calendar day at the venue, or earlier.
    #[param(value_type = Option<String>, format = Date, example = "2026-12-03")]
    to: Option<Date>,
    /// Only screenings with this status.
    #[param(inline)]
    status: Option<ScreeningStatus>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, timezone,
                    starts_at, ends_at, cancel_until, status, prices, currency, capacity, available_seats, terms
             FROM screenings ",
            $rest
        )
    };
}

/// Lists screenings by start time. Scripts of other sites may read the list.
///
/// # Errors
///
/// 422 for invalid filters.
#[utoipa::path(
    get,
    path = "/screenings",
    tag = "Catalogue",
    params(ScreeningFilter, Paging),
    responses((status = 200, body = Page<Screening>), CachedCall, schema::AnyCall)
)]
pub async fn list_screenings(
    State(app): State<App>,
    Params(filter): Params<ScreeningFilter>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after_start, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let now = app.parts.edge.now();
    // Screenings that started before have ended: the index on starts skips the past.
    let begun = now - SignedDuration::from_mins(i64::from(DURATION_MAX_MINUTES));
    let around = filter.date.map(days_around);
    let [from, to] = [filter.from, filter.to].map(|day| day.map(days_around));
    let select: Select<ScreeningRow> = sqlx::query_as(select!(
        "WHERE ($1::uuid IS NULL OR show_id = $1)
           AND ($2::uuid IS NULL OR venue_id = $2)
           AND ($3::text IS NULL OR city_key = $3)
           AND ($4::date IS NULL OR local_date = $4 AND starts_at >= $11 AND starts_at < $12)
           AND ($4::date IS NOT NULL OR ends_at > $5 AND starts_at > $10)
           AND ($6::text IS NULL OR status = $6)
           AND ($13::date IS NULL OR local_date >= $13 AND starts_at >= $14)
           AND ($15::date IS NULL OR local_date <= $15 AND starts_at < $16)
           AND ($7::timestamptz IS NULL OR (starts_at, screening_id) > ($7, $8::uuid))
         ORDER BY starts_at, screening_id LIMIT $9"
    ));
    let select = select
        .bind(filter.show_id.map(|show| show.0))
        .bind(filter.venue_id.map(|venue| venue.0))
        .bind(city_key(filter.city))
        .bind(filter.date.map(ToSqlx::to_sqlx))
        .bind(now.to_sqlx())
        .bind(filter.status)
        .bind(after_start)
        .bind(after_id)
        .bind(paging.rows())
        .bind(begun.to_sqlx())
        .bind(around.map(|[begin, _]| begin.to_sqlx()))
        .bind(around.map(|[_, end]| end.to_sqlx()))
        .bind(filter.from.map(ToSqlx::to_sqlx))
        .bind(from.map(|[begin, _]| begin.to_sqlx()))
        .bind(filter.to.map(ToSqlx::to_sqlx))
        .bind(to.map(|[_, end]| end.to_sqlx()));
    let rows = reading.planned(select).await?;
    let page = Page::new(rows, &paging, |row| (row.starts_at, row.screening_id)).map(Screening::from);
    Ok(for_other_sites(cached(&known, &page)))
}

/// Returns one screening.
///
/// # Errors
///
/// 404 if the screening does not exist.
#[utoipa::path(
    get,
    path = "/screenings/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Screening), CachedCall, CallForOne, schema::AnyCall)
)]
pub async fn get_screening(
    PathId(screening): PathId<ScreeningId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    Ok(cached(&known, &Screening::from(self::screening(&mut reading, screening).await?)))
}

/// Selects one screening.
///
/// # Errors
///
/// 404 if the screening does not exist.
pub async fn screening(reading: &mut Reading, id: ScreeningId) -> Result<ScreeningRow, Problem> {
    let select: Select<ScreeningRow> = sqlx::query_as(select!("WHERE screening_id = $1"));
    reading.one(select.bind(id.0)).await
}
