//! The call budget of the payment provider, whose rate limit applies per key. Each kind of call has a lane with a share of
//! the budget, which the other lanes use while it is empty. Within a lane, callers are served in order of arrival.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use ticketshow_nats::sync::lock;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout},
};

/// Calls per minute of a key, with a margin below Dodo's limit of 100.
pub const CALLS_PER_MINUTE: u32 = 90;
/// Calls at once after a pause; Dodo's limit is 10 per second.
const BURST: f64 = 8.0;

/// Shortest wait: the resolution of the timers. The missing fraction of a call may be too small to wait for.
const WAIT_MIN: Duration = Duration::from_millis(1);

/// Kind of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Opening a page, for which a customer waits.
    Checkout,
    /// Returning money.
    Refund,
    /// Polling a payment whose webhook has not arrived.
    Poll,
    /// Comparing our records with the provider's.
    Reconciliation,
}

impl Lane {
    const ALL: [Self; 4] = [Self::Checkout, Self::Refund, Self::Poll, Self::Reconciliation];

    /// Calls out of 20 that the lane gets while all lanes are busy.
    fn share(self) -> f64 {
        match self {
            Self::Checkout => 11.0,
            Self::Refund => 6.0,
            Self::Poll => 2.0,
            Self::Reconciliation => 1.0,
        }
    }
}

/// The wait for a turn would be too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many calls to the payment provider are waiting")]
pub(crate) struct Busy;

/// The call budget of one key.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Arc<Mutex<State>>);

/// The right to make one call. If it is dropped unused, another caller gets it.
#[derive(Debug)]
pub(crate) struct Turn(Option<Budget>);

#[derive(Debug)]
struct State {
    per_second: f64,
    /// Calls that may be made now.
    calls: f64,
    counted_at: Instant,
    paused_until: Instant,
    /// In the order of [`Lane::ALL`].
    queues: [Queue; Lane::ALL.len()],
    /// Value of `served` at which a lane that was empty starts: it does not save up unused turns.
    level: f64,
}

/// The callers that wait in a lane.
#[derive(Debug)]
struct Queue {
    waiting: VecDeque<Waiter>,
    share: f64,
    /// Calls granted, divided by the share. The lane that lags behind is next.
    served: f64,
}

#[derive(Debug)]
struct Waiter {
    calls: f64,
    granted: oneshot::Sender<()>,
}

impl Budget {
    pub fn new(per_minute: u32) -> Self {
        let now = Instant::now();
        let queue = |lane: Lane| Queue { waiting: VecDeque::new(), share: lane.share(), served: 0.0 };
        Self(Arc::new(Mutex::new(State {
            per_second: f64::from(per_minute.max(1)) / 60.0,
            calls: BURST,
            counted_at: now,
            paused_until: now,
            queues: Lane::ALL.map(queue),
            level: 0.0,
        })))
    }

    /// Waits for `N` turns, granted together.
    pub async fn turns<const N: usize>(&self, lane: Lane) -> [Turn; N] {
        let mut turn = self.lock().enqueue(lane, N);
        loop {
            let next = self.lock().grant();
            tokio::select! {
                biased;
                _ = &mut turn => return std::array::from_fn(|_| Turn(Some(self.clone()))),
                () = sleep_until(next) => {}
            }
        }
    }

    /// Waits for one turn, `max` at most.
    ///
    /// # Errors
    ///
    /// [`Busy`], at once if the queue is longer than that already.
    pub async fn turn_within(&self, lane: Lane, max: Duration) -> Result<Turn, Busy> {
        if self.lock().expected_wait(lane) > max {
            return Err(Busy);
        }
        let [turn] = timeout(max, self.turns(lane)).await.map_err(|_| Busy)?;
        Ok(turn)
    }

    /// Grants no turn for the duration of `pause`.
    pub fn pause(&self, pause: Duration) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Instant::now() + pause);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl Turn {
    /// Uses the turn up.
    pub fn spend(mut self) {
        self.0 = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(budget) = &self.0 {
            budget.lock().calls += 1.0;
        }
    }
}

impl Queue {
    /// Returns the number of calls that the first caller waits for. Drops callers that gave up.
    fn wanted(&mut self) -> Option<f64> {
        while self.waiting.front()?.granted.is_closed() {
            self.waiting.pop_front();
        }
        Some(self.waiting.front()?.calls)
    }
}

