//! `GET /venues/{id}/day-sheet`

use std::fmt::Write as _;

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{ScreenId, VenueId};
use ticketshow_http::{Params, PathId, Problem, schema};
use ticketshow_tickets::PrintedList;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    catalogue::screenings::ScreeningStatus,
    machinery::{
        app::App,
        authority::Staff,
        csv::{self, Form, UTF8_MARK},
        formatting::{LocalTime, Moment, days_around, time_of_day, zone},
        pdf,
        reading::{Reading, Select},
        responses::CallForOne,
    },
};

/// Selection of a day sheet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaySheetFilter {
    /// Calendar day at the venue. Default: today.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    date: Option<Date>,
    /// Only this screen.
    #[param(value_type = Option<Uuid>)]
    screen_id: Option<ScreenId>,
}

/// The screenings of a venue on one day, by screen.
#[derive(Debug, Serialize, ToSchema)]
pub struct DaySheet {
    venue_id: Uuid,
    venue_name: String,
    #[schema(value_type = String, format = Date, example = "2026-11-27")]
    date: Date,
    screens: Vec<SheetScreen>,
}

/// The screenings of one screen, by start.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetScreen {
    screen_id: Uuid,
    name: String,
    screenings: Vec<SheetScreening>,
}

/// A screening of the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetScreening {
    screening_id: Uuid,
    show_id: Uuid,
    show_title: String,
    starts_at: LocalTime,
    ends_at: LocalTime,
    status: ScreeningStatus,
    capacity: i32,
    sold: i64,
    /// Unpaid seats.
    held: i64,
    /// House seats: `sold`, `held`, `blocked` and `free` add up to the capacity.
    blocked: i64,
    /// House seats by reason, the largest number first.
    house_seats: Vec<HouseSeats>,
    free: i64,
    checked_in: i64,
    #[serde(skip)]
    times: [Moment; 2],
}

/// House seats that are kept back for the same reason.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HouseSeats {
    #[schema(example = "Press")]
    reason: String,
    seats: i64,
}

#[derive(FromRow)]
struct Row {
    screen_id: Uuid,
    screen_name: String,
    screening_id: Uuid,
    show_id: Uuid,
    show_title: String,
    starts_at: Moment,
    ends_at: Moment,
    status: ScreeningStatus,
    capacity: i32,
    sold: i64,
    held: i64,
    blocked: i64,
    house_seats: Stored<Vec<HouseSeats>>,
    checked_in: i64,
}

impl SheetScreening {
    fn new(row: Row, timezone: &str) -> Self {
        Self {
            screening_id: row.screening_id,
            show_id: row.show_id,
            show_title: row.show_title,
            starts_at: LocalTime::new(row.starts_at, timezone),
            ends_at: LocalTime::new(row.ends_at, timezone),
            status: row.status,
            capacity: row.capacity,
            sold: row.sold,
            held: row.held,
            blocked: row.blocked,
            house_seats: row.house_seats.0,
            free: (i64::from(row.capacity) - row.sold - row.held - row.blocked).max(0),
            checked_in: row.checked_in,
            times: [row.starts_at, row.ends_at],
        }
    }

    fn state(&self) -> &'static str {
        match self.status {
            ScreeningStatus::Active => "",
            ScreeningStatus::Cancelled => "cancelled",
        }
    }

    /// Returns the reasons for house seats, such as `Press 4, Sponsor 2`.
    fn reasons(&self) -> String {
        let reasons = self.house_seats.iter().map(|HouseSeats { reason, seats }| format!("{reason} {seats}"));
        reasons.collect::<Vec<_>>().join(", ")
    }

    /// Returns the number of house seats with the reasons: `6 (Press 4, Sponsor 2)`.
    fn house_seats_in_words(&self) -> String {
        if self.house_seats.is_empty() {
            return self.blocked.to_string();
        }
        format!("{} ({})", self.blocked, self.reasons())
    }
}

impl DaySheet {
    fn lines(&self) -> impl Iterator<Item = (&SheetScreen, &SheetScreening)> {
        self.screens
            .iter()
            .flat_map(|screen| screen.screenings.iter().map(move |screening| (screen, screening)))
    }

    fn encode(&self) -> String {
        let mut lines = format!(
            "{UTF8_MARK}screen,starts_at,ends_at,show,status,capacity,sold,held,checked_in,blocked,free,house_seats\r\n"
        );
        for (screen, screening) in self.lines() {
            let (name, title) = (csv::text(Some(&screen.name)), csv::text(Some(&screening.show_title)));
            let SheetScreening {
                starts_at, ends_at, capacity, sold, held, checked_in, blocked, free, ..
            } = screening;
            let reasons = csv::text(Some(&screening.reasons()));
            let status = match screening.status {
                ScreeningStatus::Active => "active",
                ScreeningStatus::Cancelled => "cancelled",
            };
            let _ = write!(
                lines,
                "{name},{},{},{title},{status},{capacity},{sold},{held},{checked_in},{blocked},{free},{reasons}\r\n",
                starts_at.as_str(),
                ends_at.as_str()
            );
        }
        lines
    }

