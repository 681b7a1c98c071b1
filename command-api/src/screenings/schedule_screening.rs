//! `POST /screenings`

use std::{collections::BTreeMap, ops::Not, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Fingerprint, Money, ScreenId, ScreeningId, ShowId,
    pricing::{CancellationRule, Charges, SingleSeats, Terms, TicketType},
    promise::{Offer, Promise},
    screen::{self, HouseBlock, OpeningHours, ReplacedDraft, Screen, WantedDraft},
    screening::{self, Screening},
    show::Show,
    venue::Venue,
};
use ticketshow_http::{
    Body, Problem, RequestIds, StreamPosition, Trace,
    prices::{CancellationTerms, CategoryPrice, Fee, TaxRate, TicketTypeLimits},
    schema,
};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Executed, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;

use crate::{
    machinery::{
        app::{App, carry_through},
        authority::StaffSomewhere,
        failures::not_executed,
        past_events::find_event,
    },
    screenings::scheduled_screening::ScheduledScreening,
};

/// A new screening.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScreening {
    #[schema(value_type = Uuid)]
    show_id: ShowId,
    #[schema(value_type = Uuid)]
    screen_id: ScreenId,
    /// Local time with its offset.
    #[schema(value_type = String, format = DateTime, example = "2027-01-15T19:30:00+05:30")]
    starts_at: Timestamp,
    /// Price per seat category of the screen: one, or one for each ticket type. The names of ticket types have 1 to 30 small
    /// letters, digits, hyphens and underscores; a screening has at most 20 of them.
    #[schema(value_type = BTreeMap<String, schema::CategoryPrice>)]
    prices: BTreeMap<String, CategoryPrice>,
    /// Limits by ticket type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, TicketTypeLimits>, required = false)]
    ticket_types: BTreeMap<TicketType, TicketTypeLimits>,
    /// A fee on top of the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fee: Option<Fee>,
    /// Tax included in prices and fee: at most 10 rates, together at most 100 %.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tax_rates: Vec<TaxRate>,
    /// Terms of a cancellation by the customer; by default, those of the installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancellation: Option<CancellationTerms>,
    /// Choices that leave a single seat; by default, the app warns of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SingleSeats>)]
    single_seats: Option<SingleSeats>,
    /// Minutes before the start until which wheelchair places and companion seats are kept for people who ask for
    /// them; without it, they are on general sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wheelchair_minutes: Option<u32>,
    /// With `true`, only staff see the screening until it is published.
    #[serde(default, skip_serializing_if = "Not::not")]
    #[schema(required = false)]
    draft: bool,
    /// Time at which a draft is published automatically, before its start; without it, staff publish it. If it cannot be
    /// published then, this is tried again every hour for a day. Local time with its offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-01-08T10:00:00+05:30")]
    publish_at: Option<Timestamp>,
}

impl NewScreening {
    /// A screening as promised, at another time.
    pub fn like(promise: &Promise, starts_at: Timestamp) -> Self {
        let Promise { show, screen, prices, currency, terms, .. } = promise;
        let Terms {
            limits,
            charges: Charges { fee, tax_rates },
            cancellation,
            single_seats,
            wheelchair_minutes,
            ..
        } = terms.clone();
        Self {
            show_id: *show,
            screen_id: *screen,
            starts_at,
            prices: CategoryPrice::list(prices, terms, *currency),
            ticket_types: limits.into_iter().map(|(kind, limit)| (kind, limit.into())).collect(),
            fee: fee.map(|fee| Fee::new(fee, *currency)),
            tax_rates: tax_rates.into_iter().map(Into::into).collect(),
            cancellation: cancellation.map(Into::into),
            single_seats: (single_seats != SingleSeats::default()).then_some(single_seats),
            wheelchair_minutes,
            draft: false,
            publish_at: None,
        }
    }

    /// The same as a draft that staff publish.
    pub fn into_draft(self) -> Self {
        Self { draft: true, ..self }
    }

    /// Checks the parts that the screen does not check.
    ///
    /// # Errors
    ///
    /// 422 for another currency than that of the installation, or a time of publication without a draft.
    pub fn check(&self, app: &App) -> Result<(), Problem> {
        for amount in self.amounts() {
            app.check_currency(amount.currency)?;
        }
        if self.publish_at.is_some() && !self.draft {
            return Err(Problem::invalid_value("/publish_at", "is for drafts only"));
        }
        Ok(())
    }

