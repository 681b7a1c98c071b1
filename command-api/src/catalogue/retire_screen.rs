//! `DELETE /screens/{id}`, `POST /screens/{id}/reactivation`

use axum::{Json, extract::State};
use ticketshow_domain::{
    ScreenId, UserId,
    screen::{Command, Screen},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};

use crate::{
    catalogue::update_screen::UpdatedScreen,
    machinery::{app::App, authority::Staff},
};

/// Retires a screen: nothing is scheduled there until it is brought back. Refused while a screening is still to come there.
///
/// # Errors
///
/// 404; 409 `screen-in-use` (`screenings`, their number, and `first_at`).
#[utoipa::path(
    delete,
    path = "/screens/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = UpdatedScreen),
        schema::NotFound,
        (
            status = 409,
            description = "`screen-in-use` (`screenings`, `first_at`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn retire_screen(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(screen): PathId<ScreenId>,
) -> Result<(StreamPosition, Json<UpdatedScreen>), Problem> {
    carry_out(&app, caller.user, &trace, screen, Command::RetireScreen).await
}

/// Brings a retired screen back into use.
///
/// # Errors
///
/// 404.
#[utoipa::path(
    post,
    path = "/screens/{id}/reactivation",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = UpdatedScreen),
        schema::NotFound,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn reactivate_screen(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(screen): PathId<ScreenId>,
) -> Result<(StreamPosition, Json<UpdatedScreen>), Problem> {
    carry_out(&app, caller.user, &trace, screen, Command::ReactivateScreen).await
}

async fn carry_out(
    app: &App,
    by: UserId,
    trace: &Trace,
    screen: ScreenId,
    command: Command,
) -> Result<(StreamPosition, Json<UpdatedScreen>), Problem> {
    let executed = app.execute(&screen, command, app.sent_by(by, trace), Screen::clone).await?;
    let screen = UpdatedScreen::new(executed.answer).ok_or_else(Problem::not_found)?;
    Ok((StreamPosition(executed.position), Json(screen)))
}
