//! `POST /screens/{id}/blocks`, `DELETE /screens/{id}/blocks/{block_id}`

use axum::{Json, extract::State, http::StatusCode};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, ScreenId, ScreeningId, SeatName, UserId,
    promise::Promise,
    screen::{self, Screen, ScreenBlock, WantedSeats},
    screening::{self, Screening},
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    authority::Staff,
};

/// Screenings that follow at once.
const SCREENINGS_AT_ONCE: usize = 32;

/// Seats to keep back from sale in all screenings of a screen.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedScreenBlock {
    /// At most 500, together with those of all blocks of the screen.
    #[schema(value_type = Vec<String>, example = json!(["C-7"]))]
    pub seats: Vec<SeatName>,
    /// Purpose, for staff.
    #[schema(max_length = 200, example = "Broken seat")]
    pub reason: String,
}

/// Seats that all screenings of a screen keep back.
#[derive(Serialize, ToSchema)]
pub struct BlockedScreenSeats {
    block_id: Uuid,
    screen_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["C-7"]))]
    seats: Vec<SeatName>,
    reason: String,
    /// Number of screenings to come that keep the seats back.
    screenings: usize,
    /// Screenings in which guests have some of the seats already, by start. These seats are kept back once the guests give them back.
    taken: Vec<TakenSeats>,
}

/// Guests who have blocked seats.
#[derive(Serialize, ToSchema)]
pub struct TakenSeats {
    screening_id: Uuid,
    show_title: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(value_type = Vec<String>, example = json!(["C-7"]))]
    seats: Vec<SeatName>,
    /// Booking numbers, one per seat.
    #[schema(example = json!(["K7QM-3XRP"]))]
    references: Vec<String>,
}

