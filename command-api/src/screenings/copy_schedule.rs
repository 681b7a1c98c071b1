//! `POST /venues/{id}/schedule/copies`

use std::{ops::Not, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::future::try_join_all;
use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Context, Decider, Fingerprint, Flaws, ScreenId, ScreeningId, UserId, VenueId,
    promise::Promise,
    screen::{self, Screen},
    screening::Screening,
    venue::Venue,
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    machinery::{
        app::{App, carry_through},
        authority::Staff,
        failures::not_executed,
        refusals::Refuse,
    },
    screenings::schedule_screening::{NewScreening, ScheduleRequest, Scheduled},
};

/// Most days copied at once: a month.
const DAYS_MAX: u16 = 31;
/// Most screenings copied at once: each is two commits, and all of them fit into the time that a request may take.
const COPIES_MAX: usize = 500;
/// Largest distance between the copied days and their copies, in days: two years.
const AHEAD_MAX_DAYS: i32 = 731;

/// Days of a venue's schedule, and the day to copy them to.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleCopy {
    /// First day to copy, at the venue.
    #[schema(value_type = String, format = Date, example = "2026-11-23")]
    from: Date,
    /// Number of days, 1 to 31.
    #[schema(example = 7)]
    days: u16,
    /// First day of the copy, at the venue.
    #[schema(value_type = String, format = Date, example = "2026-11-30")]
    to: Date,
    /// Only show what would be scheduled.
    #[serde(default)]
    preview: bool,
    /// With `true`, the copies are drafts. Those of drafts always are.
    #[serde(default, skip_serializing_if = "Not::not")]
    #[schema(required = false)]
    drafts: bool,
}

/// Screenings that were copied, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopiedSchedule {
    #[schema(value_type = String, format = Date)]
    from: Date,
    days: u16,
    #[schema(value_type = String, format = Date)]
    to: Date,
    preview: bool,
    /// Screenings that were scheduled, now or by the call that this one repeats.
    screenings: Vec<CopiedScreening>,
    /// Screenings that were left out, with the reason.
    conflicts: Vec<CopyConflict>,
}

/// A copy of a screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopiedScreening {
    /// The copy; null in a preview.
    screening_id: Option<Uuid>,
    /// The screening that was copied.
    copy_of: Uuid,
    show_id: Uuid,
    show_title: String,
    screen_id: Uuid,
    screen_name: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    starts_at: String,
    /// `true` until the copy is published.
    draft: bool,
}

/// A screening that was not copied.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopyConflict {
    copy_of: Uuid,
    show_id: Uuid,
    show_title: String,
    screen_id: Uuid,
    screen_name: String,
    /// Local time of the copy with the venue's offset. On the day on which clocks are set forward, the time may not exist; its offset is
    /// that before.
    #[schema(format = DateTime, example = "2026-11-30T18:30:00+05:30")]
    starts_at: String,
    /// Reason: `no-such-time`, `screen-busy`, `screen-retired`, `outside-opening-hours`, `in-the-past`,
    /// `price-missing`, `show-cancelled`,
    /// `venue-inactive`, or another refusal of `POST /screenings`.
    #[schema(example = "screen-busy")]
    reason: String,
    /// The reason in words.
    detail: String,
}

/// A screening to copy, and the local time of its copy.
struct Copy {
    source: ScreeningId,
    is_draft: bool,
    promise: Arc<Promise>,
    local: DateTime,
}

impl Copy {
    /// The start of the copy; `None` if clocks skip that time. Of a time that comes twice, it is the first.
    fn starts_at(&self) -> Option<Timestamp> {
        let zone = self.promise.timezone.zone();
        let ambiguous = zone.to_ambiguous_zoned(self.local);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => None,
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                ambiguous.earlier().ok().map(|zoned| zoned.timestamp())
            }
        }
    }

    fn copied(&self, screening: Option<ScreeningId>, starts_at: Timestamp) -> CopiedScreening {
        let Promise { show, show_title, screen, screen_name, timezone, .. } = &*self.promise;
        let offset = timezone.zone().to_offset(starts_at);
        CopiedScreening {
            screening_id: screening.map(|screening| screening.0),
            copy_of: self.source.0,
            show_id: show.0,
            show_title: show_title.clone(),
            screen_id: screen.0,
            screen_name: screen_name.clone(),
            starts_at: starts_at.display_with_offset(offset).to_string(),
            draft: self.is_draft,
        }
    }

    /// The local time of the copy with the offset that was valid before, if clocks skip it.
    fn local_time(&self) -> String {
        let zone = self.promise.timezone.zone();
        let offset = match zone.to_ambiguous_zoned(self.local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        };
        let at = offset.to_timestamp(self.local);
        at.map_or_else(|_| self.local.to_string(), |at| at.display_with_offset(offset).to_string())
    }

    fn conflict(&self, reason: &str, detail: String) -> CopyConflict {
        let Promise { show, show_title, screen, screen_name, .. } = &*self.promise;
        CopyConflict {
            copy_of: self.source.0,
            show_id: show.0,
            show_title: show_title.clone(),
            screen_id: screen.0,
            screen_name: screen_name.clone(),
            starts_at: self.local_time(),
            reason: reason.to_owned(),
            detail,
        }
    }
}

