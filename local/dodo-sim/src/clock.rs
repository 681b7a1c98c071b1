//! The simulator's own time: it can be moved forward and made to run faster, so that a day passes in a test.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Farthest that the clock is moved at once: a year, so that no sum of it leaves the calendar.
const STEP_MAX: Duration = Duration::from_hours(24 * 366);

/// A clock that begins with the world's time and goes its own way when told.
#[derive(Debug)]
pub struct Clock {
    /// The reading …
    reading: Timestamp,
    /// … at this moment.
    at: Instant,
    /// Seconds of this clock a real second.
    scale: f64,
}

impl Clock {
    /// Shows the world's time.
    pub fn new() -> Self {
        Self { reading: wall(), at: Instant::now(), scale: 1.0 }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        plus(self.reading, self.at.elapsed().mul_f64(self.scale))
    }

    /// Moves it forward.
    pub fn advance(&mut self, by: Duration) {
        self.reading = plus(self.now(), by.min(STEP_MAX));
        self.at = Instant::now();
    }

    /// Lets it run `scale` times as fast as the world from now on, 0.001 to 1,000,000.
    pub fn run_at(&mut self, scale: f64) {
        self.advance(Duration::ZERO);
        self.scale = scale.clamp(0.001, 1e6);
    }

    /// How fast it runs.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// How long it takes in the world until it shows `then`; nothing if it does already.
    pub fn until(&self, then: Timestamp) -> Duration {
        let left = then.duration_since(self.now());
        let left = Duration::try_from(left).unwrap_or_default();
        left.div_f64(self.scale)
    }
}

/// `then` and a duration later. Saturates at the end of the calendar.
pub fn plus(then: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| then.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// The world's time. Signatures carry it, because the receiver compares it with its own clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator stands in for a remote service with a clock of its own"
)]
pub fn wall() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_passes_when_told() {
        let mut clock = Clock::new();
        let before = clock.now();

        clock.advance(Duration::from_hours(24));

        let passed = clock.now().duration_since(before);
        assert!(passed >= SignedDuration::from_hours(24) && passed < SignedDuration::from_hours(25));
    }

    #[test]
    fn a_fast_clock_waits_less() {
        let mut clock = Clock::new();
        clock.run_at(3600.0);

        let then = plus(clock.now(), Duration::from_hours(1));

        assert!(clock.until(then) <= Duration::from_secs(1));
    }
}
