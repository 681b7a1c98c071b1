//! `/admin`: controls for tests and operators. No key is required, so it must be served on loopback only.
//!
//! Changes require JSON, which a page of another origin cannot send.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{FromRequest, Path, Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
    routing::{get, post},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    interface::wire,
    refusal::Refusal,
    rules::cards::SUCCESS_CARD,
    simulator::Simulator,
    state::{
        book::Entry,
        faults::Faults,
        records::{DisputeStatus, Movement, Notice, NoticeState, RefundStatus},
        settings::Behaviour,
    },
};

/// Returns the routes.
pub fn router() -> Router<Simulator> {
    Router::new()
        .route("/admin/faults", get(faults).put(set_faults))
        .route("/admin/conduct", get(behaviour).put(set_behaviour))
        .route("/admin/clock", get(clock).post(move_clock))
        .route("/admin/ledger", get(ledger))
        .route("/admin/sessions", get(sessions))
        .route("/admin/sessions/{id}/payments", post(pay))
        .route("/admin/refunds/{id}", post(set_refund_status))
        .route("/admin/payments/{id}/disputes", post(open_dispute))
        .route("/admin/disputes/{id}", post(set_dispute_status))
        .route("/admin/webhooks", get(webhooks).put(set_webhooks))
        .route("/admin/webhooks/{id}/replay", post(replay))
}

/// Extractor of a JSON body.
struct Body<T>(T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if request
            .headers()
            .get(CONTENT_TYPE)
            .is_none_or(|kind| !kind.as_bytes().starts_with(b"application/json"))
        {
            return Err(Refusal::media_type());
        }
        let Json(body) =
            Json::from_request(request, state).await.map_err(|error| Refusal::body(error.body_text()))?;
        Ok(Self(body))
    }
}

async fn faults(State(simulator): State<Simulator>) -> Json<Faults> {
    Json(simulator.world().faults().clone())
}

async fn set_faults(State(simulator): State<Simulator>, Body(faults): Body<Faults>) -> StatusCode {
    simulator.set_faults(faults);
    StatusCode::NO_CONTENT
}

async fn behaviour(State(simulator): State<Simulator>) -> Json<Behaviour> {
    Json(simulator.world().behaviour.clone())
}

async fn set_behaviour(State(simulator): State<Simulator>, Body(behaviour): Body<Behaviour>) -> StatusCode {
    simulator.set_behaviour(behaviour);
    StatusCode::NO_CONTENT
}

#[derive(Serialize)]
struct ClockReading {
    now: Timestamp,
    scale: f64,
}

async fn clock(State(simulator): State<Simulator>) -> Json<ClockReading> {
    let world = simulator.world();
    Json(ClockReading { now: world.now(), scale: world.clock.scale() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance_seconds: Option<u64>,
    scale: Option<f64>,
}

async fn move_clock(State(simulator): State<Simulator>, Body(body): Body<ClockChange>) -> Json<ClockReading> {
    if let Some(seconds) = body.advance_seconds {
        simulator.advance(Duration::from_secs(seconds));
    }
    if let Some(scale) = body.scale {
        simulator.run_at(scale);
    }
    clock(State(simulator)).await
}

async fn ledger(State(simulator): State<Simulator>) -> Json<Vec<Movement>> {
    Json(simulator.ledger())
}

async fn sessions(State(simulator): State<Simulator>) -> Json<Vec<Value>> {
    let world = simulator.world();
    let mut sessions: Vec<_> = world.book.sessions().collect();
    sessions.sort_by_key(|session| session.created_at);
    let shown = sessions.into_iter().map(|session| {
        let mut shown = wire::session(&world.book, session);
        let more = json!({"metadata": session.metadata, "total_amount": session.total(), "expires_at": session.expires_at});
        wire::merge(&mut shown, more);
        shown
    });
    Json(shown.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardChoice {
    card_number: Option<String>,
}

/// Pays a session, even an expired or paid one.
async fn pay(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Body(body): Body<CardChoice>,
) -> Result<Json<Value>, Refusal> {
    let card = body.card_number.as_deref().unwrap_or(SUCCESS_CARD);
    let (payment_id, status) = simulator.pay_session(&id, card)?;
    Ok(Json(json!({"payment_id": payment_id, "status": status})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundChange {
    status: RefundStatus,
}

/// Changes the status of a refund that is pending or in review.
async fn set_refund_status(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Body(body): Body<RefundChange>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        world.set_refund_status(&id, body.status);
        let refund = world.book.refund(&id).ok_or_else(|| Refusal::not_found("Refund"))?;
        Ok(Json(wire::refund(&world.book, refund)))
    })
}

/// An empty body, `{}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

async fn open_dispute(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Body(Empty {}): Body<Empty>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        let dispute = world.open_dispute(&id).ok_or_else(|| Refusal::not_found("Payment"))?;
        Ok(Json(wire::dispute(&world.book, &dispute)))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisputeChange {
    status: DisputeStatus,
}

async fn set_dispute_status(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Body(body): Body<DisputeChange>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        let dispute =
            world.set_dispute_status(&id, body.status).ok_or_else(|| Refusal::not_found("Dispute"))?;
        Ok(Json(wire::dispute(&world.book, &dispute)))
    })
}

async fn webhooks(State(simulator): State<Simulator>) -> Json<Value> {
    let url = simulator.world().webhook_url.clone();
    Json(json!({"url": url, "webhooks": simulator.notices()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookAddress {
    url: String,
}

async fn set_webhooks(State(simulator): State<Simulator>, Body(body): Body<WebhookAddress>) -> StatusCode {
    simulator.deliver_to(&body.url);
    StatusCode::NO_CONTENT
}

/// Delivers a notice again, with a new schedule, like the "replay" button of the provider.
async fn replay(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Body(Empty {}): Body<Empty>,
) -> Result<StatusCode, Refusal> {
    simulator.change(|world| {
        let now = world.now();
        let notice = world.book.notice(&id).ok_or_else(|| Refusal::not_found("Webhook"))?;
        let notice =
            Notice { attempts: Vec::new(), state: NoticeState::Waiting, due: Some(now), ..notice.clone() };
        world.book.keep(vec![Entry::Notice(Box::new(notice))]);
        Ok(StatusCode::ACCEPTED)
    })
}
