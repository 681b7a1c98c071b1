//! `GET /screenings/{id}/guests`

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{
    BookingId, BookingReference, Layout, ScreeningId, SeatName, hold::PricedSeat, pricing::TicketType,
};
use ticketshow_http::{Params, PathId, Problem, schema};
use ticketshow_tickets::PrintedList;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    csv::{self, Form, UTF8_MARK},
    formatting::{LocalTime, Moment, day_and_time, time_of_day},
    page::{Page, Paging},
    pdf,
    reading::{Reading, Select},
    responses::CallForOne,
    search_text::{SearchText, containing, text},
};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GuestFilter {
    /// Number of the booking (with or without dashes), name of a seat, or part of the customer's name, all in any letter case.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// Order: by name, or by the first seat of each party. CSV and PDF have a line for each seat.
    #[serde(default)]
    #[param(inline)]
    sort: GuestSort,
}

/// Order of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuestSort {
    #[default]
    Name,
    Seat,
}

/// The screening of a list.
#[derive(FromRow)]
struct Place {
    show_title: String,
    venue_name: String,
    screen_name: String,
    starts_at: Moment,
    timezone: String,
    layout: Option<Stored<Layout>>,
}

impl Place {
    /// Returns the number of a seat, by which seats stand in order.
    fn index_of(&self, seat: &str) -> usize {
        let found = self.layout.as_ref().and_then(|layout| layout.find(&SeatName(seat.to_owned())));
        found.map_or(usize::MAX, |(index, _)| index as usize)
    }

    fn level_of(&self, seat: &str) -> Option<String> {
        let layout = self.layout.as_ref()?;
        layout.level_of(&SeatName(seat.to_owned())).map(str::to_owned)
    }

    /// Puts the seats of each party in order, and the parties by their first seats.
    fn sort(&self, guests: &mut [Guest]) {
        for guest in guests.iter_mut() {
            guest.tickets.sort_by_key(|ticket| self.index_of(&ticket.seat));
            guest.seats = guest.tickets.iter().map(|ticket| ticket.seat.clone()).collect();
        }
        guests.sort_by_key(|guest| guest.seats.first().map(|seat| self.index_of(seat)));
    }
}

/// A line of a list: a guest and the party.
type Line<'a> = (&'a Guest, &'a GuestTicket);

fn lines<'a>(guests: &'a [Guest], sort: GuestSort, place: &Place) -> Vec<Line<'a>> {
    let of = |guest: &'a Guest| guest.tickets.iter().map(move |ticket| (guest, ticket));
    let mut lines: Vec<Line<'a>> = guests.iter().flat_map(of).collect();
    match sort {
        GuestSort::Name => {}
        GuestSort::Seat => lines.sort_by_key(|(_, ticket)| place.index_of(&ticket.seat)),
    }
    lines
}

fn printed(lines: &[Line<'_>], place: &Place) -> PrintedList {
    let has_levels = lines.iter().any(|(_, ticket)| ticket.level.is_some());
    let level = |ticket: &GuestTicket| has_levels.then(|| ticket.level.clone().unwrap_or_default());
    let row = |(guest, ticket): &Line<'_>| {
        let mut cells = vec![
            guest.name_in_list(),
            guest.reference.to_string(),
            ticket.seat.clone(),
            ticket.ticket_type.to_string(),
            ticket.at.map(|at| time_of_day(at, &place.timezone)).unwrap_or_default(),
        ];
        cells.extend(level(ticket));
        cells
    };
    let mut columns = pdf::columns([("Name", 9), ("Booking", 4), ("Seat", 3), ("Ticket", 4), ("In", 3)]);
    if has_levels {
        columns.extend(pdf::columns([("Level", 4)]));
    }
    let Place { show_title, venue_name, screen_name, starts_at, timezone, .. } = place;
    PrintedList {
        title: format!("Guests: {show_title}"),
        facts: format!("{}, {screen_name}, {venue_name}", day_and_time(*starts_at, timezone)),
        columns,
        rows: lines.iter().map(row).collect(),
    }
}

