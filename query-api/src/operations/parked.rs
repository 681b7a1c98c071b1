//! `GET /admin/parked`

use axum::{Json, extract::State};
use serde::Serialize;
use ticketshow_http::{Params, Problem, schema};
use ticketshow_nats::consumers::parked::{ParkedId, ParkedMessage};
use utoipa::ToSchema;

use crate::machinery::{
    app::App,
    authority::Staff,
    failures::log_failed,
    formatting::Moment,
    page::{Page, Paging},
};

/// A message that a process failed to handle and set aside for an administrator.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParkedEntry {
    #[schema(example = "payment-1234")]
    parked_id: String,
    /// Name of the process.
    consumer: String,
    /// Log position of the commit.
    position: u64,
    #[schema(example = "booking")]
    aggregate: String,
    aggregate_id: String,
    /// Error with its causes.
    error: String,
    /// Number of attempts; 0 if it is only waiting for an earlier parked message of the same aggregate.
    attempts: u32,
    parked_at: Moment,
}

impl From<ParkedMessage> for ParkedEntry {
    fn from(message: ParkedMessage) -> Self {
        Self {
            parked_id: message.id.to_string(),
            consumer: message.id.consumer,
            position: message.id.position,
            aggregate: message.aggregate,
            aggregate_id: message.aggregate_id,
            error: message.error.join(": "),
            attempts: message.attempts,
            parked_at: message.parked_at.into(),
        }
    }
}

/// Lists parked messages, oldest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/parked",
    tag = "Administration",
    params(Paging),
    responses((status = 200, body = Page<ParkedEntry>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_parked(
    State(app): State<App>,
    _admitted: Staff,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<ParkedEntry>>, Problem> {
    let after = paging.after::<ParkedId>()?;
    let messages = app
        .parts
        .parked
        .list(after.as_ref(), paging.limit() + 1)
        .await
        .map_err(|failure| log_failed(&failure))?;
    Ok(Json(Page::new(messages, &paging, |message| message.id.clone()).map(ParkedEntry::from)))
}
