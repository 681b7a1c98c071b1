//! `GET /venues/{id}/drafts`

use axum::{Json, extract::State};
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::{FromRow, types::Json as Jsonb};
use ticketshow_domain::{SeatName, VenueId, screen::HouseBlock};
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use super::terms::{ListedTerms, TermsRow};
use crate::machinery::{
    app::App,
    authority::Staff,
    formatting::{LocalTime, Moment},
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Time for which a draft is listed after its start. The screen forgets it then.
const LISTED_AFTER_START: SignedDuration = SignedDuration::from_hours(24);

/// A screening that customers do not see yet. Names are the current ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct Draft {
    screening_id: Uuid,
    show_id: Uuid,
    show_title: String,
    screen_id: Uuid,
    screen_name: String,
    starts_at: LocalTime,
    ends_at: LocalTime,
    /// Time at which it is published automatically; null if staff publish it. If that time has passed, it could not be
    /// published then. This is tried again every hour for 24 hours; after that only staff publish it.
    publish_at: Option<LocalTime>,
    #[serde(flatten)]
    terms: ListedTerms,
    /// Seats that the screening keeps back from its beginning.
    blocks: Vec<DraftBlock>,
}

/// Seats that the screening of a draft keeps back.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftBlock {
    block_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    /// Purpose.
    #[schema(example = "Press")]
    reason: String,
    /// Moment from which on the seats are for sale again; null if they are released by hand. If it has passed at the publication, the
    /// screening does not keep them back.
    release_at: Option<LocalTime>,
}

#[derive(FromRow)]
struct Row {
    screening_id: Uuid,
    show_id: Uuid,
    show_title: String,
    screen_id: Uuid,
    screen_name: String,
    timezone: String,
    starts_at: Moment,
    ends_at: Moment,
    publish_at: Option<Moment>,
    #[sqlx(flatten)]
    terms: TermsRow,
    blocks: Jsonb<Vec<HouseBlock>>,
}

impl From<Row> for Draft {
    fn from(row: Row) -> Self {
        let local = |moment| LocalTime::new(moment, &row.timezone);
        let block = |block: HouseBlock| {
            let HouseBlock { id, seats, reason, release_at, by: _, screen_block: _ } = block;
            let release_at = release_at.map(|at| local(at.into()));
            DraftBlock { block_id: id, seats, reason, release_at }
        };
        Self {
            screening_id: row.screening_id,
            show_id: row.show_id,
            show_title: row.show_title,
            screen_id: row.screen_id,
            screen_name: row.screen_name,
            starts_at: local(row.starts_at),
            ends_at: local(row.ends_at),
            publish_at: row.publish_at.map(local),
            terms: row.terms.into(),
            blocks: row.blocks.0.into_iter().map(block).collect(),
        }
    }
}

/// Lists the drafts of a venue by start, up to a day after it.
///
/// # Errors
///
/// 404 if the venue does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/venues/{id}/drafts",
    tag = "Catalogue",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<Draft>), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_drafts(
    State(app): State<App>,
    _admitted: Staff,
    PathId(venue): PathId<VenueId>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Draft>>, Problem> {
    let select: Select<(Uuid,)> = sqlx::query_as("SELECT venue_id FROM venues WHERE venue_id = $1");
    let (venue,) = reading.one(select.bind(venue.0)).await?;
    let (after_start, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT d.screening_id, d.show_id, shows.title AS show_title, d.screen_id, screens.name AS screen_name,
                venues.timezone, d.starts_at, d.ends_at, d.publish_at, d.prices, d.currency, d.terms,
                d.blocks
         FROM drafts d JOIN shows USING (show_id) JOIN screens USING (screen_id)
         JOIN venues ON venues.venue_id = d.venue_id
         WHERE d.venue_id = $1 AND d.status = 'draft' AND d.starts_at > $5
           AND ($2::timestamptz IS NULL OR (d.starts_at, d.screening_id) > ($2, $3::uuid))
         ORDER BY d.starts_at, d.screening_id LIMIT $4",
    );
    let select = select.bind(venue).bind(after_start).bind(after_id).bind(paging.rows());
    let select = select.bind((app.parts.edge.now() - LISTED_AFTER_START).to_sqlx());
    let rows = reading.all(select).await?;
    Ok(Json(Page::new(rows, &paging, |row| (row.starts_at, row.screening_id)).map(Draft::from)))
}
