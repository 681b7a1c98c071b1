//! `GET /admin/history/{aggregate}/{id}`: events of any aggregate, and its state at any time, folded from the log.

use std::str::FromStr;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ticketshow_domain::{
    AccountKey, Decider, WireError, WireEvent, account::Account, booking::Booking, decode,
    invoices::Invoices, payment::Payment, promotion::Promotion, screen::Screen, screening::Screening,
    show::Show, till::Till, venue::Venue, wallet::Wallet,
};
use ticketshow_http::{Params, PathId, Problem, schema};
use ticketshow_nats::log::{envelope::Commit, metadata::Metadata};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    event_history::{self, Fold},
    formatting::Moment,
    page::{Paging, cursor},
    responses::CallForOne,
};

/// Events per page if the caller names no limit.
const EVENTS_DEFAULT: usize = 100;
/// Fields that are never shown: hashes open to offline guessing.
const SECRETS: [&str; 2] = ["password_hash", "fingerprint"];

/// Requested part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryRange {
    /// Last log position or time (RFC 3339) to include. Default: everything.
    #[param(value_type = Option<String>, example = "2026-11-27T19:03:07Z")]
    until: Option<Until>,
    /// `false` leaves out the state. Reading page after page of a long history is much faster without it, because the
    /// state needs the whole history each time.
    #[param(value_type = Option<bool>, default = true)]
    state: Option<bool>,
}

/// The last commit to include, by its position or its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Until {
    Position(u64),
    Time(Timestamp),
}

impl TryFrom<String> for Until {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let position = u64::from_str(&text).map(Self::Position);
        position
            .or_else(|_| text.parse().map(Self::Time))
            .map_err(|_| "must be a position or an RFC 3339 time")
    }
}

impl Until {
    fn includes(self, position: u64, metadata: &Metadata) -> bool {
        match self {
            Self::Position(last) => position <= last,
            Self::Time(last) => metadata.time <= last,
        }
    }
}

/// Events of an aggregate, and the resulting state.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    #[schema(example = "booking")]
    aggregate: String,
    id: String,
    /// Log position of the last commit included in the state; 0 if none is.
    position: u64,
    /// Version of the last event included in the state.
    version: u64,
    /// State at the requested time; null if nothing had happened by then, or if it was left out. Its form may change between
    /// releases.
    #[schema(value_type = Option<Object>)]
    state: Value,
    /// Events, oldest first.
    events: Vec<PastEvent>,
    /// Cursor of the next page of events; null on the last page.
    next_cursor: Option<String>,
}

/// An event in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastEvent {
    /// Number of the event in its aggregate, from 1.
    version: u64,
    /// Log position of the commit.
    position: u64,
    #[schema(example = "seats_reserved")]
    r#type: &'static str,
    /// Time of the decision.
    time: Moment,
    /// Origin of the command: `user:<id>`, `saga:<name>` or `system`.
    actor: String,
    /// Shared by everything that followed from one request.
    correlation_id: Uuid,
    /// Id of the commit that this event reacted to.
    causation_id: Option<Uuid>,
    #[schema(value_type = Object)]
    data: Value,
}

/// The requested part of a history.
#[derive(Debug, Clone, Copy)]
struct Selection {
    until: Option<Until>,
    after: Cursor,
    events: usize,
    with_state: bool,
}

/// The last event on the previous pages; zeros on the first page.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Cursor {
    version: u64,
    /// Its commit, which may contain further events.
    position: u64,
}

