//! `POST /screens/{id}/drafts/{draft_id}/publication`, `POST /venues/{id}/schedule/publications`

use axum::{Json, extract::State, http::StatusCode};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Flaws, ScreenId, ScreeningId, VenueId,
    promise::Promise,
    screen::{self, CurrentFacts, Publisher, ReplacedDraft, Screen},
    screening::{self, Screening},
    show::Show,
    venue::Venue,
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    authority::Staff,
    past_events::find_event,
};

/// Most days published at once: a month.
const DAYS_MAX: i32 = 31;
/// Most drafts published at once: each is two commits, and all of them fit into the time that a request may take.
const DRAFTS_MAX: usize = 500;

/// A draft that is a screening now.
#[derive(Serialize, ToSchema)]
pub struct PublishedDraft {
    screening_id: Uuid,
    screen_id: Uuid,
    /// `true` if it was published before this call.
    before: bool,
}

/// Publishes a draft: customers see the screening and can book it.
///
/// # Errors
///
/// 404 if the screen has no such draft; 409 `screen-busy` (`screening`), `screen-retired`, `show-cancelled`, `venue-inactive`; 422
/// `outside-opening-hours`, `in-the-past`, `price-missing`.
#[utoipa::path(
    post,
    path = "/screens/{id}/drafts/{draft_id}/publication",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("draft_id" = Uuid, Path)),
    responses(
        (status = 200, description = "published, now or before", body = PublishedDraft),
        schema::NotFound,
        (
            status = 409,
            description = "`screen-busy` (`screening`), `screen-retired`, `show-cancelled`, `venue-inactive`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn publish_draft(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screen, screening)): PathId<(ScreenId, ScreeningId)>,
) -> Result<(StreamPosition, Json<PublishedDraft>), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let (position, before) =
        carry_through(async move { publish(&app, screen, screening, &metadata).await }).await?;
    let published = PublishedDraft { screening_id: screening.0, screen_id: screen.0, before };
    Ok((StreamPosition(position), Json(published)))
}

/// Days of a venue whose drafts are published.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// First day, at the venue.
    #[schema(value_type = String, format = Date, example = "2026-11-30")]
    from: Date,
    /// Last day, at the venue; at most 31 days in all.
    #[schema(value_type = String, format = Date, example = "2026-12-06")]
    to: Date,
}

/// Published drafts.
#[derive(Default, Serialize, ToSchema)]
pub struct PublishedSchedule {
    /// Drafts that are screenings now, published by this call or before.
    screenings: Vec<PublishedDraft>,
    /// Drafts that stay drafts, with the reason.
    conflicts: Vec<UnpublishedDraft>,
}

/// A draft that could not be published.
#[derive(Serialize, ToSchema)]
pub struct UnpublishedDraft {
    screening_id: Uuid,
    screen_id: Uuid,
    screen_name: String,
    show_title: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    starts_at: String,
    /// Reason: `show-cancelled`, `price-missing`, `in-the-past`, or another refusal of a publication.
    #[schema(example = "show-cancelled")]
    reason: String,
    /// The reason in words.
    detail: String,
    /// The screening in that slot, for `screen-busy`.
    taken_by: Option<SlotInTheWay>,
}

/// A screening, or a draft of one, that has the slot.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SlotInTheWay {
    screening_id: Uuid,
    show_title: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// `true` if customers do not see it yet.
    draft: bool,
}

/// Publishes all drafts of a venue on some days. A repeat publishes the remaining drafts, and also lists those published before.
///
/// # Errors
///
/// 404 if there is no such venue; 422 for too many days, or more than 500 drafts.
#[utoipa::path(
    post,
    path = "/venues/{id}/schedule/publications",
    tag = "Catalogue",
    request_body = Publication,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = PublishedSchedule),
        schema::NotFound,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn publish_schedule(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(venue): PathId<VenueId>,
    Body(Publication { from, to }): Body<Publication>,
) -> Result<(StreamPosition, Json<PublishedSchedule>), Problem> {
    check_days(from, to)?;
    let seen = app.state::<Venue>(&venue, Freshness::Fresh).await?;
    let zone = seen.state.details.ok_or_else(Problem::not_found)?.timezone.zone();
    let (mut drafts, mut published) = (Vec::new(), PublishedSchedule::default());
    for screen in app.routing.screens_of(venue).await? {
        let seen = app.state::<Screen>(&screen, Freshness::Fresh).await?.state;
        published.screenings.extend(published_before(&seen, screen, from, to, &zone));
        drafts.extend(drafts_of(&seen, screen, from, to, &zone));
    }
    if drafts.len() > DRAFTS_MAX {
        let message = format!("these days have more than {DRAFTS_MAX} drafts: publish fewer at once");
        return Err(Problem::invalid_value("/to", message));
    }
    let metadata = app.sent_by(caller.user, &trace);
    let mut position = seen.position;
    let (position, published) = carry_through(async move {
        for draft in drafts {
            match publish(&app, draft.screen, draft.screening, &metadata).await {
                Ok((at, before)) => {
                    position = position.max(at);
                    published.screenings.push(draft.published(before));
                }
                Err(problem) if problem.status().is_client_error() => {
                    published.conflicts.push(draft.conflict(&problem));
                }
                Err(outage) => return Err(outage),
            }
        }
        Ok((position, published))
    })
    .await?;
    Ok((StreamPosition(position), Json(published)))
}

fn check_days(from: Date, to: Date) -> Result<(), Problem> {
    let mut flaws = Flaws::default();
    let days = from.until(to).map_or(i32::MAX, |span| span.get_days());
    flaws.unless(days >= 0, "/to", "must not be before from");
    flaws.unless(days < DAYS_MAX, "/to", format!("must be within {DAYS_MAX} days"));
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))
}

