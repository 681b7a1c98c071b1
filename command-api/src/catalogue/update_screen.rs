//! `PATCH /screens/{id}`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Flaws, Layout, ScreenId,
    screen::{Command, Room, Screen, TURNAROUND_MAX_MINUTES},
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    catalogue::add_screen::check_size,
    machinery::{app::App, authority::Staff},
};

/// The fields to change. Omitted fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedScreen {
    /// 1 to 100 characters.
    name: Option<String>,
    /// The complete layout. Screenings already scheduled keep theirs.
    #[schema(value_type = Option<schema::Layout>)]
    layout: Option<Layout>,
    /// Minutes for cleaning after each screening, 0 to 240. Screenings already scheduled stay where they are.
    turnaround_minutes: Option<u16>,
}

/// The screen after the change.
#[derive(Serialize, ToSchema)]
pub struct UpdatedScreen {
    screen_id: Uuid,
    venue_id: Uuid,
    name: String,
    #[schema(value_type = schema::Layout)]
    layout: Layout,
    /// Number of seats.
    capacity: usize,
    /// Minutes for cleaning after each screening.
    turnaround_minutes: u16,
    /// `active`, or `retired`.
    #[schema(example = "active")]
    status: &'static str,
}

impl UpdatedScreen {
    /// The screen, once it was added.
    pub fn new(screen: Screen) -> Option<Self> {
        let Screen { room, turnaround_minutes, retired, .. } = screen;
        let Room { screen, venue, name, layout, .. } = room?;
        Some(Self {
            screen_id: screen.0,
            venue_id: venue.0,
            name,
            capacity: layout.capacity(),
            layout,
            turnaround_minutes,
            status: if retired { "retired" } else { "active" },
        })
    }
}

/// Renames a screen, rearranges its seats, or changes the time for cleaning.
///
/// # Errors
///
/// 404, 422 for invalid values.
#[utoipa::path(
    patch,
    path = "/screens/{id}",
    tag = "Catalogue",
    request_body = ChangedScreen,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = UpdatedScreen),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn update_screen(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(screen): PathId<ScreenId>,
    Body(body): Body<ChangedScreen>,
) -> Result<(StreamPosition, Json<UpdatedScreen>), Problem> {
    // Several commands: the name must not change if the rest is going to be refused.
    let ChangedScreen { name, layout, turnaround_minutes } = body;
    if let Some(layout) = &layout {
        layout.check("/layout").map_err(|flaws: Flaws| Problem::invalid(&flaws))?;
        check_size(layout, app.executor.policy())?;
    }
    if turnaround_minutes.is_some_and(|minutes| minutes > TURNAROUND_MAX_MINUTES) {
        let message = format!("must be 0 to {TURNAROUND_MAX_MINUTES}");
        return Err(Problem::invalid_value("/turnaround_minutes", message));
    }
    let commands = [
        name.map(|name| Command::RenameScreen { name }),
        layout.map(|layout| Command::ChangeLayout { layout }),
        turnaround_minutes.map(|minutes| Command::ChangeTurnaround { minutes }),
    ];
    for command in commands.into_iter().flatten() {
        app.execute(&screen, command, app.sent_by(caller.user, &trace), |_: &Screen| ()).await?;
    }
    let seen = app.state::<Screen>(&screen, Freshness::Fresh).await?;
    let updated = UpdatedScreen::new(seen.state).ok_or_else(Problem::not_found)?;
    Ok((StreamPosition(seen.position), Json(updated)))
}