impl State {
    fn enqueue(&mut self, lane: Lane, calls: usize) -> oneshot::Receiver<()> {
        let level = self.level;
        let queue = self.queue(lane);
        if queue.waiting.is_empty() {
            queue.served = queue.served.max(level);
        }
        let (granted, turn) = oneshot::channel();
        queue.waiting.push_back(Waiter { calls: (0..calls).map(|_| 1.0).sum(), granted });
        turn
    }

    /// Grants all turns that are due, and returns the moment of the next one.
    fn grant(&mut self) -> Instant {
        let now = Instant::now();
        self.count(now);
        loop {
            let wanted = self.queues.iter_mut().filter_map(|queue| Some((queue.wanted()?, queue)));
            let next = wanted.min_by(|(_, a), (_, b)| a.served.total_cmp(&b.served));
            let Some((calls, queue)) = next else { return now };
            if now < self.paused_until {
                return self.paused_until;
            }
            if self.calls < calls {
                let wait = Duration::from_secs_f64((calls - self.calls) / self.per_second);
                return now + wait.max(WAIT_MIN);
            }
            // A caller that gives up at this moment costs nothing.
            if queue.waiting.pop_front().is_some_and(|waiter| waiter.granted.send(()).is_ok()) {
                self.level = queue.served;
                queue.served += calls / queue.share;
                self.calls -= calls;
            }
        }
    }

    /// Estimates the wait of a caller that joins the lane now, while the other lanes stay as busy as they are.
    fn expected_wait(&mut self, lane: Lane) -> Duration {
        let now = Instant::now();
        self.count(now);
        let queue = self.queue(lane);
        queue.waiting.retain(|waiter| !waiter.granted.is_closed());
        let ahead: f64 = queue.waiting.iter().map(|waiter| waiter.calls).sum();
        let others = Lane::ALL.into_iter().filter(|other| *other != lane);
        let busy = others.filter(|other| !self.queues[*other as usize].waiting.is_empty());
        let rate = self.per_second * lane.share() / (lane.share() + busy.map(Lane::share).sum::<f64>());
        let pause = self.paused_until.saturating_duration_since(now);
        pause + Duration::from_secs_f64(((ahead + 1.0 - self.calls) / rate).max(0.0))
    }

    fn count(&mut self, now: Instant) {
        let earned = now.duration_since(self.counted_at).as_secs_f64() * self.per_second;
        self.calls = (self.calls + earned).min(BURST);
        self.counted_at = now;
    }

    fn queue(&mut self, lane: Lane) -> &mut Queue {
        &mut self.queues[lane as usize]
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    async fn call(budget: &Budget, lane: Lane) {
        let [turn] = budget.turns(lane).await;
        turn.spend();
    }

    /// Makes `count` calls of a lane at once. Each task returns the moment of its call.
    fn calls(budget: &Budget, lane: Lane, count: usize) -> JoinSet<Instant> {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let budget = budget.clone();
            tasks.spawn(async move {
                call(&budget, lane).await;
                Instant::now()
            });
        }
        tasks
    }

    /// A budget of 60 a minute without calls in store.
    async fn spent() -> Budget {
        let budget = Budget::new(60);
        for _ in 0..8 {
            call(&budget, Lane::Poll).await;
        }
        budget
    }

