//! `GET /screenings/{id}/seats/live`: what changes on a seat map, as it happens. From the log, not from the read models: one
//! reader a process, while anybody listens, hands every commit to those who listen to its screening.

mod changes;
mod hub;
mod listening;
mod missed;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use ticketshow_domain::ScreeningId;
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};

pub use hub::Hub;

use crate::{App, catalogue::CallForOne, failures::no_log};
use changes::Frame;
use listening::Listening;
use missed::{Missed, missed};

/// What a browser sends when it connects again: the id of the last event that it got.
const LAST_EVENT_ID: &str = "last-event-id";

/// Where to go on.
#[derive(Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Resume {
    /// The position of a seat map that the caller has; what changed after it comes first. `Last-Event-ID` goes before it.
    after: Option<u64>,
}

/// How much of the screening the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    UpTo(u64),
    /// The last event was none of ours.
    Unknowable,
}

impl Known {
    fn of(headers: &HeaderMap, from: Resume) -> Self {
        match headers.get(LAST_EVENT_ID) {
            Some(id) => {
                let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
                id.map_or(Self::Unknowable, Self::UpTo)
            }
            None => from.after.map_or(Self::Nothing, Self::UpTo),
        }
    }
}

/// The data of an event `seats`. For the document only.
#[derive(Serialize, ToSchema)]
struct SeatChanges {
    changes: Vec<SeatChange>,
}

/// A seat that is something else now. For the document only.
#[derive(Serialize, ToSchema)]
struct SeatChange {
    #[schema(example = "A-1")]
    seat: String,
    /// `free`, `held` or `sold`.
    #[schema(example = "held")]
    status: String,
}

/// What changes on a seat map, as server-sent events. `id` is the stream position. Event `seats` has the changes as data; the
/// first one, on a connection that does not resume, has none and tells the position of the whole map. Event `reset`: what
/// was missed cannot be told any more, ask for the map anew, at least as of that position (`Min-Position`). A reader that
/// is too slow is cut off and may resume.
///
/// # Errors
///
/// 404 if there is no such screening; 503 if too many listen already.
#[utoipa::path(
    get,
    path = "/screenings/{id}/seats/live",
    tag = "Catalogue",
    params(("id" = uuid::Uuid, Path), Resume, ("Last-Event-ID" = Option<u64>, Header)),
    responses((status = 200, body = SeatChanges, content_type = "text/event-stream"), CallForOne, schema::AnyCall)
)]
pub async fn follow_seats(
    State(app): State<App>,
    PathId(screening): PathId<ScreeningId>,
    Params(from): Params<Resume>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Whether it is there at all, and where its map stands.
    let map = app.seat_maps.current(&app.tables, screening).await?.map.position;
    let heard = app.live.listen(screening).await?;
    let known = Known::of(&headers, from);
    let missed = match known {
        Known::Nothing => missed(&app, screening, map, &heard).await,
        Known::UpTo(position) => missed(&app, screening, position, &heard).await,
        Known::Unknowable => Ok(Missed::TooMuch),
    };
    let mut first = Vec::new();
    if known == Known::Nothing {
        first.push(Frame::begin(map));
    }
    let after = match missed.map_err(|failure| no_log(&failure))? {
        Missed::Nothing { after } => after,
        Missed::Changes(frame) => {
            let after = frame.position;
            first.push(frame);
            after
        }
        Missed::TooMuch => {
            first.push(Frame::reset(heard.from));
            heard.from
        }
    };
    let listening = Listening::new(heard.frames, first, after, app.live.stopped());
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(listening.stream())).into_response())
}
