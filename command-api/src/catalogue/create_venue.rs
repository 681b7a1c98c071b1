//! `POST /venues`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    DayTime, TimeZoneName, VenueId,
    venue::{Command, Venue, VenueDetails},
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// A new venue.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVenue {
    /// 1 to 200 characters.
    name: String,
    /// 1 to 500 characters.
    address: String,
    /// 1 to 100 characters.
    #[schema(example = "Pune")]
    city: String,
    /// IANA name.
    #[schema(value_type = String, example = "Asia/Kolkata")]
    timezone: TimeZoneName,
    /// Local time of day.
    #[schema(value_type = String, example = "09:00")]
    opens_at: DayTime,
    /// Local time of day; at or before `opens_at`, it is on the next day.
    #[schema(value_type = String, example = "01:30")]
    closes_at: DayTime,
}

/// The venue that was created.
#[derive(Serialize, ToSchema)]
pub struct CreatedVenue {
    venue_id: Uuid,
}

/// Adds a venue to the catalogue.
///
/// # Errors
///
/// 422 for invalid values.
#[utoipa::path(
    post,
    path = "/venues",
    tag = "Catalogue",
    request_body = NewVenue,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = CreatedVenue), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn create_venue(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewVenue>,
) -> Result<(StatusCode, StreamPosition, Json<CreatedVenue>), Problem> {
    let venue = VenueId(ids.id(caller.user, "", app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let NewVenue { name, address, city, timezone, opens_at, closes_at } = body;
    let details = VenueDetails { name, address, city, timezone, opens_at, closes_at };
    let command = Command::CreateVenue { venue, details, fingerprint };

    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Venue>(&venue, command, metadata).await?;

    let created = CreatedVenue { venue_id: venue.0 };
    Ok((StatusCode::CREATED, position, Json(created)))
}