/// Result of one copy.
type Outcome = Result<CopiedScreening, CopyConflict>;

/// Copies days of a venue's schedule to later days, drafts included, screening by screening: show, screen, local time, prices
/// and terms, but not the time of an automatic publication. Screenings that do not fit are left out and reported. A
/// repeat with the same Idempotency-Key schedules the missing ones and none twice.
///
/// # Errors
///
/// 404 if there is no such venue; 422 `idempotency-key-reused`, or for days that are too many or too far away, or more than 500 screenings.
#[utoipa::path(
    post,
    path = "/venues/{id}/schedule/copies",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ScheduleCopy,
    responses(
        (status = 200, description = "the preview", body = CopiedSchedule),
        (status = 202, description = "done", body = CopiedSchedule),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn copy_schedule(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(venue): PathId<VenueId>,
    Body(body): Body<ScheduleCopy>,
) -> Result<Response, Problem> {
    let distance = check(&body)?;
    let fingerprint = ids.fingerprint(&app.edge.keys, &(venue, &body)).filter(|_| !body.preview);
    let used = app.check_key(&ids, caller.user, fingerprint).await?;
    let seen = app.state::<Venue>(&venue, Freshness::Fresh).await?;
    let details = seen.state.details.ok_or_else(Problem::not_found)?;
    let zone = details.timezone.zone();
    let mut per_screen = Vec::new();
    for screen in app.routing.screens_of(venue).await? {
        per_screen.push(copies_of(&app, screen, &body, distance, &zone).await?);
    }
    if per_screen.iter().map(Vec::len).sum::<usize>() > COPIES_MAX {
        let message = format!("these days have more than {COPIES_MAX} screenings: copy fewer at once");
        return Err(Problem::invalid_value("/days", message));
    }

    let metadata = app.sent_by(caller.user, &trace);
    let scheduling = Scheduling {
        fingerprint: ids.fingerprint(&app.edge.keys, &body),
        key: ids,
        user: caller.user,
        metadata,
        app,
    };
    let is_preview = body.preview;
    let (outcomes, position) = carry_through(async move {
        let screens = per_screen.into_iter().map(|copies| async {
            if is_preview { scheduling.preview(copies).await } else { scheduling.schedule(copies).await }
        });
        let screens = try_join_all(screens).await?;
        let position = screens.iter().map(|(_, position)| *position).max().unwrap_or_default();
        scheduling.app.keep_key(used).await;
        Ok((screens.into_iter().flat_map(|(outcomes, _)| outcomes).collect::<Vec<_>>(), position))
    })
    .await?;

    let ScheduleCopy { from, days, to, preview, drafts: _ } = body;
    let (mut screenings, mut conflicts) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(copied) => screenings.push(copied),
            Err(conflict) => conflicts.push(conflict),
        }
    }
    let copied = Json(CopiedSchedule { from, days, to, preview, screenings, conflicts });
    Ok(match (preview, position) {
        (true, _) => copied.into_response(),
        (false, 0) => (StatusCode::ACCEPTED, copied).into_response(),
        (false, position) => (StatusCode::ACCEPTED, StreamPosition(position), copied).into_response(),
    })
}

/// Checks the days, and returns the distance from each day to its copy.
fn check(body: &ScheduleCopy) -> Result<Span, Problem> {
    let mut flaws = Flaws::default();
    flaws.unless((1..=DAYS_MAX).contains(&body.days), "/days", format!("must be 1 to {DAYS_MAX}"));
    let distance = body.from.until(body.to).map_or(i32::MAX, |span| span.get_days());
    let after = distance >= i32::from(body.days);
    flaws.unless(after, "/to", "must not be one of the copied days, nor before them");
    flaws.unless(
        distance <= AHEAD_MAX_DAYS,
        "/to",
        format!("must be within {AHEAD_MAX_DAYS} days after from"),
    );
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    Ok(distance.days())
}

