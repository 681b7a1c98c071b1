//! `GET /admin/history/{aggregate}/{id}`: any aggregate's events, and its state as of any moment, folded from the log.

use std::str::FromStr;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ticketshow_domain::{
    AccountKey, Decider, WireError, WireEvent, account::Account, booking::Booking, decode, payment::Payment,
    screen::Screen, screening::Screening, show::Show, venue::Venue, wallet::Wallet,
};
use ticketshow_http::{Administrator, Params, PathId, Problem, schema};
use ticketshow_nats::{Commit, Metadata};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    App,
    catalogue::CallForOne,
    page::{Paging, cursor},
    past::{self, Reader},
    told::Moment,
};

/// Events told if the caller does not say how many.
const EVENTS: usize = 100;
/// What never leaves the log: hashes that could be guessed against.
const SECRETS: [&str; 2] = ["password_hash", "fingerprint"];

/// Up to where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Reach {
    /// A position of the log, or a moment (RFC 3339): nothing after it is told. Without it: everything.
    #[param(value_type = Option<String>, example = "2026-11-27T19:03:07Z")]
    until: Option<Until>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum Until {
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
    fn admits(self, position: u64, metadata: &Metadata) -> bool {
        match self {
            Self::Position(last) => position <= last,
            Self::Time(last) => metadata.time <= last,
        }
    }
}

/// What happened to an aggregate, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    #[schema(example = "booking")]
    aggregate: String,
    id: String,
    /// Of the last commit that the state contains; 0 if it contains none.
    position: u64,
    /// Of the last event that the state contains.
    version: u64,
    /// As of the moment asked for; null if nothing had happened by then. Its form follows the program, not a version.
    #[schema(value_type = Object)]
    state: Value,
    /// Oldest first.
    events: Vec<PastEvent>,
    /// Names the next page of events; null on the last one.
    next_cursor: Option<String>,
}

/// An event of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastEvent {
    /// Its number in the aggregate, from 1.
    version: u64,
    /// Of its commit in the log.
    position: u64,
    #[schema(example = "seats_reserved")]
    r#type: &'static str,
    /// When it was decided.
    time: Moment,
    /// Who asked for it: `user:<id>`, `saga:<name>` or `system`.
    actor: String,
    /// The same for everything that followed from one request.
    correlation_id: Uuid,
    /// The commit that it was a reaction to.
    causation_id: Option<Uuid>,
    #[schema(value_type = Object)]
    data: Value,
}

/// What to tell of a stream.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    until: Option<Until>,
    /// Events up to this version are on pages before.
    after: u64,
    events: usize,
}

/// The events of an aggregate and its state as of a position or moment.
///
/// `aggregate` is `account`, `show`, `venue`, `screen`, `screening`, `booking`, `payment` or `wallet`; a wallet's id is its
/// customer's, an account's its stream key.
///
/// # Errors
///
/// 404 if there is no such aggregate, 403 for anybody but administrators.
#[utoipa::path(
    get,
    path = "/admin/history/{aggregate}/{id}",
    tag = "Administration",
    params(("aggregate" = String, Path), ("id" = String, Path), Reach, Paging),
    responses((status = 200, body = History), CallForOne, schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_history(
    State(app): State<App>,
    _admitted: Administrator,
    PathId((aggregate, id)): PathId<(String, String)>,
    Params(Reach { until }): Params<Reach>,
    Params(paging): Params<Paging>,
) -> Result<Json<History>, Problem> {
    let after = paging.after()?.unwrap_or(0);
    let wanted = Wanted { until, after, events: paging.limit_or(EVENTS) };
    let id = if aggregate == Account::TYPE { account_key(&id) } else { uuid(&id) };
    let id = id.ok_or_else(Problem::not_found)?;
    let history = match aggregate.as_str() {
        Account::TYPE => told::<Account>(&app, id, wanted).await,
        Show::TYPE => told::<Show>(&app, id, wanted).await,
        Venue::TYPE => told::<Venue>(&app, id, wanted).await,
        Screen::TYPE => told::<Screen>(&app, id, wanted).await,
        Screening::TYPE => told::<Screening>(&app, id, wanted).await,
        Booking::TYPE => told::<Booking>(&app, id, wanted).await,
        Payment::TYPE => told::<Payment>(&app, id, wanted).await,
        Wallet::TYPE => told::<Wallet>(&app, id, wanted).await,
        _ => Err(Problem::not_found()),
    };
    history.map(Json)
}

/// Only what is an id may become part of a subject.
fn uuid(id: &str) -> Option<String> {
    Uuid::parse_str(id).ok().map(|id| id.to_string())
}

fn account_key(id: &str) -> Option<String> {
    let AccountKey(key) = AccountKey(id.to_owned());
    (key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit())).then(|| key.to_ascii_lowercase())
}

