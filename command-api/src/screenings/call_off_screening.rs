//! `DELETE /screenings/{id}`

use axum::extract::State;
use ticketshow_domain::{
    ScreeningId,
    screen::{self, Screen},
    screening::{self, Screening},
};
use ticketshow_http::{Body, PathId, Problem, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Executed, Freshness},
    log::metadata::Metadata,
};
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    authority::FreshStaff,
    cascades::{Begun, BegunCascade, CancellationReason, answer, reason_of},
    failures::not_executed,
};

/// Cancels a screening. Its bookings are cancelled and refunded, and their customers are notified.
///
/// # Errors
///
/// 404; 409 `booking-closed` once it has started; 422 if the reason is too long.
#[utoipa::path(
    delete,
    path = "/screenings/{id}",
    tag = "Catalogue",
    request_body = Option<CancellationReason>,
    params(("id" = Uuid, Path)),
    responses(
        (status = 202, body = BegunCascade),
        schema::NotFound,
        (status = 409, description = "`booking-closed`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn call_off_screening(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(screening): PathId<ScreeningId>,
    body: Option<Body<CancellationReason>>,
) -> Result<Begun, Problem> {
    let reason = reason_of(body).map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let metadata = app.sent_by(caller.user, &trace);
    let executed = carry_through(async move { call_off(&app, screening, reason, metadata).await }).await?;
    answer(&executed, "cancelled")
}

/// The screen's calendar decides. The screening is cancelled right after, so that it stops selling; if this process
/// dies in between, the cascade cancels it.
async fn call_off(
    app: &App,
    screening: ScreeningId,
    reason: Option<String>,
    metadata: Metadata,
) -> Result<Executed<Option<Uuid>>, Problem> {
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    let promise = seen.state.promise().ok_or_else(Problem::not_found)?;
    let (screen, starts_at) = (promise.screen, promise.starts_at);
    let (cascade, decided_at) = ((app.edge.new_id)(), metadata.time);
    let command =
        screen::Command::UnscheduleScreening { screening, cascade, reason: reason.clone(), decided_at };
    let by = move |screen: &Screen| screen.unscheduled.get(&screening).map(|by| by.cascade);
    let mut unscheduled = app.execute(&screen, command, metadata.clone(), by).await?;
    if !unscheduled.changed && unscheduled.answer.is_none() {
        // So long ago that the calendar has forgotten it.
        let (refusal, position) = (screen::Refusal::Started(starts_at), unscheduled.position);
        return Err(not_executed(ExecuteError::Refused { refusal, position }));
    }
    if unscheduled.changed {
        let command = screening::Command::CancelScreening { cascade, reason, decided_at };
        let cancelled = app.execute(&screening, command, metadata, |_: &Screening| ()).await?;
        unscheduled.position = unscheduled.position.max(cancelled.position);
    }
    Ok(unscheduled)
}
