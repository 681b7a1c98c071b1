//! `GET /bookings/{id}/tickets.pdf`, `GET /bookings/{id}/tickets/{seat}/qr.svg`

use std::collections::BTreeMap;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{
    BookingId, Currency, Language, Layout, Permission, ScreeningId, SeatName, TimeZoneName, hold::PricedSeat,
};
use ticketshow_http::{Caller, Params, PathId, Problem, schema};
use ticketshow_tickets::{LocalTime, Paper, PassTicket, PrintedTicket, Qr, tickets_pdf};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use uuid::Uuid;

use crate::{
    bookings::booking::BookingStatus,
    machinery::{
        accepted_language::accepted_language,
        app::App,
        formatting::{Moment, money},
        pdf,
        reading::{Reading, Select},
        responses::CallForOne,
    },
};

/// A booking with everything printed on its tickets. Names and prices are as promised when the screening was scheduled;
/// the address is current.
#[derive(FromRow)]
pub struct Row {
    booking_id: Uuid,
    screening_id: Uuid,
    status: BookingStatus,
    seats: Vec<String>,
    ticket_codes: Vec<String>,
    amount_minor: i64,
    show_title: String,
    venue_name: String,
    address: Option<String>,
    city: String,
    screen_name: String,
    starts_at: Moment,
    ends_at: Moment,
    timezone: String,
    layout: Json<Layout>,
    prices: Json<BTreeMap<String, i64>>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    lines: Option<Json<Vec<PricedSeat>>>,
}

/// A caller within the quota of documents; else 429, before a connection to the read models is taken.
pub struct Reader(pub Caller);

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let edge = &app.parts.edge;
        caller.take(&edge.limiters.documents_per_user, edge.now())?;
        Ok(Self(caller))
    }
}

/// Paper of printed tickets.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Printing {
    /// `a4`: two tickets on each sheet. `a5`, the default: one per page. `receipt`: on a roll 80 mm wide, in black.
    #[param(inline)]
    #[serde(default)]
    paper: PaperSize,
}

/// Size of the paper.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperSize {
    A4,
    #[default]
    A5,
    Receipt,
}

impl From<PaperSize> for Paper {
    fn from(size: PaperSize) -> Self {
        match size {
            PaperSize::A4 => Self::A4,
            PaperSize::A5 => Self::A5,
            PaperSize::Receipt => Self::Receipt,
        }
    }
}

/// Additional responses of the ticket endpoints.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document only")]
pub enum NoTickets {
    /// `booking-cancelled`: the tickets are void. `not-confirmed`: the booking is not paid yet.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] schema::Problem),
}

/// Returns all tickets of one of the caller's bookings as a PDF in a language that the caller accepts; for staff, also those of
/// bookings that were sold at the counter.
///
/// # Errors
///
/// 404 if the booking does not exist or belongs to another customer; 409 `booking-cancelled`, or `not-confirmed` before
/// payment.
#[utoipa::path(
    get,
    path = "/bookings/{id}/tickets.pdf",
    tag = "Booking and money",
    params(("id" = Uuid, Path), Printing, ("Accept-Language" = Option<String>, Header)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        CallForOne,
        NoTickets,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_tickets(
    State(app): State<App>,
    Reader(caller): Reader,
    PathId(booking): PathId<BookingId>,
    Params(Printing { paper }): Params<Printing>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let row = confirmed(&mut reading, &caller, booking).await?;
    let tickets = row.printed(accepted_language(&headers))?;
    // Rendering takes some CPU time, and no connection to Postgres meanwhile.
    drop(reading);
    let name = format!("tickets-{}", booking.reference());
    pdf::print(&app, move || tickets_pdf(&tickets, paper.into()), &name).await
}

/// Returns the ticket of one seat as a QR code.
///
/// # Errors
///
/// 404 if the booking does not exist, belongs to another customer, or does not include the seat; 409
/// `booking-cancelled`, or `not-confirmed` before payment.
#[utoipa::path(
    get,
    path = "/bookings/{id}/tickets/{seat}/qr.svg",
    tag = "Booking and money",
    params(("id" = Uuid, Path), ("seat" = String, Path, example = "C-7")),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml"),
        CallForOne,
        NoTickets,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_ticket_qr(
    Reader(caller): Reader,
    PathId((booking, seat)): PathId<(BookingId, SeatName)>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let row = confirmed(&mut reading, &caller, booking).await?;
    let (_, code) = row.tickets().find(|(name, _)| **name == seat.0).ok_or_else(Problem::not_found)?;
    let qr = Qr::new(code).map_err(|error| bug(&error))?;
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, qr.svg()).into_response())
}

