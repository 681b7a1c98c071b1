//! `POST /screens/{id}/drafts/{draft_id}/publication`, `POST /venues/{id}/schedule/publications`

use axum::{Json, extract::State};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Flaws, ScreenId, ScreeningId, VenueId,
    promise::Promise,
    screen::{self, OpeningHours, Publisher, Screen},
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
    let position = carry_through(async move { publish(&app, screen, screening, &metadata).await }).await?;
    let published = PublishedDraft { screening_id: screening.0, screen_id: screen.0 };
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

/// What was published.
#[derive(Default, Serialize, ToSchema)]
pub struct PublishedSchedule {
    /// Drafts that are screenings now.
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
    /// Why: `show-cancelled`, `price-missing`, `in-the-past`, or another refusal of a publication.
    #[schema(example = "show-cancelled")]
    reason: String,
    /// The reason in words.
    detail: String,
}

/// Publishes all drafts of a venue on some days. A repeat publishes what is left.
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
    let mut drafts = Vec::new();
    for screen in app.routing.screens_of(venue).await? {
        drafts.extend(drafts_of(&app, screen, from, to, &zone).await?);
    }
    if drafts.len() > DRAFTS_MAX {
        let message = format!("these days have more than {DRAFTS_MAX} drafts: publish fewer at once");
        return Err(Problem::invalid_value("/to", message));
    }
    let metadata = app.sent_by(caller.user, &trace);
    let (mut position, mut published) = (seen.position, PublishedSchedule::default());
    let (position, published) = carry_through(async move {
        for draft in drafts {
            match publish(&app, draft.screen, draft.screening, &metadata).await {
                Ok(at) => {
                    position = position.max(at);
                    published.screenings.push(draft.published());
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
    fn published(self) -> PublishedDraft {
        PublishedDraft { screening_id: self.screening.0, screen_id: self.screen.0 }
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
        }
    }
}

/// Finds the drafts of a screen on these days, by start.
async fn drafts_of(
    app: &App,
    screen: ScreenId,
    from: Date,
    to: Date,
    zone: &TimeZone,
) -> Result<Vec<DraftInSchedule>, Problem> {
    let seen = app.state::<Screen>(&screen, Freshness::Fresh).await?;
    let midnight = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    let (Ok(begin), Ok(end)) = (midnight(from), midnight(to.saturating_add(1.day()))) else {
        return Ok(Vec::new());
    };
    let all = seen.state.drafts.iter().map(|(screening, draft)| (draft.promise.starts_at, *screening, draft));
    let mut found: Vec<_> = all.filter(|(starts_at, ..)| begin <= *starts_at && *starts_at < end).collect();
    found.sort_unstable_by_key(|(starts_at, screening, _)| (*starts_at, *screening));
    let local = |moment: Timestamp| moment.display_with_offset(zone.to_offset(moment)).to_string();
    let in_schedule = |(starts_at, screening, draft): (Timestamp, ScreeningId, &screen::Draft)| {
        let Promise { screen_name, show_title, .. } = &*draft.promise;
        let (screen_name, show_title) = (screen_name.clone(), show_title.clone());
        DraftInSchedule { screen, screening, screen_name, show_title, starts_at: local(starts_at) }
    };
    Ok(found.into_iter().map(in_schedule).collect())
}

/// Publishes a draft and opens its screening for booking. If this process dies in between, a saga opens it. Returns the position of the
/// last commit.
async fn publish(
    app: &App,
    screen: ScreenId,
    screening: ScreeningId,
    metadata: &Metadata,
) -> Result<u64, Problem> {
    let seen = app.state::<Screen>(&screen, Freshness::Fresh).await?.state;
    let venue = seen.room.ok_or_else(Problem::not_found)?.venue;
    let venue = app.state::<Venue>(&venue, Freshness::Fresh).await?.state;
    let opening_hours = OpeningHours::of(&venue).ok_or_else(Problem::not_found)?;
    let show_cancelled = match seen.drafts.get(&screening) {
        Some(draft) => {
            app.state::<Show>(&draft.promise.show, Freshness::Fresh).await?.state.cancelled.is_some()
        }
        None => false,
    };
    let publisher = Publisher::Staff;
    let command = screen::Command::PublishDraft { screening, publisher, opening_hours, show_cancelled };
    let executed = app.execute(&screen, command, metadata.clone(), |_: &Screen| ()).await?;
    if !executed.changed {
        return Ok(executed.position);
    }
    let before = executed.position.saturating_sub(1);
    let scheduled = find_event::<Screen, _>(app, &screen, before, |event| {
        let screen::Event::ScreeningScheduled { screening: id, promise, .. } = event else { return None };
        (id == screening).then_some(promise)
    })
    .await?;
    // Missing in a replica of the log for a moment: the saga opens it.
    let Some(promise) = scheduled else { return Ok(executed.position) };
    let command = screening::Command::OpenScreening { screening, promise };
    let opened = app.execute(&screening, command, metadata.clone(), |_: &Screening| ()).await?;
    Ok(opened.position.max(executed.position))
}
