//! One rate limit for all calls to Dodo, whose limit applies per key: checkouts first, because a customer waits, then polls,
//! and refunds last.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Calls per minute of a key, with a margin below Dodo's limit of 100.
pub const CALLS_PER_MINUTE: u32 = 90;
/// Calls at once after a pause; Dodo's limit is 10 per second.
const BURST: f64 = 8.0;
/// Interval at which less urgent callers check for their turn.
const RECHECK: Duration = Duration::from_millis(250);

/// Priority of a call, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Checkout,
    Poll,
    Refund,
}

/// The calls available now, and the number of waiting callers by urgency.
#[derive(Debug)]
pub(super) struct Budget {
    per_second: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    calls: f64,
    counted_at: Instant,
    paused_until: Instant,
    waiting: [usize; 3],
}

impl Budget {
    pub fn new(per_minute: u32) -> Self {
        let now = Instant::now();
        let state = State { calls: BURST, counted_at: now, paused_until: now, waiting: [0; 3] };
        Self { per_second: f64::from(per_minute.max(1)) / 60.0, state: Mutex::new(state) }
    }

    /// Waits until a call may be made. More urgent callers go first.
    pub async fn spend(&self, urgency: Urgency) {
        let _place = Place::take(self, urgency);
        while let Some(until) = self.try_spend(urgency) {
            sleep_until(until).await;
        }
    }

    /// Allows no call for the duration of `pause`.
    pub fn pause(&self, pause: Duration) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Instant::now() + pause);
    }

    /// Takes a call, or returns the moment at which to try again.
    fn try_spend(&self, urgency: Urgency) -> Option<Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        let earned = now.duration_since(state.counted_at).as_secs_f64() * self.per_second;
        state.calls = (state.calls + earned).min(BURST);
        state.counted_at = now;
        if state.paused_until > now {
            return Some(state.paused_until);
        }
        if state.waiting[..urgency as usize].iter().any(|waiting| *waiting > 0) {
            return Some(now + RECHECK);
        }
        if state.calls < 1.0 {
            return Some(now + Duration::from_secs_f64((1.0 - state.calls) / self.per_second));
        }
        state.calls -= 1.0;
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue, freed when the call may be made or is cancelled.
struct Place<'a> {
    budget: &'a Budget,
    urgency: Urgency,
}

impl<'a> Place<'a> {
    fn take(budget: &'a Budget, urgency: Urgency) -> Self {
        budget.lock().waiting[urgency as usize] += 1;
        Self { budget, urgency }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.budget.lock().waiting[self.urgency as usize] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_stay_within_the_limit_per_minute() {
        let budget = Budget::new(60);
        let began = Instant::now();
        for _ in 0..68 {
            budget.spend(Urgency::Poll).await;
        }
        let taken = began.elapsed();
        assert!((Duration::from_mins(1)..Duration::from_secs(61)).contains(&taken), "{taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn checkouts_go_before_refunds() {
        let budget = Arc::new(Budget::new(60));
        for _ in 0..8 {
            budget.spend(Urgency::Refund).await;
        }
        let order = Arc::new(Mutex::new(Vec::new()));
        let call = |urgency: Urgency| {
            let (budget, order) = (Arc::clone(&budget), Arc::clone(&order));
            tokio::spawn(async move {
                budget.spend(urgency).await;
                order.lock().unwrap().push(urgency);
            })
        };
        let refunds = [call(Urgency::Refund), call(Urgency::Refund)];
        tokio::time::sleep(Duration::from_millis(10)).await;
        let checkouts = [call(Urgency::Checkout), call(Urgency::Checkout)];
        for task in refunds.into_iter().chain(checkouts) {
            task.await.unwrap();
        }
        let expected = [Urgency::Checkout, Urgency::Checkout, Urgency::Refund, Urgency::Refund];
        assert_eq!(*order.lock().unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_is_made_during_a_pause() {
        let budget = Budget::new(600);
        budget.pause(Duration::from_secs(7));
        let began = Instant::now();
        budget.spend(Urgency::Checkout).await;
        assert!(began.elapsed() >= Duration::from_secs(7));
    }
}
