//! `PUT /screens/{id}/drafts/{draft_id}`, `DELETE /screens/{id}/drafts/{draft_id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use ticketshow_domain::{
    ScreenId, ScreeningId,
    promise::Promise,
    screen::{self, Command, HouseBlock, ReplacedDraft, Screen},
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;

use crate::{
    machinery::{
        app::{App, carry_through},
        authority::Staff,
        failures::not_executed,
        refusals::Refuse,
    },
    screenings::{
        schedule_screening::{NewScreening, ScheduleRequest},
        scheduled_screening::ScheduledScreening,
    },
};

/// Gives a draft other terms: the show, the start, the prices and all else. On another screen of the venue, a new draft takes its place: the
/// answer has its id.
///
/// # Errors
///
/// 404 if the screen has no such draft; 409 `already-published`, `draft-changed` if its seats were blocked or released meanwhile, and as
/// `POST /screenings`; 422 if `draft` is not `true`, for a screen of
/// another venue, and as `POST /screenings`.
#[utoipa::path(
    put,
    path = "/screens/{id}/drafts/{draft_id}",
    tag = "Catalogue",
    request_body = NewScreening,
    params(("id" = Uuid, Path), ("draft_id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = ScheduledScreening),
        schema::NotFound,
        (
            status = 409,
            description = "`already-published`, `draft-changed`, `screen-busy` (`screening`), `screen-retired`, `show-cancelled`, `venue-inactive`",
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
    ids: RequestIds,
    PathId((screen, screening)): PathId<(ScreenId, ScreeningId)>,
    Body(body): Body<NewScreening>,
) -> Result<(StreamPosition, Json<ScheduledScreening>), Problem> {
    body.check(&app)?;
    if !body.is_draft() {
        return Err(Problem::invalid_value("/draft", "must be true"));
    }
    let metadata = app.sent_by(caller.user, &trace);
    if body.screen() != screen {
        let new = ScreeningId(ids.id(caller.user, screening, app.edge.new_id));
        let fingerprint = ids.fingerprint(&app.edge.keys, &body);
        let request = ScheduleRequest { app, screening: new, body, fingerprint, metadata };
        let (position, promise) =
            carry_through(async move { Move { screen, draft: screening, request }.carry_out().await })
                .await?;
        return Ok((StreamPosition(position), Json(ScheduledScreening::of_draft(new, &promise))));
    }
    let request =
        ScheduleRequest { app: app.clone(), screening, body, fingerprint: None, metadata: metadata.clone() };
    let command = request.change().await.map_err(not_executed)?;
    let terms = move |screen: &Screen| Some(screen.drafts.get(&screening)?.promise.clone());
    let executed = app.execute(&screen, command, metadata, terms).await?;
    let promise = executed.answer.ok_or_else(Problem::not_found)?;
    Ok((StreamPosition(executed.position), Json(ScheduledScreening::of_draft(screening, &promise))))
}

/// A draft that goes to another screen. The new draft is made first; if this process dies before the old one is deleted, a saga deletes
/// it.
struct Move {
    screen: ScreenId,
    draft: ScreeningId,
    request: ScheduleRequest,
}

impl Move {
    /// Returns the position of the last commit, and the terms of the new draft.
    async fn carry_out(self) -> Result<(u64, Arc<Promise>), Problem> {
        let Self { screen, draft, request } = self;
        let ScheduleRequest { app, screening: new, body, metadata, .. } = &request;
        let (new, there) = (*new, body.screen());
        let old = app.state::<Screen>(&screen, Freshness::Fresh).await?.state;
        let other = app.state::<Screen>(&there, Freshness::Fresh).await?.state;
        let venue = |screen: &Screen| screen.room.as_ref().map(|room| room.venue);
        if venue(&old) != venue(&other) {
            return Err(Problem::invalid_value("/screen_id", "must be a screen of the same venue"));
        }
        let blocks: Vec<HouseBlock> = match old.drafts.get(&draft) {
            Some(draft) => draft.active_blocks().cloned().collect(),
            // A repeated call: the new draft has them.
            None if other.drafts.contains_key(&new) => Vec::new(),
            None if old.is_published(draft) => return Err(screen::Refusal::Published.problem()),
            None => return Err(screen::Refusal::NoDraft.problem()),
        };
        let seen = blocks.iter().map(|block| block.id).collect();
        let replaced = ReplacedDraft { screen, draft, blocks, seen };
        let command = request.replacing(replaced).await.map_err(not_executed)?;
        // A repeated call finds the blocks that the new draft began with.
        let terms = move |screen: &Screen| {
            let draft = screen.drafts.get(&new)?;
            Some((draft.promise.clone(), draft.replaces.as_ref()?.seen.clone()))
        };
        let drafted = app.execute(&there, command, metadata.clone(), terms).await?;
        // Without it, the old one stays.
        let (promise, seen) = drafted.answer.ok_or_else(Problem::not_found)?;
        let discard = |screening| Command::DiscardDraft { screening };
        let end = Command::ReplaceDraft { screening: draft, seen };
        let ended = app.execute(&screen, end, metadata.clone(), |_: &Screen| ()).await;
        let ended = match ended {
            Ok(ended) => ended.position,
            // After an outage, the saga deletes it.
            Err(problem) if !problem.status().is_client_error() => return Err(problem),
            // It was published, or its seats were blocked, meanwhile: it stays where it is.
            Err(problem) => {
                app.execute(&there, discard(new), metadata.clone(), |_: &Screen| ()).await?;
                return Err(problem);
            }
        };
        Ok((drafted.position.max(ended), promise))
    }
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
    let position = app.send::<Screen>(&screen, Command::DiscardDraft { screening }, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}
