//! `PUT /screens/{id}/drafts/{draft_id}`, `DELETE /screens/{id}/drafts/{draft_id}`

use axum::{Json, extract::State, http::StatusCode};
use ticketshow_domain::{
    ScreenId, ScreeningId,
    screen::{Command, Screen},
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};

use crate::{
    machinery::{app::App, authority::Staff, failures::not_executed},
    screenings::schedule_screening::{NewScreening, ScheduleRequest, ScheduledScreening},
};

/// Gives a draft other terms: the show, the start, the prices and all else. The screen stays.
///
/// # Errors
///
/// 404 if the screen has no such draft; 409 `already-published`, and as `POST /screenings`; 422 if `draft` is not `true`, for another
/// screen, and as `POST /screenings`.
#[utoipa::path(
    put,
    path = "/screens/{id}/drafts/{draft_id}",
    tag = "Catalogue",
    request_body = NewScreening,
    params(("id" = Uuid, Path), ("draft_id" = Uuid, Path)),
    responses(
        (status = 200, body = ScheduledScreening),
        schema::NotFound,
        (
            status = 409,
            description = "`already-published`, `screen-busy` (`screening`), `screen-retired`, `show-cancelled`, `venue-inactive`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn change_draft(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screen, screening)): PathId<(ScreenId, ScreeningId)>,
    Body(body): Body<NewScreening>,
) -> Result<(StreamPosition, Json<ScheduledScreening>), Problem> {
    body.check(&app)?;
    if !body.is_draft() {
        return Err(Problem::invalid_value("/draft", "must be true"));
    }
    if body.screen() != screen {
        return Err(Problem::invalid_value("/screen_id", "must be the screen of the draft"));
    }
    let metadata = app.sent_by(caller.user, &trace);
    let request =
        ScheduleRequest { app: app.clone(), screening, body, fingerprint: None, metadata: metadata.clone() };
    let command = request.change().await.map_err(not_executed)?;
    let terms = move |screen: &Screen| Some(screen.drafts.get(&screening)?.promise.clone());
    let executed = app.execute(&screen, command, metadata, terms).await?;
    let promise = executed.answer.ok_or_else(Problem::not_found)?;
    Ok((StreamPosition(executed.position), Json(ScheduledScreening::of_draft(screening, &promise))))
}

/// Deletes a draft. No customer has heard of it.
///
/// # Errors
///
/// 404 if the screen never had such a draft; 409 `already-published`.
#[utoipa::path(
    delete,
    path = "/screens/{id}/drafts/{draft_id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("draft_id" = Uuid, Path)),
    responses(
        (status = 204, description = "deleted, now or before"),
        schema::NotFound,
        (
            status = 409,
            description = "`already-published`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn discard_draft(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screen, screening)): PathId<(ScreenId, ScreeningId)>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let executed =
        app.execute(&screen, Command::DiscardDraft { screening }, metadata, |_: &Screen| ()).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(executed.position)))
}