/// Returns the events of an aggregate, and its state at a log position or time.
///
/// `aggregate` is `account`, `show`, `venue`, `screen`, `screening`, `booking`, `payment`, `wallet`, `till` or
/// `invoices`; the id of a wallet is its customer's, the id of a till its seller's, the id of an account its stream key, and that of
/// `invoices` all zeros.
///
/// # Errors
///
/// 404 if the aggregate does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/history/{aggregate}/{id}",
    tag = "Administration",
    params(("aggregate" = String, Path), ("id" = String, Path), HistoryRange, Paging),
    responses((status = 200, body = History), CallForOne, schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_history(
    State(app): State<App>,
    _admitted: Staff,
    PathId((aggregate, id)): PathId<(String, String)>,
    Params(HistoryRange { until, state }): Params<HistoryRange>,
    Params(paging): Params<Paging>,
) -> Result<Json<History>, Problem> {
    let after = paging.after()?.unwrap_or_default();
    let (events, with_state) = (paging.limit_or(EVENTS_DEFAULT), state.unwrap_or(true));
    let selection = Selection { until, after, events, with_state };
    let id = if aggregate == Account::TYPE { account_key(&id) } else { uuid(&id) };
    let id = id.ok_or_else(Problem::not_found)?;
    let history = match aggregate.as_str() {
        Account::TYPE => history::<Account>(&app, id, selection).await,
        Show::TYPE => history::<Show>(&app, id, selection).await,
        Venue::TYPE => history::<Venue>(&app, id, selection).await,
        Screen::TYPE => history::<Screen>(&app, id, selection).await,
        Screening::TYPE => history::<Screening>(&app, id, selection).await,
        Booking::TYPE => history::<Booking>(&app, id, selection).await,
        Payment::TYPE => history::<Payment>(&app, id, selection).await,
        Wallet::TYPE => history::<Wallet>(&app, id, selection).await,
        Till::TYPE => history::<Till>(&app, id, selection).await,
        Invoices::TYPE => history::<Invoices>(&app, id, selection).await,
        Promotion::TYPE => history::<Promotion>(&app, id, selection).await,
        _ => Err(Problem::not_found()),
    };
    history.map(Json)
}

/// Returns the events of an account, without its secrets.
///
/// # Errors
///
/// 503 if the log is unreachable.
pub async fn events_of_account(app: &App, account: &AccountKey) -> Result<Vec<PastEvent>, Problem> {
    /// Changes of the profile are limited to a few an hour.
    const EVENTS_MAX: usize = 10_000;
    let (until, after, with_state) = (None, Cursor::default(), false);
    let selection = Selection { until, after, events: EVENTS_MAX, with_state };
    Ok(history::<Account>(app, account.to_string(), selection).await?.events)
}

/// Returns an aggregate as it was at a log position or time, and the position of its last commit until then.
///
/// # Errors
///
/// 404 if the aggregate does not exist; 503 if the log is unreachable.
pub async fn state_at<A: Shown>(app: &App, id: String, until: Option<Until>) -> Result<(A, u64), Problem> {
    let _permit = app.histories.take().await?;
    let selection = Selection { until, after: Cursor::default(), events: 0, with_state: true };
    let fold = HistoryFold::<A>::new(selection);
    let fold = event_history::fold(app, A::TYPE, &id, fold).await?;
    if fold.exists { Ok((fold.state, fold.position)) } else { Err(Problem::not_found()) }
}

/// Validates an id before it becomes part of a subject.
fn uuid(id: &str) -> Option<String> {
    Uuid::parse_str(id).ok().map(|id| id.to_string())
}

fn account_key(id: &str) -> Option<String> {
    let AccountKey(key) = AccountKey(id.to_owned());
    (key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit())).then(|| key.to_ascii_lowercase())
}

async fn history<A: Shown>(app: &App, id: String, selection: Selection) -> Result<History, Problem> {
    let _permit = app.histories.take().await?;
    let fold = HistoryFold::<A>::new(selection);
    let (begin, commits) = if selection.with_state {
        (0, event_history::PAGE)
    } else {
        // One event more shows that there is a next page.
        (selection.after.position.saturating_sub(1), (selection.events + 2).min(event_history::PAGE))
    };
    let fold = event_history::fold_after(app, (A::TYPE, &id), begin, commits, fold).await?;
    if !fold.exists {
        return Err(Problem::not_found());
    }
    let mut history = fold.history(id);
    if [Account::TYPE, Screening::TYPE, Booking::TYPE].contains(&A::TYPE) {
        app.unseal(&mut history.state).await?;
        for event in &mut history.events {
            app.unseal(&mut event.data).await?;
        }
    }
    Ok(history)
}

