//! `PATCH /screenings/{id}`

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Deserializer, Serialize};
use ticketshow_domain::{
    Context, Decider, Fingerprint, ScreenId, ScreeningId, UserId,
    promise::{Offer, Promise},
    rescheduling::{Placement, WantedChange},
    screen::{self, OpeningHours, Screen},
    screening::{
        self, Screening,
        changing::{ChangeOutcome, Rescheduled, Unchangeable, free_until},
    },
    show::Show,
    venue::Venue,
};
use ticketshow_http::{
    Body, PathId, Problem, RequestIds, StreamPosition, Trace, prices::CategoryPrice, schema,
};
use ticketshow_nats::{
    executor::outcome::{AggregateState, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    authority::Staff,
    refusals::Refuse,
};

/// New terms of a screening. Omitted fields stay as they are.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreeningChange {
    /// Price per seat category, or one for each ticket type, for seats sold from now on.
    #[schema(value_type = Option<BTreeMap<String, schema::CategoryPrice>>)]
    prices: Option<BTreeMap<String, CategoryPrice>>,
    /// Local time with its offset.
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-01-15T20:00:00+05:30")]
    starts_at: Option<Timestamp>,
    /// Another screen of the venue, with every seat that is taken.
    #[schema(value_type = Option<Uuid>)]
    screen_id: Option<ScreenId>,
    /// Minutes before the start until which wheelchair places and companion seats are kept for people who ask for
    /// them; null for general sale.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>)]
    #[expect(clippy::option_option, reason = "left out, null, or a number")]
    wheelchair_minutes: Option<Option<u32>>,
    /// With `true`, nothing changes: the answer, or the refusal, is what the change would get now.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<bool>,
}

/// Distinguishes null from a field that is left out.
#[expect(clippy::option_option, reason = "left out, null, or a number")]
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The terms that a screening has now.
#[derive(Serialize, ToSchema)]
pub struct ChangedScreening {
    screening_id: Uuid,
    /// Id of the change; null if nothing changed, and of a preview. `GET /admin/cascades/{id}` counts the mails about another time or screen.
    change_id: Option<Uuid>,
    screen_id: Uuid,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    starts_at: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(value_type = BTreeMap<String, schema::CategoryPrice>)]
    prices: BTreeMap<String, CategoryPrice>,
    /// Number of paid bookings whose time or screen changed.
    bookings: u32,
    /// Until then their customers may cancel without charge; null if there are none.
    #[schema(format = DateTime)]
    free_until: Option<String>,
}

