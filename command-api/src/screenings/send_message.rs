//! `POST /screenings/{id}/messages`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ScreeningId,
    screening::{Command, Message, Screening},
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// A message to everybody who booked.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedMessage {
    /// One line.
    #[schema(max_length = 100, example = "The doors open later")]
    subject: String,
    #[schema(max_length = 2000, example = "The doors open at 7 pm. We are sorry for the wait.")]
    text: String,
}

/// A message that is being mailed. `GET /admin/cascades/{id}` counts its mails.
#[derive(Serialize, ToSchema)]
pub struct SentMessage {
    message_id: Uuid,
    /// The same id, under which the mails are counted.
    cascade_id: Uuid,
    screening_id: Uuid,
}

/// Mails a message to everybody who has paid seats of a screening, once per booking.
///
/// # Errors
///
/// 404; 409 `screening-cancelled`, `screening-over`, `too-many-messages`; 422 if a text is empty or too long.
#[utoipa::path(
    post,
    path = "/screenings/{id}/messages",
    tag = "Catalogue",
    request_body = WantedMessage,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, description = "the mails are on their way", body = SentMessage),
        schema::NotFound,
        (
            status = 409,
            description = "`screening-cancelled`, `screening-over`, `too-many-messages`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn send_message(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(screening): PathId<ScreeningId>,
    Body(body): Body<WantedMessage>,
) -> Result<(StatusCode, StreamPosition, Json<SentMessage>), Problem> {
    let id = ids.id(caller.user, screening, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let WantedMessage { subject, text } = body;
    let message = Message { subject, text };
    let command = Command::SendMessage { id, message, by: caller.user, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Screening>(&screening, command, metadata).await?;
    let sent = SentMessage { message_id: id, cascade_id: id, screening_id: screening.0 };
    Ok((StatusCode::ACCEPTED, position, Json(sent)))
}