    pub fn is_draft(&self) -> bool {
        self.draft
    }

    pub fn screen(&self) -> ScreenId {
        self.screen_id
    }

    fn terms(&self) -> Terms {
        Terms {
            type_prices: CategoryPrice::by_type(&self.prices),
            limits: self
                .ticket_types
                .iter()
                .map(|(kind, limit)| (kind.clone(), limit.clone().into()))
                .collect(),
            charges: Charges {
                fee: self.fee.map(Into::into),
                tax_rates: self.tax_rates.iter().cloned().map(Into::into).collect(),
            },
            cancellation: self.cancellation.map(Into::into),
            single_seats: self.single_seats.unwrap_or_default(),
            wheelchair_minutes: self.wheelchair_minutes,
        }
    }

    /// All amounts of money.
    fn amounts(&self) -> impl Iterator<Item = Money> + '_ {
        self.prices.values().flat_map(CategoryPrice::amounts).chain(self.fee.iter().map(Fee::amount))
    }

    /// The start to the millisecond, like all times in the log.
    fn starts_at(&self) -> Timestamp {
        to_milliseconds(self.starts_at)
    }
}

fn to_milliseconds(moment: Timestamp) -> Timestamp {
    let whole = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Trunc);
    moment.round(whole).unwrap_or(moment)
}

