//! `GET /screenings/{id}/seats/live`: changes of a seat map as they happen. Read from the log, not from the read models:
//! one reader per process forwards each commit to the clients of its screening.

mod changes;
mod event_stream;
pub mod hub;
mod missed;

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use ticketshow_domain::ScreeningId;
use ticketshow_http::{ClientAddress, Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};

use self::{
    changes::{Frame, Missed},
    event_stream::EventStream,
    missed::missed,
};
use crate::machinery::{app::App, responses::CallForOne};

/// Pause that a client is asked for whose address has too many open streams. The web app polls the map meanwhile.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Sent by a reconnecting browser: the id of the last event it received.
const LAST_EVENT_ID: &str = "last-event-id";

/// Start of the stream.
#[derive(Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Resume {
    /// Position of the seat map that the caller has; changes after it are sent first. `Last-Event-ID` takes precedence.
    after: Option<u64>,
}

/// The state of the seat map that the caller already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    UpTo(u64),
    /// The `Last-Event-ID` was not issued by us.
    Invalid,
}

impl Known {
    fn of(headers: &HeaderMap, from: Resume) -> Self {
        match headers.get(LAST_EVENT_ID) {
            Some(id) => {
                let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
                id.map_or(Self::Invalid, Self::UpTo)
            }
            None => from.after.map_or(Self::Nothing, Self::UpTo),
        }
    }
}

/// Data of an event `seats`. For the document only.
#[derive(Serialize, ToSchema)]
struct SeatChanges {
    changes: Vec<SeatChange>,
}

/// A seat with a new status. For the document only.
#[derive(Serialize, ToSchema)]
struct SeatChange {
    #[schema(example = "A-1")]
    seat: String,
    /// `free`, `held` or `sold`.
    #[schema(example = "held")]
    status: String,
}

/// Streams the changes of a seat map as server-sent events. The `id` of an event is its stream position.
///
/// - `seats`: changed seats. On a connection that does not resume, the first event has no changes; its `id` is the
///   position of the whole map.
/// - `reset`: the missed changes are no longer available. Fetch the map again, with the event's position as
///   `Min-Position`.
///
/// A client that is too slow is disconnected and may resume.
///
/// # Errors
///
/// 404 if the screening does not exist; 503 if too many clients are connected or catching up.
#[utoipa::path(
    get,
    path = "/screenings/{id}/seats/live",
    tag = "Catalogue",
    params(("id" = uuid::Uuid, Path), Resume, ("Last-Event-ID" = Option<u64>, Header)),
    responses((status = 200, body = SeatChanges, content_type = "text/event-stream"), CallForOne, schema::AnyCall)
)]
pub async fn follow_seats(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    PathId(screening): PathId<ScreeningId>,
    Params(from): Params<Resume>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let places = &app.parts.edge.limiters.live_maps_per_address;
    let place = places.take(address).ok_or_else(|| Problem::too_many_requests(RETRY_AFTER))?;
    // Answers 404 for an unknown screening; otherwise yields the position of its map.
    let map = app.seat_maps.current(&app.tables, screening).await?.map.position;
    let subscription = app.live.subscribe(screening, place).await?;
    let known = Known::of(&headers, from);
    let missed = match known {
        Known::Nothing => missed(&app, screening, map, &subscription).await?,
        Known::UpTo(position) => missed(&app, screening, position, &subscription).await?,
        Known::Invalid => Missed::TooMuch,
    };
    let mut first = Vec::new();
    if known == Known::Nothing {
        first.push(Frame::start(map));
    }
    let after = match missed {
        Missed::Nothing { after } => after,
        Missed::Changes(frame) => {
            let after = frame.position;
            first.push(frame);
            after
        }
        Missed::TooMuch => {
            first.push(Frame::reset(subscription.from));
            subscription.from
        }
    };
    let events = EventStream::new(subscription, first, after, app.live.stopped());
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx collects an answer before it sends it, unless this header forbids it.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(events.into_stream())).into_response())
}