/// A draft to publish.
struct DraftInSchedule {
    screen: ScreenId,
    screening: ScreeningId,
    screen_name: String,
    show_title: String,
    starts_at: String,
}

impl DraftInSchedule {
    fn published(self, before: bool) -> PublishedDraft {
        PublishedDraft { screening_id: self.screening.0, screen_id: self.screen.0, before }
    }

    fn conflict(self, problem: &Problem) -> UnpublishedDraft {
        let Self { screen, screening, screen_name, show_title, starts_at } = self;
        UnpublishedDraft {
            screening_id: screening.0,
            screen_id: screen.0,
            screen_name,
            show_title,
            starts_at,
            reason: problem.slug().to_owned(),
            detail: problem.words().to_owned(),
            taken_by: problem.member("screening"),
        }
    }
}

/// Returns the first moment of the days and the first one after them; `None` only at the end of the calendar.
fn bounds(from: Date, to: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let midnight = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
    Some((midnight(from)?, midnight(to.saturating_add(1.day()))?))
}

/// Finds the screenings of a screen on these days that were drafts, by start.
fn published_before(
    seen: &Screen,
    screen: ScreenId,
    from: Date,
    to: Date,
    zone: &TimeZone,
) -> Vec<PublishedDraft> {
    let Some((begin, end)) = bounds(from, to, zone) else { return Vec::new() };
    let nil = ScreeningId(Uuid::nil());
    let screenings = seen.calendar.range((begin, nil)..(end, nil)).map(|((_, screening), _)| *screening);
    let published = |screening: ScreeningId| PublishedDraft {
        screening_id: screening.0,
        screen_id: screen.0,
        before: true,
    };
    screenings.filter(|screening| seen.was_draft(*screening)).map(published).collect()
}

/// Finds the drafts of a screen on these days, by start.
fn drafts_of(seen: &Screen, screen: ScreenId, from: Date, to: Date, zone: &TimeZone) -> Vec<DraftInSchedule> {
    let Some((begin, end)) = bounds(from, to, zone) else { return Vec::new() };
    let all = seen.drafts.iter().map(|(screening, draft)| (draft.promise.starts_at, *screening, draft));
    let mut found: Vec<_> = all.filter(|(starts_at, ..)| begin <= *starts_at && *starts_at < end).collect();
    found.sort_unstable_by_key(|(starts_at, screening, _)| (*starts_at, *screening));
    let local = |moment: Timestamp| moment.display_with_offset(zone.to_offset(moment)).to_string();
    let in_schedule = |(starts_at, screening, draft): (Timestamp, ScreeningId, &screen::Draft)| {
        let Promise { screen_name, show_title, .. } = &*draft.promise;
        let (screen_name, show_title) = (screen_name.clone(), show_title.clone());
        DraftInSchedule { screen, screening, screen_name, show_title, starts_at: local(starts_at) }
    };
    found.into_iter().map(in_schedule).collect()
}

/// Publishes a draft and opens its screening for booking. If this process dies in between, a saga opens it. Returns the
/// position of the last commit, and `true` if the draft was published before.
async fn publish(
    app: &App,
    screen: ScreenId,
    screening: ScreeningId,
    metadata: &Metadata,
) -> Result<(u64, bool), Problem> {
    let seen = app.state::<Screen>(&screen, Freshness::Fresh).await?;
    let Some(draft) = seen.state.drafts.get(&screening) else {
        let published = seen.state.is_published(screening);
        return if published { Ok((seen.position, true)) } else { Err(no_draft()) };
    };
    end_replaced(app, draft, metadata).await?;
    let venue = app.state::<Venue>(&draft.promise.venue, Freshness::Fresh).await?.state;
    let show = app.state::<Show>(&draft.promise.show, Freshness::Fresh).await?.state;
    let facts = CurrentFacts::of(&show, &venue).ok_or_else(Problem::not_found)?;
    let command = screen::Command::PublishDraft { screening, publisher: Publisher::Staff, facts };
    let executed = app.execute(&screen, command, metadata.clone(), |_: &Screen| ()).await?;
    if !executed.changed {
        return Ok((executed.position, true));
    }
    let before = executed.position.saturating_sub(1);
    let scheduled = find_event::<Screen, _>(app, &screen, before, |event| {
        let screen::Event::ScreeningScheduled { screening: id, promise, blocks, .. } = event else {
            return None;
        };
        (id == screening).then_some((promise, blocks))
    })
    .await?;
    // Missing in a replica of the log for a moment: the saga opens it.
    let Some((promise, blocks)) = scheduled else { return Ok((executed.position, false)) };
    let command = screening::Command::OpenScreening { screening, promise, blocks };
    let opened = app.execute(&screening, command, metadata.clone(), |_: &Screening| ()).await?;
    Ok((opened.position.max(executed.position), false))
}

/// Deletes the draft that this one replaces, so that not both are published. Fails if that one was published, or its seats were
/// blocked meanwhile: then it stays, and a saga deletes this one.
async fn end_replaced(app: &App, draft: &screen::Draft, metadata: &Metadata) -> Result<(), Problem> {
    let Some(replaced) = draft.replaces.clone() else { return Ok(()) };
    let ReplacedDraft { screen, draft, seen, blocks: _ } = replaced;
    let command = screen::Command::ReplaceDraft { screening: draft, seen };
    match app.execute(&screen, command, metadata.clone(), |_: &Screen| ()).await {
        // Its screen has forgotten it.
        Err(problem) if problem.status() == StatusCode::NOT_FOUND => Ok(()),
        ended => ended.map(drop),
    }
}

fn no_draft() -> Problem {
    Problem::not_found().detail(screen::Refusal::NoDraft.to_string())
}
