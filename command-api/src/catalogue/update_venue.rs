//! `PATCH /venues/{id}`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    DayTime, TimeZoneName, VenueId,
    venue::{Command, Venue, VenueChanges, VenueDetails},
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// The fields to change. Omitted fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedVenue {
    /// 1 to 200 characters.
    name: Option<String>,
    /// 1 to 500 characters.
    address: Option<String>,
    /// 1 to 100 characters.
    city: Option<String>,
    /// IANA name.
    #[schema(value_type = Option<String>, example = "Asia/Kolkata")]
    timezone: Option<TimeZoneName>,
    /// Local time of day.
    #[schema(value_type = Option<String>, example = "09:00")]
    opens_at: Option<DayTime>,
    /// Local time of day; at or before `opens_at`, it is on the next day.
    #[schema(value_type = Option<String>, example = "01:30")]
    closes_at: Option<DayTime>,
}

/// The venue after the change.
#[derive(Serialize, ToSchema)]
pub struct UpdatedVenue {
    pub venue_id: Uuid,
    pub name: String,
    pub address: String,
    pub city: String,
    #[schema(value_type = String)]
    pub timezone: TimeZoneName,
    #[schema(value_type = String)]
    pub opens_at: DayTime,
    #[schema(value_type = String)]
    pub closes_at: DayTime,
}

/// Updates a venue. Screenings already scheduled keep their details.
///
/// # Errors
///
/// 404, 422 for invalid values.
#[utoipa::path(
    patch,
    path = "/venues/{id}",
    tag = "Catalogue",
    request_body = ChangedVenue,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = UpdatedVenue),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn update_venue(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(venue): PathId<VenueId>,
    Body(body): Body<ChangedVenue>,
) -> Result<(StreamPosition, Json<UpdatedVenue>), Problem> {
    let ChangedVenue { name, address, city, timezone, opens_at, closes_at } = body;
    let changes = VenueChanges { name, address, city, timezone, opens_at, closes_at };

    let metadata = app.sent_by(caller.user, &trace);
    let updated = |venue: &Venue| venue.details.clone();
    let executed = app.execute(&venue, Command::UpdateVenue { changes }, metadata, updated).await?;

    let details = executed.answer.ok_or_else(Problem::not_found)?;
    let VenueDetails { name, address, city, timezone, opens_at, closes_at } = details;
    let updated = UpdatedVenue { venue_id: venue.0, name, address, city, timezone, opens_at, closes_at };
    Ok((StreamPosition(executed.position), Json(updated)))
}
