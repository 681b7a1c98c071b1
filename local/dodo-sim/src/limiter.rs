//! Rate limit of the API.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Calls per minute.
const PER_MINUTE: usize = 100;
/// Calls per second.
const PER_SECOND: usize = 10;

/// Calls of the last minute, by the real clock: a fast simulator does not raise the limit.
#[derive(Debug, Default)]
pub struct Limiter(VecDeque<Instant>);

impl Limiter {
    /// Counts a call at `now` and returns the number left in this minute.
    ///
    /// # Errors
    ///
    /// The limit is reached; the call is not counted. Returns the time until the next call is allowed.
    pub fn admit(&mut self, now: Instant) -> Result<usize, Duration> {
        while self.0.front().is_some_and(|call| now.duration_since(*call) >= Duration::from_mins(1)) {
            self.0.pop_front();
        }
        self.room(now, PER_SECOND, Duration::from_secs(1))?;
        self.room(now, PER_MINUTE, Duration::from_mins(1))?;
        self.0.push_back(now);
        Ok(PER_MINUTE - self.0.len())
    }

    /// Refuses a call if there were `max` calls in the last `span`.
    fn room(&self, now: Instant, max: usize, span: Duration) -> Result<(), Duration> {
        let oldest = self.0.len().checked_sub(max).and_then(|index| self.0.get(index));
        let wait = oldest.and_then(|call| span.checked_sub(now.duration_since(*call)));
        wait.filter(|wait| !wait.is_zero()).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_call_of_a_second_waits_for_the_next_second() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        for call in 0..10 {
            assert_eq!(limiter.admit(start), Ok(99 - call));
        }

        assert_eq!(limiter.admit(start + Duration::from_millis(400)), Err(Duration::from_millis(600)));
        assert_eq!(limiter.admit(start + Duration::from_secs(1)), Ok(89));
    }

    #[test]
    fn the_hundred_and_first_call_of_a_minute_waits_for_the_next_minute() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        for call in 0..100 {
            limiter.admit(start + Duration::from_millis(200) * call).unwrap();
        }

        assert_eq!(limiter.admit(start + Duration::from_secs(30)), Err(Duration::from_secs(30)));
        assert_eq!(limiter.admit(start + Duration::from_mins(1)), Ok(0));
    }
}