/// The state of an aggregate and the events of the requested page, built up commit by commit.
struct HistoryFold<A> {
    selection: Selection,
    exists: bool,
    state: A,
    position: u64,
    version: u64,
    events: Vec<PastEvent>,
    /// True if there are events after this page.
    more: bool,
}

impl<A: Shown> HistoryFold<A> {
    fn new(selection: Selection) -> Self {
        let (position, version) = (0, 0);
        let (events, more) = (Vec::new(), false);
        Self { selection, exists: false, state: A::default(), position, version, events, more }
    }

    fn history(self, id: String) -> History {
        let Self { state, position, version, events, more, .. } = self;
        let state = if version == 0 { Value::Null } else { without_secrets(state.shown()) };
        let after = |event: &PastEvent| Cursor { version: event.version, position: event.position };
        let next_cursor = events.last().filter(|_| more).map(|event| cursor(&after(event)));
        History { aggregate: A::TYPE.to_owned(), id, position, version, state, events, next_cursor }
    }
}

impl<A: Shown> Fold for HistoryFold<A> {
    fn add(&mut self, commit: &Commit) -> Result<bool, WireError> {
        self.exists = true;
        for (version, metadata, raw) in event_history::events(commit) {
            if self.selection.until.is_some_and(|until| !until.includes(commit.position, metadata)) {
                return Ok(false);
            }
            let Selection { after, events, with_state, .. } = self.selection;
            if !with_state && version <= after.version {
                continue;
            }
            let event: A::Event = decode(raw)?;
            if with_state {
                self.state.evolve(&event);
                (self.position, self.version) = (commit.position, version);
            }
            if version <= after.version {
                continue;
            }
            self.more = self.events.len() == events;
            if !self.more {
                self.events.push(past_event(commit.position, version, metadata, &event)?);
            } else if !with_state {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn past_event<E: WireEvent>(
    position: u64,
    version: u64,
    metadata: &Metadata,
    event: &E,
) -> Result<PastEvent, WireError> {
    let tagged = event.to_tagged().and_then(|json| serde_json::from_str(&json));
    let mut tagged: Value = tagged.map_err(|source| WireError::Malformed { source })?;
    Ok(PastEvent {
        version,
        position,
        r#type: event.wire_type(),
        time: metadata.time.into(),
        actor: metadata.actor.to_string(),
        correlation_id: metadata.correlation,
        causation_id: metadata.causation,
        data: without_secrets(tagged[event.wire_type()].take()),
    })
}

fn without_secrets(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !SECRETS.contains(&name.as_str()));
    }
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, without_secrets(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// JSON form of an aggregate's state.
pub trait Shown: Decider {
    fn shown(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Shown for Account {}
impl Shown for Show {}
impl Shown for Venue {}
impl Shown for Screening {}
impl Shown for Booking {}
impl Shown for Payment {}
impl Shown for Wallet {}
impl Shown for Till {}
impl Shown for Invoices {}
impl Shown for Promotion {}

/// The keys of its calendar are not strings, so it cannot be serialized as it is.
impl Shown for Screen {
    fn shown(&self) -> Value {
        let slot = |(starts_at, screening): &(Timestamp, _), ends_at: Timestamp| json!({"screening": screening, "starts_at": starts_at, "ends_at": ends_at});
        let calendar: Vec<Value> =
            self.calendar.iter().map(|(key, entry)| slot(key, entry.ends_at)).collect();
        let unscheduled: Vec<_> = self.unscheduled.keys().collect();
        json!({"room": self.room, "calendar": calendar, "unscheduled": unscheduled})
    }
}