/// Schedules a screening and opens it for booking, or plans it as a draft.
///
/// # Errors
///
/// 404 if there is no such show or screen; 409 `screen-busy` (`screening`), `screen-retired`, `show-cancelled`,
/// `venue-inactive`, `too-many-drafts` (`max`); 422 `outside-opening-hours`, `in-the-past`, `price-missing`, `wrong-currency`,
/// or for terms out of range.
#[utoipa::path(
    post,
    path = "/screenings",
    tag = "Catalogue",
    request_body = NewScreening,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = ScheduledScreening),
        schema::NotFound,
        (
            status = 409,
            description = "`screen-busy` (`screening`), `screen-retired`, `show-cancelled`, `venue-inactive`, `too-many-drafts` (`max`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn schedule_screening(
    State(app): State<App>,
    staff: StaffSomewhere,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewScreening>,
) -> Result<(StatusCode, StreamPosition, Json<ScheduledScreening>), Problem> {
    staff.check_screen(&app, body.screen_id).await?;
    let caller = staff.caller;
    let screening = ScreeningId(ids.id(caller.user, body.screen_id, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    body.check(&app)?;
    let metadata = app.sent_by(caller.user, &trace);

    let Scheduled { position, promise, is_draft } = carry_through(async move {
        ScheduleRequest { app, screening, body, fingerprint, metadata }.carry_out().await
    })
    .await?;

    let of = if is_draft { ScheduledScreening::of_draft } else { ScheduledScreening::new };
    let scheduled = of(screening, &promise);
    Ok((StatusCode::CREATED, StreamPosition(position), Json(scheduled)))
}

/// A request to schedule one screening.
pub struct ScheduleRequest {
    pub app: App,
    pub screening: ScreeningId,
    pub body: NewScreening,
    pub fingerprint: Option<Fingerprint>,
    pub metadata: Metadata,
}

impl App {
    /// Returns the cut-off of cancellations by customers; `None` if they cannot cancel at all.
    pub(super) fn cut_off(&self, rule: Option<CancellationRule>, starts_at: Timestamp) -> Option<Timestamp> {
        screen::cut_off(rule, starts_at, self.executor.policy())
    }
}

/// Facts from other aggregates.
struct Facts {
    offer: Arc<Offer>,
    opening_hours: OpeningHours,
    show_cancelled: bool,
}

/// Terms of a screening, and the seats that it keeps back from its beginning.
type Opening = Option<(Arc<Promise>, Vec<HouseBlock>)>;

/// Result of a request, also of the one that it repeats.
pub struct Scheduled {
    pub position: u64,
    pub promise: Arc<Promise>,
    /// `true` if the request made a draft.
    pub is_draft: bool,
}

impl ScheduleRequest {
    /// Schedules the screening and opens it for booking.
    ///
    /// # Errors
    ///
    /// As [`schedule_screening`].
    pub async fn carry_out(&self) -> Result<Scheduled, Problem> {
        if let Some(repeated) = self.repeated_long_ago().await? {
            return Ok(repeated);
        }
        // A refusal based on cached facts is checked against fresh ones.
        let scheduled = match self.schedule(Freshness::Cached).await {
            Err(ExecuteError::Refused { .. }) => self.schedule(Freshness::Fresh).await,
            other => other,
        };
        self.open(scheduled.map_err(not_executed)?).await
    }

    /// Makes the command for the screen.
    ///
    /// # Errors
    ///
    /// A refusal if there is no such screen or show; an outage.
    pub async fn command(
        &self,
        freshness: Freshness,
    ) -> Result<screen::Command, ExecuteError<screen::Refusal>> {
        self.facts(freshness).await.map(|facts| self.schedule_with(facts))
    }

    fn schedule_with(&self, facts: Facts) -> screen::Command {
        let (screening, fingerprint) = (self.screening, self.fingerprint.clone());
        if self.body.draft {
            let wanted = self.draft_with(facts);
            return screen::Command::DraftScreening { screening, wanted, fingerprint };
        }
        let Facts { offer, opening_hours, show_cancelled } = facts;
        screen::Command::ScheduleScreening { screening, offer, opening_hours, show_cancelled, fingerprint }
    }

    /// Makes the command that gives a draft these terms.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub async fn change(&self) -> Result<screen::Command, ExecuteError<screen::Refusal>> {
        let wanted = self.draft_with(self.facts(Freshness::Fresh).await?);
        Ok(screen::Command::ChangeDraft { screening: self.screening, wanted })
    }

    fn draft_with(&self, Facts { offer, opening_hours, show_cancelled }: Facts) -> WantedDraft {
        let publish_at = self.body.publish_at.map(to_milliseconds);
        WantedDraft { offer, publish_at, opening_hours, show_cancelled, replaces: None }
    }

    /// Makes the command for a draft that replaces one on another screen.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub async fn replacing(
        &self,
        replaced: ReplacedDraft,
    ) -> Result<screen::Command, ExecuteError<screen::Refusal>> {
        let wanted = self.draft_with(self.facts(Freshness::Fresh).await?);
        let wanted = WantedDraft { replaces: Some(replaced), ..wanted };
        let (screening, fingerprint) = (self.screening, self.fingerprint.clone());
        Ok(screen::Command::DraftScreening { screening, wanted, fingerprint })
    }

    /// The promise of a call that this one repeats, if its screening has started. Calendars forget screenings that are long
    /// over, but the screening knows what it promised.
    async fn repeated_long_ago(&self) -> Result<Option<Scheduled>, Problem> {
        let Self { app, screening, body, fingerprint, metadata } = self;
        if fingerprint.is_none() {
            return Ok(None);
        }
        let seen = app.state::<Screening>(screening, Freshness::Fresh).await?;
        let started = seen.state.promise().filter(|promise| promise.starts_at <= metadata.time);
        let Some(started) = started else { return Ok(None) };
        // A draft may have been changed before it was published.
        let drafted = if body.draft { self.drafted().await? } else { None };
        let is_draft = drafted.is_some();
        let promise = drafted.unwrap_or_else(|| Arc::clone(started));
        let same = is_draft == body.draft
            && promise.show == body.show_id
            && promise.screen == body.screen_id
            && promise.starts_at == body.starts_at()
            && promise.prices == CategoryPrice::full(&body.prices)
            && promise.terms == body.terms();
        if same {
            return Ok(Some(Scheduled { position: seen.position, promise, is_draft }));
        }
        let (refusal, position) = (screen::Refusal::KeyReused, seen.position);
        Err(not_executed(ExecuteError::Refused { refusal, position }))
    }

    async fn schedule(
        &self,
        freshness: Freshness,
    ) -> Result<Executed<Opening>, ExecuteError<screen::Refusal>> {
        let facts = self.facts(freshness).await?;
        let (screening, offer) = (self.screening, Arc::clone(&facts.offer));
        let completed = move |screen: &Screen| {
            let promise = screen.room.as_ref()?.complete(Offer::clone(&offer));
            let blocks = screen.first_blocks(screening, &promise.layout, &[]);
            Some((Arc::new(promise), blocks))
        };
        let command = self.schedule_with(facts);
        self.app.executor.execute(&self.body.screen_id, command, self.metadata.clone(), completed).await
    }

    /// Opens the screening for booking, as promised by this call or by the call it repeats. A draft stays closed.
    async fn open(&self, scheduled: Executed<Opening>) -> Result<Scheduled, Problem> {
        let Self { app, screening, body, metadata, .. } = self;
        let of_draft = |promise| Scheduled { position: scheduled.position, promise, is_draft: true };
        if body.draft {
            let drafted = scheduled.answer.filter(|_| scheduled.changed).map(|(promise, _)| promise);
            let promise = if drafted.is_some() { drafted } else { self.drafted().await? };
            return promise.map(of_draft).ok_or_else(Problem::internal);
        }
        let opening = if scheduled.changed {
            scheduled.answer
        } else {
            let seen = app.state::<Screening>(screening, Freshness::Fresh).await?;
            match seen.state.promise() {
                Some(promise) => Some((Arc::clone(promise), Vec::new())),
                None => self.promised().await?,
            }
        };
        let Some((promise, blocks)) = opening else {
            // The repeated call made a draft: a copy of one that is published now, for example.
            if let Some(promise) = self.drafted().await? {
                return Ok(of_draft(promise));
            }
            tracing::error!(%screening, screen = %body.screen_id, "a scheduled screening is not in the log");
            return Err(Problem::internal());
        };
        let command = screening::Command::OpenScreening {
            screening: *screening,
            promise: Arc::clone(&promise),
            blocks,
        };
        let opened = app.execute(screening, command, metadata.clone(), |_: &Screening| ()).await?;
        let position = opened.position.max(scheduled.position);
        Ok(Scheduled { position, promise, is_draft: false })
    }

    /// The promise in the screen's history, for a call that was interrupted between its two commands.
    async fn promised(&self) -> Result<Opening, Problem> {
        find_event::<Screen, _>(&self.app, &self.body.screen_id, 0, |event| {
            let screen::Event::ScreeningScheduled { screening, promise, blocks, .. } = event else {
                return None;
            };
            (screening == self.screening).then_some((promise, blocks))
        })
        .await
    }

    /// The promise of a draft in the screen's history, for a call that repeats an earlier one.
    async fn drafted(&self) -> Result<Option<Arc<Promise>>, Problem> {
        find_event::<Screen, _>(&self.app, &self.body.screen_id, 0, |event| {
            let screen::Event::ScreeningDrafted { screening, promise, .. } = event else { return None };
            (screening == self.screening).then_some(promise)
        })
        .await
    }

    async fn facts(&self, freshness: Freshness) -> Result<Facts, ExecuteError<screen::Refusal>> {
        let Self { app, body, .. } = self;
        let missing = |position| ExecuteError::Refused { refusal: screen::Refusal::NotFound, position };
        let screen = app.executor.state::<Screen>(&body.screen_id, freshness).await?;
        let venue_id =
            screen.state.room.as_ref().map(|room| room.venue).ok_or_else(|| missing(screen.position))?;
        let venue = app.executor.state::<Venue>(&venue_id, freshness).await?;
        let show = app.executor.state::<Show>(&body.show_id, freshness).await?;
        let (Some(house), Some(play)) = (venue.state.details, show.state.details) else {
            return Err(missing(show.position));
        };

        let starts_at = body.starts_at();
        let length = SignedDuration::from_mins(i64::from(play.duration_minutes));
        let terms = body.terms();
        // Nobody can book before now.
        let cancel_until = app.cut_off(terms.cancellation, starts_at).unwrap_or(self.metadata.time);
        let offer = Offer {
            show: body.show_id,
            show_title: play.title,
            venue_name: house.name,
            city: house.city,
            timezone: house.timezone,
            starts_at,
            ends_at: starts_at.saturating_add(length).unwrap_or(Timestamp::MAX),
            cancel_until,
            prices: CategoryPrice::full(&body.prices),
            currency: app.currency,
            terms,
        };
        let active = venue.state.inactive.is_none();
        let opening_hours = OpeningHours { opens_at: house.opens_at, closes_at: house.closes_at, active };
        let show_cancelled = show.state.cancelled.is_some();
        Ok(Facts { offer: Arc::new(offer), opening_hours, show_cancelled })
    }
}