async fn told<A: Shown>(app: &App, id: String, wanted: Wanted) -> Result<History, Problem> {
    let fold: Fold<A> = past::read(app, A::TYPE, &id, Fold::new(wanted)).await?;
    if fold.exists { Ok(fold.history(id)) } else { Err(Problem::not_found()) }
}

/// The state of an aggregate and the events that are to be told, on the way through its past.
struct Fold<A> {
    wanted: Wanted,
    exists: bool,
    state: A,
    position: u64,
    version: u64,
    events: Vec<PastEvent>,
    /// Whether there are more events than are told.
    more: bool,
}

impl<A: Shown> Fold<A> {
    fn new(wanted: Wanted) -> Self {
        let (position, version) = (0, 0);
        let (events, more) = (Vec::new(), false);
        Self { wanted, exists: false, state: A::default(), position, version, events, more }
    }

    fn history(self, id: String) -> History {
        let Self { state, position, version, events, more, .. } = self;
        let state = if version == 0 { Value::Null } else { without_secrets(state.shown()) };
        let next_cursor = events.last().filter(|_| more).map(|event| cursor(&event.version));
        History { aggregate: A::TYPE.to_owned(), id, position, version, state, events, next_cursor }
    }
}

impl<A: Shown> Reader for Fold<A> {
    fn take(&mut self, commit: &Commit) -> Result<bool, WireError> {
        self.exists = true;
        for (version, metadata, raw) in past::events(commit) {
            if self.wanted.until.is_some_and(|until| !until.admits(commit.position, metadata)) {
                return Ok(false);
            }
            let event: A::Event = decode(raw)?;
            self.state.evolve(&event);
            (self.position, self.version) = (commit.position, version);
            if version <= self.wanted.after {
                continue;
            }
            self.more = self.events.len() == self.wanted.events;
            if !self.more {
                self.events.push(past_event(commit.position, version, metadata, &event));
            }
        }
        Ok(true)
    }
}

fn past_event<E: WireEvent>(position: u64, version: u64, metadata: &Metadata, event: &E) -> PastEvent {
    let mut data = serde_json::to_value(event).unwrap_or_default();
    PastEvent {
        version,
        position,
        r#type: event.wire_type(),
        time: metadata.time.into(),
        actor: metadata.actor.to_string(),
        correlation_id: metadata.correlation,
        causation_id: metadata.causation,
        data: without_secrets(data["data"].take()),
    }
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

/// How the state of an aggregate is shown.
trait Shown: Decider {
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

/// Its calendar has keys that are no texts, so it has no JSON form of its own.
impl Shown for Screen {
    fn shown(&self) -> Value {
        let slot = |(starts_at, screening): &(Timestamp, _), ends_at: Timestamp| json!({"screening": screening, "starts_at": starts_at, "ends_at": ends_at});
        let calendar: Vec<Value> =
            self.calendar.iter().map(|(key, entry)| slot(key, entry.ends_at)).collect();
        let unscheduled: Vec<_> = self.unscheduled.keys().collect();
        json!({"room": self.room, "calendar": calendar, "unscheduled": unscheduled})
    }
}