/// Finds the screenings and drafts of a screen on the days to copy, by start. Those that were called off are no longer in its
/// calendar.
async fn copies_of(
    app: &App,
    screen: ScreenId,
    body: &ScheduleCopy,
    distance: Span,
    zone: &TimeZone,
) -> Result<Vec<Copy>, Problem> {
    let drafts = body.drafts;
    let seen = app.state::<Screen>(&screen, Freshness::Fresh).await?;
    let midnight = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    let end = body.from.saturating_add(i32::from(body.days).days());
    let (Ok(begin), Ok(end)) = (midnight(body.from), midnight(end)) else { return Ok(Vec::new()) };
    let nil = ScreeningId(Uuid::nil());
    let sources: Vec<_> =
        seen.state.calendar.range((begin, nil)..(end, nil)).map(|((_, id), _)| *id).collect();
    let mut copies = Vec::with_capacity(sources.len() + seen.state.drafts.len());
    for source in sources {
        let screening = app.state::<Screening>(&source, Freshness::Fresh).await?;
        // One that was scheduled a moment ago may not be open yet.
        let Some(promise) = screening.state.promise().cloned() else { continue };
        let local = promise.starts_at.to_zoned(zone.clone()).datetime().saturating_add(distance);
        copies.push(Copy { source, is_draft: drafts, promise, local });
    }
    for (source, draft) in &seen.state.drafts {
        let promise = Arc::clone(&draft.promise);
        if begin <= promise.starts_at && promise.starts_at < end {
            let local = promise.starts_at.to_zoned(zone.clone()).datetime().saturating_add(distance);
            copies.push(Copy { source: *source, is_draft: true, promise, local });
        }
    }
    copies.sort_by_key(|copy| copy.promise.starts_at);
    Ok(copies)
}

/// Schedules the copies of one call.
struct Scheduling {
    app: App,
    user: UserId,
    key: RequestIds,
    fingerprint: Option<Fingerprint>,
    metadata: Metadata,
}

impl Scheduling {
    fn request(&self, copy: &Copy, starts_at: Timestamp) -> ScheduleRequest {
        let target = format!("{} {starts_at}", copy.source);
        let body = NewScreening::like(&copy.promise, starts_at);
        ScheduleRequest {
            app: self.app.clone(),
            screening: ScreeningId(self.key.id(self.user, target, self.app.edge.new_id)),
            body: if copy.is_draft { body.into_draft() } else { body },
            fingerprint: self.fingerprint.clone(),
            metadata: self.metadata.clone(),
        }
    }

    /// Schedules the copies on one screen, one after the other.
    async fn schedule(&self, copies: Vec<Copy>) -> Result<(Vec<Outcome>, u64), Problem> {
        let (mut outcomes, mut latest) = (Vec::with_capacity(copies.len()), 0);
        for copy in copies {
            let Some(starts_at) = copy.starts_at() else {
                outcomes.push(Err(no_such_time(&copy)));
                continue;
            };
            let request = self.request(&copy, starts_at);
            let screening = request.screening;
            outcomes.push(match request.carry_out().await {
                Ok(Scheduled { position, promise: _, is_draft }) => {
                    latest = latest.max(position);
                    Ok(CopiedScreening { draft: is_draft, ..copy.copied(Some(screening), starts_at) })
                }
                Err(problem) if problem.status().is_client_error() => {
                    let detail = problem.words().to_owned();
                    Err(copy.conflict(problem.slug(), detail))
                }
                Err(outage) => return Err(outage),
            });
        }
        Ok((outcomes, latest))
    }

    /// Decides about the copies on one screen as if each were scheduled, and records nothing.
    async fn preview(&self, copies: Vec<Copy>) -> Result<(Vec<Outcome>, u64), Problem> {
        let mut outcomes = Vec::with_capacity(copies.len());
        let Some(first) = copies.first() else { return Ok((outcomes, 0)) };
        let mut screen = self.app.state::<Screen>(&first.promise.screen, Freshness::Fresh).await?.state;
        for copy in copies {
            outcomes.push(match copy.starts_at() {
                None => Err(no_such_time(&copy)),
                Some(starts_at) => match self.add_to(&mut screen, &copy, starts_at).await {
                    Ok(()) => Ok(copy.copied(None, starts_at)),
                    Err(ExecuteError::Refused { refusal, .. }) => Err(refused(&copy, refusal)),
                    Err(outage) => return Err(not_executed(outage)),
                },
            });
        }
        Ok((outcomes, 0))
    }

    /// Adds a copy to a screen in memory.
    async fn add_to(
        &self,
        screen: &mut Screen,
        copy: &Copy,
        starts_at: Timestamp,
    ) -> Result<(), ExecuteError<screen::Refusal>> {
        let command = self.request(copy, starts_at).command(Freshness::Fresh).await?;
        let context = Context { now: self.metadata.time, policy: *self.app.executor.policy() };
        let events = screen
            .decide(&command, &context)
            .map_err(|refusal| ExecuteError::Refused { refusal, position: 0 })?;
        for event in &events {
            screen.evolve(event);
        }
        Ok(())
    }
}

fn refused(copy: &Copy, refusal: screen::Refusal) -> CopyConflict {
    let detail = refusal.to_string();
    copy.conflict(refusal.problem().slug(), detail)
}

fn no_such_time(copy: &Copy) -> CopyConflict {
    copy.conflict("no-such-time", "clocks are set forward over this time".to_owned())
}