/// A party: the guests of one paid booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Guest {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    /// Name of the customer; null if the customer has no account and gave no name at the counter.
    name: Option<String>,
    /// Left out unless the booking was sold at the counter.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sold_at_counter: bool,
    #[schema(example = json!(["C-7", "C-8"]))]
    seats: Vec<String>,
    /// One per seat, in the order of `seats`.
    #[schema(value_type = Vec<String>, example = json!(["adult", "child"]))]
    ticket_types: Vec<TicketType>,
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
    /// Level of the seat, such as the balcony; left out in a room with one level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Balcony")]
    level: Option<String>,
    #[schema(value_type = String, example = "adult")]
    ticket_type: TicketType,
    /// Time of the check-in; null while the guest is not in.
    checked_in_at: Option<LocalTime>,
    #[serde(skip)]
    at: Option<Moment>,
}

#[derive(FromRow)]
struct Row {
    booking_id: Uuid,
    name: Option<String>,
    sold_at_counter: bool,
    sort_name: String,
    seats: Vec<String>,
    /// Times by seat.
    check_ins: Stored<BTreeMap<String, Timestamp>>,
    lines: Option<Stored<Vec<PricedSeat>>>,
}

impl Guest {
    fn new(row: Row, place: &Place) -> Self {
        let local = |at: &Timestamp| LocalTime::new(Moment::from(*at), &place.timezone);
        let kind = |seat: &String| type_of(row.lines.as_ref(), seat);
        let ticket = |seat: &String| GuestTicket {
            seat: seat.clone(),
            level: place.level_of(seat),
            ticket_type: kind(seat),
            checked_in_at: row.check_ins.get(seat).map(local),
            at: row.check_ins.get(seat).map(|at| Moment::from(*at)),
        };
        Self {
            booking_id: row.booking_id,
            reference: BookingId(row.booking_id).reference(),
            name: row.name,
            sold_at_counter: row.sold_at_counter,
            ticket_types: row.seats.iter().map(kind).collect(),
            checked_in_at: row.check_ins.values().max().map(local),
            tickets: row.seats.iter().map(ticket).collect(),
            seats: row.seats,
        }
    }

    /// Returns the name for CSV and PDF. Most buyers at the counter give none: the list says why it is missing.
    fn name_in_list(&self) -> String {
        match (&self.name, self.sold_at_counter) {
            (Some(name), true) => format!("{name} (sold at the counter)"),
            (Some(name), false) => name.clone(),
            (None, true) => "Sold at the counter".to_owned(),
            (None, false) => String::new(),
        }
    }
}

/// Returns the ticket type of a seat; a booking of an older version has only one.
pub fn type_of(lines: Option<&Stored<Vec<PricedSeat>>>, seat: &str) -> TicketType {
    let line = lines.and_then(|lines| lines.iter().find(|line| line.seat.0 == seat));
    line.map(|line| line.ticket_type.clone()).unwrap_or_default()
}

