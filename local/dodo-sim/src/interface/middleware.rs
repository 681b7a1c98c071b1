//! Checks applied to every API call: faults before the work, API key, rate limit, and faults after the work.

use std::time::{Duration, Instant};

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{AUTHORIZATION, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::sleep;

use crate::{refusal::Refusal, simulator::Simulator, state::faults::RequestFault};

/// Extension of a response that is not sent: the connection is reset instead.
#[derive(Debug, Clone, Copy)]
pub struct HangUp;

/// Applies faults and checks to a call.
pub async fn check(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let subject = format!("{} {}", request.method(), request.uri().path());
    let faults = simulator.world().draw_for_request(&subject);
    for fault in &faults {
        match fault {
            RequestFault::SlowBefore { millis } => sleep(Duration::from_millis(*millis)).await,
            RequestFault::DropBefore => return hang_up(),
            RequestFault::ErrorBefore => return Refusal::internal().into_response(),
            RequestFault::TooManyRequests { retry_after } => {
                return too_many(Duration::from_secs(u64::from(*retry_after)));
            }
            RequestFault::DropAfter | RequestFault::ErrorAfter | RequestFault::SlowAfter { .. } => {}
        }
    }
    if !authorised(&simulator, &request) {
        return Refusal::unauthorized().into_response();
    }
    let left = match simulator.world().admit(Instant::now()) {
        Ok(left) => left,
        Err(wait) => return too_many(wait),
    };
    let mut answer = next.run(request).await;
    if let Some(left) = left {
        answer.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(left));
    }
    for fault in &faults {
        match fault {
            RequestFault::SlowAfter { millis } => sleep(Duration::from_millis(*millis)).await,
            RequestFault::DropAfter => return hang_up(),
            RequestFault::ErrorAfter => return Refusal::internal().into_response(),
            RequestFault::DropBefore
            | RequestFault::ErrorBefore
            | RequestFault::SlowBefore { .. }
            | RequestFault::TooManyRequests { .. } => {}
        }
    }
    answer
}

fn authorised(simulator: &Simulator, request: &Request) -> bool {
    let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    shown.and_then(|shown| shown.strip_prefix("Bearer ")) == Some(simulator.settings().api_key.as_str())
}

fn hang_up() -> Response {
    let mut answer = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    answer.extensions_mut().insert(HangUp);
    answer
}

fn too_many(wait: Duration) -> Response {
    let mut answer = Refusal::too_many().into_response();
    let seconds = wait.as_millis().div_ceil(1000);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
    answer.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(0));
    answer
}