/// Keeps seats back from sale in all screenings of a screen: in those to come, and in those that are scheduled later. Seats that guests
/// have already stay theirs.
///
/// # Errors
///
/// 404 if there is no such screen; 409 `seat-taken` (`seats`) if a block of the screen has them, `too-many-blocked` (`max`); 422 for
/// unknown seats.
#[utoipa::path(
    post,
    path = "/screens/{id}/blocks",
    tag = "Catalogue",
    request_body = WantedScreenBlock,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = BlockedScreenSeats),
        schema::NotFound,
        (
            status = 409,
            description = "`seat-taken` (`seats`), `too-many-blocked` (`max`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn block_screen_seats(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(screen): PathId<ScreenId>,
    Body(body): Body<WantedScreenBlock>,
) -> Result<(StatusCode, StreamPosition, Json<BlockedScreenSeats>), Problem> {
    let block = ids.id(caller.user, screen, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let WantedScreenBlock { seats, reason } = body;
    let wanted = WantedSeats { seats, reason };
    let command = screen::Command::BlockSeats { block, wanted, by: caller.user, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let (position, blocked) = carry_through(async move {
        let executed = app.execute(&screen, command, metadata.clone(), Screen::clone).await?;
        let known = executed.answer.block(block).ok_or_else(Problem::internal)?.clone();
        // Released meanwhile: a late repeat blocks nothing.
        let to_come =
            if known.released { Vec::new() } else { executed.answer.screenings_to_come(metadata.time) };
        let (screenings, mut position, mut taken) = (to_come.len(), executed.position, Vec::new());
        for some in to_come.chunks(SCREENINGS_AT_ONCE) {
            let follow = |on: &ScreeningId| follow(&app, screen, *on, &known, metadata.clone());
            for (at, guests) in try_join_all(some.iter().map(follow)).await? {
                position = position.max(at);
                taken.extend(guests);
            }
        }
        let released = release_late(&app, screen, block, &to_come, caller.user, metadata).await?;
        position = position.max(released);
        let (seats, reason, screen_id) = (known.seats, known.reason, screen.0);
        Ok((position, BlockedScreenSeats { block_id: block, screen_id, seats, reason, screenings, taken }))
    })
    .await?;
    Ok((StatusCode::CREATED, StreamPosition(position), Json(blocked)))
}

/// Applies a block to a screening. Returns the position of the commit, and the guests who have some of the seats.
async fn follow(
    app: &App,
    screen: ScreenId,
    screening: ScreeningId,
    block: &ScreenBlock,
    metadata: Metadata,
) -> Result<(u64, Option<TakenSeats>), Problem> {
    let command = screening::Command::FollowBlock { screen, block: block.for_screening(screening.0) };
    let block = block.id;
    let guests = move |state: &Screening| {
        let promise = state.promise()?;
        TakenSeats::of(screening, promise, state.guests_of_screen_block(block))
    };
    match app.execute(&screening, command, metadata, guests).await {
        Ok(executed) => Ok((executed.position, executed.answer)),
        // One that is not open yet begins with the block.
        Err(problem) if problem.status() == StatusCode::NOT_FOUND => Ok((0, None)),
        Err(problem) => Err(problem),
    }
}

impl TakenSeats {
    fn of(screening: ScreeningId, promise: &Promise, guests: Vec<(SeatName, BookingId)>) -> Option<Self> {
        let zone = promise.timezone.zone();
        let local = |moment: Timestamp| moment.display_with_offset(zone.to_offset(moment)).to_string();
        let references = guests.iter().map(|(_, booking)| booking.reference().to_string()).collect();
        let taken = Self {
            screening_id: screening.0,
            show_title: promise.show_title.clone(),
            starts_at: local(promise.starts_at),
            seats: guests.into_iter().map(|(seat, _)| seat).collect(),
            references,
        };
        (!taken.seats.is_empty()).then_some(taken)
    }
}

/// Puts the seats of a block of a screen on sale again, in all screenings.
///
/// # Errors
///
/// 404 if the screen has no such block.
#[utoipa::path(
    delete,
    path = "/screens/{id}/blocks/{block_id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("block_id" = Uuid, Path)),
    responses(
        (status = 204, description = "released, now or before"),
        schema::NotFound,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn release_screen_block(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screen, block)): PathId<(ScreenId, Uuid)>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let by = caller.user;
    let position = carry_through(async move { release(&app, screen, block, by, metadata).await }).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}

async fn release(
    app: &App,
    screen: ScreenId,
    block: Uuid,
    by: UserId,
    metadata: Metadata,
) -> Result<u64, Problem> {
    let command = screen::Command::ReleaseBlock { block, by };
    let now = metadata.time;
    let to_come = move |state: &Screen| state.screenings_to_come(now);
    let executed = app.execute(&screen, command, metadata.clone(), to_come).await?;
    let released = release_in(app, block, &executed.answer, by, metadata).await?;
    Ok(executed.position.max(released))
}

/// Releases a block in the screenings that followed it, if a colleague released it meanwhile: that release may have come before
/// they followed. Returns the position of the last commit.
async fn release_late(
    app: &App,
    screen: ScreenId,
    block: Uuid,
    followed: &[ScreeningId],
    by: UserId,
    metadata: Metadata,
) -> Result<u64, Problem> {
    let state = app.state::<Screen>(&screen, Freshness::Fresh).await?.state;
    if state.block(block).is_some_and(|known| !known.released) {
        return Ok(0);
    }
    release_in(app, block, followed, by, metadata).await
}

/// Releases a block in screenings. Returns the position of the last commit.
async fn release_in(
    app: &App,
    block: Uuid,
    screenings: &[ScreeningId],
    by: UserId,
    metadata: Metadata,
) -> Result<u64, Problem> {
    let mut position = 0;
    for some in screenings.chunks(SCREENINGS_AT_ONCE) {
        let release = |screening| {
            let command = screening::Command::ReleaseScreenBlock { block, by };
            app.execute(screening, command, metadata.clone(), |_: &Screening| ())
        };
        for released in try_join_all(some.iter().map(release)).await? {
            position = position.max(released.position);
        }
    }
    Ok(position)
}
