//! `POST /shows`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ShowId,
    show::{Command, Show, ShowDetails},
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// A new show.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShow {
    /// 1 to 200 characters.
    title: String,
    /// Up to 10,000 characters.
    description: String,
    /// 1 to 600.
    #[schema(minimum = 1, maximum = 600)]
    duration_minutes: u16,
    /// Spoken language, 1 to 50 characters.
    #[schema(example = "Hindi")]
    language: String,
    /// Age certificate, 1 to 20 characters.
    #[schema(example = "UA")]
    certificate: Option<String>,
    /// Up to 10, each 1 to 40 characters.
    #[serde(default)]
    genres: Vec<String>,
    /// Cast and directors, best known first: up to 20, each 1 to 80 characters.
    #[serde(default)]
    people: Vec<String>,
}

/// The show that was created.
#[derive(Serialize, ToSchema)]
pub struct CreatedShow {
    show_id: Uuid,
}

/// Adds a show to the catalogue.
///
/// # Errors
///
/// 422 for invalid values.
#[utoipa::path(
    post,
    path = "/shows",
    tag = "Catalogue",
    request_body = NewShow,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = CreatedShow), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn create_show(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewShow>,
) -> Result<(StatusCode, StreamPosition, Json<CreatedShow>), Problem> {
    let show = ShowId(ids.id(caller.user, "", app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let NewShow { title, description, duration_minutes, language, certificate, genres, people } = body;
    let details = ShowDetails { title, description, duration_minutes, language, certificate, genres, people };
    let command = Command::CreateShow { show, details, fingerprint };

    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Show>(&show, command, metadata).await?;

    let created = CreatedShow { show_id: show.0 };
    Ok((StatusCode::CREATED, position, Json(created)))
}
