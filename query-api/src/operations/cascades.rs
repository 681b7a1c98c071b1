//! `GET /admin/cascades`, `GET /admin/cascades/{id}`

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_http::{Params, PathId, Problem, schema};
use ticketshow_nats::consumers::parked::ParkedMessage;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    failures::log_failed,
    formatting::Moment,
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Kind of the cancelled thing, or a message, or a change.
#[derive(Debug, Clone, Copy, Serialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CascadeKind {
    Show,
    Venue,
    Screening,
    /// A message to everybody who booked a screening: nothing is cancelled.
    Message,
    /// Another time or screen, which everybody who booked is written about.
    Change,
}

/// The consequences of a cancellation, and their progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cascade {
    cascade_id: Uuid,
    kind: CascadeKind,
    /// Id of the show, venue or screening.
    subject_id: Uuid,
    /// Name of the show, venue or screening.
    subject: Option<String>,
    reason: Option<String>,
    /// Screenings cancelled.
    screenings: i32,
    /// Bookings with seats at these screenings. Some may expire before they are cancelled. For a message or a change, those that are paid.
    total: i32,
    /// Bookings cancelled.
    cancelled: i32,
    /// Bookings to be refunded.
    refunds_due: i32,
    /// Bookings refunded.
    refunded: i32,
    /// Bookings whose customers were notified by mail.
    mailed: i64,
    /// Steps that failed and can be retried.
    failed: Vec<CascadeFailure>,
    started_at: Moment,
    /// Null while in progress.
    finished_at: Option<Moment>,
}

/// A step that failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CascadeFailure {
    #[schema(example = "refund-1234")]
    parked_id: String,
    /// `booking`, `screen`, …
    aggregate: String,
    aggregate_id: String,
    /// Error with its causes.
    error: String,
    /// Number of attempts; 0 if it is only waiting for an earlier failed step.
    attempts: u32,
    parked_at: Moment,
}

#[derive(FromRow)]
struct Row {
    cascade_id: Uuid,
    kind: CascadeKind,
    subject_id: Uuid,
    subject: Option<String>,
    reason: Option<String>,
    screenings: i32,
    total: i32,
    cancelled: i32,
    refunds_due: i32,
    refunded: i32,
    started_at: Moment,
    finished_at: Option<Moment>,
}

impl Row {
    fn with(self, mailed: &HashMap<Uuid, i64>, failures: &HashMap<Uuid, Vec<CascadeFailure>>) -> Cascade {
        Cascade {
            cascade_id: self.cascade_id,
            kind: self.kind,
            subject_id: self.subject_id,
            subject: self.subject,
            reason: self.reason,
            screenings: self.screenings,
            total: self.total,
            cancelled: self.cancelled,
            refunds_due: self.refunds_due,
            refunded: self.refunded,
            mailed: mailed.get(&self.cascade_id).copied().unwrap_or_default(),
            failed: failures.get(&self.cascade_id).cloned().unwrap_or_default(),
            started_at: self.started_at,
            finished_at: self.finished_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.cascade_id, c.kind, c.subject_id, c.reason, c.screenings, c.total, c.cancelled, c.refunds_due,
                    c.refunded, c.started_at, c.finished_at,
                    COALESCE((SELECT title FROM shows WHERE show_id = c.subject_id),
                             (SELECT name FROM venues WHERE venue_id = c.subject_id),
                             (SELECT show_title FROM screenings WHERE screening_id = c.subject_id)) AS subject
             FROM cascades c ",
            $rest
        )
    };
}

