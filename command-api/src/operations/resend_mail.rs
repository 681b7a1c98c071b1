//! `POST /admin/mails/{id}/resend`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_http::{PathId, Problem, RequestIds, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff, failures::failed};

/// The new mail.
#[derive(Serialize, ToSchema)]
pub struct ResentMail {
    mail_id: Uuid,
}

/// Sends a mail again, as a new mail: to the current address of the account and with current facts.
///
/// # Errors
///
/// 404 if there is no such mail.
#[utoipa::path(
    post,
    path = "/admin/mails/{id}/resend",
    tag = "Administration",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, description = "queued", body = ResentMail),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn resend_mail(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(id): PathId<Uuid>,
) -> Result<(StatusCode, Json<ResentMail>), Problem> {
    let entry = app.mails.find(id).await.map_err(|failure| failed(&failure))?;
    let entry = entry.ok_or_else(Problem::not_found)?;
    let mail_id = ids.id(caller.user, id, app.edge.new_id);
    let again = entry.mail.again(mail_id, app.edge.now(), trace.correlation);
    app.mails.want(&again).await.map_err(|failure| failed(&failure))?;
    Ok((StatusCode::ACCEPTED, Json(ResentMail { mail_id })))
}