    fn printed(&self, timezone: &str) -> PrintedList {
        let row = |(screen, screening): (&SheetScreen, &SheetScreening)| {
            let [starts, ends] = screening.times.map(|at| time_of_day(at, timezone));
            let title = &screening.show_title;
            vec![
                screen.name.clone(),
                starts,
                ends,
                match screening.state() {
                    "" => title.clone(),
                    state => format!("{title} ({state})"),
                },
                format!("{} of {}", screening.sold, screening.capacity),
                screening.held.to_string(),
                screening.house_seats_in_words(),
                screening.free.to_string(),
                screening.checked_in.to_string(),
            ]
        };
        PrintedList {
            title: format!("Day sheet: {}", self.venue_name),
            facts: self.date.strftime("%A, %-d %B %Y").to_string(),
            columns: pdf::columns([
                ("Screen", 5),
                ("Starts", 4),
                ("Ends", 4),
                ("Show", 9),
                ("Sold", 5),
                ("Held", 3),
                ("House seats", 6),
                ("Free", 3),
                ("In", 3),
            ]),
            rows: self.lines().map(row).collect(),
        }
    }
}

/// Returns the screenings of a venue on one day, with the seats that are sold, held, kept back and free, and the guests who are in. `Accept: text/csv` and `application/pdf` return
/// them as a list.
///
/// # Errors
///
/// 404 if the venue does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/venues/{id}/day-sheet",
    tag = "Booking and money",
    params(("id" = Uuid, Path), DaySheetFilter),
    responses(
        (
            status = 200,
            content((DaySheet = "application/json"), (String = "text/csv"), (Vec<u8> = "application/pdf"))
        ),
        CallForOne,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_day_sheet(
    State(app): State<App>,
    _admitted: Staff,
    PathId(venue): PathId<VenueId>,
    Params(filter): Params<DaySheetFilter>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<(String, String)> =
        sqlx::query_as("SELECT name, timezone FROM venues WHERE venue_id = $1");
    let (venue_name, timezone) = reading.one(select.bind(venue.0)).await?;
    let now = app.parts.edge.now();
    let date = filter.date.unwrap_or_else(|| now.to_zoned(zone(&timezone)).date());
    let rows = rows(&mut reading, venue, date, filter.screen_id, now).await?;
    drop(reading);
    let sheet = DaySheet { venue_id: venue.0, venue_name, date, screens: by_screen(rows, &timezone) };
    let mut answer = match Form::accepted(&headers) {
        Form::Json => Json(sheet).into_response(),
        Form::Csv => csv::answer(sheet.encode()),
        Form::Pdf => pdf::answer(&app, sheet.printed(&timezone), &format!("day-sheet-{date}")).await?,
    };
    csv::vary(&mut answer);
    Ok(answer)
}

async fn rows(
    reading: &mut Reading,
    venue: VenueId,
    date: Date,
    screen: Option<ScreenId>,
    now: Timestamp,
) -> Result<Vec<Row>, Problem> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT p.screen_id, p.screen_name, p.screening_id, p.show_id, p.show_title, p.starts_at, p.ends_at, p.status, p.capacity,
                b.sold, b.held, b.checked_in, h.blocked, h.house_seats
         FROM screenings p CROSS JOIN LATERAL (
             SELECT coalesce(sum(cardinality(seats)) FILTER (WHERE claim = 'sold'), 0)::bigint AS sold,
                    coalesce(sum(cardinality(seats)) FILTER (WHERE claim = 'held'), 0)::bigint AS held,
                    coalesce(sum(checked_in) FILTER (WHERE claim = 'sold'), 0)::bigint AS checked_in
             FROM bookings WHERE screening_id = p.screening_id) b CROSS JOIN LATERAL (
             SELECT coalesce(sum(k.seats), 0)::bigint AS blocked,
                    coalesce(jsonb_agg(jsonb_build_object('reason', k.reason, 'seats', k.seats) ORDER BY k.seats DESC, k.reason),
                             '[]') AS house_seats
             FROM (SELECT reason, sum(cardinality(seats)) AS seats FROM blocks
                   WHERE screening_id = p.screening_id AND released_at IS NULL AND cardinality(seats) > 0
                     AND (release_at IS NULL OR release_at > $6)
                   GROUP BY reason) k) h
         WHERE p.venue_id = $1 AND p.local_date = $2 AND p.starts_at >= $3 AND p.starts_at < $4
           AND ($5::uuid IS NULL OR p.screen_id = $5)
         ORDER BY p.screen_name, p.screen_id, p.starts_at, p.screening_id",
    );
    let [begin, end] = days_around(date).map(ToSqlx::to_sqlx);
    let select = select.bind(venue.0).bind(date.to_sqlx()).bind(begin).bind(end);
    reading.planned(select.bind(screen.map(|screen| screen.0)).bind(now.to_sqlx())).await
}

fn by_screen(rows: Vec<Row>, timezone: &str) -> Vec<SheetScreen> {
    let mut screens: Vec<SheetScreen> = Vec::new();
    for row in rows {
        if screens.last().is_none_or(|last| last.screen_id != row.screen_id) {
            let (screen_id, name) = (row.screen_id, row.screen_name.clone());
            screens.push(SheetScreen { screen_id, name, screenings: Vec::new() });
        }
        if let Some(last) = screens.last_mut() {
            last.screenings.push(SheetScreening::new(row, timezone));
        }
    }
    screens
}
