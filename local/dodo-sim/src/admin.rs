//! `/admin`: the hand behind the scenes. For tests and operators on this machine; no key is asked for.
//!
//! Whatever changes something takes JSON only, which no page of another origin can send.

use std::time::Duration;

use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::book::Entry;
use crate::cards::SUCCESS_CARD;
use crate::faults::Faults;
use crate::paying::Closed;
use crate::records::{DisputeStatus, Movement, Notice, NoticeState, RefundStatus};
use crate::refusal::Refusal;
use crate::settings::Conduct;
use crate::simulator::Simulator;
use crate::wire;

/// Its routes.
pub fn router() -> Router<Simulator> {
    Router::new()
        .route("/admin/faults", get(faults).put(set_faults))
        .route("/admin/conduct", get(conduct).put(set_conduct))
        .route("/admin/clock", get(clock).post(move_clock))
        .route("/admin/ledger", get(ledger))
        .route("/admin/sessions", get(sessions))
        .route("/admin/sessions/{id}/payments", post(pay))
        .route("/admin/refunds/{id}", post(turn_refund))
        .route("/admin/payments/{id}/disputes", post(open_dispute))
        .route("/admin/disputes/{id}", post(turn_dispute))
        .route("/admin/webhooks", get(webhooks).put(set_webhooks))
        .route("/admin/webhooks/{id}/replay", post(replay))
}

/// A JSON body, or a refusal.
struct Order<T>(T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequest<S> for Order<T> {
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

async fn set_faults(State(simulator): State<Simulator>, Order(faults): Order<Faults>) -> StatusCode {
    simulator.set_faults(faults);
    StatusCode::NO_CONTENT
}

async fn conduct(State(simulator): State<Simulator>) -> Json<Conduct> {
    Json(simulator.world().conduct.clone())
}

async fn set_conduct(State(simulator): State<Simulator>, Order(conduct): Order<Conduct>) -> StatusCode {
    simulator.set_conduct(conduct);
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
struct ClockOrder {
    advance_seconds: Option<u64>,
    scale: Option<f64>,
}

async fn move_clock(
    State(simulator): State<Simulator>,
    Order(order): Order<ClockOrder>,
) -> Json<ClockReading> {
    if let Some(seconds) = order.advance_seconds {
        simulator.advance(Duration::from_secs(seconds));
    }
    if let Some(scale) = order.scale {
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
struct PayOrder {
    card_number: Option<String>,
}

/// Pays a session, also one that has expired or was paid.
async fn pay(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Order(order): Order<PayOrder>,
) -> Result<Json<Value>, Refusal> {
    let card = order.card_number.as_deref().unwrap_or(SUCCESS_CARD);
    let (payment_id, status) = simulator.pay_session(&id, card)?;
    Ok(Json(json!({"payment_id": payment_id, "status": status})))
}

/// As a refusal of the API.
pub fn closed(closed: Closed) -> Refusal {
    match closed {
        Closed::Unknown => Refusal::not_found("Checkout session"),
        Closed::Paid => Refusal::unprocessable("CHECKOUT_SESSION_CONSUMED", "The session has been paid"),
        Closed::Expired | Closed::Cancelled => {
            Refusal::unprocessable("CHECKOUT_SESSION_EXPIRED", "The session is over")
        }
        Closed::Nobody => Refusal::body("The session does not say who pays"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundOrder {
    status: RefundStatus,
}

/// Lets a pending refund, or one in review, become something else.
async fn turn_refund(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Order(order): Order<RefundOrder>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        world.turn_refund(&id, order.status);
        let refund = world.book.refund(&id).ok_or_else(|| Refusal::not_found("Refund"))?;
        Ok(Json(wire::refund(&world.book, refund)))
    })
}

/// `{}`: there is nothing to say but that it is to be done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn open_dispute(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Order(Nothing {}): Order<Nothing>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        let dispute = world.open_dispute(&id).ok_or_else(|| Refusal::not_found("Payment"))?;
        Ok(Json(wire::dispute(&world.book, &dispute)))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisputeOrder {
    status: DisputeStatus,
}

async fn turn_dispute(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Order(order): Order<DisputeOrder>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        let dispute = world.turn_dispute(&id, order.status).ok_or_else(|| Refusal::not_found("Dispute"))?;
        Ok(Json(wire::dispute(&world.book, &dispute)))
    })
}

async fn webhooks(State(simulator): State<Simulator>) -> Json<Value> {
    let url = simulator.world().webhook_url.clone();
    Json(json!({"url": url, "webhooks": simulator.notices()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookOrder {
    url: String,
}

async fn set_webhooks(State(simulator): State<Simulator>, Order(order): Order<WebhookOrder>) -> StatusCode {
    simulator.deliver_to(&order.url);
    StatusCode::NO_CONTENT
}

/// Delivers a notice once more, from the beginning of its schedule: the provider's "replay" button.
async fn replay(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Order(Nothing {}): Order<Nothing>,
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
