//! `PATCH /shows/{id}`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ShowId,
    show::{Command, Show, ShowChanges, ShowDetails},
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// The fields to change. Omitted fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedShow {
    /// 1 to 200 characters.
    title: Option<String>,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// 1 to 600.
    #[schema(minimum = 1, maximum = 600)]
    duration_minutes: Option<u16>,
    /// 1 to 50 characters.
    language: Option<String>,
    /// 1 to 20 characters; an empty string clears it.
    certificate: Option<String>,
    /// The complete list, up to 10.
    genres: Option<Vec<String>>,
    /// The complete list, up to 20.
    people: Option<Vec<String>>,
}

/// The show after the change.
#[derive(Serialize, ToSchema)]
pub struct UpdatedShow {
    pub show_id: Uuid,
    pub title: String,
    pub description: String,
    pub duration_minutes: u16,
    pub language: String,
    pub certificate: Option<String>,
    pub genres: Vec<String>,
    pub people: Vec<String>,
}

/// Updates a show. Screenings already scheduled keep their times.
///
/// # Errors
///
/// 404, 409 `show-cancelled`, 422 for invalid values.
#[utoipa::path(
    patch,
    path = "/shows/{id}",
    tag = "Catalogue",
    request_body = ChangedShow,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = UpdatedShow),
        schema::NotFound,
        (status = 409, description = "`show-cancelled`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn update_show(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(show): PathId<ShowId>,
    Body(body): Body<ChangedShow>,
) -> Result<(StreamPosition, Json<UpdatedShow>), Problem> {
    let ChangedShow { title, description, duration_minutes, language, certificate, genres, people } = body;
    let changes = ShowChanges { title, description, duration_minutes, language, certificate, genres, people };

    let metadata = app.sent_by(caller.user, &trace);
    let updated = |show: &Show| show.details.clone();
    let executed = app.execute(&show, Command::UpdateShow { changes }, metadata, updated).await?;

    let details = executed.answer.ok_or_else(Problem::not_found)?;
    let ShowDetails { title, description, duration_minutes, language, certificate, genres, people } = details;
    let show_id = show.0;
    let updated =
        UpdatedShow { show_id, title, description, duration_minutes, language, certificate, genres, people };
    Ok((StreamPosition(executed.position), Json(updated)))
}
