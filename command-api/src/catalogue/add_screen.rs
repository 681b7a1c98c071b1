//! `POST /venues/{id}/screens`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Layout, Policy, ScreenId, VenueId,
    screen::{Command, Screen},
    venue::Venue,
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// A new screen.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScreen {
    /// 1 to 100 characters.
    name: String,
    /// The seats.
    #[schema(value_type = schema::Layout)]
    layout: Layout,
    /// Minutes for cleaning after each screening, 0 to 240; 0 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turnaround_minutes: Option<u16>,
}

/// The screen that was added.
#[derive(Serialize, ToSchema)]
pub struct AddedScreen {
    screen_id: Uuid,
    /// Number of seats.
    capacity: usize,
}

/// Adds a screen to a venue.
///
/// # Errors
///
/// 404 if there is no such venue, 422 for invalid values.
#[utoipa::path(
    post,
    path = "/venues/{id}/screens",
    tag = "Catalogue",
    request_body = NewScreen,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = AddedScreen),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn add_screen(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(venue): PathId<VenueId>,
    Body(body): Body<NewScreen>,
) -> Result<(StatusCode, StreamPosition, Json<AddedScreen>), Problem> {
    let venue_now = app.state::<Venue>(&venue, Freshness::Fresh).await?;
    if venue_now.state.details.is_none() {
        return Err(Problem::not_found());
    }
    let screen = ScreenId(ids.id(caller.user, venue, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let NewScreen { name, layout, turnaround_minutes } = body;
    check_size(&layout, app.executor.policy())?;
    let added = AddedScreen { screen_id: screen.0, capacity: layout.capacity() };
    let turnaround_minutes = turnaround_minutes.unwrap_or_default();
    let command = Command::AddScreen { screen, venue, name, layout, turnaround_minutes, fingerprint };

    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Screen>(&screen, command, metadata).await?;

    Ok((StatusCode::CREATED, position, Json(added)))
}

/// Refuses a layout with more seats than pages can draw well.
///
/// # Errors
///
/// 422.
pub fn check_size(layout: &Layout, policy: &Policy) -> Result<(), Problem> {
    if layout.capacity() <= policy.screen_seats_max {
        return Ok(());
    }
    let message = format!("must not have more than {} seats", policy.screen_seats_max);
    Err(Problem::invalid_value("/layout/rows", message))
}