/// The caller's booking, or for staff one that was sold at the counter of their venue; a problem if it has no valid tickets.
pub async fn confirmed(reading: &mut Reading, caller: &Caller, booking: BookingId) -> Result<Row, Problem> {
    let row = issued(reading, caller, booking).await?;
    if row.is_void() {
        return Err(conflict("booking-cancelled", "The booking is cancelled"));
    }
    Ok(row)
}

/// The same, with tickets that may be void.
pub async fn issued(reading: &mut Reading, caller: &Caller, booking: BookingId) -> Result<Row, Problem> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT b.booking_id, b.screening_id, b.status, b.seats, b.ticket_codes, b.amount_minor, p.show_title, p.venue_name, v.address, p.city, p.screen_name,
                p.starts_at, p.ends_at, p.timezone, m.layout, m.prices, m.currency, b.priced_seats AS lines
         FROM bookings b JOIN screenings p ON p.screening_id = b.screening_id
         JOIN seat_maps m ON m.screening_id = b.screening_id
         LEFT JOIN venues v ON v.venue_id = p.venue_id
         WHERE b.booking_id = $1
           AND (b.customer_id = $2
                OR $3 AND EXISTS (SELECT FROM counter_sales c WHERE c.booking_id = b.booking_id)
                   AND EXISTS (SELECT FROM accounts a WHERE a.user_id = $2
                               AND (a.venues IS NULL OR a.venues ? p.venue_id::text)))",
    );
    let may_print = caller.role.may(Permission::BoxOffice);
    let row = reading.one(select.bind(booking.0).bind(caller.user.0).bind(may_print)).await?;
    match row.status {
        BookingStatus::Confirmed | BookingStatus::Cancelled | BookingStatus::Refunded => Ok(row),
        BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => {
            Err(conflict("not-confirmed", "The booking is not paid"))
        }
    }
}

fn conflict(slug: &'static str, title: &'static str) -> Problem {
    Problem::new(StatusCode::CONFLICT, slug, title)
}

impl Row {
    fn is_void(&self) -> bool {
        match self.status {
            BookingStatus::Cancelled | BookingStatus::Refunded => true,
            BookingStatus::Held
            | BookingStatus::Paying
            | BookingStatus::Expired
            | BookingStatus::Confirmed => false,
        }
    }

    /// The ticket of one seat with what a pass says.
    pub fn pass(&self, seat: &SeatName, language: Language) -> Result<PassTicket, Problem> {
        let printed = self.printed(language)?.into_iter().find(|printed| printed.seat == *seat);
        Ok(PassTicket {
            // A booking that was cancelled before it was paid has no codes.
            printed: printed.filter(|printed| !printed.code.is_empty()).ok_or_else(Problem::not_found)?,
            screening: ScreeningId(self.screening_id),
            starts_at: self.starts_at.timestamp(),
            ends_at: self.ends_at.timestamp(),
            timezone: self.timezone.parse().map_err(|error| bug(&error))?,
            is_void: self.is_void(),
        })
    }

    /// Seats and their ticket codes.
    fn tickets(&self) -> impl Iterator<Item = (&String, &String)> {
        self.seats.iter().zip(&self.ticket_codes)
    }

    fn printed(&self, language: Language) -> Result<Vec<PrintedTicket>, Problem> {
        let zone: TimeZoneName = self.timezone.parse().map_err(|error| bug(&error))?;
        let starts = LocalTime::in_language(self.starts_at.timestamp(), &zone, language);
        let ticket = |(seat, code): (&String, &String)| {
            let seat = SeatName(seat.clone());
            let category = self.layout.find(&seat).map(|(_, row)| row.category.as_str());
            let price_minor = category.and_then(|category| self.prices.get(category)).copied();
            // Complimentary tickets cost nothing.
            let price_minor = price_minor.filter(|_| self.amount_minor > 0).unwrap_or_default();
            let line = self.lines.as_ref().and_then(|lines| lines.iter().find(|line| line.seat == seat));
            let price_minor = line.map_or(price_minor, PricedSeat::net_minor);
            PrintedTicket {
                show: self.show_title.clone(),
                venue: self.venue_name.clone(),
                address: self.address.clone(),
                city: self.city.clone(),
                screen: self.screen_name.clone(),
                level: self.layout.level_of(&seat).map(str::to_owned),
                seat,
                starts: starts.clone(),
                price: money(price_minor, self.currency),
                ticket_type: line.map(|line| line.ticket_type.clone()).unwrap_or_default(),
                booking: BookingId(self.booking_id),
                code: code.clone(),
                language,
            }
        };
        Ok(self.tickets().map(ticket).collect())
    }
}

pub fn bug(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "failed to render a ticket");
    Problem::internal()
}