/// Changes prices, start or screen of a screening, or the time until which wheelchair places are kept. Bookings keep
/// the prices at which they were made. Customers whose time or screen changes get a mail, and may cancel without
/// charge for seven days, but not after the start.
///
/// # Errors
///
/// 404; 409 `screen-busy` (`screening`), `screen-retired`, `seats-missing` (`seats`), `seats-not-accessible` (`seats`), `booking-closed`,
/// `screening-cancelled`, `show-cancelled`, `venue-inactive`, `change-in-progress`, `too-many-changes`; 422 `outside-opening-hours`,
/// `in-the-past`, `price-missing`, `wrong-currency`, or a screen of another venue.
#[utoipa::path(
    patch,
    path = "/screenings/{id}",
    tag = "Catalogue",
    request_body = ScreeningChange,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, description = "changed without any customer being affected, or not changed at all; or a preview", body = ChangedScreening),
        (status = 202, description = "changed; a mail goes to each affected customer", body = ChangedScreening),
        schema::NotFound,
        (
            status = 409,
            description = "`screen-busy` (`screening`), `screen-retired`, `seats-missing` (`seats`), `seats-not-accessible` (`seats`), \
                           `booking-closed`, `screening-cancelled`, `show-cancelled`, `venue-inactive`, \
                           `change-in-progress`, `too-many-changes`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn change_screening(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(screening): PathId<ScreeningId>,
    Body(body): Body<ScreeningChange>,
) -> Result<(StatusCode, StreamPosition, Json<ChangedScreening>), Problem> {
    let id = ids.id(caller.user, screening, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    for price in body.prices.iter().flat_map(BTreeMap::values).flat_map(CategoryPrice::amounts) {
        app.check_currency(price.currency)?;
    }
    let metadata = app.sent_by(caller.user, &trace);
    let request = ChangeRequest { app, screening, id, by: caller.user, fingerprint, body, metadata };
    let (position, changed) = carry_through(async move { request.carry_out().await }).await?;
    let status = if changed.bookings > 0 && changed.change_id.is_some() {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    Ok((status, StreamPosition(position), Json(changed)))
}

struct ChangeRequest {
    app: App,
    screening: ScreeningId,
    id: Uuid,
    by: UserId,
    fingerprint: Option<Fingerprint>,
    body: ScreeningChange,
    metadata: Metadata,
}

impl ChangeRequest {
    /// The calendar reserves another slot, the screening decides, and the calendars follow. If this process dies in
    /// between, a saga takes the remaining steps; it also mails the customers.
    async fn carry_out(mut self) -> Result<(u64, ChangedScreening), Problem> {
        let AggregateState { state, position, .. } = self.seen().await?;
        // A refusal is not remembered: the same request is decided again.
        while state.known_change(self.id).is_some_and(|known| known.outcome == ChangeOutcome::Refused) {
            self.id = Uuid::new_v5(&self.id, b"again");
        }
        if let Some(known) = state.known_change(self.id) {
            if known.fingerprint != self.fingerprint {
                return Err(screening::Refusal::KeyReused.problem());
            }
            let followed = self.follow(&state).await?;
            return self.answer(&state, position.max(followed));
        }
        let before = state.promise().ok_or_else(Problem::not_found)?;
        let (promise, hours) = self.wanted(before).await?;
        if promise == **before {
            return Ok((position, ChangedScreening::new(self.screening, before, None, None)));
        }
        let wanted = WantedChange {
            id: self.id,
            number: state.change_count(),
            promise: Arc::new(promise),
            by: self.by,
            fingerprint: self.fingerprint.clone(),
        };
        state.check_change(&wanted, self.metadata.time).map_err(Refuse::problem)?;
        if self.body.preview == Some(true) {
            return self.preview(&state, position, wanted, hours).await;
        }
        let Some((opening_hours, show_cancelled)) = hours else {
            return self.decide(screening::Command::ChangePrices { wanted: wanted.clone() }, wanted).await;
        };
        let (screen, change) = (wanted.promise.screen, wanted.id);
        let command = screen::Command::ReserveSlot {
            screening: self.screening,
            wanted: wanted.clone(),
            opening_hours,
            show_cancelled,
        };
        let reserved = move |screen: &Screen| Some(Arc::clone(&screen.reserved(change)?.promise));
        let executed = self.app.execute(&screen, command, self.metadata.clone(), reserved).await?;
        // Without it, a saga was faster, and the screening knows the change.
        let promise = executed.answer.unwrap_or_else(|| Arc::clone(&wanted.promise));
        let wanted = WantedChange { promise, ..wanted };
        self.decide(screening::Command::ChangeScreening { wanted: wanted.clone() }, wanted).await
    }

    /// Answers as the change would be answered, and changes nothing.
    async fn preview(
        &self,
        state: &Screening,
        position: u64,
        wanted: WantedChange,
        hours: Option<(OpeningHours, bool)>,
    ) -> Result<(u64, ChangedScreening), Problem> {
        let (screening, promise) = (self.screening, Arc::clone(&wanted.promise));
        let Some((opening_hours, show_cancelled)) = hours else {
            return Ok((position, ChangedScreening::new(screening, &promise, None, None)));
        };
        let context = Context { now: self.metadata.time, policy: *self.app.executor.policy() };
        let screen = self.app.state::<Screen>(&promise.screen, Freshness::Fresh).await?.state;
        let command = screen::Command::ReserveSlot { screening, wanted, opening_hours, show_cancelled };
        screen.decide(&command, &context).map_err(Refuse::problem)?;
        let affected = (state.paid_bookings(), free_until(&promise, &context));
        Ok((position, ChangedScreening::new(screening, &promise, None, Some(affected))))
    }

    async fn seen(&self) -> Result<AggregateState<Screening>, Problem> {
        self.app.state::<Screening>(&self.screening, Freshness::Fresh).await
    }

    async fn decide(
        &self,
        command: screening::Command,
        wanted: WantedChange,
    ) -> Result<(u64, ChangedScreening), Problem> {
        let metadata = self.metadata.clone();
        let executed = self.app.execute(&self.screening, command, metadata, Screening::clone).await?;
        let state = executed.answer;
        if state.known_change(wanted.id).is_some_and(|known| known.outcome == ChangeOutcome::Refused) {
            let command = screen::Command::DropSlot { change: wanted.id };
            self.calendar(wanted.promise.screen, command).await?;
            // Something changed since the check; if it changed back, the caller may try again.
            let refusal = state.check_change(&wanted, self.metadata.time).err();
            return Err(refusal.unwrap_or_else(|| Unchangeable::InProgress.into()).problem());
        }
        let followed = self.follow(&state).await?;
        self.answer(&state, executed.position.max(followed))
    }

    /// Makes the calendars follow a change to another time or screen. Returns the position of the last commit.
    async fn follow(&self, state: &Screening) -> Result<u64, Problem> {
        let (screening, change) = (self.screening, self.id);
        match state.known_change(change).map(|known| &known.outcome) {
            Some(ChangeOutcome::Rescheduled(Rescheduled { before, after, .. })) => {
                let mut position = self.calendar(after.screen, screen::Command::TakeSlot { change }).await?;
                if before.screen != after.screen {
                    let taken_by = state.rescheduled_before(change);
                    let vacate = screen::Command::VacateSlot { screening, change, taken_by };
                    position = position.max(self.calendar(before.screen, vacate).await?);
                }
                Ok(position)
            }
            Some(ChangeOutcome::Repriced | ChangeOutcome::Refused) | None => Ok(0),
        }
    }

    async fn calendar(&self, screen: ScreenId, command: screen::Command) -> Result<u64, Problem> {
        Ok(self.app.execute(&screen, command, self.metadata.clone(), |_: &Screen| ()).await?.position)
    }

    fn answer(&self, state: &Screening, position: u64) -> Result<(u64, ChangedScreening), Problem> {
        let promise = state.promise().ok_or_else(Problem::not_found)?;
        let affected = match state.known_change(self.id).map(|known| &known.outcome) {
            Some(ChangeOutcome::Rescheduled(done)) => Some((done.bookings, done.free_until)),
            Some(ChangeOutcome::Repriced | ChangeOutcome::Refused) | None => None,
        };
        Ok((position, ChangedScreening::new(self.screening, promise, Some(self.id), affected)))
    }

    /// Returns all terms as they shall be and, for another time or screen, the opening hours of the venue and whether the show is
    /// cancelled.
    async fn wanted(&self, before: &Promise) -> Result<(Promise, Option<(OpeningHours, bool)>), Problem> {
        let ScreeningChange { prices, starts_at, screen_id, wheelchair_minutes, preview: _ } = &self.body;
        let mut wanted = before.clone();
        if let Some(prices) = prices {
            wanted.prices = CategoryPrice::full(prices);
            wanted.terms.type_prices = CategoryPrice::by_type(prices);
        }
        if let Some(minutes) = wheelchair_minutes {
            wanted.terms.wheelchair_minutes = *minutes;
        }
        wanted.starts_at = starts_at.map_or(before.starts_at, whole_milliseconds);
        wanted.screen = screen_id.unwrap_or(before.screen);
        if Placement::of(before).is_same(&Placement::of(&wanted)) {
            return Ok((wanted, None));
        }
        let room = self.app.state::<Screen>(&wanted.screen, Freshness::Fresh).await?.state.room;
        let room = room.ok_or_else(Problem::not_found)?;
        if room.venue != before.venue {
            return Err(Problem::invalid_value("/screen_id", "must be a screen of the same venue"));
        }
        let show = self.app.state::<Show>(&before.show, Freshness::Fresh).await?.state;
        let venue = self.app.state::<Venue>(&before.venue, Freshness::Fresh).await?.state;
        let (Some(play), Some(house)) = (show.details, venue.details) else {
            return Err(Problem::not_found());
        };
        let length = SignedDuration::from_mins(i64::from(play.duration_minutes));
        let cancel_until = self.app.cut_off(before.terms.cancellation, wanted.starts_at);
        let offer = Offer {
            show: before.show,
            show_title: play.title,
            venue_name: house.name,
            city: house.city,
            timezone: before.timezone.clone(),
            starts_at: wanted.starts_at,
            ends_at: wanted.starts_at.saturating_add(length).unwrap_or(Timestamp::MAX),
            cancel_until: cancel_until.unwrap_or(before.cancel_until),
            prices: wanted.prices,
            currency: before.currency,
            terms: wanted.terms,
        };
        let mut promise = room.complete(offer);
        if promise.screen == before.screen {
            // The seats on sale stay as they were when the screening was scheduled.
            promise.layout.clone_from(&before.layout);
        } else if prices.is_none() {
            let categories: Vec<String> =
                promise.layout.categories().into_iter().map(str::to_owned).collect();
            promise.prices.retain(|category, _| categories.contains(category));
            promise.terms.type_prices.retain(|category, _| categories.contains(category));
        }
        let active = venue.inactive.is_none();
        let hours = OpeningHours { opens_at: house.opens_at, closes_at: house.closes_at, active };
        Ok((promise, Some((hours, show.cancelled.is_some()))))
    }
}

/// To the millisecond, like all times in the log.
fn whole_milliseconds(moment: Timestamp) -> Timestamp {
    let whole = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Trunc);
    moment.round(whole).unwrap_or(moment)
}

impl ChangedScreening {
    /// `affected` are the paid bookings whose time or screen changes, and the end of their free cancellation.
    fn new(
        screening: ScreeningId,
        promise: &Promise,
        change_id: Option<Uuid>,
        affected: Option<(u32, Timestamp)>,
    ) -> Self {
        let zone = promise.timezone.zone();
        let local = |moment: Timestamp| moment.display_with_offset(zone.to_offset(moment)).to_string();
        let affected = affected.filter(|(bookings, _)| *bookings > 0);
        Self {
            screening_id: screening.0,
            change_id,
            screen_id: promise.screen.0,
            starts_at: local(promise.starts_at),
            ends_at: local(promise.ends_at),
            prices: CategoryPrice::list(&promise.prices, &promise.terms, promise.currency),
            bookings: affected.map_or(0, |(bookings, _)| bookings),
            free_until: affected.map(|(_, free_until)| local(free_until)),
        }
    }
}