/// Encodes a line per seat, after the column names.
fn encode(guests: &[Line<'_>]) -> String {
    let mut lines = format!("{UTF8_MARK}name,reference,seat,ticket_type,checked_in_at,level\r\n");
    for (guest, GuestTicket { seat, level, ticket_type, checked_in_at, .. }) in guests {
        let (name, seat) = (csv::text(Some(&guest.name_in_list())), csv::text(Some(seat)));
        let level = csv::text(level.as_deref());
        let (reference, at) = (guest.reference, checked_in_at.as_ref().map(LocalTime::as_str));
        let at = at.unwrap_or_default();
        let _ = write!(lines, "{name},{reference},{seat},{ticket_type},{at},{level}\r\n");
    }
    lines
}

/// Lists the guests of a screening: one entry for each paid booking. `Accept: text/csv` and `application/pdf` return all of them, one
/// line for each seat.
///
/// # Errors
///
/// 404 if the screening does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/screenings/{id}/guests",
    tag = "Booking and money",
    params(("id" = Uuid, Path), GuestFilter, Paging),
    responses(
        (status = 200, content((Page<Guest> = "application/json"), (String = "text/csv"), (Vec<u8> = "application/pdf"))),
        CallForOne,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn list_guests(
    State(app): State<App>,
    _admitted: Staff,
    PathId(screening): PathId<ScreeningId>,
    Params(filter): Params<GuestFilter>,
    Params(paging): Params<Paging>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Place> = sqlx::query_as(
        "SELECT p.show_title, p.venue_name, p.screen_name, p.starts_at, p.timezone, m.layout
         FROM screenings p LEFT JOIN seat_maps m USING (screening_id) WHERE p.screening_id = $1",
    );
    let place = reading.one(select.bind(screening.0)).await?;

    let (form, sort) = (Form::accepted(&headers), filter.sort);
    let q = text(filter.q).filter(|text| !text.is_empty());
    // In any other form or order all guests are read: there are no more than seats.
    let in_pages = form == Form::Json && sort == GuestSort::Name;
    let rows = rows(&mut reading, screening, q, in_pages.then_some(&paging)).await?;
    drop(reading);
    let mut answer = if in_pages {
        let page = Page::new(rows, &paging, |row| (row.sort_name.clone(), row.booking_id));
        axum::Json(page.map(|row| Guest::new(row, &place))).into_response()
    } else {
        let mut guests: Vec<Guest> = rows.into_iter().map(|row| Guest::new(row, &place)).collect();
        if sort == GuestSort::Seat {
            place.sort(&mut guests);
        }
        match form {
            Form::Json => axum::Json(by_seat(guests, &paging, &place)?).into_response(),
            Form::Csv => csv::answer(encode(&lines(&guests, sort, &place))),
            Form::Pdf => {
                let list = printed(&lines(&guests, sort, &place), &place);
                pdf::answer(&app, list, &format!("guests-{screening}")).await?
            }
        }
    };
    csv::vary(&mut answer);
    Ok(answer)
}

/// One page of all guests in the order of their seats.
fn by_seat(guests: Vec<Guest>, paging: &Paging, place: &Place) -> Result<Page<Guest>, Problem> {
    let key = |guest: &Guest| {
        let first = guest.seats.first().map_or(usize::MAX, |seat| place.index_of(seat));
        (first as u64, guest.booking_id)
    };
    let after = paging.after::<(u64, Uuid)>()?;
    let rest = guests.into_iter().filter(|guest| after.is_none_or(|after| key(guest) > after));
    let most = usize::try_from(paging.rows()).unwrap_or(usize::MAX);
    Ok(Page::new(rest.take(most).collect(), paging, key))
}

/// Selects guests by name: one page of them, or all.
async fn rows(
    reading: &mut Reading,
    screening: ScreeningId,
    q: Option<String>,
    paging: Option<&Paging>,
) -> Result<Vec<Row>, Problem> {
    let after = paging.map(Paging::after::<(String, Uuid)>).transpose()?.flatten();
    let (after_name, after_id) = after.unzip();
    let (first, last) = q.as_deref().and_then(|q| q.parse().ok()).map(BookingReference::ids).unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT * FROM (
             SELECT b.booking_id, coalesce(a.name, w.name) AS name,
                    coalesce(a.name, w.name, '') COLLATE public.as_people_sort AS sort_name, b.seats, b.check_ins,
                    b.priced_seats AS lines,
                    EXISTS (SELECT FROM counter_sales c WHERE c.booking_id = b.booking_id) AS sold_at_counter
             FROM bookings b LEFT JOIN accounts a ON a.user_id = b.customer_id
             LEFT JOIN buyers w ON w.user_id = b.customer_id
             WHERE b.screening_id = $1 AND b.claim = 'sold'
               AND ($2::text IS NULL OR lower(coalesce(a.name, w.name)) LIKE lower($2) OR b.seats && $3
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
        .bind(paging.map(Paging::rows));
    reading.planned(select).await
}
