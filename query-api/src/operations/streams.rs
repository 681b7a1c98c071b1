//! `GET /admin/streams`

use axum::{Json, extract::State};
use serde::Serialize;
use ticketshow_http::{Problem, schema};
use ticketshow_nats::server::usage::StreamUsage;
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::Staff, failures::log_failed, page::Page};

/// Space that a stream of NATS uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stream {
    #[schema(example = "EVENTS")]
    name: String,
    bytes: u64,
    /// Size at which the stream is full. `ticketshow admin topology` raises it.
    limit_bytes: u64,
    percent: u64,
    /// True from 80 % on: raise the limit.
    nearly_full: bool,
}

impl From<StreamUsage> for Stream {
    fn from(usage: StreamUsage) -> Self {
        let (percent, nearly_full) = (usage.percent(), usage.is_nearly_full());
        let StreamUsage { stream, bytes, limit_bytes } = usage;
        Self { name: stream, bytes, limit_bytes, percent, nearly_full }
    }
}

/// Lists the streams and buckets with the space they use.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/streams",
    tag = "Administration",
    responses((status = 200, body = Page<Stream>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_streams(State(app): State<App>, _admitted: Staff) -> Result<Json<Page<Stream>>, Problem> {
    let streams = app.parts.streams.usage().await.map_err(|failure| log_failed(&failure))?;
    Ok(Json(Page::whole(streams.into_iter().map(Stream::from).collect())))
}
