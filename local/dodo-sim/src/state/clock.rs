//! The simulator's clock, which can be advanced and made to run faster, so that a test can cover a day.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Maximum advance at once: a year, so that times stay within the calendar.
const STEP_MAX: Duration = Duration::from_hours(24 * 366);

/// A clock that starts with the real time.
#[derive(Debug)]
pub struct Clock {
    /// Time of this clock …
    reading: Timestamp,
    /// … at this real moment.
    at: Instant,
    /// Seconds of this clock per real second.
    scale: f64,
}

impl Clock {
    /// Returns a clock that shows the real time.
    pub fn new() -> Self {
        Self { reading: wall(), at: Instant::now(), scale: 1.0 }
    }

    /// Returns the time of this clock.
    pub fn now(&self) -> Timestamp {
        plus(self.reading, self.at.elapsed().mul_f64(self.scale))
    }

    /// Advances the clock.
    pub fn advance(&mut self, by: Duration) {
        self.reading = plus(self.now(), by.min(STEP_MAX));
        self.at = Instant::now();
    }

    /// Sets the speed to `scale` times the real one, 0.001 to 1,000,000.
    pub fn run_at(&mut self, scale: f64) {
        self.advance(Duration::ZERO);
        self.scale = scale.clamp(0.001, 1e6);
    }

    /// Returns the speed.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Returns the real time until this clock shows `then`; zero if that has passed.
    pub fn until(&self, then: Timestamp) -> Duration {
        let left = then.duration_since(self.now());
        let left = Duration::try_from(left).unwrap_or_default();
        left.div_f64(self.scale)
    }
}

/// Adds a duration to a time. Saturates at the end of the calendar.
pub fn plus(then: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| then.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// Returns the real time. Signatures carry it, because the receiver compares it with its own clock.
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
    fn advancing_the_clock_lets_a_day_pass() {
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