/// Lists all cascades, newest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/cascades",
    tag = "Administration",
    params(Paging),
    responses(
        (status = 200, body = Page<Cascade>),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn list_cascades(
    State(app): State<App>,
    _admitted: Staff,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Cascade>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select!(
        "WHERE $1::timestamptz IS NULL OR c.started_at <= $1 AND (c.started_at < $1 OR c.cascade_id > $2::uuid)
         ORDER BY c.started_at DESC, c.cascade_id LIMIT $3"
    ));
    let rows = reading.all(select.bind(before).bind(after_id).bind(paging.rows())).await?;
    let mailed = mailed(&mut reading, rows.iter().map(|row| row.cascade_id).collect()).await?;
    drop(reading);
    let failures = failures(&app).await?;
    let page = Page::new(rows, &paging, |row| (row.started_at, row.cascade_id));
    Ok(Json(page.map(|row| row.with(&mailed, &failures))))
}

/// Returns one cascade. With a role for some venues, one of a venue, or of a screening at one, that it is granted for.
///
/// # Errors
///
/// 404 if the cascade does not exist; 403 if the role does not include this, or is not granted for the venue.
#[utoipa::path(
    get,
    path = "/admin/cascades/{id}",
    tag = "Administration",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Cascade),
        CallForOne,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_cascade(
    State(app): State<App>,
    staff: Staff,
    PathId(cascade): PathId<Uuid>,
    mut reading: Reading,
) -> Result<Json<Cascade>, Problem> {
    let select: Select<Row> = sqlx::query_as(select!("WHERE c.cascade_id = $1"));
    let row = reading.one(select.bind(cascade)).await?;
    if let Some(venues) = &staff.venues {
        let venue = venue_of(&mut reading, &row).await?;
        if !venue.is_some_and(|venue| venues.contains(&venue)) {
            return Err(Problem::forbidden());
        }
    }
    let mailed = mailed(&mut reading, vec![cascade]).await?;
    drop(reading);
    Ok(Json(row.with(&mailed, &failures(&app).await?)))
}

/// Returns the venue that a cascade concerns; `None` for a show, which may be on at several.
async fn venue_of(reading: &mut Reading, row: &Row) -> Result<Option<Uuid>, Problem> {
    match row.kind {
        CascadeKind::Show => Ok(None),
        CascadeKind::Venue => Ok(Some(row.subject_id)),
        CascadeKind::Screening | CascadeKind::Message | CascadeKind::Change => {
            let select: Select<(Uuid,)> =
                sqlx::query_as("SELECT venue_id FROM screenings WHERE screening_id = $1");
            Ok(Some(reading.one(select.bind(row.subject_id)).await?.0))
        }
    }
}

/// Number of mails per cascade, counted by the sagas. Their table does not exist before their first run.
async fn mailed(reading: &mut Reading, cascades: Vec<Uuid>) -> Result<HashMap<Uuid, i64>, Problem> {
    let exists: Select<(bool,)> = sqlx::query_as("SELECT to_regclass('sagas.cascade_mails') IS NOT NULL");
    if !reading.one(exists).await?.0 {
        return Ok(HashMap::new());
    }
    let counts: Select<(Uuid, i64)> = sqlx::query_as(
        "SELECT cascade_id, count(*) FROM sagas.cascade_mails WHERE cascade_id = ANY($1) GROUP BY cascade_id",
    );
    Ok(reading.all(counts.bind(cascades)).await?.into_iter().collect())
}

/// Parked messages by cascade.
async fn failures(app: &App) -> Result<HashMap<Uuid, Vec<CascadeFailure>>, Problem> {
    let parked = app.parked_cascades.list().await.map_err(|failure| log_failed(&failure))?;
    let mut failures: HashMap<Uuid, Vec<CascadeFailure>> = HashMap::new();
    for (cascade, message) in parked {
        failures.entry(cascade).or_default().push(message.into());
    }
    Ok(failures)
}

impl From<ParkedMessage> for CascadeFailure {
    fn from(message: ParkedMessage) -> Self {
        Self {
            parked_id: message.id.to_string(),
            aggregate: message.aggregate,
            aggregate_id: message.aggregate_id,
            error: message.error.join(": "),
            attempts: message.attempts,
            parked_at: message.parked_at.into(),
        }
    }
}