    #[tokio::test(start_paused = true)]
    async fn calls_stay_within_the_limit_per_minute() {
        let budget = Budget::new(60);
        let began = Instant::now();
        for _ in 0..68 {
            call(&budget, Lane::Poll).await;
        }
        let taken = began.elapsed();
        assert!((MINUTE..MINUTE + Duration::from_secs(1)).contains(&taken), "{taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn callers_of_a_lane_are_served_in_order_of_arrival() {
        let budget = spent().await;
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        for number in 0..50 {
            let (budget, served) = (budget.clone(), Arc::clone(&served));
            tasks.spawn(async move {
                call(&budget, Lane::Refund).await;
                served.lock().unwrap().push(number);
            });
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        assert_eq!(*served.lock().unwrap(), (0..50).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn each_lane_gets_its_share_while_all_are_busy() {
        let budget = spent().await;
        let began = Instant::now();
        let lanes = Lane::ALL.map(|lane| calls(&budget, lane, 100));
        let mut within = Vec::new();
        for lane in lanes {
            let times = lane.join_all().await;
            within.push(times.iter().filter(|at| at.duration_since(began) <= MINUTE).count());
        }
        assert!((59..=61).contains(&within.iter().sum::<usize>()), "{within:?}");
        for (count, share) in within.into_iter().zip([33, 18, 6, 3]) {
            assert!(count.abs_diff(share) <= 1, "{count} calls instead of {share}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_lane_leaves_its_share_to_the_others_and_saves_up_nothing() {
        let budget = spent().await;
        let began = Instant::now();
        calls(&budget, Lane::Reconciliation, 60).join_all().await;
        assert!(began.elapsed() <= MINUTE + Duration::from_millis(100), "{:?}", began.elapsed());

        let polls = calls(&budget, Lane::Poll, 20);
        let checkouts = calls(&budget, Lane::Checkout, 20);
        let last = |times: Vec<Instant>| times.into_iter().max().unwrap();
        // 11 checkouts and 2 polls out of 13: the polls wait, although they had used nothing before.
        assert!(last(checkouts.join_all().await) < last(polls.join_all().await));
    }

    #[tokio::test(start_paused = true)]
    async fn refunds_keep_flowing_during_a_rush_of_checkouts() {
        let budget = Budget::new(CALLS_PER_MINUTE);
        // 120 checkouts and 30 polls a minute, for half an hour.
        let rush = tokio::spawn({
            let budget = budget.clone();
            async move {
                let mut tasks = JoinSet::new();
                for half_second in 0..3_600_u32 {
                    let lane = if half_second % 4 == 3 { Lane::Poll } else { Lane::Checkout };
                    let budget = budget.clone();
                    tasks.spawn(async move { budget.turn_within(lane, MINUTE).await.map(Turn::spend) });
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                tasks.join_all().await
            }
        });
        tokio::time::sleep(5 * MINUTE).await;
        let began = Instant::now();
        let mut refunds = JoinSet::new();
        for _ in 0..10 {
            let budget = budget.clone();
            refunds.spawn(async move {
                let [look, call] = budget.turns(Lane::Refund).await;
                look.spend();
                call.spend();
            });
        }
        refunds.join_all().await;
        assert!(began.elapsed() <= MINUTE, "{:?}", began.elapsed());
        // Most customers still get their page.
        let answered = rush.await.unwrap().into_iter().flatten().count();
        assert!(answered > 1_800, "{answered} of 3,600 calls");
    }

    #[tokio::test(start_paused = true)]
    async fn the_turns_of_a_refund_come_together_however_many_refunds_wait() {
        let budget = Budget::new(CALLS_PER_MINUTE);
        let began = Instant::now();
        let mut refunds = JoinSet::new();
        for _ in 0..300 {
            let budget = budget.clone();
            refunds.spawn(async move {
                let [look, call] = budget.turns(Lane::Refund).await;
                look.spend();
                call.spend();
                Instant::now()
            });
        }
        let mut times = refunds.join_all().await;
        times.sort();
        // A burst of four, then one every 4/3 s. No refund waits between its lookup and its call, and none starves.
        let mut due = Duration::ZERO;
        for (refund, at) in times.iter().enumerate().skip(4) {
            due += Duration::from_secs(4) / 3;
            let late = at.duration_since(began).saturating_sub(due);
            assert!(late <= Duration::from_millis(500), "refund {refund} is {late:?} late");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_of_more_than_the_limit_is_refused_at_once() {
        let budget = spent().await;
        let waiting = calls(&budget, Lane::Checkout, 60);
        tokio::task::yield_now().await;
        let began = Instant::now();
        assert_eq!(budget.turn_within(Lane::Checkout, MINUTE).await.unwrap_err(), Busy);
        assert_eq!(began.elapsed(), Duration::ZERO);
        // Another lane is not affected.
        budget.turn_within(Lane::Poll, MINUTE).await.unwrap().spend();
        waiting.join_all().await;
        budget.turn_within(Lane::Checkout, MINUTE).await.unwrap().spend();
    }

    #[tokio::test(start_paused = true)]
    async fn an_unused_turn_and_a_caller_that_gives_up_cost_nothing() {
        let budget = spent().await;
        let [first, second] = budget.turns(Lane::Refund).await;
        drop((first, second));
        let gave_up = timeout(Duration::from_millis(1), budget.turns::<8>(Lane::Checkout)).await;
        gave_up.unwrap_err();
        let began = Instant::now();
        let [first, second] = budget.turns(Lane::Refund).await;
        assert!(began.elapsed() <= Duration::from_millis(10), "{:?}", began.elapsed());
        first.spend();
        second.spend();
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_is_made_during_a_pause() {
        let budget = Budget::new(600);
        budget.pause(Duration::from_secs(7));
        let began = Instant::now();
        call(&budget, Lane::Checkout).await;
        assert!(began.elapsed() >= Duration::from_secs(7));
    }
}
